/**
 * Writes the Prometheus text exposition format, version 0.0.4.
 * Deterministic: families, samples and labels come out in the order they were given; no timestamps.
 */

export type MetricType = 'counter' | 'gauge' | 'summary' | 'histogram' | 'untyped';

/** Label name → value. Names must match [a-zA-Z_][a-zA-Z0-9_]*; values may hold any text. */
export type Labels = { readonly [name: string]: string };

export interface Sample {
  /** `_sum`, `_count` or `_bucket` for a summary or histogram; appended to the name of the family. */
  readonly suffix?: '_sum' | '_count' | '_bucket';
  readonly labels?: Labels;
  readonly value: number | bigint;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly samples: readonly Sample[];
}

/** Renders the families; one without samples is left out. Ends with a newline unless it is empty. */
export function renderExposition(families: readonly MetricFamily[]): string {
  return families
    .filter((family) => family.samples.length > 0)
    .map(renderFamily)
    .join('');
}

function renderFamily(family: MetricFamily): string {
  const { name, help, type } = family;
  const samples = family.samples.map(
    (sample) => `${name}${sample.suffix ?? ''}${formatLabels(sample.labels)} ${formatValue(sample.value)}\n`,
  );
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${samples.join('')}`;
}

function formatLabels(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escapeLabelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash, double quote and line feed are the three characters the format gives a meaning in a label value. */
export function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** In a HELP text only backslash and line feed are escaped. */
export function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** JavaScript prints `Infinity`; the format wants `+Inf`. */
export function formatValue(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

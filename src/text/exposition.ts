/**
 * Writes metrics as Prometheus' text exposition format, version 0.0.4, or as OpenMetrics 1.0.
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

/** What an HTTP server answers who asks for metrics. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

const TEXT = 'text/plain';
const OPEN_METRICS = 'application/openmetrics-text';
/** The newest first. */
const OPEN_METRICS_VERSIONS = ['1.0.0', '0.0.1'];
/** Of an Accept header; those of scrapers are shorter. */
const MAX_ACCEPT = 1000;

/** The families in the format that an Accept header prefers: OpenMetrics where it is named, otherwise text. */
export function answerScrape(accept: string | undefined, families: readonly MetricFamily[]): Exposition {
  const version = acceptedOpenMetrics(accept);
  if (version === undefined)
    return { contentType: `${TEXT}; version=0.0.4; charset=utf-8`, body: renderExposition(families) };
  return {
    contentType: `${OPEN_METRICS}; version=${version}; charset=utf-8`,
    body: renderOpenMetrics(families),
  };
}

/** Renders the families as text; one without samples is left out. Ends with a newline unless it is empty. */
export function renderExposition(families: readonly MetricFamily[]): string {
  return families
    .filter((family) => family.samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = samples.map((sample) => `${formatSample(name, sample, sample.labels)}\n`);
      return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

/**
 * Renders the families as OpenMetrics; one without samples is left out. Ends with `# EOF`.
 * The family of a counter has its name without `_total` there. Where that is the name of another family, as of a gauge that is
 * beside it, and where a counter has no `_total`, it is of unknown type: all samples keep their names in any case.
 */
export function renderOpenMetrics(families: readonly MetricFamily[]): string {
  const filled = families.filter((family) => family.samples.length > 0);
  const names = new Set(filled.map(({ name }) => name));
  const rendered = filled.map(({ name, type, help, samples }) => {
    const isCounter = type === 'counter' && name.endsWith(TOTAL) && !names.has(withoutTotal(name));
    const shown = isCounter ? withoutTotal(name) : name;
    const shownType = isCounter ? 'counter' : type === 'counter' || type === 'untyped' ? 'unknown' : type;
    const unit = UNITS.find((each) => shown.endsWith(`_${each}`));
    return [
      `# TYPE ${shown} ${shownType}\n`,
      unit === undefined ? '' : `# UNIT ${shown} ${unit}\n`,
      `# HELP ${shown} ${escapeLabelValue(help)}\n`,
      ...samples.map((sample) => `${formatSample(name, sample, canonicalLabels(sample.labels))}\n`),
    ].join('');
  });
  return `${rendered.join('')}# EOF\n`;
}

const TOTAL = '_total';
const UNITS = ['seconds', 'bytes'];

function withoutTotal(name: string): string {
  return name.slice(0, -TOTAL.length);
}

/** Bounds and quantiles are numbers with a point in OpenMetrics: `1` is `1.0`. */
function canonicalLabels(labels: Labels | undefined): Labels | undefined {
  if (labels?.le === undefined && labels?.quantile === undefined) return labels;
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => {
      const isNumber = (name === 'le' || name === 'quantile') && /^-?\d+$/.test(value);
      return [name, isNumber ? `${value}.0` : value];
    }),
  );
}

/** The version of OpenMetrics that an Accept header prefers to text; undefined for none. */
function acceptedOpenMetrics(accept: string | undefined): string | undefined {
  if (accept === undefined || accept.length > MAX_ACCEPT) return undefined;
  let text = 0;
  const versions = new Map<string, number>();
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const parameter = (name: string) =>
      parameters
        .find((each) => each.startsWith(`${name}=`))
        ?.slice(name.length + 1)
        .replace(/^"(.*)"$/, '$1');
    const quality = Number(parameter('q') ?? 1);
    if (!(quality >= 0 && quality <= 1)) continue;
    if (type === TEXT) text = Math.max(text, quality);
    else if (type === OPEN_METRICS) versions.set(parameter('version') ?? '1.0.0', quality);
  }
  const known = OPEN_METRICS_VERSIONS.filter((version) => (versions.get(version) ?? 0) > 0);
  const [best] = known.sort((a, b) => (versions.get(b) as number) - (versions.get(a) as number));
  return best !== undefined && (versions.get(best) as number) >= text ? best : undefined;
}

function formatSample(name: string, { suffix, value }: Sample, labels: Labels | undefined): string {
  return `${name}${suffix ?? ''}${formatLabels(labels)} ${formatValue(value)}`;
}

function formatLabels(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escapeLabelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash, double quote and line feed are the three characters the formats give a meaning in a label value. */
export function escapeLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** In a HELP text only backslash and line feed are escaped; in OpenMetrics it is written as the value of a label. */
export function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** JavaScript prints `Infinity`; the format wants `+Inf`. */
export function formatValue(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

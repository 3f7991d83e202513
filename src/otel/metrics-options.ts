import type { Environment } from './environment.ts';
import { OtelError } from './errors.ts';

export type Temporality = 'delta' | 'cumulative';

export interface MetricsOptions {
  readonly temporality: Temporality;
  /** Width of the windows that data points are about, in the log's own time. */
  readonly intervalMs: number;
}

const DEFAULT_INTERVAL_MS = 60_000;
const PREFERENCE = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
const INTERVAL = 'OTEL_METRIC_EXPORT_INTERVAL';

/** Throws OtelError. */
export function readMetricsOptions(env: Environment, given: Temporality | undefined): MetricsOptions {
  return { temporality: given ?? readPreference(env[PREFERENCE]), intervalMs: readInterval(env[INTERVAL]) };
}

/** `lowmemory` is delta for counters and histograms, and there is nothing else. */
function readPreference(text = ''): Temporality {
  switch (text.trim().toLowerCase()) {
    case '':
    case 'cumulative':
      return 'cumulative';
    case 'delta':
    case 'lowmemory':
      return 'delta';
    default:
      throw new OtelError(
        'bad-environment',
        `${PREFERENCE}: ${JSON.stringify(text)} is no temporality`,
        'choose cumulative, delta or lowmemory',
      );
  }
}

function readInterval(text = ''): number {
  if (text.trim() === '') return DEFAULT_INTERVAL_MS;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= 1000) return ms;
  throw new OtelError(
    'bad-environment',
    `${INTERVAL}: ${JSON.stringify(text)} is no number of milliseconds from 1000 on`,
    'write 60000 for a minute',
  );
}

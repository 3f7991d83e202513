/** Paired times → quantiles, ratio and test. */
import type { LatencyField, LatencyPairs } from './latency-pairs.ts';
import type { LatencyComparison } from './model.ts';
import { hodgesLehmann, hodgesLehmannShift, type ShiftEstimate } from './statistics/hodges-lehmann.ts';
import { mannWhitneyP } from './statistics/mann-whitney.ts';
import { readQuantiles } from './statistics/quantile.ts';
import { wilcoxonSignedRankP } from './statistics/wilcoxon.ts';

/** Above so many pairs the ratio is that of a sample of this size. */
const MAX_PAIRS = 10_000;
/** Fewer say nothing about a ratio. */
const MIN_PAIRS = 6;
/** Times are whole milliseconds: half of one keeps 0 and 1 apart without making the ratio infinite. */
const OFFSET_MS = 0.5;

export function compareLatency(pairs: LatencyPairs, field: LatencyField, alpha: number): LatencyComparison | null {
  const n = pairs.production.length;
  if (n === 0) return null;
  const quantiles = { production: readQuantiles(pairs.production), mirror: readQuantiles(pairs.mirror) };
  if (n < MIN_PAIRS) return { n, field, ...quantiles };
  const logRatios = sampleOf(pairs);
  return {
    n,
    field,
    ...quantiles,
    ...ratioOf(hodgesLehmann(logRatios, alpha)),
    test: { name: 'wilcoxon-signed-rank', p: wilcoxonSignedRankP(logRatios) },
    ...(logRatios.length < n && { sampled: logRatios.length }),
  };
}

/** Both sides on their own. */
export function compareUnpairedLatency(
  production: Float64Array,
  mirror: Float64Array,
  field: LatencyField,
  alpha: number,
): LatencyComparison | null {
  const n = Math.min(production.length, mirror.length);
  if (n === 0) return null;
  const quantiles = { production: readQuantiles(production), mirror: readQuantiles(mirror) };
  if (n < MIN_PAIRS) return { n, field, ...quantiles };
  const before = thinned(production).map(logOf);
  const after = thinned(mirror).map(logOf);
  return {
    n,
    field,
    ...quantiles,
    ...ratioOf(hodgesLehmannShift(after, before, alpha)),
    test: { name: 'mann-whitney', p: mannWhitneyP(after, before) },
    ...(n > MAX_PAIRS && { sampled: MAX_PAIRS }),
  };
}

function logOf(ms: number): number {
  return Math.log(ms + OFFSET_MS);
}

/** Evenly spread ranks of a sorted copy: no draw is needed where nothing is paired. */
function thinned(times: Float64Array): Float64Array {
  const sorted = times.slice().sort();
  if (sorted.length <= MAX_PAIRS) return sorted;
  return Float64Array.from(
    { length: MAX_PAIRS },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / MAX_PAIRS)] as number,
  );
}

function sampleOf({ production, mirror, lots }: LatencyPairs): Float64Array {
  const ratio = (i: number) => logOf(mirror[i] as number) - logOf(production[i] as number);
  const n = production.length;
  if (n <= MAX_PAIRS) return Float64Array.from({ length: n }, (_, i) => ratio(i));
  const limit = lots.slice().sort()[MAX_PAIRS - 1] as number;
  const drawn: number[] = [];
  // Equal lots all go in: leaving some of them out would depend on their order.
  for (let i = 0; i < n; i++) if ((lots[i] as number) <= limit) drawn.push(ratio(i));
  return Float64Array.from(drawn);
}

function ratioOf({ estimate, interval }: ShiftEstimate): Pick<LatencyComparison, 'ratio' | 'ratioCi'> {
  const ratio = Math.exp(estimate);
  return interval === null ? { ratio } : { ratio, ratioCi: [Math.exp(interval[0]), Math.exp(interval[1])] };
}

/** Paired times → quantiles, ratio and test, and whether that is slower than allowed. */
import type { DiffSettings, LatencyComparison, Quantiles } from './model.ts';
import type { NoiseLatency } from './noise.ts';
import { hodgesLehmann, hodgesLehmannShift, type ShiftEstimate } from './statistics/hodges-lehmann.ts';
import { mannWhitneyP } from './statistics/mann-whitney.ts';
import { mcnemarMidP } from './statistics/mcnemar.ts';
import { rankOf, readQuantiles } from './statistics/quantile.ts';
import { selectByRank } from './statistics/selection.ts';
import { wilcoxonSignedRankP } from './statistics/wilcoxon.ts';

/** The ratio of more pairs is that of a sample of this size. */
export const MAX_PAIRS = 10_000;
/** The difference in ms is told to two digits: fewer pairs are enough for it. */
const MAX_DIFFERENCES = 1_000;
/** Fewer say nothing about a ratio. */
const MIN_PAIRS = 6;
/** Times finer than whole milliseconds: half of one keeps 0 and 1 apart without making the ratio infinite. */
const OFFSET_MS = 0.5;

/** Twice as slow is seen by people and by time limits alike; below 20 ms more nobody notices, whatever the factor. */
export const DEFAULT_SLOWER = { factor: 2, ms: 20 } as const;

export type LatencyField = LatencyComparison['field'];

/** Tr goes with the time to the first byte, Ta with the total; the one that is wanted, or the first that both sides know. */
export function fieldOf(wanted: DiffSettings['compareLatency'], knowsFirstByte: boolean): LatencyField {
  const isFirstByte = wanted === undefined ? knowsFirstByte : wanted === 'first-byte';
  return isFirstByte ? { production: 'Tr', mirror: 'ttfb' } : { production: 'Ta', mirror: 'total' };
}

/** The times of pairs, of one route or of all: what stands at one index is of one pair. */
export interface LatencyPairs {
  readonly production: Float64Array;
  readonly mirror: Float64Array;
  /** A number for each pair that depends on its content alone (samplingRank), to draw samples by. */
  readonly ranks: Float64Array;
}

export interface TimesCompared {
  readonly field: LatencyField;
  /** Both sides are rounded down to it; 0: as logged. */
  readonly resolutionMs: number;
  readonly settings: Pick<DiffSettings, 'alpha' | 'allowSlower' | 'allowSlowerMs'>;
  /** The latency of an A/A run. */
  readonly noise: NoiseLatency | null;
}

/** What is compared, and what is not yet corrected for how many routes there are. */
export interface MeasuredLatency {
  readonly comparison: LatencyComparison;
  /** The typical pair is beyond what is allowed. */
  readonly isTypicalSlow: boolean;
  /** The mirror's p95 is. */
  readonly isTailSlow: boolean;
  /** That more of the mirror's answers than of production's take longer than is allowed to the p95. */
  readonly tailP: number | null;
}

/** The same, whoever keeps them: rounded down to the resolution that they are compared by. */
export interface PairedTimes {
  readonly n: number;
  readonly quantiles: { readonly production: Quantiles; readonly mirror: Quantiles };
  /** The pairs with the MAX_PAIRS lowest ranks, all that share the last of these; or all, of fewer. In any order. */
  readonly drawn: () => LatencyPairs;
  /** Pairs of which one side alone took longer than `tailLimit`: the mirror, or production. */
  readonly beyond: (limit: number) => { readonly slower: number; readonly faster: number };
}

export function compareLatency(pairs: LatencyPairs, compared: TimesCompared): MeasuredLatency | null {
  const n = pairs.production.length;
  if (n === 0) return null;
  const production = roundedDown(pairs.production, compared.resolutionMs);
  const mirror = roundedDown(pairs.mirror, compared.resolutionMs);
  const times = {
    n,
    quantiles: { production: readQuantiles(production), mirror: readQuantiles(mirror) },
    drawn: () => drawPairs({ production, mirror, ranks: pairs.ranks }, MAX_PAIRS),
    beyond: (limit: number) => countBeyond(production, mirror, limit),
  };
  return compareTimes(times, compared);
}

/** @param times of at least one pair */
export function compareTimes(times: PairedTimes, compared: TimesCompared): MeasuredLatency {
  const { n, quantiles } = times;
  const { field, settings, noise, resolutionMs } = compared;
  const { alpha } = settings;
  const known = { n, field, ...(resolutionMs > 0 && { resolutionMs }), ...quantiles };
  if (n < MIN_PAIRS) return { comparison: known, isTypicalSlow: false, isTailSlow: false, tailP: null };
  const drawn = times.drawn();
  const before = ({ production, ranks }: LatencyPairs) =>
    production.map((ms, i) => spread(ms, resolutionMs, ranks[i] as number, 1));
  const after = ({ mirror, ranks }: LatencyPairs) =>
    mirror.map((ms, i) => spread(ms, resolutionMs, ranks[i] as number, 2));
  const logBefore = before(drawn).map(Math.log);
  const logRatios = after(drawn).map((ms, i) => Math.log(ms) - (logBefore[i] as number));
  const few = drawPairs(drawn, MAX_DIFFERENCES);
  const fewBefore = before(few);
  const differences = after(few).map((ms, i) => ms - (fewBefore[i] as number));
  const differenceMs = hodgesLehmann(differences, alpha).estimate;
  const shift = ratioOf(hodgesLehmann(logRatios, alpha));
  const limit = tailLimit(quantiles.production, settings, noise);
  return {
    comparison: {
      ...known,
      differenceMs,
      ...shift,
      ...(noise !== null && { excessRatio: shift.ratio / noise.ratio }),
      test: { name: 'wilcoxon-signed-rank', p: wilcoxonSignedRankP(logRatios) },
      ...(logRatios.length < n && { sampled: logRatios.length }),
    },
    isTypicalSlow: isSlow(shift.ratio, differenceMs, settings, noise),
    isTailSlow: quantiles.mirror.p95 > limit,
    tailP: tailP(times.beyond(limit)),
  };
}

/** Times of a side by their rank, from 0, ascending; rounded down to the resolution. */
export interface RankedTimes {
  readonly length: number;
  at(rank: number): number;
}

/** Compares both sides on their own. */
export function compareUnpairedLatency(
  production: Float64Array,
  mirror: Float64Array,
  compared: TimesCompared,
): MeasuredLatency | null {
  const ranked = (times: Float64Array): RankedTimes => {
    const sorted = roundedDown(times, compared.resolutionMs).slice().sort();
    return { length: sorted.length, at: (rank) => sorted[rank] as number };
  };
  return compareRanked(ranked(production), ranked(mirror), compared);
}

export function compareRanked(
  production: RankedTimes,
  mirror: RankedTimes,
  { field, resolutionMs, settings, noise }: TimesCompared,
): MeasuredLatency | null {
  const n = Math.min(production.length, mirror.length);
  if (n === 0) return null;
  const quantiles = { production: quantilesOf(production), mirror: quantilesOf(mirror) };
  const known = { n, field, ...(resolutionMs > 0 && { resolutionMs }), ...quantiles };
  const unknown = { isTypicalSlow: false, isTailSlow: false, tailP: null };
  if (n < MIN_PAIRS) return { comparison: known, ...unknown };
  const [x, y] = [thinned(mirror).map(logOf), thinned(production).map(logOf)];
  const shift = ratioOf(hodgesLehmannShift(x, y, settings.alpha));
  return {
    ...unknown,
    comparison: {
      ...known,
      ...shift,
      test: { name: 'mann-whitney', p: mannWhitneyP(x, y) },
      ...(n > MAX_PAIRS && { sampled: MAX_PAIRS }),
    },
    isTypicalSlow: isSlow(shift.ratio, quantiles.mirror.p50 - quantiles.production.p50, settings, noise),
  };
}

/** What is beyond the allowed, and so by more than chance. */
export function isSlower(measured: MeasuredLatency, q: number | null, tailQ: number | null, alpha: number): boolean {
  const { isTypicalSlow, isTailSlow } = measured;
  return (isTypicalSlow && q !== null && q <= alpha) || (isTailSlow && tailQ !== null && tailQ <= alpha);
}

function isSlow(
  ratio: number,
  differenceMs: number,
  { allowSlower = DEFAULT_SLOWER.factor, allowSlowerMs = DEFAULT_SLOWER.ms }: TimesCompared['settings'],
  noise: NoiseLatency | null,
): boolean {
  return ratio > allowSlower * (noise?.ratio ?? 1) && differenceMs - (noise?.differenceMs ?? 0) > allowSlowerMs;
}

/** The longest p95 that the mirror may have. */
export function tailLimit(
  { p95 }: Quantiles,
  { allowSlower = DEFAULT_SLOWER.factor, allowSlowerMs = DEFAULT_SLOWER.ms }: TimesCompared['settings'],
  noise: NoiseLatency | null,
): number {
  const usual = p95 * (noise?.p95Ratio ?? 1);
  return Math.max(allowSlower * usual, usual + allowSlowerMs);
}

/** McNemar's, of the pairs of which one side alone took longer than the limit. */
function tailP({ slower, faster }: { readonly slower: number; readonly faster: number }): number {
  return slower > faster ? mcnemarMidP(slower, faster) : 1;
}

function countBeyond(production: Float64Array, mirror: Float64Array, limit: number) {
  let [slower, faster] = [0, 0];
  for (let i = 0; i < production.length; i++) {
    const [before, after] = [(production[i] as number) > limit, (mirror[i] as number) > limit];
    if (after && !before) slower++;
    else if (before && !after) faster++;
  }
  return { slower, faster };
}

function roundedDown(times: Float64Array, resolutionMs: number): Float64Array {
  // A copy of a million times only where it says something else.
  const isRounded = resolutionMs === 0 || times.every((ms) => ms === roundDown(ms, resolutionMs));
  return isRounded ? times : times.map((ms) => roundDown(ms, resolutionMs));
}

export function roundDown(ms: number, resolutionMs: number): number {
  return resolutionMs === 0 ? ms : Math.floor(ms / resolutionMs) * resolutionMs;
}

/**
 * A time that was rounded down stands for all those of one step. Where in it it was is drawn by rank, for both sides
 * alike: equal values would otherwise be ties, by which an interval covers more than it says and a test finds less.
 */
function spread(ms: number, resolutionMs: number, rank: number, side: 1 | 2): number {
  return resolutionMs === 0 ? ms + OFFSET_MS : ms + resolutionMs * fractionOf(rank, side);
}

/** Between 0 and 1, both excluded: another one for each rank and side. */
function fractionOf(rank: number, side: 1 | 2): number {
  const high = rank * 2 ** 32;
  const low = (high - Math.floor(high)) * 2 ** 21;
  let mixed =
    Math.imul((high >>> 0) ^ Math.imul(low >>> 0, 0x9e37_79b1), side === 1 ? 0x85eb_ca6b : 0xc2b2_ae35) + side;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb_352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

function logOf(ms: number): number {
  return Math.log(ms + OFFSET_MS);
}

/** Evenly spread ranks: no draw is needed where nothing is paired. */
function thinned(times: RankedTimes): Float64Array {
  const { length } = times;
  const rank = (i: number) => (length <= MAX_PAIRS ? i : Math.floor(((i + 0.5) * length) / MAX_PAIRS));
  return Float64Array.from({ length: Math.min(length, MAX_PAIRS) }, (_, i) => times.at(rank(i)));
}

export function quantilesOf(times: RankedTimes): Quantiles {
  const of = (q: number) => times.at(rankOf(q, times.length) - 1);
  return { p50: of(0.5), p95: of(0.95), p99: of(0.99) };
}

/** The pairs with the smallest ranks. Equal ranks all go in: leaving some out would depend on their order. */
function drawPairs({ production, mirror, ranks }: LatencyPairs, most: number): LatencyPairs {
  if (ranks.length <= most) return { production, mirror, ranks };
  const [limit] = selectByRank(ranks, [most]) as [number];
  const drawn: number[] = [];
  for (let i = 0; i < ranks.length; i++) if ((ranks[i] as number) <= limit) drawn.push(i);
  const pick = (values: Float64Array) => Float64Array.from(drawn, (i) => values[i] as number);
  return { production: pick(production), mirror: pick(mirror), ranks: pick(ranks) };
}

function ratioOf({ estimate, interval }: ShiftEstimate): { ratio: number; ratioCi?: readonly [number, number] } {
  const ratio = Math.exp(estimate);
  return interval === null ? { ratio } : { ratio, ratioCi: [Math.exp(interval[0]), Math.exp(interval[1])] };
}

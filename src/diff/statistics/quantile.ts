import type { Quantiles } from '../model.ts';
import { requireFinite, requireSome, sortedCopy } from './domain.ts';
import { selectByRank } from './selection.ts';

/** Fewer are sorted sooner. */
const MANY = 10_000;

/**
 * The value at rank ceil(q × n) of an ascending sample, 0 < q <= 1: one that was measured, never one between two.
 * @throws RangeError for an empty sample and for a q outside that
 */
export function quantileOfSorted(sorted: Float64Array, q: number): number {
  requireShare(q);
  requireSome(sorted);
  return sorted[rankOf(q, sorted.length) - 1] as number;
}

function requireShare(q: number): void {
  if (!(q > 0 && q <= 1)) throw new RangeError(`a quantile is above 0 and at most 1, not ${q}`);
}

/** The rank of a quantile among n values, from 1. */
export function rankOf(q: number, n: number): number {
  // 0.55 × 100 is 55.00000000000001 in doubles: what two roundings can add is taken off before rounding up.
  return Math.ceil(q * n * (1 - 2 ** -51));
}

/** As above, of a sample in any order, which is left as it is. */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantilesOf(values, [q])[0] as number;
}

/**
 * p50, p95 and p99 in the unit of the sample.
 * @throws RangeError for an empty sample, NaN and infinities
 */
export function readQuantiles(values: ArrayLike<number>): Quantiles {
  const [p50, p95, p99] = quantilesOf(values, [0.5, 0.95, 0.99]) as [number, number, number];
  return { p50, p95, p99 };
}

function quantilesOf(values: ArrayLike<number>, qs: readonly number[]): number[] {
  if (values instanceof Float64Array && values.length >= MANY) {
    qs.forEach(requireShare);
    requireFinite(values);
    return selectByRank(
      values,
      qs.map((q) => rankOf(q, values.length)),
    );
  }
  const sorted = sortedCopy(values);
  return qs.map((q) => quantileOfSorted(sorted, q));
}

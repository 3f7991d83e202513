import type { Quantiles } from '../model.ts';
import { requireSome, sortedCopy } from './domain.ts';

/**
 * The value at rank ceil(q × n) of an ascending sample, 0 < q <= 1: one that was measured, never one between two.
 * @throws RangeError for an empty sample and for a q outside that
 */
export function quantileOfSorted(sorted: Float64Array, q: number): number {
  if (!(q > 0 && q <= 1)) throw new RangeError(`a quantile is above 0 and at most 1, not ${q}`);
  requireSome(sorted);
  return sorted[rankOf(q, sorted.length) - 1] as number;
}

/** The rank of a quantile among n values, from 1. */
export function rankOf(q: number, n: number): number {
  // 0.55 × 100 is 55.00000000000001 in doubles: what two roundings can add is taken off before rounding up.
  return Math.ceil(q * n * (1 - 2 ** -51));
}

/** As above, of a sample in any order, which is left as it is. */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(sortedCopy(values), q);
}

/**
 * p50, p95 and p99 in the unit of the sample. Sorts once.
 * @throws RangeError for an empty sample, NaN and infinities
 */
export function readQuantiles(values: ArrayLike<number>): Quantiles {
  const sorted = sortedCopy(values);
  return {
    p50: quantileOfSorted(sorted, 0.5),
    p95: quantileOfSorted(sorted, 0.95),
    p99: quantileOfSorted(sorted, 0.99),
  };
}

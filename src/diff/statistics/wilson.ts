import type { Interval } from '../model.ts';
import { requireCounts, requirePart } from './domain.ts';
import { twoSidedZ } from './normal.ts';

/**
 * The score interval of level 1 - alpha for the rate events / n, without continuity correction. Out: ratios from 0 to 1;
 * [0, 1] for n = 0, which says nothing about a rate.
 *
 * E. B. Wilson, J. Amer. Statist. Assoc. 22 (1927) 209-212; method 3 of R. G. Newcombe, Two-sided confidence intervals
 * for the single proportion: comparison of seven methods, Statist. Med. 17 (1998) 857-872.
 * @throws RangeError for more events than n, or anything but counts and 0 < alpha < 1
 */
export function wilsonInterval(events: number, n: number, alpha: number): Interval {
  requireCounts({ events, n });
  requirePart(events, n);
  return scoreInterval(events, n, twoSidedZ(alpha));
}

/** The same by its quantile of the normal distribution. */
export function scoreInterval(events: number, n: number, z: number): Interval {
  if (n === 0) return [0, 1];
  const square = z * z;
  const centre = (events + square / 2) / (n + square);
  const half = (z * Math.sqrt(events * (1 - events / n) + square / 4)) / (n + square);
  // Without rounding these ends are met exactly.
  return [events === 0 ? 0 : Math.max(0, centre - half), events === n ? 1 : Math.min(1, centre + half)];
}

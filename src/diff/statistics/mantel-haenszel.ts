/** Two independent rates compared within strata, so that a side's share of each stratum makes no difference. */
import type { Interval } from '../model.ts';
import { requireAlpha, requireCounts, requirePart } from './domain.ts';
import { normalCdf, twoSidedZ } from './normal.ts';

export interface Stratum {
  readonly events1: number;
  readonly n1: number;
  readonly events2: number;
  readonly n2: number;
}

export interface Stratified {
  /** Weighted as the difference is: their difference is the difference. */
  readonly rate1: number;
  readonly rate2: number;
  readonly difference: number;
  readonly interval: Interval;
  /** Two-sided; 1 where no stratum has events, or none without. */
  readonly p: number;
}

/**
 * Mantel and Haenszel's difference of rates with Klingenberg's interval of level 1 - alpha, and Cochran, Mantel and
 * Haenszel's test without continuity correction. Strata without requests on one side have no weight.
 *
 * Mantel & Haenszel, J. Nat. Cancer Inst. 22 (1959) 719-748; T. Sato, Biometrics 45 (1989) 1323-1324; B. Klingenberg, A
 * new and improved confidence interval for the Mantel-Haenszel risk difference, Statist. Med. 33 (2014) 2968-2983.
 * @throws RangeError when no stratum has weight, for more events than n, or anything but counts and 0 < alpha < 1
 */
export function mantelHaenszel(strata: readonly Stratum[], alpha: number): Stratified {
  requireAlpha(alpha);
  let [weights, weighted1, weighted2, p, q] = [0, 0, 0, 0, 0];
  let [excess, variance] = [0, 0];
  for (const { events1, n1, events2, n2 } of strata) {
    requireCounts({ events1, n1, events2, n2 });
    requirePart(events1, n1);
    requirePart(events2, n2);
    if (n1 === 0 || n2 === 0) continue;
    const n = n1 + n2;
    const events = events1 + events2;
    weights += (n1 * n2) / n;
    weighted1 += (events1 * n2) / n;
    weighted2 += (events2 * n1) / n;
    p += (n1 / n) ** 2 * events2 - (n2 / n) ** 2 * events1 + ((n1 / n) * (n2 / n) * (n2 - n1)) / 2;
    q += (events1 * ((n2 - events2) / n) + events2 * ((n1 - events1) / n)) / 2;
    excess += events1 - (n1 * events) / n;
    variance += ((n1 / n) * (n2 / n) * events * (n - events)) / Math.max(1, n - 1);
  }
  if (weights === 0) throw new RangeError('no stratum has requests on both sides');
  const difference = (weighted1 - weighted2) / weights;
  const z = twoSidedZ(alpha);
  const centre = difference + (z * z * p) / (2 * weights * weights);
  const half = Math.sqrt(Math.max(0, centre ** 2 - difference ** 2 + (z * z * q) / (weights * weights)));
  return {
    rate1: weighted1 / weights,
    rate2: weighted2 / weights,
    difference,
    interval: [Math.max(-1, centre - half), Math.min(1, centre + half)],
    p: variance <= 0 ? 1 : Math.min(1, 2 * normalCdf(-Math.abs(excess) / Math.sqrt(variance))),
  };
}

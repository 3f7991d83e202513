import type { Interval } from '../model.ts';
import { requireCounts, requirePart } from './domain.ts';
import { twoSidedZ } from './normal.ts';

/**
 * The interval of level 1 - alpha for the difference of two paired rates, mirror's error rate - production's: Wald's,
 * after one more new and one more fixed error among two more pairs (Laplace). In: pairs, and how many of them failed on
 * the mirror only and in production only. Out: ratios, cut to -1 and 1. It is not centred at (new - fixed) / n.
 *
 * Bonett & Price, Adjusted Wald confidence interval for a difference of binomial proportions based on paired data,
 * J. Educ. Behav. Statist. 37 (2012) 479-488.
 * @throws RangeError for more errors than pairs, or anything but counts and 0 < alpha < 1
 */
export function bonettPriceInterval(n: number, newErrors: number, fixedErrors: number, alpha: number): Interval {
  requireCounts({ n, newErrors, fixedErrors });
  requirePart(newErrors + fixedErrors, n);
  const z = twoSidedZ(alpha);
  const newRate = (newErrors + 1) / (n + 2);
  const fixedRate = (fixedErrors + 1) / (n + 2);
  const difference = newRate - fixedRate;
  const half = z * Math.sqrt((newRate + fixedRate - difference * difference) / (n + 2));
  return [Math.max(-1, difference - half), Math.min(1, difference + half)];
}

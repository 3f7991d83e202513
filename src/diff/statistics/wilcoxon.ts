import { sortedCopy } from './domain.ts';
import { exactP, normalP, signedRankDistribution } from './rank-distribution.ts';
import { rankTogether } from './rank-sum.ts';

/**
 * The two-sided p of Wilcoxon's signed-rank test that paired differences lie symmetrically around 0. Differences of 0 are dropped, equal
 * sizes share their average rank. Exact for up to 50 differences that are left and all differ in size; otherwise the
 * normal distribution with tie and continuity correction. With nothing left p is 1.
 *
 * F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bull. 1 (1945) 80-83; Hollander & Wolfe,
 * Nonparametric Statistical Methods (1973), 3.1; the result is that of R's wilcox.test(x, y, paired = TRUE), but for
 * few differences with zeros among them, where R takes the normal distribution.
 * @throws RangeError for NaN and infinities
 */
export function wilcoxonSignedRankP(differences: ArrayLike<number>): number {
  const sorted = sortedCopy(differences);
  const positive = sorted.filter((value) => value > 0);
  const negative = sorted.filter((value) => value < 0).map((value) => -value);
  negative.reverse();
  const { sum, ties } = rankTogether(positive, negative);
  const { mean, variance, cumulative } = signedRankDistribution(positive.length + negative.length);
  const exact = cumulative !== undefined && ties === 0;
  return exact ? exactP(cumulative, mean, sum) : normalP(mean, variance - ties / 48, sum);
}

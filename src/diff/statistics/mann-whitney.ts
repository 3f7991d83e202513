import { sortedCopy } from './domain.ts';
import { exactP, normalP, rankSumDistribution } from './rank-distribution.ts';
import { rankTogether } from './rank-sum.ts';

/**
 * The two-sided p of Mann and Whitney's rank-sum test that two independent samples come from one distribution. Exact when all values
 * differ and the product of the sizes is at most 1000; otherwise the normal distribution with tie and continuity
 * correction. p is 1 when a sample is empty or all values are equal.
 *
 * Mann & Whitney, Ann. Math. Statist. 18 (1947) 50-60; Hollander & Wolfe, Nonparametric Statistical Methods (1973), 4.1;
 * the result is that of R's wilcox.test(x, y).
 * @throws RangeError for NaN and infinities
 */
export function mannWhitneyP(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [m, n] = [x.length, y.length];
  const { sum, ties } = rankTogether(sortedCopy(x), sortedCopy(y));
  const statistic = sum - (m * (m + 1)) / 2;
  const { mean, variance, cumulative } = rankSumDistribution(m, n);
  if (m === 0 || n === 0) return 1;
  if (cumulative !== undefined && ties === 0) return exactP(cumulative, mean, statistic);
  const tied = (m * n * ties) / (12 * (m + n) * (m + n - 1));
  return normalP(mean, variance - tied, statistic);
}

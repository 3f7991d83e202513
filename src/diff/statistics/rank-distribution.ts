/**
 * The exact distributions of the two rank statistics without ties, and what both need from either distribution. Both
 * are symmetric, so the lower tail is all there is to know.
 */
import { normalCdf, twoSidedZ } from './normal.ts';

/** A symmetric distribution on the whole numbers from 0 to 2 × mean. */
export interface RankDistribution {
  readonly mean: number;
  /** Without ties. */
  readonly variance: number;
  /** P(at most w) at w, of the exact distribution; undefined where it would cost too much. */
  readonly cumulative: Float64Array | undefined;
}

/** Exact up to as many differences; R's wilcox.test goes to 49. */
const SIGNED_RANK_MAX = 50;
/** Exact up to this product of the two sizes: the work is its square. */
const RANK_SUM_MAX = 1000;

/** The distribution of Wilcoxon's signed-rank statistic, the sum of the ranks of the positive ones among n differences. */
export function signedRankDistribution(n: number): RankDistribution {
  return {
    mean: (n * (n + 1)) / 4,
    variance: (n * (n + 1) * (2 * n + 1)) / 24,
    cumulative: n <= SIGNED_RANK_MAX ? accumulate(countSubsets(n)) : undefined,
  };
}

/** The distribution of Mann and Whitney's U, the number of pairs whose first value is the larger, of m × n pairs. */
export function rankSumDistribution(m: number, n: number): RankDistribution {
  return {
    mean: (m * n) / 2,
    variance: (m * n * (m + n + 1)) / 12,
    cumulative: m * n <= RANK_SUM_MAX ? accumulate(countOrders(m, n)) : undefined,
  };
}

/** Two-sided p of a statistic at this distance from the mean, by the exact distribution. */
export function exactP(cumulative: Float64Array, mean: number, statistic: number): number {
  return Math.min(1, 2 * (cumulative[mean - Math.abs(statistic - mean)] ?? 1));
}

/** The same by the normal distribution with continuity correction; 1 when nothing varies. */
export function normalP(mean: number, variance: number, statistic: number): number {
  const distance = Math.max(0, Math.abs(statistic - mean) - 0.5);
  return distance === 0 || variance <= 0 ? 1 : 2 * normalCdf(-distance / Math.sqrt(variance));
}

/**
 * How many values from either end of the 2 × mean ordered averages or differences the interval of level 1 - alpha
 * begins; 0 when there are too few values for one.
 */
export function intervalRank({ mean, variance, cumulative }: RankDistribution, alpha: number): number {
  const z = twoSidedZ(alpha);
  if (cumulative === undefined) return Math.max(0, Math.floor(mean + 0.5 - z * Math.sqrt(variance)));
  let rank = 0;
  while (rank < mean && 2 * (cumulative[rank] as number) <= alpha) rank += 1;
  return rank;
}

/** How many sets of ranks from 1 to n have each sum. Below 2^53, so exact. */
function countSubsets(n: number): Float64Array {
  const counts = new Float64Array((n * (n + 1)) / 2 + 1);
  counts[0] = 1;
  for (let rank = 1, top = 1; rank <= n; rank++, top += rank) {
    for (let sum = top; sum >= rank; sum--) counts[sum] = (counts[sum] as number) + (counts[sum - rank] as number);
  }
  return counts;
}

/**
 * How many orders of m and n values have each U: where the largest value is the first sample's it exceeds all n others
 * (Mann & Whitney, Ann. Math. Statist. 18 (1947) 50-60). Sums of positive numbers only, so exact to rounding.
 */
function countOrders(m: number, n: number): Float64Array {
  const length = m * n + 1;
  const rows = Array.from({ length: m + 1 }, () => new Float64Array(length));
  for (const row of rows) row[0] = 1;
  for (let j = 1; j <= n; j++) {
    for (let i = 1; i <= m; i++) {
      const row = rows[i] as Float64Array;
      const shorter = rows[i - 1] as Float64Array;
      for (let u = i * j; u >= j; u--) row[u] = (row[u] as number) + (shorter[u - j] as number);
    }
  }
  return rows[m] as Float64Array;
}

function accumulate(counts: Float64Array): Float64Array {
  let sum = 0;
  const sums = counts.map((count) => {
    sum += count;
    return sum;
  });
  return sums.map((value) => value / sum);
}

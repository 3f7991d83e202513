/**
 * By how much one side is shifted: Hodges and Lehmann's estimates and the distribution-free intervals that belong to
 * the rank tests. Hodges & Lehmann, Ann. Math. Statist. 34 (1963) 598-611; Hollander & Wolfe, Nonparametric Statistical
 * Methods (1973), 3.2, 3.3, 4.2 and 4.3.
 *
 * Of n values there are n (n + 1) / 2 averages. They are never made: in a sorted sample, how many of them are at most t
 * is counted in one walk along the staircase between them (Johnson & Mizoguchi, SIAM J. Comput. 7 (1978) 147-153;
 * J. F. Monahan, Algorithm 616, ACM Trans. Math. Softw. 10 (1984) 265-270), and t is found by halving the range of
 * doubles, at most 64 times. So O(n log n) with O(n) memory, and the very doubles that a sorted list would have.
 */
import type { Interval } from '../model.ts';
import { requireAlpha, requireSome, sortedCopy } from './domain.ts';
import {
  intervalRank,
  type RankDistribution,
  rankSumDistribution,
  signedRankDistribution,
} from './rank-distribution.ts';
import { selectByCount } from './selection.ts';

/** The shift in the unit of the values: of log-ratios, exp() of it is a ratio. */
export interface ShiftEstimate {
  readonly estimate: number;
  /** Null when even the widest interval of so few values has less than the level: below 6 pairs at 95 %. */
  readonly interval: Interval | null;
}

/**
 * The pseudomedian of paired differences: the median of the averages (a + b) / 2 of any two of them, each with itself
 * too. Differences of 0 are kept: they are evidence of no shift.
 *
 * The interval of level 1 - alpha is by exact quantiles of the signed-rank distribution for up to 50 differences,
 * otherwise by the normal distribution with continuity correction. Equal values make it cover more, never less, because
 * its ends belong to it (G. E. Noether, J. Amer. Statist. Assoc. 62 (1967) 184-188).
 * @throws RangeError for an empty sample, NaN, infinities, and anything but 0 < alpha < 1
 */
export function hodgesLehmann(differences: ArrayLike<number>, alpha: number): ShiftEstimate {
  requireAlpha(alpha);
  requireSome(differences);
  const sorted = sortedCopy(differences);
  const n = sorted.length;
  // Sums instead of averages: halving them is exact.
  const low = 2 * (sorted[0] as number);
  const high = 2 * (sorted[n - 1] as number);
  const select = (rank: number) => selectByCount(rank, low, high, (t) => countSums(sorted, t)) / 2;
  return estimateBy(select, (n * (n + 1)) / 2, signedRankDistribution(n), alpha);
}

/**
 * The shift of x against y, two independent samples: the median of all differences x - y. The interval is by exact quantiles of Mann and Whitney's distribution when the product of the sizes is at most 1000,
 * otherwise by the normal distribution with continuity correction.
 * @throws RangeError for an empty sample, NaN, infinities, and anything but 0 < alpha < 1
 */
export function hodgesLehmannShift(x: ArrayLike<number>, y: ArrayLike<number>, alpha: number): ShiftEstimate {
  requireAlpha(alpha);
  requireSome(x);
  requireSome(y);
  const [xs, ys] = [sortedCopy(x), sortedCopy(y)];
  const [m, n] = [xs.length, ys.length];
  const low = (xs[0] as number) - (ys[n - 1] as number);
  const high = (xs[m - 1] as number) - (ys[0] as number);
  const select = (rank: number) => selectByCount(rank, low, high, (t) => countDifferences(xs, ys, t));
  return estimateBy(select, m * n, rankSumDistribution(m, n), alpha);
}

function estimateBy(
  select: (rank: number) => number,
  total: number,
  distribution: RankDistribution,
  alpha: number,
): ShiftEstimate {
  const lower = select(Math.ceil(total / 2));
  const estimate = total % 2 === 1 ? lower : (lower + select(total / 2 + 1)) / 2;
  const rank = intervalRank(distribution, alpha);
  return { estimate, interval: rank === 0 ? null : [select(rank), select(total + 1 - rank)] };
}

/** How many sums of two values, each with itself too, are at most t. */
function countSums(sorted: Float64Array, t: number): number {
  let count = 0;
  let last = sorted.length - 1;
  for (let first = 0; first <= last; first++) {
    const value = sorted[first] as number;
    while (last >= first && value + (sorted[last] as number) > t) last -= 1;
    count += last - first + 1;
  }
  return count;
}

/** How many differences x - y are at most t. */
function countDifferences(xs: Float64Array, ys: Float64Array, t: number): number {
  let count = 0;
  let first = 0;
  for (const x of xs) {
    while (first < ys.length && x - (ys[first] as number) > t) first += 1;
    count += ys.length - first;
  }
  return count;
}

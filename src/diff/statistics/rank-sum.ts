/** What ranking two samples together gives. */
export interface RankSum {
  /** Sum of the ranks of the first sample, from 1; equal values share the average of their ranks. */
  readonly sum: number;
  /** Sum of t³ - t over all groups of t equal values; 0 when all values differ. */
  readonly ties: number;
}

/** Ranks two ascending samples of finite values together, in one pass. */
export function rankTogether(x: Float64Array, y: Float64Array): RankSum {
  let sum = 0;
  let ties = 0;
  let i = 0;
  let j = 0;
  while (i < x.length || j < y.length) {
    const value = Math.min(x[i] ?? Number.POSITIVE_INFINITY, y[j] ?? Number.POSITIVE_INFINITY);
    const below = i + j;
    const first = i;
    while (x[i] === value) i += 1;
    while (y[j] === value) j += 1;
    const equal = i + j - below;
    sum += (i - first) * (below + (equal + 1) / 2);
    ties += equal ** 3 - equal;
  }
  return { sum, ties };
}

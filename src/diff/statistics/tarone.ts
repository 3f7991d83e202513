/**
 * Which tests may become significant at all, when discreteness leaves each a least p: the others must not dilute the
 * correction for many tests. K is the smallest number with at most K tests whose least p is alpha / K or below, and
 * these are corrected for. Null is a test that was not made. With weights, a test may have that part of alpha that its
 * weight is of all that are corrected for.
 *
 * R. E. Tarone, A modified Bonferroni method for discrete data, Biometrics 46 (1990) 515-522; for false discovery
 * rates P. B. Gilbert, A modified false discovery rate multiple-comparisons procedure for discrete data, J. R. Statist.
 * Soc. C 54 (2005) 143-158.
 */
export function testableAt(
  alpha: number,
  leastPs: readonly (number | null)[],
  weights: readonly number[] = leastPs.map(() => 1),
): boolean[] {
  const ratios = leastPs.map((p, i) => (p === null ? Number.POSITIVE_INFINITY : p / (weights[i] as number)));
  const order = [...ratios.keys()].sort((a, b) => (ratios[a] as number) - (ratios[b] as number));
  let sum = 0;
  for (const i of order) {
    // The first one is corrected for itself alone.
    if (sum > 0 && (ratios[i] as number) > alpha / sum) break;
    sum += weights[i] as number;
  }
  return ratios.map((ratio) => ratio <= alpha / sum);
}

/**
 * Which tests may become significant at all, when discreteness leaves each a least p: the others must not dilute the
 * correction for many tests. K is the smallest number with at most K tests whose least p is alpha / K or below, and
 * these are corrected for. Null is a test that was not made.
 *
 * R. E. Tarone, A modified Bonferroni method for discrete data, Biometrics 46 (1990) 515-522; for false discovery
 * rates P. B. Gilbert, A modified false discovery rate multiple-comparisons procedure for discrete data, J. R. Statist.
 * Soc. C 54 (2005) 143-158.
 */
export function testableAt(alpha: number, leastPs: readonly (number | null)[]): boolean[] {
  const sorted = leastPs.filter((p) => p !== null).sort((a, b) => a - b);
  let tests = 1;
  while ((sorted[tests] ?? 1) <= alpha / tests) tests++;
  return leastPs.map((p) => p !== null && p <= alpha / tests);
}

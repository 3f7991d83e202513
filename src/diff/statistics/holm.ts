/**
 * The adjusted p of each test, in the order given: the level at which it just counts, when all of these were made and the
 * probability of any false one is to stay within the level. Tests that matter more may have a larger weight, of any sum.
 * Null is a test that was not made: it stays null and does not count among the tests. It holds however the tests depend
 * on each other, as those of fields of one document do.
 *
 * S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6 (1979) 65-70; with weights for
 * its tests as in section 3 there.
 * @throws RangeError for NaN and for anything else outside 0 to 1
 */
export function holm(pValues: readonly (number | null)[], weights: readonly number[]): (number | null)[] {
  const tests: { readonly index: number; readonly weight: number; readonly ratio: number }[] = [];
  for (const [index, p] of pValues.entries()) {
    if (p === null) continue;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`a p value is from 0 to 1, not ${p}`);
    const weight = weights[index] ?? 1;
    tests.push({ index, weight, ratio: p / weight });
  }
  tests.sort((a, b) => a.ratio - b.ratio);
  // From the last one on: what is left must not be what rounding leaves of a difference.
  const left = tests.map(({ weight }) => weight);
  for (let i = left.length - 2; i >= 0; i--) left[i] = (left[i] as number) + (left[i + 1] as number);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let least = 0;
  for (const [i, { index, ratio }] of tests.entries()) {
    least = Math.max(least, Math.min(1, ratio * (left[i] as number)));
    adjusted[index] = least;
  }
  return adjusted;
}

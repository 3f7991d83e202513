/**
 * The q of each p, in the order given: the false discovery rate at which that test just counts as a discovery, when
 * all of these were made. Equal p have equal q. Null is a test that was not made: it stays null and does not count
 * among the tests.
 *
 * Benjamini & Hochberg, Controlling the false discovery rate, J. R. Statist. Soc. B 57 (1995) 289-300; as adjusted
 * values, R's p.adjust(p, "BH").
 * @throws RangeError for NaN and for anything else outside 0 to 1
 */
export function benjaminiHochberg(pValues: readonly (number | null)[]): (number | null)[] {
  const tests: { readonly index: number; readonly p: number }[] = [];
  for (const [index, p] of pValues.entries()) {
    if (p === null) continue;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`a p value is from 0 to 1, not ${p}`);
    tests.push({ index, p });
  }
  tests.sort((a, b) => b.p - a.p);
  const qValues: (number | null)[] = pValues.map(() => null);
  let q = 1;
  for (const [above, { index, p }] of tests.entries()) {
    q = Math.min(q, p * (tests.length / (tests.length - above)));
    qValues[index] = q;
  }
  return qValues;
}

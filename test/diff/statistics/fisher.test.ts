import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fisherMidP, fisherUpperMidP } from '../../../src/diff/statistics/fisher.ts';
import { assertClose, assertPrinted, choose, fraction, SEED } from './close.ts';

/** The definition, by enumeration in whole numbers: ties are exact. */
function enumerated(a: number, b: number, c: number, d: number): number {
  const weight = (first: number) => choose(a + b, first) * choose(c + d, a + c - first);
  const own = weight(a);
  let twice = 0n;
  let tables = 0;
  for (let first = Math.max(0, a - d); first <= Math.min(a + b, a + c); first++) {
    const other = weight(first);
    tables += 1;
    if (other < own) twice += 2n * other;
    if (other === own) twice += other;
  }
  return tables === 1 ? 1 : fraction(twice, 2n * choose(a + b + c + d, a + c));
}

test('a lady tasting tea', () => {
  // R's fisher.test(TeaTasting) is 0.4857 two-sided: 34/70. Half of the two tables of 16/70 is taken off.
  assertClose(fisherMidP(3, 1, 1, 3), 34 / 70 - 16 / 70, 1e-13);
  assertClose(fisherMidP(4, 0, 0, 4), 1 / 70, 1e-13);
});

test('CHRNA4 genotype and XFS: 0 of 16 and 15 of 72', () => {
  // Fagerland, Lydersen & Laake, Statistical analysis of contingency tables (2017), chapter 4 (Ritland et al.), as their
  // package contingencytables prints it: Fisher-Irwin mid-p 0.04466.
  assertPrinted(fisherMidP(0, 16, 15, 57), '0.04466');
});

test('high and standard doses: 7 of 34 and 1 of 34', () => {
  // Rows of the same size make every table tie with its mirror image: mid-p is half of the sum of R's fisher.test,
  // 0.05440, and the same without the observed tables.
  assertClose(fisherMidP(7, 27, 1, 33), enumerated(7, 27, 1, 33), 1e-13);
  assertPrinted(fisherMidP(7, 27, 1, 33), '0.02966');
});

test('margins that allow one table only say nothing', () => {
  assert.equal(fisherMidP(0, 0, 0, 0), 1);
  assert.equal(fisherMidP(0, 0, 3, 5), 1);
  assert.equal(fisherMidP(3, 5, 0, 0), 1);
  assert.equal(fisherMidP(0, 1_000_000, 0, 1_000_000), 1);
  assert.equal(fisherMidP(10, 0, 20, 0), 1);
});

test('every table of up to 9 a cell is that of full enumeration', () => {
  for (let cells = 0; cells < 10_000; cells++) {
    const [a, b, c, d] = [
      cells % 10,
      Math.floor(cells / 10) % 10,
      Math.floor(cells / 100) % 10,
      Math.floor(cells / 1000),
    ];
    assertClose(fisherMidP(a, b, c, d), enumerated(a, b, c, d), 1e-12);
  }
});

test('two likeliest tables are a tie, however their number divides', () => {
  // 49 × (2 / 98) is 0.9999999999999999 in doubles.
  assertClose(fisherMidP(1, 47, 0, 48), 0.5, 1e-13);
  // Rows of the same size and an odd column: the middle is always a pair.
  for (let row = 1; row <= 60; row++) {
    for (let column = 1; column < 2 * row; column += 2) {
      const first = Math.ceil(column / 2);
      const table = [first, row - first, column - first, row - column + first] as const;
      if (Math.min(...table) >= 0) assertClose(fisherMidP(...table), enumerated(...table), 1e-12);
    }
  }
  assertClose(fisherMidP(500_001, 499_999, 500_000, 500_000), 1, 1e-2);
});

test('larger tables are those of full enumeration, and the order of rows and columns does not matter', () => {
  const cell = fc.oneof(fc.nat(120), fc.nat(3), fc.constant(60));
  fc.assert(
    fc.property(cell, cell, cell, cell, (a, b, c, d) => {
      const p = fisherMidP(a, b, c, d);
      assertClose(p, enumerated(a, b, c, d), 1e-11);
      for (const other of [fisherMidP(c, d, a, b), fisherMidP(b, a, d, c), fisherMidP(a, c, b, d)]) {
        assertClose(other, p, 1e-11);
      }
    }),
    SEED,
  );
});

test('millions keep their digits', () => {
  // mpmath 1.4, 60 digits, by log-gamma and summation over 16 standard deviations.
  assertClose(fisherMidP(1200, 998_800, 1000, 999_000), 1.9708314404171428e-5, 1e-11);
  assertClose(fisherMidP(500_000, 500_000, 502_000, 498_000), 0.0046776815912771405, 1e-11);
  assertClose(fisherMidP(3, 999_997, 20, 999_980), 0.00027714185900622824, 1e-11);
  assertClose(fisherMidP(40, 960, 4000, 896_000), 4.584309481344353e-25, 1e-11);
  assertClose(fisherMidP(1000, 999_000, 1000, 999_000), 0.9910760313277986, 1e-11);
  assertClose(fisherMidP(5, 1_000_000, 0, 50_000), 0.6082366369358984, 1e-11);
});

test('the same counts in millions are no evidence, and all against none is the strongest there is', () => {
  const p = fisherMidP(1_000_000, 1_000_000, 1_000_000, 1_000_000);
  assert.ok(p > 0.999 && p <= 1);
  assert.equal(fisherMidP(1_000_000, 0, 0, 1_000_000), 0);
  assert.equal(fisherMidP(0, 1_000_000, 1_000_000, 0), 0);
});

test('more errors of one side never raise p', () => {
  let last = 1;
  for (let errors = 1000; errors < 3000; errors += 7) {
    const p = fisherMidP(errors, 1_000_000 - errors, 1000, 999_000);
    assert.ok(p <= last && p >= 0, `${errors}: ${p} after ${last}`);
    last = p;
  }
  assert.ok(last > 0 && last < 1e-100);
});

test('what is no count is refused', () => {
  for (const count of [-1, 0.5, Number.NaN]) assert.throws(() => fisherMidP(1, 2, count, 3), RangeError);
});

test('one-sided, the tail of larger counts with half of the table itself', () => {
  const count = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      const weight = (first: number) => choose(a + b, first) * choose(c + d, a + c - first);
      const [least, most] = [Math.max(0, a - d), Math.min(a + b, a + c)];
      let twice = weight(a);
      for (let first = a + 1; first <= most; first++) twice += 2n * weight(first);
      const expected = least === most ? 1 : fraction(twice, 2n * choose(a + b + c + d, a + c));
      assertClose(fisherUpperMidP(a, b, c, d), expected, 1e-9);
    }),
    SEED,
  );
});

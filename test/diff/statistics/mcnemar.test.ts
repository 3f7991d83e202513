import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mcnemarMidP, upperMidP } from '../../../src/diff/statistics/mcnemar.ts';
import { assertClose, assertPrinted, choose, fraction, SEED } from './close.ts';

/** The definition, by enumeration in whole numbers. */
function enumerated(b: number, c: number): number {
  const n = b + c;
  let twice = choose(n, Math.min(b, c));
  for (let k = 0; k < Math.min(b, c); k++) twice += 2n * choose(n, k);
  return Math.min(1, fraction(twice, 2n ** BigInt(n)));
}

test('airway hyper-responsiveness before and after transplantation: 1 and 7', () => {
  // Fagerland, Lydersen & Laake, BMC Med. Res. Methodol. 13 (2013) 91, table 1 (Bentur et al.): mid-p 0.039.
  assertPrinted(mcnemarMidP(1, 7), '0.039');
  assertClose(mcnemarMidP(1, 7), 10 / 256);
});

test('complete response before and after consolidation: 6 and 16', () => {
  // Fagerland, Lydersen & Laake, Statistical analysis of contingency tables (2017), chapter 8 (Cavo et al.), as their
  // package contingencytables prints it.
  assertPrinted(mcnemarMidP(6, 16), '0.034690');
});

test('half the probability of what was seen is all that it takes off the exact test', () => {
  // Exact: 2 × (C(8,0) + C(8,1)) / 256 = 0.0703, R's binom.test(1, 8).
  assertClose(mcnemarMidP(1, 7), 0.0703125 - 8 / 256);
  assertClose(mcnemarMidP(0, 5), 0.0625 - 1 / 32);
});

test('no discordant pair, and as many new as fixed errors, say nothing', () => {
  for (const count of [0, 1, 17, 1_000_000, 2 ** 52]) assert.equal(mcnemarMidP(count, count), 1);
});

test('small counts are those of full enumeration', () => {
  for (let b = 0; b <= 40; b++) {
    for (let c = 0; c <= 40; c++) assertClose(mcnemarMidP(b, c), enumerated(b, c), 1e-13);
  }
});

test('hundreds are those of full enumeration, down to the smallest probabilities', () => {
  const count = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(count, count, (b, c) => {
      assertClose(mcnemarMidP(b, c), enumerated(b, c), 1e-12);
      assert.equal(mcnemarMidP(b, c), mcnemarMidP(c, b));
    }),
    SEED,
  );
});

test('millions keep their digits', () => {
  // mpmath 1.4, 60 digits, by log-gamma and summation.
  assertClose(mcnemarMidP(1_000_000, 1_005_000), 0.0004137983992839809);
  assertClose(mcnemarMidP(1_000_000, 1_000_001), 0.9994358107690704);
  assertClose(mcnemarMidP(3_000_000, 2_990_000), 4.3908219386918355e-5);
  assertClose(mcnemarMidP(1000, 1500), 1.108749825419654e-23);
});

test('what is below the smallest double is 0, not NaN', () => {
  assert.equal(mcnemarMidP(100, 1_000_000), 0);
  assert.equal(mcnemarMidP(0, 1_000_000), 0);
  assert.ok(mcnemarMidP(0, 1000) > 0);
});

test('more discordance the same way never raises p', () => {
  let last = 1;
  for (let c = 1_000_000; c < 1_040_000; c += 97) {
    const p = mcnemarMidP(1_000_000, c);
    assert.ok(p <= last && p >= 0, `${c}: ${p} after ${last}`);
    last = p;
  }
  assert.ok(last > 0 && last < 1e-150);
});

test('what is no count is refused', () => {
  for (const count of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => mcnemarMidP(count, 1), RangeError);
    assert.throws(() => mcnemarMidP(1, count), RangeError);
  }
});

test('one-sided, the tail of larger first counts with half of the count itself', () => {
  for (const [b, c] of [
    [0, 0],
    [3, 3],
    [6, 0],
    [0, 6],
    [9, 2],
    [2, 9],
  ] as const) {
    const n = b + c;
    let twice = choose(n, b);
    for (let k = b + 1; k <= n; k++) twice += 2n * choose(n, k);
    assertClose(upperMidP(b, c), fraction(twice, 2n * 2n ** BigInt(n)), 1e-12);
  }
});

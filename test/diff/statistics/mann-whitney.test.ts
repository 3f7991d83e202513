import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mannWhitneyP } from '../../../src/diff/statistics/mann-whitney.ts';
import { normalCdf } from '../../../src/diff/statistics/normal.ts';
import { assertClose, assertPrinted, SEED, samples } from './close.ts';
import { listOrders, twoSided } from './enumeration.ts';
import {
  AUTOMATIC,
  MANUAL,
  PERMEABILITY_AT_TERM,
  PERMEABILITY_EARLIER,
  SLEEP_1,
  SLEEP_2,
  untiedPair,
} from './published-samples.ts';

/** In how many pairs the first value is the larger; equal ones count half. */
function largerPairs(x: readonly number[], y: readonly number[]): number {
  return x.flatMap((a) => y.map((b) => (Math.sign(a - b) + 1) / 2)).reduce((sum, value) => sum + value, 0);
}

test('permeability at term and earlier: W = 35 of 10 × 5', () => {
  // R: wilcox.test(x, y, alternative = "g"): W = 35, p-value = 0.1272; its two-sided p is twice that, 382/3003 each.
  assertClose(mannWhitneyP(PERMEABILITY_AT_TERM, PERMEABILITY_EARLIER), (2 * 382) / 3003);
  assertPrinted(mannWhitneyP(PERMEABILITY_AT_TERM, PERMEABILITY_EARLIER), '0.2544');
});

test('with ties it is the corrected normal distribution of R', () => {
  // R: wilcox.test(extra ~ group, sleep): W = 25.5, p-value = 0.06933.
  assertPrinted(mannWhitneyP(SLEEP_1, SLEEP_2), '0.06933');
  // R: wilcox.test(mpg ~ am, mtcars): W = 42, p-value = 0.001871.
  assertPrinted(mannWhitneyP(AUTOMATIC, MANUAL), '0.001871');
  // scipy 1.11: mannwhitneyu(x, y, method='asymptotic', use_continuity=True), all digits.
  assertClose(mannWhitneyP(SLEEP_1, SLEEP_2), 0.06932757543362658);
  assertClose(mannWhitneyP(AUTOMATIC, MANUAL), 0.0018713913331785542);
});

test('25 × 30 values are exact and 60 × 70 normal, as in SciPy', () => {
  // scipy 1.11: mannwhitneyu(x, y, method='exact'), and method='asymptotic'.
  assertClose(mannWhitneyP(...untiedPair(25, 30)), 0.7059547947197593);
  assertClose(mannWhitneyP(...untiedPair(60, 70)), 0.3863191816957945);
});

test('an empty sample, and values that are all the same, say nothing', () => {
  assert.equal(mannWhitneyP([], [1, 2]), 1);
  assert.equal(mannWhitneyP([1, 2], []), 1);
  assert.equal(mannWhitneyP([3, 3, 3], [3, 3]), 1);
  assert.equal(mannWhitneyP([1], [2]), 1);
});

test('without ties it is the share of all orders', () => {
  const values = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 12 });
  const lists = new Map<string, number[]>();
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 11 }), (all, cut) => {
      const m = Math.min(cut, all.length - 1);
      const [x, y] = [all.slice(0, m), all.slice(m)];
      const counts = lists.get(`${x.length} ${y.length}`) ?? listOrders(x.length, y.length);
      lists.set(`${x.length} ${y.length}`, counts);
      assertClose(mannWhitneyP(x, y), twoSided(counts, largerPairs(x, y)), 1e-14);
    }),
    SEED,
  );
});

test('with ties it is the formula of the textbook', () => {
  const values = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 40 });
  fc.assert(
    fc.property(values, values, (x, y) => {
      const [m, n] = [x.length, y.length];
      const groups = [0, 1, 2, 3].map((value) => [...x, ...y].filter((other) => other === value).length);
      const ties = groups.reduce((sum, t) => sum + t ** 3 - t, 0);
      const variance = ((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1)));
      if (variance < 1e-9) return;
      const distance = Math.max(0, Math.abs(largerPairs(x, y) - (m * n) / 2) - 0.5);
      assertClose(mannWhitneyP(x, y), 2 * normalCdf(-distance / Math.sqrt(variance)), 1e-11);
    }),
    SEED,
  );
});

test('the order of values and samples does not matter, and p stays a probability', () => {
  fc.assert(
    fc.property(samples(50), samples(50), (x, y) => {
      const p = mannWhitneyP(x, y);
      assert.ok(p > 0 && p <= 1);
      assertClose(mannWhitneyP(y, x), p, 1e-12);
      assert.equal(mannWhitneyP(x.toReversed(), y.toReversed()), p);
    }),
    SEED,
  );
});

test('what is no number is refused', () => {
  assert.throws(() => mannWhitneyP([Number.NaN], [1]), RangeError);
  assert.throws(() => mannWhitneyP([1], [Number.POSITIVE_INFINITY]), RangeError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bonettPriceInterval } from '../../../src/diff/statistics/bonett-price.ts';
import { assertClose, assertInterval, SEED } from './close.ts';

test('complete response before and after consolidation: 161 pairs, 6 and 16', () => {
  // Fagerland, Lydersen & Laake, Statistical analysis of contingency tables (2017), chapter 8 (Cavo et al.), as their
  // package contingencytables prints it: -0.1195 to -0.0032.
  assertInterval(bonettPriceInterval(161, 6, 16, 0.05), '-0.1195', '-0.0032');
});

test('airway hyper-responsiveness: 21 pairs, 1 and 7', () => {
  // By hand: (2 - 8) / 23 ± 1.959964 × √((10/23 - 36/529) / 23).
  const half = 1.9599639845400543 * Math.sqrt((10 / 23 - 36 / 529) / 23);
  const [low, high] = bonettPriceInterval(21, 1, 7, 0.05);
  assertClose(low, -6 / 23 - half);
  assertClose(high, -6 / 23 + half);
  assertInterval([low, high], '-0.508', '-0.013');
});

test('no pairs say nothing', () => {
  assert.deepEqual(bonettPriceInterval(0, 0, 0, 0.05), [-1, 1]);
});

test('pairs without any change narrow it around 0, but never to it', () => {
  const [low, high] = bonettPriceInterval(200, 0, 0, 0.05);
  assertClose(high, (1.9599639845400543 * Math.sqrt(2 / 202)) / Math.sqrt(202));
  assert.equal(low, -high);
  const [, millions] = bonettPriceInterval(1_000_000, 0, 0, 0.05);
  assert.ok(millions > 0 && millions < 3e-6);
});

test('an overshoot is cut off', () => {
  assert.equal(bonettPriceInterval(2, 2, 0, 0.05)[1], 1);
  assert.equal(bonettPriceInterval(2, 0, 2, 0.05)[0], -1);
});

test('exchanging the sides changes the sign, and a lower alpha widens it', () => {
  const counts = fc.tuple(fc.nat(2_000_000), fc.nat(2_000_000), fc.nat(2_000_000));
  fc.assert(
    fc.property(counts, ([unchanged, newErrors, fixedErrors]) => {
      const n = unchanged + newErrors + fixedErrors;
      const [low, high] = bonettPriceInterval(n, newErrors, fixedErrors, 0.05);
      const [otherLow, otherHigh] = bonettPriceInterval(n, fixedErrors, newErrors, 0.05);
      assert.ok(-1 <= low && low < high && high <= 1);
      assert.ok(Math.abs(low + otherHigh) < 1e-15 && Math.abs(high + otherLow) < 1e-15);
      const [wideLow, wideHigh] = bonettPriceInterval(n, newErrors, fixedErrors, 0.01);
      assert.ok(wideLow <= low && high <= wideHigh);
    }),
    SEED,
  );
});

test('more new errors move both ends up', () => {
  let last = [-1, -1] as readonly [number, number];
  for (let newErrors = 0; newErrors <= 1000; newErrors += 10) {
    const interval = bonettPriceInterval(100_000, newErrors, 50, 0.05);
    assert.ok(interval[0] > last[0] && interval[1] > last[1]);
    last = interval;
  }
});

test('more errors than pairs are refused', () => {
  assert.throws(() => bonettPriceInterval(10, 6, 5, 0.05), RangeError);
  assert.throws(() => bonettPriceInterval(10, -1, 5, 0.05), RangeError);
  assert.throws(() => bonettPriceInterval(10, 1, 5, 0), RangeError);
});

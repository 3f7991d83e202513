import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { testableAt } from '../../../src/diff/statistics/tarone.ts';
import { SEED } from './close.ts';

test('tests that cannot become significant are left out, and those that can are corrected for alone', () => {
  assert.deepEqual(testableAt(0.05, [0.001, 0.5, 1, 0.04, null]), [true, false, false, false, false]);
  assert.deepEqual(testableAt(0.05, [0.001, 0.02, 0.02, 1]), [true, false, false, false]);
  assert.deepEqual(testableAt(0.05, [0.001, 0.002, 1, 1]), [true, true, false, false]);
  assert.deepEqual(testableAt(0.05, []), []);
});

test('K is the smallest number with at most K tests that can be significant at alpha / K', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }), (discordant) => {
      const least = discordant.map((count) => 0.5 ** count);
      const allowed = (k: number) => least.filter((p) => p <= 0.05 / k).length;
      let k = 1;
      while (allowed(k) > k) k++;
      assert.deepEqual(
        testableAt(0.05, least),
        least.map((p) => p <= 0.05 / k),
      );
    }),
    SEED,
  );
});

test('a test of a larger weight may have more of alpha, and equal weights of any size are none', () => {
  const least = [0.03, 0.02, 0.02];
  assert.deepEqual(testableAt(0.05, least, [1, 1, 1]), [false, true, true]);
  assert.deepEqual(testableAt(0.05, least, [4, 1, 1]), [true, false, false]);
  assert.deepEqual(testableAt(0.05, least, [0.25, 0.25, 0.25]), [false, true, true]);
  assert.deepEqual(testableAt(0.05, [null, null], [1, 1]), [false, false]);
});

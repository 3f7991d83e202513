import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pairedRatioInterval } from '../../../src/diff/statistics/paired-ratio.ts';
import { assertInterval, SEED } from './close.ts';

/** Chapter 8 of Fagerland, Lydersen & Laake, Statistical Analysis of Contingency Tables (2017). */
test('the intervals of two published tables', () => {
  assertInterval(pairedRatioInterval(1, 1, 7, 0.05), '0.068', '0.923');
  assertInterval(pairedRatioInterval(59, 6, 16, 0.05), '0.758', '0.991');
});

test('the interval holds the ratio, and exchanged sides its inverse', () => {
  const count = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(count, count, count, (both, up, down) => {
      const [low, high] = pairedRatioInterval(both, up, down, 0.05);
      assert.ok(low >= 0 && low <= high);
      if (both + down > 0) assert.ok(low <= (both + up) / (both + down) && high >= (both + up) / (both + down));
      const [inverseLow, inverseHigh] = pairedRatioInterval(both, down, up, 0.05);
      if (low > 0) assert.ok(Math.abs(inverseHigh * low - 1) < 1e-9);
      if (inverseLow > 0) assert.ok(Math.abs(inverseLow * high - 1) < 1e-9);
    }),
    SEED,
  );
});

test('where production has no errors there is no upper end', () => {
  assert.equal(pairedRatioInterval(0, 5, 0, 0.05)[1], Number.POSITIVE_INFINITY);
  assert.deepEqual(pairedRatioInterval(0, 0, 0, 0.05), [0, Number.POSITIVE_INFINITY]);
});

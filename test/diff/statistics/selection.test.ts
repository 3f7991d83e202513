import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { selectByRank } from '../../../src/diff/statistics/selection.ts';

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, -0, 0.5, 0.5 + 2 ** -53, 1, 12, 12.5, -1, 2 ** -1074, -(2 ** -1074), 1.7e308, -1.7e308),
);

test('values by their ranks are those of the sorted ones', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.array(fc.nat()), (list, nats) => {
      const ranks = nats.map((nat) => 1 + (nat % list.length));
      const sorted = Float64Array.from(list).sort();
      // A part of something longer, as columns are.
      const values = Float64Array.from([7, ...list, 7]).subarray(1, -1);
      assert.deepEqual(
        selectByRank(values, ranks),
        ranks.map((rank) => sorted[rank - 1]),
      );
    }),
  );
});

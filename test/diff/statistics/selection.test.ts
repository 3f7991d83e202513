import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { selectFraction } from '../../../src/diff/statistics/selection.ts';

const fraction = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(0, 0.5, 0.5 + 2 ** -40, 0.5 + 2 ** -53, 1 - 2 ** -53, 2 ** -1074),
);

test('a fraction by its rank is that of the sorted ones', () => {
  fc.assert(
    fc.property(fc.array(fraction, { minLength: 1, maxLength: 50 }), fc.nat(), (values, nat) => {
      const rank = 1 + (nat % values.length);
      const sorted = Float64Array.from(values).sort();
      assert.equal(selectFraction(rank, Float64Array.from(values)) + 0, (sorted[rank - 1] as number) + 0);
    }),
  );
});

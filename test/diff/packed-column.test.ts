import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durations, FewNumbers, moments } from '../../src/diff/packed-column.ts';

const duration = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -1000, max: 2 ** 31 }).map((micros) => micros / 1000) },
  { weight: 5, arbitrary: fc.constantFrom(-1, 0, Number.NaN, 2147483.647, 2147483.648, -2147483.648, -2147483.647) },
  { weight: 1, arbitrary: fc.double() },
);
const moment = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }).map((ms) => 1_795_332_043_107 + ms) },
  { weight: 5, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom(0, 1_795_332_043_107.5, 8.64e15, -8.64e15), fc.double()) },
);

for (const [name, column, number] of [
  ['durations', durations, duration],
  ['moments', moments, moment],
] as const) {
  test(`${name} come back as they were`, () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), (values) => {
        const packed = column();
        for (const value of values) packed.push(value);
        assert.equal(packed.length, values.length);
        // Zero has no sign in a log.
        assert.deepEqual(
          values.map((_, row) => packed.at(row) + 0),
          values.map((value) => value + 0),
        );
        assert.deepEqual(
          packed.values(),
          Float64Array.from(values, (_, row) => packed.at(row)),
        );
        const last = values.length - 1;
        assert.deepEqual(packed.values(Int32Array.of(last, 0)), Float64Array.of(packed.at(last), packed.at(0)));
      }),
    );
  });
}

test('numbers of few texts come back as they were, and of many too', () => {
  for (const most of [3, 2 ** 15 - 1, 2 ** 15, 2 ** 31 - 1]) {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: most }), { maxLength: 40 }), (list) => {
        const values = [0, ...list, most, -1];
        const numbers = new FewNumbers();
        for (const value of values) numbers.push(value);
        assert.deepEqual(
          values.map((_, row) => numbers.at(row)),
          values,
        );
      }),
    );
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantile, quantileOfSorted, readQuantiles } from '../../../src/diff/statistics/quantile.ts';
import { ascending, SEED, samples } from './close.ts';

test('a quantile is the value at rank ceil(q × n)', () => {
  // R: quantile(c(15, 20, 35, 40, 50), q, type = 1), the nearest-rank example of most textbooks.
  const values = Float64Array.of(50, 15, 40, 20, 35);
  assert.equal(quantile(values, 0.05), 15);
  assert.equal(quantile(values, 0.3), 20);
  assert.equal(quantile(values, 0.4), 20);
  assert.equal(quantile(values, 0.5), 35);
  assert.equal(quantile(values, 1), 50);
  assert.deepEqual([...values], [50, 15, 40, 20, 35]);
});

test('a product that only rounding puts above a whole number does not count one rank further', () => {
  const sorted = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
  for (let percent = 1; percent <= 100; percent++) {
    assert.equal(quantileOfSorted(sorted.subarray(0, 100), percent / 100), percent);
    assert.equal(quantileOfSorted(sorted, percent / 100), percent * 10);
  }
});

test('p50, p95 and p99 of one value are that value, and of a million as they should be', () => {
  assert.deepEqual(readQuantiles([7]), { p50: 7, p95: 7, p99: 7 });
  const million = Float64Array.from({ length: 1_000_000 }, (_, i) => ((i * 7919) % 1_000_000) + 1);
  assert.deepEqual(readQuantiles(million), { p50: 500_000, p95: 950_000, p99: 990_000 });
});

test('at least that share of the values is at most the quantile, and less is below it', () => {
  fc.assert(
    fc.property(samples(30), fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const value = quantile(values, percent / 100);
      assert.ok(values.includes(value));
      assert.ok(values.filter((other) => other <= value).length * 100 >= percent * values.length);
      assert.ok(values.filter((other) => other < value).length * 100 < percent * values.length);
      assert.equal(quantile(ascending(values), percent / 100), value);
    }),
    SEED,
  );
});

test('nothing has no quantile, and a value that is no number none either', () => {
  assert.throws(() => quantile([], 0.5), RangeError);
  assert.throws(() => readQuantiles([]), RangeError);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => quantile([1, value], 0.5), RangeError);
  for (const q of [0, -1, 1.5, Number.NaN]) assert.throws(() => quantile([1], q), RangeError);
});

test('what is no number has no quantile, of however many', () => {
  for (const length of [3, 20_000]) {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const values = new Float64Array(length);
      values[1] = wrong;
      assert.throws(() => quantile(values, 0.5), RangeError);
    }
    for (const q of [0, 1.5, Number.NaN]) assert.throws(() => quantile(new Float64Array(length), q), RangeError);
  }
});

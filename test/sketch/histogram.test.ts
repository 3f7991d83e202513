import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUCKET_COUNT, bucketOf, bucketValue } from '../../src/sketch/buckets.ts';
import { Histogram } from '../../src/sketch/histogram.ts';

const LARGEST = 2 ** 32 - 1;
const QUANTILES = [0.001, 0.07, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

/** Small ones mostly, as timers are, but every size. */
const timer = fc.oneof(fc.nat(20), fc.nat(600), fc.nat(4100), fc.integer({ min: 0, max: LARGEST }));
const timers = fc.array(timer, { minLength: 1, maxLength: 300 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value, 1);
  return histogram;
}

test('every value up to 2,048 has a bucket of its own', () => {
  const buckets = new Set<number>();
  for (let value = 0; value <= 2048; value++) {
    buckets.add(bucketOf(value));
    assert.equal(bucketValue(bucketOf(value)), value);
  }
  assert.equal(buckets.size, 2049);
});

test('a value up to 2^32 - 1 comes back within 0.05 %', () => {
  const powers = Array.from({ length: 21 }, (_, i) => 2 ** (i + 12)).flatMap((power) => [power - 1, power, power + 1]);
  for (const value of [...powers.filter((power) => power <= LARGEST), LARGEST]) {
    assert.ok(Math.abs(bucketValue(bucketOf(value)) - value) <= value * 0.0005, String(value));
  }
  fc.assert(
    fc.property(fc.integer({ min: 2049, max: LARGEST }), (value) => {
      assert.ok(Math.abs(bucketValue(bucketOf(value)) - value) <= value * 0.0005);
    }),
    { seed: 1 },
  );
});

test('buckets rise with their values, and the last one takes whatever is larger', () => {
  assert.equal(bucketOf(LARGEST), BUCKET_COUNT - 1);
  assert.equal(bucketOf(2 ** 40), BUCKET_COUNT - 1);
  for (let bucket = 1; bucket < BUCKET_COUNT; bucket++) {
    assert.equal(bucketOf(bucketValue(bucket)), bucket);
    assert.ok(bucketValue(bucket) > bucketValue(bucket - 1));
  }
});

test('a quantile is the value at rank ceil(q x count) of the sorted values', () => {
  fc.assert(
    fc.property(timers, (values) => {
      const histogram = histogramOf(values);
      const sorted = [...values].sort((a, b) => a - b);
      for (const q of QUANTILES) {
        // 0.07 x 100 is 7.000000000000001 in floating point; its rank is 7.
        const rank = Math.ceil(Number((q * values.length).toFixed(6)));
        const wanted = sorted[rank - 1] ?? 0;
        const found = histogram.quantile(q) ?? -1;
        if (wanted <= 2048) assert.equal(found, wanted);
        else assert.ok(Math.abs(found - wanted) <= wanted * 0.0005, `${found} is not ${wanted}`);
      }
    }),
    { seed: 2 },
  );
});

test('the seventh of a hundred values is at 0.07', () => {
  const histogram = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
  assert.equal(histogram.quantile(0.07), 7);
  assert.equal(histogram.quantile(0.99), 99);
});

test('count, sum, mean, least and largest are exact at any size', () => {
  fc.assert(
    fc.property(timers, (values) => {
      const histogram = histogramOf(values);
      const sum = values.reduce((total, value) => total + value, 0);
      assert.equal(histogram.count, values.length);
      assert.equal(histogram.sum, sum);
      assert.equal(histogram.mean, sum / values.length);
      assert.equal(histogram.min, Math.min(...values));
      assert.equal(histogram.max, Math.max(...values));
    }),
    { seed: 3 },
  );
});

test('how many values are above a limit', () => {
  fc.assert(
    fc.property(timers, fc.nat(2047), (values, limit) => {
      assert.equal(histogramOf(values).countAbove(limit), values.filter((value) => value > limit).length);
    }),
    { seed: 4 },
  );
});

test('an empty histogram has no quantile and no mean', () => {
  const histogram = new Histogram();
  assert.equal(histogram.quantile(0.5), null);
  assert.equal(histogram.mean, null);
  assert.equal(histogram.count, 0);
  assert.equal(histogram.countAbove(0), 0);
});

test('-1 is counted and changes nothing else', () => {
  const histogram = histogramOf([5, 7]);
  const before = histogram.toState();
  histogram.add(-1, 3);
  assert.deepEqual(histogram.toState(), { ...before, interrupted: 3 });
});

test('a line that stands for n events is n values', () => {
  const histogram = new Histogram();
  histogram.add(3, 4);
  histogram.add(5000, 2);
  assert.deepEqual(histogram.toState(), histogramOf([3, 3, 3, 3, 5000, 5000]).toState());
});

test('merging pieces gives the histogram of the whole', () => {
  const pieces = fc.array(fc.array(fc.oneof(timer, fc.constant(-1)), { maxLength: 60 }), { maxLength: 5 });
  fc.assert(
    fc.property(pieces, (parts) => {
      const merged = new Histogram();
      for (const part of parts) merged.merge(JSON.parse(JSON.stringify(histogramOf(part).toState())));
      const whole = histogramOf(parts.flat());
      assert.deepEqual(merged.toState(), whole.toState());
      for (const q of QUANTILES) assert.equal(merged.quantile(q), whole.quantile(q));
    }),
    { seed: 5 },
  );
});

test('memory does not grow with the input', () => {
  const histogram = new Histogram();
  for (let i = 0; i < 200_000; i++) histogram.add((i * 7919) % 3000, 1);
  const { buckets, count } = histogram.toState();
  assert.equal(count, 200_000);
  assert.ok(buckets.length <= 2 * 3000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hodgesLehmann, hodgesLehmannShift } from '../../../src/diff/statistics/hodges-lehmann.ts';
import { mannWhitneyP } from '../../../src/diff/statistics/mann-whitney.ts';
import { wilcoxonSignedRankP } from '../../../src/diff/statistics/wilcoxon.ts';
import { ascending, assertClose, assertInterval, assertPrinted, SEED, samples } from './close.ts';
import { listOrders, listSignedRanks, shareUpTo } from './enumeration.ts';
import {
  AUTOMATIC,
  DEPRESSION,
  MANUAL,
  PERMEABILITY_AT_TERM,
  PERMEABILITY_EARLIER,
  untiedDifferences,
  untiedPair,
} from './published-samples.ts';

/** All averages of two values, each with itself too, ascending. */
function walshAverages(values: readonly number[]): number[] {
  return ascending(values.flatMap((a, i) => values.slice(i).map((b) => (a + b) / 2)));
}

function differences(x: readonly number[], y: readonly number[]): number[] {
  return ascending(x.flatMap((a) => y.map((b) => a - b)));
}

function median(sorted: readonly number[]): number {
  const at = (rank: number) => sorted[rank - 1] as number;
  return (at(Math.ceil(sorted.length / 2)) + at(Math.floor(sorted.length / 2) + 1)) / 2;
}

/** The widest pair of ends whose outside has at most alpha of the listed distribution; undefined for none. */
function listedInterval(sorted: readonly number[], counts: readonly number[], alpha: number) {
  let rank = 0;
  while (rank < sorted.length / 2 && 2 * shareUpTo(counts, rank) <= alpha) rank += 1;
  return rank === 0 ? null : [sorted[rank - 1], sorted[sorted.length - rank]];
}

/** -0 equals 0 here. */
function same(actual: number | undefined, expected: number | undefined): void {
  assert.ok(actual === expected, `${actual} is not ${expected}`);
}

test('depression before and after a tranquilizer: 0.46', () => {
  // R: wilcox.test(x, y, paired = TRUE, conf.int = TRUE): (pseudo)median 0.46, interval 0.010 to 0.786.
  // Hollander & Wolfe (1973), examples 3.2 and 3.3, have both with the other sign.
  const { estimate, interval } = hodgesLehmann(DEPRESSION, 0.05);
  assertClose(estimate, 0.46);
  assert.ok(interval);
  assertInterval(interval, '0.010', '0.786');
});

test('permeability at term and earlier: 0.305', () => {
  // R: wilcox.test(x, y, conf.int = TRUE): difference in location 0.305, interval -0.15 to 0.76.
  const { estimate, interval } = hodgesLehmannShift(PERMEABILITY_AT_TERM, PERMEABILITY_EARLIER, 0.05);
  assertClose(estimate, 0.305);
  assert.ok(interval);
  assertInterval(interval, '-0.15', '0.76');
});

test('miles per gallon, automatic against manual: -6.8', () => {
  const { estimate, interval } = hodgesLehmannShift(AUTOMATIC, MANUAL, 0.05);
  assert.equal(estimate, median(differences(AUTOMATIC, MANUAL)));
  assertPrinted(estimate / 10, '-6.8');
  assert.ok(interval && interval[0] < estimate && estimate < interval[1] && interval[1] < 0);
});

test('the critical values are those of the tables', () => {
  // Hollander & Wolfe (1973), table A.4: at 5 % two-sided and n = 10, T = 8 is the largest to reject, so the 9th of the
  // 55 averages is the end. With n = 6 only T = 0 rejects, so the ends are those of the sample.
  const powers = Array.from({ length: 10 }, (_, i) => 3 ** i);
  const averages = walshAverages(powers);
  assert.deepEqual(hodgesLehmann(powers, 0.05).interval, [averages[8], averages[55 - 9]]);
  assert.deepEqual(hodgesLehmann(powers.slice(0, 6), 0.05).interval, [1, 243]);
});

test('too few values have an estimate, but no interval of the level', () => {
  assert.deepEqual(hodgesLehmann([7], 0.05), { estimate: 7, interval: null });
  assert.equal(hodgesLehmann([1, 2, 3, 4, 5], 0.05).interval, null);
  assert.equal(hodgesLehmann([1, 2, 3, 4, 5, 6], 0.01).interval, null);
  assert.deepEqual(hodgesLehmannShift([1], [3], 0.05), { estimate: -2, interval: null });
  assert.equal(hodgesLehmannShift([1, 2, 3], [4, 5, 6], 0.05).interval, null);
});

test('differences of 0 are evidence of no shift', () => {
  assert.equal(hodgesLehmann([0, 0, 0, 0, 0, 0, 1], 0.05).estimate, 0);
  assert.deepEqual(hodgesLehmann(new Float64Array(100), 0.05), { estimate: 0, interval: [0, 0] });
});

test('paired, it is the median of all averages, and the interval that of all sign choices', () => {
  const counts = Array.from({ length: 13 }, (_, n) => listSignedRanks(n));
  fc.assert(
    fc.property(samples(12), fc.constantFrom(0.01, 0.05, 0.1, 0.32), (values, alpha) => {
      const averages = walshAverages(values);
      const { estimate, interval } = hodgesLehmann(values, alpha);
      same(estimate, median(averages));
      const expected = listedInterval(averages, counts[values.length] as number[], alpha);
      assert.equal(interval === null, expected === null);
      same(interval?.[0], expected?.[0]);
      same(interval?.[1], expected?.[1]);
    }),
    { ...SEED, numRuns: 500 },
  );
});

test('unpaired, it is the median of all differences, and the interval that of all orders', () => {
  const lists = new Map<string, number[]>();
  fc.assert(
    fc.property(samples(6), samples(6), fc.constantFrom(0.01, 0.05, 0.1, 0.32), (x, y, alpha) => {
      const counts = lists.get(`${x.length} ${y.length}`) ?? listOrders(x.length, y.length);
      lists.set(`${x.length} ${y.length}`, counts);
      const all = differences(x, y);
      const { estimate, interval } = hodgesLehmannShift(x, y, alpha);
      same(estimate, median(all));
      const expected = listedInterval(all, counts, alpha);
      assert.equal(interval === null, expected === null);
      same(interval?.[0], expected?.[0]);
      same(interval?.[1], expected?.[1]);
    }),
    { ...SEED, numRuns: 500 },
  );
});

test('larger samples are those of the sorted list too', () => {
  fc.assert(
    fc.property(samples(120, 51), samples(90, 20), (x, y) => {
      const averages = walshAverages(x);
      const paired = hodgesLehmann(x, 0.05);
      same(paired.estimate, median(averages));
      // Normal with continuity correction: Hollander & Wolfe (1973), 3.3.
      const n = x.length;
      const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
      const rank = Math.floor((n * (n + 1)) / 4 + 0.5 - 1.9599639845400543 * deviation);
      same(paired.interval?.[0], averages[rank - 1]);
      same(paired.interval?.[1], averages[averages.length - rank]);
      const all = differences(x, y);
      const shift = hodgesLehmannShift(x, y, 0.05);
      same(shift.estimate, median(all));
      assert.ok(shift.interval && shift.interval[0] <= shift.estimate && shift.estimate <= shift.interval[1]);
      assert.ok(all.includes(shift.interval[0]) && all.includes(shift.interval[1]));
    }),
    { ...SEED, numRuns: 50 },
  );
});

test('the exact and the normal ends meet: one rank at most lies between them', () => {
  for (const n of [49, 50, 51, 52]) {
    const values = untiedDifferences(n);
    const averages = walshAverages([...values]);
    const low = averages.indexOf(hodgesLehmann(values, 0.05).interval?.[0] as number) + 1;
    const normal = (n * (n + 1)) / 4 + 0.5 - 1.96 * Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    assert.ok(Math.abs(low - Math.floor(normal)) <= 1, `${n}: ${low} against ${normal}`);
  }
});

test('the interval excludes a shift exactly where its test rejects it', () => {
  for (const n of [8, 23, 50, 80]) {
    const values = untiedDifferences(n);
    const [x, y] = untiedPair(n, n + 3);
    const [low, high] = hodgesLehmann(values, 0.05).interval ?? [0, 0];
    const [shiftLow, shiftHigh] = hodgesLehmannShift(x, y, 0.05).interval ?? [0, 0];
    for (let shift = -9.0005; shift < 9; shift += 0.1003) {
      const paired = wilcoxonSignedRankP(values.map((value) => value - shift));
      assert.equal(paired <= 0.05, shift < low || shift > high, `${n}, ${shift}`);
      const unpaired = mannWhitneyP(
        x.map((value) => value - shift),
        y,
      );
      assert.equal(unpaired <= 0.05, shift < shiftLow || shift > shiftHigh, `${n}, ${shift}`);
    }
  }
});

test('order does not matter, a shift shifts, a factor of two doubles', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 80 }), (values) => {
      const { estimate, interval } = hodgesLehmann(values, 0.05);
      assert.ok(interval && interval[0] <= estimate && estimate <= interval[1]);
      assert.deepEqual(hodgesLehmann(values.toReversed(), 0.05), { estimate, interval });
      same(
        hodgesLehmann(
          values.map((value) => value + 1000),
          0.05,
        ).estimate,
        estimate + 1000,
      );
      same(
        hodgesLehmann(
          values.map((value) => -2 * value),
          0.05,
        ).estimate,
        -2 * estimate,
      );
    }),
    SEED,
  );
});

// No array is that long.
test('a hundred thousand pairs take no list of five thousand million averages', () => {
  const values = Float64Array.from({ length: 100_000 }, (_, i) => Math.log(((i * 7919) % 100_003) + 0.5) - 8);
  const { estimate, interval } = hodgesLehmann(values, 0.05);
  const shift = hodgesLehmannShift(
    values,
    values.map((value) => value - 0.25),
    0.05,
  );
  assert.ok(interval && interval[0] < estimate && estimate < interval[1]);
  assert.ok(Math.abs(shift.estimate - 0.25) < 1e-9);
});

test('nothing, what is no number and what is no level are refused', () => {
  assert.throws(() => hodgesLehmann([], 0.05), RangeError);
  assert.throws(() => hodgesLehmannShift([], [1], 0.05), RangeError);
  assert.throws(() => hodgesLehmannShift([1], [], 0.05), RangeError);
  assert.throws(() => hodgesLehmann([1, Number.NaN], 0.05), RangeError);
  assert.throws(() => hodgesLehmannShift([1], [Number.NEGATIVE_INFINITY], 0.05), RangeError);
  assert.throws(() => hodgesLehmann([1], 0), RangeError);
});

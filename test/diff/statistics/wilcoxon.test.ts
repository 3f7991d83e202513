import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalCdf } from '../../../src/diff/statistics/normal.ts';
import { wilcoxonSignedRankP } from '../../../src/diff/statistics/wilcoxon.ts';
import { assertClose, assertPrinted, SEED, samples, untiedSamples } from './close.ts';
import { listSignedRanks, twoSided } from './enumeration.ts';
import { DEPRESSION, SLEEP_1, SLEEP_2, untiedDifferences } from './published-samples.ts';

const SLEEP = SLEEP_1.map((first, i) => first - (SLEEP_2[i] as number));

/** Ranks by comparing every pair: the definition of the average rank. */
function rankOf(size: number, sizes: readonly number[]): number {
  const below = sizes.filter((other) => other < size).length;
  return below + (sizes.filter((other) => other === size).length + 1) / 2;
}

function positiveRankSum(kept: readonly number[]): number {
  const sizes = kept.map(Math.abs);
  return kept.reduce((sum, value) => sum + (value > 0 ? rankOf(Math.abs(value), sizes) : 0), 0);
}

test('depression before and after a tranquilizer: V = 40 of 9', () => {
  // R: wilcox.test(x, y, paired = TRUE): V = 40, p-value = 0.03906.
  assertClose(wilcoxonSignedRankP(DEPRESSION), 0.0390625);
  assert.equal(positiveRankSum(DEPRESSION), 40);
});

test("Student's sleep: a zero is dropped, ties share their rank", () => {
  // R: wilcox.test(extra ~ group, sleep, paired = TRUE): V = 0, p-value = 0.009091, with the warnings about both.
  assertPrinted(wilcoxonSignedRankP(SLEEP), '0.009091');
  assertClose(wilcoxonSignedRankP(SLEEP), 0.009090698015925054);
});

test('forty differences are exact and eighty normal, as in SciPy', () => {
  // scipy 1.11: wilcoxon(d, method='exact'), and method='approx', correction=True.
  assertClose(wilcoxonSignedRankP(untiedDifferences(40)), 0.2424468300960143);
  assertClose(wilcoxonSignedRankP(untiedDifferences(80)), 0.027196192918210176);
});

test('no difference, and differences that cancel, say nothing', () => {
  assert.equal(wilcoxonSignedRankP([]), 1);
  assert.equal(wilcoxonSignedRankP([0, 0, -0]), 1);
  assert.equal(wilcoxonSignedRankP([1, -1]), 1);
  assert.equal(wilcoxonSignedRankP([3]), 1);
  assert.equal(wilcoxonSignedRankP([-5, 2, 3]), 1);
});

test('without ties it is the share of all sign choices', () => {
  const counts = Array.from({ length: 13 }, (_, n) => listSignedRanks(n));
  fc.assert(
    fc.property(untiedSamples(12), fc.nat(2), (values, zeros) => {
      const expected = twoSided(counts[values.length] as number[], positiveRankSum(values));
      assertClose(wilcoxonSignedRankP([...values, ...new Array<number>(zeros).fill(0)]), expected, 1e-14);
    }),
    SEED,
  );
});

test('with ties it is the formula of the textbook', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 10, maxLength: 60 }), (values) => {
      const kept = values.filter((value) => value !== 0);
      const n = kept.length;
      const ties = [1, 2, 3].map((size) => kept.filter((value) => Math.abs(value) === size).length);
      if (Math.max(...ties) < 2) return;
      const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties.reduce((sum, t) => sum + t ** 3 - t, 0) / 48;
      const distance = Math.max(0, Math.abs(positiveRankSum(kept) - (n * (n + 1)) / 4) - 0.5);
      assertClose(wilcoxonSignedRankP(values), 2 * normalCdf(-distance / Math.sqrt(variance)));
    }),
    SEED,
  );
});

test('order, sign and unit do not matter, and p stays a probability', () => {
  fc.assert(
    fc.property(samples(70), (values) => {
      const p = wilcoxonSignedRankP(values);
      assert.ok(p > 0 && p <= 1);
      assert.equal(wilcoxonSignedRankP(values.toReversed()), p);
      assertClose(wilcoxonSignedRankP(values.map((value) => -value)), p, 1e-13);
    }),
    SEED,
  );
});

test('at fifty, the last exact one, the normal distribution is close', () => {
  const values = Float64Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? -1 : 1) * (i + 1));
  const distance = Math.abs(positiveRankSum([...values]) - (50 * 51) / 4) - 0.5;
  const normal = 2 * normalCdf(-distance / Math.sqrt((50 * 51 * 101) / 24));
  assert.ok(Math.abs(wilcoxonSignedRankP(values) - normal) < 1e-3);
  assert.notEqual(wilcoxonSignedRankP(values), normal);
});

test('a million differences are ranked at once', () => {
  const shifted = Float64Array.from({ length: 1_000_000 }, (_, i) => ((i * 7919) % 1_000_003) - 500_000 + 500);
  const p = wilcoxonSignedRankP(shifted);
  assert.ok(p > 0 && p < 0.1, `${p}`);
});

test('what is no number is refused', () => {
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => wilcoxonSignedRankP([1, value]), RangeError);
  }
});

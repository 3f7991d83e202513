import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mantelHaenszel, type Stratum } from '../../../src/diff/statistics/mantel-haenszel.ts';
import { randomOf } from '../records.ts';
import { assertClose } from './close.ts';

const strata = (...rows: readonly (readonly [number, number, number, number])[]): Stratum[] =>
  rows.map(([events1, n1, events2, n2]) => ({ events1, n1, events2, n2 }));

/** p by statsmodels 0.14, test_null_odds without correction; ends where (d - x)² = z² (x ΣP + ΣQ) / (Σw)², by root finding. */
const COMPUTED = [
  [
    strata([10, 100, 5, 50], [4, 20, 9, 90]),
    0.032926829268292684,
    -0.05717726143818871,
    0.1205143188289169,
    0.45234072066029996,
  ],
  [
    strata([30, 1000, 200, 5000], [3, 40, 0, 700], [0, 10, 1, 9]),
    -0.006874935716644385,
    -0.018031073968985938,
    0.005667353225256283,
    0.2804383767988521,
  ],
] as const;

test('difference, interval and p as other programs compute them', () => {
  for (const [given, difference, low, high, p] of COMPUTED) {
    const found = mantelHaenszel(given, 0.05);
    assertClose(found.difference, difference);
    assertClose(found.interval[0], low, 1e-9);
    assertClose(found.interval[1], high, 1e-9);
    assertClose(found.p, p);
    assertClose(found.rate1 - found.rate2, difference);
  }
});

test('strata that one side alone has change nothing', () => {
  const [given] = COMPUTED[0];
  assert.deepEqual(
    mantelHaenszel([...given, ...strata([5, 10, 0, 0], [0, 0, 3, 900])], 0.05),
    mantelHaenszel(given, 0.05),
  );
});

test('nothing to compare is refused, and no events are no difference', () => {
  assert.throws(() => mantelHaenszel(strata([1, 5, 0, 0]), 0.05), RangeError);
  assert.throws(() => mantelHaenszel(strata([6, 5, 0, 9]), 0.05), RangeError);
  assert.deepEqual(
    [mantelHaenszel(strata([0, 50, 0, 60]), 0.05).difference, mantelHaenszel(strata([0, 50, 0, 60]), 0.05).p],
    [0, 1],
  );
});

test('the interval covers the difference of rates that differ between strata in 94 to 96 % of the runs', () => {
  const random = randomOf(3);
  const binomial = (n: number, rate: number) => {
    let count = 0;
    for (let i = 0; i < n; i++) if (random() < rate) count++;
    return count;
  };
  let covered = 0;
  const runs = 3000;
  for (let run = 0; run < runs; run++) {
    const given = strata(
      [binomial(200, 0.05), 200, binomial(400, 0.04), 400],
      [binomial(300, 0.21), 300, binomial(100, 0.2), 100],
    );
    const [low, high] = mantelHaenszel(given, 0.05).interval;
    if (low <= 0.01 && high >= 0.01) covered++;
  }
  assert.ok(Math.abs(covered / runs - 0.95) < 0.012, `${covered / runs}`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bettingInterval } from '../../../src/diff/statistics/betting.ts';
import { factor } from '../../attack/fuzzing.ts';
import { randomOf } from '../records.ts';
import { assertClose } from './close.ts';

/** Where the wealth, computed by another program, is 40 times the stake. */
const UPPER_ENDS = [
  [1000, 0, 0, 0.004322849579216803],
  [5000, 25, 25, 0.0049606478216786595],
  [500, 3, 40, -0.03520914732345243],
  [300, 40, 3, 0.20332632694201158],
] as const;

for (const [n, newErrors, fixedErrors, expected] of UPPER_ENDS) {
  test(`the upper end of ${newErrors} new and ${fixedErrors} fixed errors in ${n} pairs`, () => {
    assertClose(bettingInterval(n, newErrors, fixedErrors, 0.05)[1], expected, 1e-9);
    assertClose(bettingInterval(n, fixedErrors, newErrors, 0.05)[0], -expected, 1e-9);
  });
}

test('nothing at all says nothing', () => {
  assert.deepEqual(bettingInterval(0, 0, 0, 0.05), [-1, 1]);
});

const RUNS = 200 * factor;

/** Looks after 25, 50, … of 1,000 pairs; in which share of the runs `isWrong` at one of them at least. */
function shareOfRuns(up: number, down: number, isWrong: (low: number, high: number) => boolean): number {
  const random = randomOf(23);
  let wrong = 0;
  for (let run = 0; run < RUNS; run++) {
    let [newErrors, fixedErrors, seen] = [0, 0, false];
    for (let n = 1; n <= 1000 && !seen; n++) {
      const drawn = random();
      if (drawn < up) newErrors++;
      else if (drawn < up + down) fixedErrors++;
      if (n % 25 === 0) seen = isWrong(...bettingInterval(n, newErrors, fixedErrors, 0.05));
    }
    if (seen) wrong++;
  }
  return wrong / RUNS;
}

test('over 40 looks the interval misses the difference in at most 5 % of the runs', () => {
  for (const [up, down] of [
    [0.02, 0.02],
    [0.05, 0.01],
    [0.3, 0.3],
  ] as const) {
    const missed = shareOfRuns(up, down, (low, high) => up - down < low || up - down > high);
    assert.ok(missed <= 0.05, `${missed}`);
  }
});

test('a true rise of the margin is called safe at one of 40 looks in at most 5 % of the runs', () => {
  for (const [up, down] of [
    [0.01, 0],
    [0.02, 0.01],
  ] as const) {
    const safe = shareOfRuns(up, down, (_, high) => high <= 0.01);
    assert.ok(safe <= 0.05, `${safe}`);
  }
});

test('it refuses what is no count', () => {
  assert.throws(() => bettingInterval(5, 4, 2, 0.05), RangeError);
  assert.throws(() => bettingInterval(5, 0.5, 0, 0.05), RangeError);
  assert.throws(() => bettingInterval(5, 0, 0, 0), RangeError);
});

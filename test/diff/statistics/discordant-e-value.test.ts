import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logDiscordantEValue } from '../../../src/diff/statistics/discordant-e-value.ts';
import { randomOf } from '../records.ts';
import { assertClose, choose } from './close.ts';

/** The integral of 2 (2t)^new (2(1-t))^fixed over 1/2 to 1 by adaptive quadrature (QUADPACK). */
const INTEGRATED = [
  [0, 0, 1],
  [8, 0, 56.777777777777786],
  [0, 8, 0.11111111111111115],
  [3, 2, 0.7],
  [50, 25, 18.868660807765494],
  [120, 80, 9.683958119295728],
  [40, 0, 53634713550.02427],
] as const;

for (const [newErrors, fixedErrors, expected] of INTEGRATED) {
  test(`the e-value of ${newErrors} new and ${fixedErrors} fixed errors is the integral`, () => {
    assertClose(Math.exp(logDiscordantEValue(newErrors, fixedErrors)), expected, 1e-11);
  });
}

test('where new and fixed are equally likely it is 1 on average, whatever the number of pairs', () => {
  for (const trials of [1, 2, 7, 30, 200]) {
    let mean = 0;
    for (let k = 0; k <= trials; k++) {
      mean += Number(choose(trials, k)) * 2 ** -trials * Math.exp(logDiscordantEValue(k, trials - k));
    }
    assertClose(mean, 1, 1e-10);
  }
});

test('one who looks after every pair is wrong in at most the share that is allowed', () => {
  const random = randomOf(11);
  let wrong = 0;
  for (let run = 0; run < 2000; run++) {
    let [up, down, largest] = [0, 0, 0];
    for (let pair = 0; pair < 300; pair++) {
      if (random() < 0.5) up++;
      else down++;
      largest = Math.max(largest, logDiscordantEValue(up, down));
    }
    if (largest >= Math.log(20)) wrong++;
  }
  assert.ok(wrong <= 100, `${wrong} of 2000`);
});

test('millions of pairs neither overflow nor lose what they say', () => {
  assert.ok(Math.abs(logDiscordantEValue(5_000_000, 5_000_000)) < 20);
  assert.ok(logDiscordantEValue(5_010_000, 4_990_000) > 10);
  assert.throws(() => logDiscordantEValue(-1, 0), RangeError);
});

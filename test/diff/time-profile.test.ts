import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_STEPS, TimeProfile } from '../../src/diff/time-profile.ts';
import { randomOf, shuffled } from './records.ts';

const START = Date.UTC(2026, 10, 22, 7);

function profileOf(times: readonly number[]): TimeProfile {
  const profile = new TimeProfile();
  for (const time of times) profile.add('pairs', time);
  return profile;
}

function counts(profile: TimeProfile): unknown {
  return [profile.stepMs, profile.steps().map(({ fromMs, pairs }) => [fromMs, pairs])];
}

for (const spanMs of [1, 90_000, 3_600_000, 86_400_000, 40 * 86_400_000, 20 * 365 * 86_400_000]) {
  test(`moments of ${spanMs} ms are in few steps, the same in any order and however they are merged`, () => {
    const random = randomOf(spanMs % 97);
    const times = Array.from({ length: 500 }, () => START + Math.floor(random() * spanMs));
    const all = profileOf(times);
    const steps = all.steps();
    assert.ok(steps.length <= MAX_STEPS);
    assert.equal(
      steps.reduce((sum, { pairs }) => sum + pairs, 0),
      500,
    );
    for (const { fromMs } of steps) assert.equal(fromMs % all.stepMs, 0);
    assert.deepEqual(counts(profileOf(shuffled(times, random))), counts(all));
    const parts = [times.slice(0, 3), times.slice(3, 200), [], times.slice(200)].map(profileOf);
    const merged = new TimeProfile();
    for (const part of shuffled(parts, random)) merged.merge(part);
    assert.deepEqual(counts(merged), counts(all));
  });
}

test('moments that are not known are in no step, and one far away costs no more memory', () => {
  const profile = profileOf([Number.NaN, START, 8.64e15, -8.64e15, Number.POSITIVE_INFINITY]);
  const steps = profile.steps();
  assert.ok(steps.length <= MAX_STEPS);
  assert.equal(
    steps.reduce((sum, { pairs }) => sum + pairs, 0),
    3,
  );
  assert.deepEqual(new TimeProfile().steps(), []);
});

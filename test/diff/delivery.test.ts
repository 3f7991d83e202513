import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countUnanswered } from '../../src/diff/delivery.ts';
import { BUCKETS, type Bucket, type DiffSettings } from '../../src/diff/model.ts';

function count(buckets: { readonly [bucket in Bucket]?: number }, expectCoverage?: number, dropped = {}): number {
  const none = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0])) as { [bucket in Bucket]: number };
  const all = { ...none, ...buckets };
  const comparable = Object.values(all).reduce((sum, each) => sum + each, 0);
  return countUnanswered({ buckets: all, comparable, dropped }, { alpha: 0.05, expectCoverage } as DiffSettings);
}

test('what was lost anywhere has no answer; what was never sent needs none', () => {
  assert.equal(count({ paired: 90, acked_but_missing: 3, spoe_failed: 2, missing: 4, not_mirrored: 500 }), 9);
});

test('what the agent drops by its rate is sampling, what it drops for want of room is not', () => {
  const dropped = { 'dropped-max-rate': 5, 'dropped-queue-full': 2 };
  assert.equal(count({ paired: 90, dropped: 7 }, undefined, dropped), 2);
});

test('an agent that samples one in ten answers as many as are expected, with SPOE lines of all and without', () => {
  assert.equal(count({ paired: 500, acked_but_missing: 4500 }, 0.1), 0);
  assert.equal(count({ paired: 500, missing: 4500 }, 0.1), 0);
  assert.equal(count({ paired: 500, acked_but_missing: 4500 }), 4500);
});

test('of a share that is not reached, what it lacks beyond chance has no answer', () => {
  // 5000 * 0.5 less 1.96 standard deviations of 35.4 is 2431.
  assert.equal(count({ paired: 500, acked_but_missing: 4500 }, 0.5), 1931);
  assert.equal(count({ paired: 500, dropped: 31, acked_but_missing: 4469 }, 0.5), 1931);
});

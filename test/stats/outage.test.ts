import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../bench/random.ts';
import { findOutages } from '../../src/stats/outage.ts';
import { Timeline } from '../../src/stats/timeline.ts';

test('at a constant rate of errors no stretch is over, however often one looks: some thousands of times', () => {
  const random = new Random(7);
  let looks = 0;
  for (const rate of [0.05, 0.1, 0.5]) {
    for (let log = 0; log < 20; log++) {
      const timeline = new Timeline();
      for (let event = 0; event < 4000; event++) {
        timeline.add(event * 25, 1, random.next() < rate);
        const state = event % 40 === 0 ? timeline.toState() : undefined;
        const outages = state && findOutages(state);
        if (outages === undefined) continue;
        looks++;
        assert.deepEqual([outages.stretches.length, outages.after], [1, undefined]);
      }
    }
  }
  assert.ok(looks > 5000, `${looks}`);
});

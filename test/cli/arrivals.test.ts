import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../../src/cli/arrivals.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { eventLines, readLog } from '../stats/read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);

test('what was there before is as old as its log says, what comes later as old as it has been there', () => {
  let now = START + 600_000;
  const { aggregator, tally } = readLog(eventLines(0, 10));
  const arrivals = new Arrivals(aggregator, tally, () => now);
  assert.deepEqual(arrivals.ages, { eventMs: null, lineMs: null });
  arrivals.note();
  assert.deepEqual(arrivals.ages, { eventMs: 591_000, lineMs: 591_000 });
  // A line that is no event, of a clock that is an hour behind.
  tally.lines += 1;
  tally.bytes += 100;
  now += 1000;
  arrivals.note();
  now += 500;
  assert.deepEqual(arrivals.ages, { eventMs: 592_500, lineMs: 500 });
  assert.deepEqual(arrivals.present, { nowMs: now, lastEventMs: START + 9000, lastLineMs: now - 500 });
});

test('an input without a line has no ages', () => {
  const { aggregator } = readLog('');
  const arrivals = new Arrivals(aggregator, new LineTally(), () => START);
  arrivals.note();
  assert.deepEqual(arrivals.ages, { eventMs: null, lineMs: null });
});

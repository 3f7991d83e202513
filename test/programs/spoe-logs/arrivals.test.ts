import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineTally } from '../../../src/logs/tally.ts';
import { Arrivals } from '../../../src/programs/spoe-logs/arrivals.ts';
import { MirrorRecordTally } from '../../../src/stats/mirror-tally.ts';
import { eventLines, readLog } from '../../stats/read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);

test('what was there before is as old as its log says, what comes later as old as it has been there', () => {
  let now = START + 600_000;
  const { aggregator, tally } = readLog(eventLines(0, 10));
  const arrivals = new Arrivals({ log: { aggregator, tally } }, () => now);
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

test('while what was there before is read nothing is silent, and then as long as its log says', () => {
  let now = START + 2_000_000;
  const { aggregator, tally } = readLog(eventLines(0, 1000));
  const arrivals = new Arrivals({ log: { aggregator, tally } }, () => now);
  arrivals.note();
  assert.ok(tally.bytes > 64 * 1024);
  now += 300;
  arrivals.note();
  assert.deepEqual(arrivals.present, { nowMs: now, lastEventMs: now, lastLineMs: now });
  now += 700;
  const lastMs = START + 999_000;
  assert.deepEqual(arrivals.present, { nowMs: now, lastEventMs: lastMs, lastLineMs: lastMs });
});

test('an event of a clock that is ahead does not make what was there before new', () => {
  const now = START + 600_000;
  for (const ahead of [50_000, 9 * 3_600_000]) {
    const { aggregator, tally } = readLog(eventLines(0, 10) + eventLines((600_000 + ahead) / 1000, 1));
    const arrivals = new Arrivals({ log: { aggregator, tally } }, () => now);
    arrivals.note();
    assert.deepEqual(arrivals.ages, { eventMs: 591_000, lineMs: 591_000 });
  }
});

test('an input without a line has no ages', () => {
  const { aggregator } = readLog('');
  const arrivals = new Arrivals({ log: { aggregator, tally: new LineTally() } }, () => START);
  arrivals.note();
  assert.deepEqual(arrivals.ages, { eventMs: null, lineMs: null });
});

test('a record that was there before is as old as its requests, the short rest of a long one too', () => {
  const now = START + 4 * 86_400_000;
  const record = { tally: new MirrorRecordTally(), read: new LineTally() };
  const arrivals = new Arrivals({ record }, () => now);
  const grow = (bytes: number, timeMs: number) => {
    const sizes = { firstByteMs: 1, totalMs: 1, requestBytes: 0, responseBytes: 0 };
    record.tally.add('', { timeMs, status: 200, error: '', ...sizes });
    record.read.bytes += bytes;
    arrivals.note();
  };
  assert.deepEqual(arrivals.ages, { requestMs: null });
  grow(1024 * 1024, START);
  assert.deepEqual(arrivals.ages, { requestMs: now - START });
  grow(1000, START + 1000);
  assert.deepEqual(arrivals.ages, { requestMs: now - START - 1000 });
  grow(300, START + 2000);
  assert.deepEqual(arrivals.present, { nowMs: now, lastEventMs: null, lastLineMs: null, lastRequestMs: now });
});

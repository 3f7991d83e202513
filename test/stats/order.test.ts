/** What now is, where the times of lines lead astray: the order of lines says it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MirroredRequest, MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import { summarize } from '../../src/stats/summary.ts';
import { eventLine, eventLines, readLog, summarizeLog } from './read-log.ts';

const DAY_S = 86_400;
const failed = { st: 2 };
const status = (log: string) => summarizeLog(log).verdict.status;

describe('one event of the future', () => {
  for (const [what, second] of [
    ['a day ahead', DAY_S],
    ['of 2099', 2_274_000_000],
  ] as const) {
    test(`${what} does not hide that all fails now`, () => {
      const log = eventLines(0, 100) + eventLine(second) + eventLines(100, 100, failed);
      const { verdict } = summarizeLog(log);
      assert.equal(verdict.status, 'failing');
      assert.equal(verdict.since, '2026-11-22T07:01:40.000Z');
      assert.equal(verdict.lastMinute?.errors, verdict.lastMinute?.count);
    });

    test(`${what} as the last one neither`, () => {
      assert.equal(status(eventLines(0, 100) + eventLines(100, 100, failed) + eventLine(second)), 'failing');
    });

    test(`${what} makes no trouble of its own`, () => {
      assert.equal(status(eventLines(0, 100) + eventLine(second) + eventLines(100, 300)), 'healthy');
      const over = summarizeLog(eventLines(0, 100, failed) + eventLine(second) + eventLines(100, 900)).verdict;
      assert.deepEqual([over.status, over.until], ['degraded', '2026-11-22T07:01:39.000Z']);
    });
  }

  test('of the record', () => {
    const record = new MirrorRecordTally();
    const start = Date.UTC(2026, 10, 22, 7);
    const one: MirroredRequest = {
      timeMs: 0,
      status: 200,
      error: '',
      firstByteMs: 1,
      totalMs: 2,
      requestBytes: 1,
      responseBytes: 1,
    };
    for (let i = 0; i < 100; i++) record.add('', { ...one, timeMs: start + i * 1000 });
    record.add('', { ...one, timeMs: start + DAY_S * 1000 });
    for (let i = 100; i < 200; i++) record.add('', { ...one, status: 503, timeMs: start + i * 1000 });
    assert.equal(summarizeLog('', {}, { files: [], mirror: record }).verdict.status, 'failing');
  });
});

describe('a clock that is set back', () => {
  test('by an hour, and all fails since: nothing has recovered', () => {
    const { verdict } = summarizeLog(eventLines(0, 3600) + eventLines(1800, 600, failed));
    assert.equal(verdict.status, 'failing');
    assert.equal(verdict.until, undefined);
  });

  test('of one host: its failures are of now', () => {
    const log = Array.from(
      { length: 600 },
      (_, i) => eventLine(i + 3600) + eventLine(i, { host: 'lb2', st: i > 400 ? 2 : 0 }),
    ).join('');
    assert.equal(status(log), 'failing');
    assert.equal(status(log.replaceAll('st=2', 'st=0')), 'healthy');
  });

  test('is no newer file that was named first', () => {
    const { aggregator, tally } = readLog(eventLines(600, 1000));
    const older = readLog(eventLines(0, 500) + eventLines(500, 100, failed));
    aggregator.merge(older.aggregator.toState());
    tally.merge(older.tally.toState());
    const { verdict } = summarize({ files: ['new.log', 'old.log'], aggregator, tally, minEvents: 1 });
    assert.equal(verdict.until, '2026-11-22T07:09:59.000Z');
  });
});

describe('slow is what it is now', () => {
  const slow = { timers: '0/0/800/0/800 1/1 0/0' };

  test('at the end of many that were not', () => {
    const { verdict } = summarizeLog(eventLines(0, 20_000) + eventLines(20_000, 150, slow));
    assert.deepEqual([verdict.status, verdict.slow], ['degraded', true]);
  });

  test('what is over is told as earlier', () => {
    const { verdict } = summarizeLog(eventLines(0, 80, slow) + eventLines(80, 3500));
    assert.deepEqual([verdict.status, verdict.slow], ['healthy', undefined]);
    assert.match(verdict.reasons.join(), /earlier, until 2026-11-22 07:01:19Z, 80 of/);
  });

  test('what is rare goes on', () => {
    const log = Array.from({ length: 2000 }, (_, i) => eventLine(i, i % 40 === 0 ? slow : {})).join('');
    assert.equal(status(log), 'degraded');
  });
});

describe('messages that are no events are judged by now', () => {
  const message = (second: number) => eventLine(second).replace(/<EVENT.*/, 'failed to create SPOE applet');
  const messages = (from: number, count: number) => Array.from({ length: count }, (_, i) => message(from + i)).join('');

  test('a few at the end of many events', () => {
    assert.equal(status(eventLines(0, 6000) + messages(6000, 59)), 'degraded');
  });

  test('many of ten minutes ago are over', () => {
    const { verdict } = summarizeLog(messages(0, 100) + eventLines(100, 700));
    assert.equal(verdict.status, 'healthy');
    assert.match(verdict.reasons.join(), /100 SPOE messages besides the events, the last one at 2026-11-22 07:01:39Z/);
  });
});

/** What HAProxy handed over, held against the agent's record: a mirror that never answers leaves no line there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictLine } from '../../src/report/headline.ts';
import { MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import type { Summary } from '../../src/stats/model.ts';
import type { Present } from '../../src/stats/silence.ts';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { type EventText, eventLine, summarizeLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);

/** `perSecond` requests in each of these seconds. */
function record(seconds: number, perSecond = 10, more: { readonly from?: number; readonly to?: string } = {}) {
  const tally = new MirrorRecordTally();
  addTo(tally, seconds, perSecond, more);
  return tally;
}

function addTo(
  tally: MirrorRecordTally,
  seconds: number,
  perSecond: number,
  { from = 0, to = '' }: { readonly from?: number; readonly to?: string },
): void {
  for (let i = 0; i < seconds * perSecond; i++) {
    const timeMs = START + from * 1000 + (i * 1000) / perSecond;
    const answer = { status: 200, error: '', firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 2 };
    tally.add(to, { timeMs, ...answer });
    tally.lines += 1;
  }
}

function log(seconds: number, perSecond = 10, event: EventText = {}, from = 0): string {
  return Array.from({ length: seconds * perSecond }, (_, i) =>
    eventLine(from + Math.floor(i / perSecond), { ...event, processed: i + 1 }),
  ).join('');
}

const beside = (text: string, mirror: MirrorRecordTally, more: object = {}): Summary =>
  summarizeLog(text, {}, { mirror, ...more });

const codes = ({ notices }: Summary) => notices.map(({ code }) => code);

describe('a mirror that hangs', () => {
  test('is no healthy one in a log that goes on without it, and no gate of the mirror is ok', () => {
    const thresholds = ['mirror-error-rate>1%', 'mirror-p99>1s', 'dropped>1%'].map(parseThreshold);
    const summary = beside(log(40), record(10), { thresholds });
    assert.equal(summary.verdict.status, 'unknown');
    assert.match(
      verdictLine(summary),
      /^UNKNOWN since 2026-11-22 07:00:09Z — none of 400 events failed; mirror: nothing is known since 2026-11-22 07:00:09Z \(30\d requests\), none of 100 requests failed$/,
    );
    assert.equal(summary.verdict.causes[0]?.code, 'record-ends');
    assert.deepEqual(
      summary.thresholds?.map(({ crossed, reason = '' }) => [
        crossed,
        /about 30\d requests that HAProxy handed over/.test(reason),
      ]),
      [
        [true, true],
        [true, true],
        [true, true],
      ],
    );
    assert.equal(summary.mirror?.unanswered?.[0]?.requests, 301);
  });

  test('is said live once the oldest request waits for longer than answers take', () => {
    const at = (waitedMs: number | null): Present => ({
      nowMs: START,
      lastEventMs: START,
      lastLineMs: START,
      lastRequestMs: START - 9000,
      firstUnansweredMs: waitedMs === null ? null : START - waitedMs,
    });
    const text = log(13);
    assert.match(
      verdictLine(beside(text, record(10), { present: at(2600) })),
      /^UNKNOWN since 2026-11-22 07:00:09Z — .*; mirror: no answer for 2.6 s \(31 requests\)/,
    );
    assert.equal(beside(text, record(10), { present: at(1000) }).verdict.status, 'healthy');
    // Events that are not of a time after the record are the backlog of a log that is read.
    assert.equal(beside(log(10), record(10), { present: at(5000) }).verdict.status, 'healthy');
    // Nothing is to be answered.
    assert.equal(beside(log(10), record(10), { present: at(null) }).verdict.status, 'healthy');
  });

  test('is told apart, one destination from another', () => {
    const mirror = record(60, 10, { to: 'http://a:80' });
    addTo(mirror, 20, 10, { to: 'http://b:80' });
    const thresholds = ['http://a:80:mirror-error-rate>1%', 'http://b:80:mirror-error-rate>1%'].map(parseThreshold);
    const summary = beside(log(60), mirror, { thresholds });
    assert.match(
      verdictLine(summary),
      /^UNKNOWN .*mirror: nothing is known of http:\/\/b:80 since 2026-11-22 07:00:19Z/,
    );
    assert.deepEqual(
      summary.thresholds?.map(({ crossed }) => crossed),
      [false, true],
    );
  });

  test('is said of the destination first that has been missing longest', () => {
    const mirror = record(30, 10, { to: 'http://a:80' });
    addTo(mirror, 20, 10, { to: 'http://b:80' });
    const { verdict, mirror: half } = beside(log(60), mirror);
    assert.deepEqual(
      half?.unanswered?.map(({ destination }) => destination),
      ['http://b:80', 'http://a:80'],
    );
    assert.deepEqual([verdict.since, verdict.reasons[0]?.slice(0, 11)], ['2026-11-22T07:00:19.900Z', 'http://b:80']);
  });

  test('is found where the agent mirrors a sample, given more time', () => {
    assert.equal(beside(log(120, 20), record(60, 2)).verdict.status, 'unknown');
    assert.equal(beside(log(70, 20), record(60, 2)).verdict.status, 'healthy');
  });

  test('and one that failed before stays failing', () => {
    const mirror = new MirrorRecordTally();
    for (let i = 0; i < 100; i++)
      mirror.add('', {
        ...{ timeMs: START + i * 100, status: -1, error: 'timeout', firstByteMs: Number.NaN, totalMs: 1 },
        ...{ requestBytes: 0, responseBytes: 0 },
      });
    assert.equal(beside(log(40), mirror).verdict.status, 'failing');
  });
});

describe('no mirror that hangs', () => {
  const rows: readonly (readonly [kind: string, text: string, mirror: MirrorRecordTally])[] = [
    ['a record of the same time', log(40), record(40)],
    ['a record that ends a moment earlier', log(41), record(40)],
    ['a sample', log(60), record(60, 1)],
    ['a record that begins before the log', log(40, 10, {}, 20), record(60)],
    ['a record that goes on after the log', log(40), record(80)],
    ['an agent that is no mirror goes on alone', log(20) + log(60, 10, { agent: 'waf' }), record(20)],
    ['another host goes on alone', log(20) + log(60, 10, { host: 'lb2', pid: 9 }), record(20)],
    ['only failures are logged', log(60, 1, { st: 2, timers: '-1/-1/-1/-1/0 0/0 0/0' }) + log(1), record(40)],
    ["the agent's clock is 30 s behind", log(40, 10, {}, 30), record(40)],
    ['responses are events of their own', log(40) + log(40, 10, { name: 'on-http-response' }), record(40)],
  ];
  for (const [kind, text, mirror] of rows)
    test(kind, () => {
      const summary = beside(text, mirror);
      assert.equal(summary.mirror?.unanswered, undefined);
      assert.equal(summary.mirror?.status, 'healthy');
    });
});

describe('how much of the log is in the record', () => {
  test('is said where it is a part', () => {
    const summary = beside(log(60), record(60, 1));
    assert.deepEqual(codes(summary), ['record-holds-part']);
    assert.match(summary.notices[0]?.message ?? '', /^of 590 events .* 60 are in the record \(10 %\): a sample/);
    assert.equal(summary.verdict.status, 'healthy');
  });

  test('is no word where it is all, or all of one agent or event', () => {
    assert.deepEqual(codes(beside(log(60), record(60))), []);
    for (const other of [{ agent: 'waf' }, { name: 'on-http-response' }])
      assert.ok(!codes(beside(log(60) + log(60, 10, other), record(60))).includes('record-holds-part'));
  });

  test('is said of a record that begins later', () => {
    const summary = beside(log(600), record(60, 10, { from: 540 }));
    assert.deepEqual(codes(summary), ['record-begins-later']);
    assert.match(summary.notices[0]?.message ?? '', /^the record begins at 2026-11-22 07:09:00Z, after \d+ events/);
    assert.equal(summary.verdict.status, 'healthy');
  });
});

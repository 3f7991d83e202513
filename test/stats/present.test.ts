/** The verdict is about now: silence, the last minute, causes of the present before those of a time that is over. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderTable } from '../../src/report/table.ts';
import type { Summary } from '../../src/stats/model.ts';
import type { Present } from '../../src/stats/silence.ts';
import { eventLine, eventLines, summarizeLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);
const NEVER_SENT = { st: 1, timers: '0/-1/-1/-1/1000 0/0 1/0' };
const NO_ACK = { st: 1, timers: '0/0/-1/-1/500 1/1 0/0' };

/** The first line of the screen. */
function headline(summary: Summary): string {
  return renderTable(summary).split('\n')[0] ?? '';
}

/** Lines of requests, one a second from `second` on, without an event. */
function requests(second: number, count: number): string {
  return Array.from({ length: count }, (_, i) =>
    own(second + i, '192.0.2.7:4711 fe be/s1 0/0/0/1/1 200 9 "GET /"'),
  ).join('');
}

/** A line of HAProxy at `second`. */
function own(second: number, message: string, pid = 713): string {
  const time = new Date(START + second * 1000).toISOString().slice(0, 19);
  return `${time}+00:00 lb1 haproxy[${pid}]: ${message}\n`;
}

/** Each event with its request, one a second. */
function pairs(second: number, count: number): string {
  return Array.from(
    { length: count },
    (_, i) => eventLine(second + i, { processed: second + i + 1 }) + requests(second + i, 1),
  ).join('');
}

const live = (log: string, present: Present) => summarizeLog(log, {}, { present });

describe('silence', () => {
  test('a log that goes on without events is not healthy, and says since when nothing is mirrored', () => {
    const summary = summarizeLog(pairs(0, 100) + requests(100, 40));
    assert.equal(summary.verdict.status, 'unknown');
    assert.deepEqual(summary.verdict.silence, { since: '2026-11-22T07:01:39.000Z', traffic: true, lines: 41 });
    assert.match(
      headline(summary),
      /^SILENT since 2026-11-22 07:01:39Z — traffic, but nothing mirrored since \(41 lines\)/,
    );
    assert.equal(summary.verdict.causes[0]?.code, 'not-mirrored');
  });

  test('a few requests at the end are chance, and so are many where few are mirrored', () => {
    assert.equal(summarizeLog(pairs(0, 100) + requests(100, 4)).verdict.silence, undefined);
    const sampled = Array.from({ length: 30 }, (_, i) => pairs(i * 20, 1) + requests(i * 20 + 1, 19)).join('');
    assert.equal(summarizeLog(sampled + requests(600, 60)).verdict.silence, undefined);
    assert.notEqual(summarizeLog(sampled + requests(600, 300)).verdict.silence, undefined);
  });

  test('a file of requests beside the file of events is no silence', () => {
    assert.equal(summarizeLog(eventLines(0, 100) + requests(0, 100)).verdict.silence, undefined);
  });

  test('says nothing where only failures are logged', () => {
    const failures = [0, 30, 60, 90].map((s) => eventLine(s, { ...NO_ACK, processed: s + 1 })).join('');
    const summary = summarizeLog(failures + requests(91, 200));
    assert.equal(summary.verdict.silence, undefined);
  });

  test('live: no line comes for longer than the log is used to', () => {
    const log = eventLines(0, 60);
    const end = START + 59_000;
    const at = (ageMs: number) => live(log, { nowMs: end + ageMs, lastEventMs: end, lastLineMs: end });
    assert.equal(at(2000).verdict.silence, undefined);
    const silent = at(24_000);
    assert.match(headline(silent), /^SILENT since 2026-11-22 07:00:59Z — no event comes any more/);
    assert.equal(silent.verdict.status, 'unknown');
    // It is followed already: the advice is for a pipe.
    assert.doesNotMatch(silent.verdict.causes[0]?.next ?? '--follow', /--follow/);
    const present = { nowMs: end + 24_000, lastEventMs: end, lastLineMs: end };
    const piped = summarizeLog(log, {}, { files: ['-'], present });
    assert.match(piped.verdict.causes[0]?.next ?? '', /--follow/);
  });

  test('live: no event has stopped to come at a time that has not come: a line whose clock was ahead', () => {
    const log = eventLines(0, 60) + eventLines(9 * 3600, 1, {}, 61);
    const end = START + 59_000;
    const summary = live(log, { nowMs: end + 24_000, lastEventMs: end, lastLineMs: end });
    assert.match(headline(summary), /^SILENT since 2026-11-22 07:00:59Z — no event comes any more/);
  });

  test('live: pauses that came again and again belong to the log', () => {
    const bursts = [0, 30, 60, 90].map((s) => eventLines(s, 10, {}, s + 1)).join('');
    const at = (ageMs: number) => live(bursts, { nowMs: START + ageMs, lastEventMs: START, lastLineMs: START });
    assert.equal(at(35_000).verdict.silence, undefined);
    assert.notEqual(at(120_000).verdict.silence, undefined);
  });

  test('what failed before it stays failing', () => {
    const summary = live(eventLines(0, 60, NO_ACK), { nowMs: START + 90_000, lastEventMs: START, lastLineMs: START });
    assert.equal(summary.verdict.status, 'failing');
    assert.match(headline(summary), /^SILENT since .* until then 100 % of 60 events failed$/);
  });
});

test('the last minute stands beside the whole where there is more than a minute', () => {
  const summary = summarizeLog(eventLines(0, 240) + eventLines(240, 30, NO_ACK, 241));
  assert.deepEqual(summary.verdict.lastMinute, { count: 60, errors: 30, errorRate: 0.5 });
  assert.match(renderTable(summary), /last minute: 30 of 60 events failed \(50 %\) · since the start: 30 of 270/);
  assert.equal(summarizeLog(eventLines(0, 30)).verdict.lastMinute, undefined);
});

describe('causes', () => {
  test('of the present come first, those of an outage that is over are earlier', () => {
    const log = eventLines(0, 100, NEVER_SENT) + eventLines(100, 400, {}, 101) + eventLines(500, 60, NO_ACK, 501);
    const { causes, status } = summarizeLog(log).verdict;
    assert.equal(status, 'failing');
    assert.deepEqual(
      causes.filter(({ code }) => code !== 'restart').map(({ code, earlier = false }) => [code, earlier]),
      [
        ['no-ack-in-time', false],
        ['never-sent', true],
      ],
    );
    assert.equal(causes[0]?.share, 1);
    assert.match(
      renderTable(summarizeLog(log)),
      /LIKELY CAUSE\n {2}the message was sent but no ACK.*\n.*\nEARLIER, over now\n {2}the message was never sent/,
    );
  });

  test('of an outage that has ended are all earlier', () => {
    const { causes } = summarizeLog(eventLines(0, 60, NO_ACK) + eventLines(60, 600, {}, 61)).verdict;
    assert.ok(causes.length > 0 && causes.every(({ earlier }) => earlier === true));
  });

  const DOWN =
    'Server agents/a1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.';
  const UP =
    'Server agents/a1 is UP, reason: Layer4 check passed, check duration: 0ms. 1 active and 0 backup servers online.';
  const NO_SERVER = { st: 2, timers: '-1/-1/-1/-1/0 0/0 0/0' };

  test("are in HAProxy's own words where it has logged that a server is down", () => {
    const log = eventLines(0, 50) + own(50, DOWN) + eventLines(51, 20, NO_SERVER, 51);
    const [first] = summarizeLog(log).verdict.causes;
    assert.equal(first?.code, 'no-agent-server');
    assert.equal(
      first?.message,
      'HAProxy says: server agents/a1 is DOWN since 2026-11-22 07:00:50Z, reason: Layer4 connection problem, info: "Connection refused"; no server is left in agents',
    );
  });

  test('are said before any event failed, and are earlier once the server is up again', () => {
    const [down] = summarizeLog(eventLines(0, 50) + own(50, DOWN)).verdict.causes;
    assert.equal(down?.code, 'server-down');
    const log =
      eventLines(0, 50) + own(50, DOWN) + eventLines(51, 20, NO_SERVER, 51) + own(72, UP) + eventLines(73, 900, {}, 71);
    const causes = summarizeLog(log).verdict.causes;
    assert.deepEqual([causes[0]?.code, causes[0]?.earlier], ['server-was-down', true]);
  });

  test('are not read from what a client sent, nor of other backends while all is well', () => {
    const spoof = own(10, `192.0.2.7:4711 fe be/s1 0/0/0/1/1 200 9 {x: ${DOWN}} "GET /"`);
    assert.deepEqual(summarizeLog(eventLines(0, 50) + spoof).verdict.causes, []);
    assert.deepEqual(summarizeLog(eventLines(0, 50) + own(10, DOWN.replace('agents/', 'shop/'))).verdict.causes, []);
  });

  test('name a restart only where the new process fails itself', () => {
    const before = eventLines(0, 100, { pid: 1 });
    const restarted = (event: object) => before + eventLines(101, 100, { pid: 2, ...event });
    const codes = (log: string) => summarizeLog(log).verdict.causes.map(({ code }) => code);
    assert.ok(codes(restarted(NO_ACK)).includes('restart'));
    // Another process fails, from the same moment on.
    const other = restarted({}) + eventLines(101, 100, { host: 'lb2', pid: 9, ...NO_ACK });
    assert.ok(!codes(other).includes('restart'));
  });

  test('an agent whose frames are too small is named, also beside messages that were never sent', () => {
    const log =
      eventLine(0) +
      eventLine(1, { st: 259, timers: '0/2/-1/-1/2 2/2 0/0', processed: 3 }) +
      [2, 3, 4].map((i) => eventLine(i, { st: 1, timers: '0/-1/-1/-1/500 1/2 0/0', processed: i + 2 })).join('') +
      eventLine(5, { processed: 7 });
    const { causes } = summarizeLog(log).verdict;
    assert.equal(causes[0]?.code, 'message-too-big');
    assert.equal(causes[0]?.share, 1);
    assert.ok(!causes.some(({ code }) => code === 'never-sent' || code === 'saturation'));
  });
});

test('a screen that is taller than its terminal says what it leaves out', () => {
  const summary = summarizeLog(eventLines(0, 20, NO_ACK) + eventLines(20, 20, {}, 21));
  const lines = renderTable(summary, { width: 80, height: 12 }).trimEnd().split('\n');
  assert.equal(lines.length, 12);
  assert.match(lines.at(-1) ?? '', /^… \d+ more lines: groups, status codes, log health/);
  assert.equal(renderTable(summary, { height: 500 }), renderTable(summary));
});

test('the ages of the last event and the last line stand on a live screen', () => {
  const text = renderTable(summarizeLog(eventLines(0, 3)), { present: { eventMs: 65_000, lineMs: 400 } });
  assert.match(text, /\n {2}last event 1 m 5 s ago · last line 400 ms ago\n/);
});

test('windows without an event are shown as empty', () => {
  const text = renderTable(summarizeLog(eventLines(0, 5) + eventLines(180, 5, {}, 6), { windowMs: 60_000 }));
  assert.match(text, /07:01:00Z +0 +0 +- +- +-\n.*07:02:00Z +0 +0 +- +- +-\n.*07:03:00Z +5/);
});

test('a log that ends with HAProxy saying that it stopped', () => {
  const stopped = (second: number) =>
    `2026-11-22T07:00:${second}+00:00 lb1 haproxy[713]: Proxy mirroragents stopped (cumulated conns: FE: 0, BE: 0).\n`;
  const codes = (text: string) => summarizeLog(text).notices.map(({ code }) => code);
  assert.ok(codes(`${eventLines(0, 30)}${stopped(31)}`).includes('haproxy-stopped'));
  assert.ok(!codes(`${eventLines(0, 30)}${stopped(31)}${eventLines(32, 3)}`).includes('haproxy-stopped'));
  assert.ok(!codes(eventLines(0, 30)).includes('haproxy-stopped'));
});

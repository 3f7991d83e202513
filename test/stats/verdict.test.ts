import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { eventLine, eventLines, summarizeLog } from './read-log.ts';

const NO_ACK = { st: 1, timers: '0/0/-1/-1/500 0/1 0/0' };
const SLOW = { timers: '0/0/200/0/200 1/1 0/0' };
const MODERN = { timers: '1' };
const AT_ONCE = { st: 257, timers: '0' };

function verdictOf(text: string) {
  return summarizeLog(text).verdict;
}

function causesOf(text: string): string[] {
  return verdictOf(text).causes.map(({ code }) => code);
}

/** `count` events a second apart, of which each `nth` fails. */
function mixed(second: number, count: number, nth: number, from = 1, failed: object = NO_ACK): string {
  return Array.from({ length: count }, (_, i) =>
    eventLine(second + i, { ...(i % nth === nth - 1 ? failed : {}), processed: from + i }),
  ).join('');
}

test('no event is no verdict', () => {
  const verdict = verdictOf('an access line\n');
  assert.equal(verdict.status, 'unknown');
  assert.deepEqual(verdict.reasons, ['no SPOE event to judge by in 1 line']);
});

test('all st=0 is healthy, and nothing is blamed', () => {
  assert.deepEqual(verdictOf(eventLines(0, 20)), {
    status: 'healthy',
    since: null,
    reasons: ['all 20 events ended with st=0'],
    causes: [],
  });
});

test('fewer errors than 1 % are healthy, and the limit is said', () => {
  const verdict = verdictOf(mixed(0, 300, 300));
  assert.equal(verdict.status, 'healthy');
  assert.match(verdict.reasons[0] ?? '', /^1 of 300 events failed \(0\.33 %\), below the 1 % that count as degraded$/);
});

test('from 1 % on it is degraded since the first error, from 50 % on failing', () => {
  const degraded = verdictOf(mixed(0, 200, 20));
  assert.equal(degraded.status, 'degraded');
  assert.equal(degraded.since, '2026-11-22T07:00:19.000Z');
  assert.equal(degraded.reasons[0], '10 of 200 events failed (5 %); from 1 % on that is degraded');
  const failing = verdictOf(mixed(0, 200, 2));
  assert.equal(failing.status, 'failing');
  assert.equal(failing.reasons[0], '100 of 200 events failed (50 %); from 50 % on that is failing');
});

test('errors that come and go are one period, which began with the first', () => {
  assert.equal(verdictOf(mixed(0, 60, 4)).since, '2026-11-22T07:00:03.000Z');
});

test('an error rate that hovers about 1 % for days is one period, too', () => {
  const text = Array.from({ length: 10_000 }, (_, i) =>
    eventLine(i * 60, { ...((i * 7919) % 97 === 0 ? NO_ACK : {}), processed: i + 1 }),
  ).join('');
  const verdict = verdictOf(text);
  assert.equal(verdict.status, 'degraded');
  assert.equal(verdict.since, '2026-11-22T07:00:00.000Z');
  assert.equal(verdict.until, undefined);
});

test('an agent that has just died is failing now, whatever went well before', () => {
  const verdict = verdictOf(eventLines(0, 5000) + eventLines(5000, 60, NO_ACK, 5001));
  assert.equal(verdict.status, 'failing');
  assert.ok(Math.abs(Date.parse(verdict.since ?? '') - Date.UTC(2026, 10, 22, 8, 23, 20)) < 1000, verdict.since ?? '');
});

test('an outage that ended hours ago is said with its beginning, its end, and that it is over', () => {
  const text = eventLines(0, 5000) + eventLines(5000, 300, NO_ACK, 5001) + eventLines(5300, 20_000, {}, 5301);
  const verdict = verdictOf(text);
  assert.equal(verdict.status, 'degraded');
  assert.equal(verdict.since, '2026-11-22T08:23:20.000Z');
  assert.equal(verdict.until, '2026-11-22T08:28:19.000Z');
  assert.match(
    verdict.reasons[1] ?? '',
    /^from 2026-11-22 08:23:20Z to 2026-11-22 08:28:19Z 300 events failed, at least \d+ % of those at that time$/,
  );
  assert.match(verdict.reasons[2] ?? '', /^recovered: since then all \d+ events went well$/);
});

test('even an outage too short for 1 % of a long log is said', () => {
  const text = eventLines(0, 9000) + eventLines(9000, 40, NO_ACK, 9001) + eventLines(9040, 9000, {}, 9041);
  const verdict = verdictOf(text);
  assert.equal(verdict.status, 'degraded');
  assert.equal(verdict.until, '2026-11-22T09:30:39.000Z');
});

test('of two outages the last one is said, and that there were two', () => {
  const text =
    eventLines(0, 100, NO_ACK) +
    eventLines(100, 2000, {}, 101) +
    eventLines(2100, 100, NO_ACK, 2101) +
    eventLines(2200, 2000, {}, 2201);
  assert.match(verdictOf(text).reasons[1] ?? '', /\(the last of 2 such times\)$/);
});

test('a few successes after an outage are not yet a recovery', () => {
  const verdict = verdictOf(eventLines(0, 20, NO_ACK) + eventLines(20, 5, {}, 21));
  assert.equal(verdict.status, 'failing');
  assert.equal(verdict.until, undefined);
});

test('without times there is a verdict, but no since', () => {
  const line = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=1 0/0/-1/-1/500 0/1 0/0';
  const verdict = verdictOf(`${line} 1/1\n${line} 2/2\n`);
  assert.equal(verdict.status, 'failing');
  assert.equal(verdict.since, null);
});

test('slow is judged by the events that succeeded: a timeout is slow by nature', () => {
  assert.deepEqual(causesOf(mixed(0, 40, 4)), ['no-ack-in-time']);
  const slow = verdictOf(mixed(0, 40, 4, 1, SLOW));
  assert.equal(slow.status, 'degraded');
  assert.equal(slow.since, null);
  assert.equal(slow.causes[0]?.code, 'wait-time');
  assert.match(slow.reasons[1] ?? '', /^10 of 40 events \(25 %\) held the client's request for more than 100 ms/);
});

test('what failures cost the clients is said', () => {
  assert.match(verdictOf(eventLines(0, 5, NO_ACK)).reasons[1] ?? '', /hold the client's request too: up to 500 ms/);
  assert.equal(verdictOf(eventLines(0, 5, AT_ONCE)).reasons[1], 'clients are not held up: pT is at most 0 ms');
});

test('st=257 within 0 ms on every line is a backend without a server', () => {
  const [cause] = verdictOf(eventLines(0, 20, AT_ONCE)).causes;
  assert.equal(cause?.code, 'no-agent-server');
  assert.match(cause?.message ?? '', /^no server is up in the agents' backend/);
});

test('between successes, or beside slower ones, it is an agent that closes', () => {
  assert.deepEqual(causesOf(mixed(0, 40, 4, 1, AT_ONCE).replaceAll('0/0/1/0/1 1/1 0/0', '1')), ['agent-closed']);
  const both = eventLine(0, { ...AT_ONCE, timers: '2' }) + eventLines(1, 4, AT_ONCE, 2);
  assert.deepEqual(causesOf(both), ['agent-closed']);
});

test('for a while only, with successes before and after, it is a backend without a server', () => {
  const text = eventLines(0, 200, MODERN) + eventLines(200, 100, AT_ONCE, 201) + eventLines(300, 200, MODERN, 301);
  assert.equal(causesOf(text)[0], 'no-agent-server');
});

test('one agent without a server is told from another that closes', () => {
  const closes =
    eventLine(0, { ...AT_ONCE, timers: '3', agent: 'waf' }) + eventLines(1, 4, { ...AT_ONCE, agent: 'waf' }, 2);
  assert.deepEqual(causesOf(eventLines(0, 10, AT_ONCE) + closes).slice(0, 2), ['no-agent-server', 'agent-closed']);
});

test('a queue for connections explains what was never sent', () => {
  const queued = { timers: '0/105/100/0/205 0/10 8/0' };
  const never = { st: 1, timers: '0/-1/-1/-1/300 0/10 9/0' };
  const verdict = verdictOf(eventLines(0, 4, queued) + eventLines(4, 26, never, 5));
  assert.equal(verdict.causes[0]?.code, 'saturation');
  assert.match(verdict.causes[0]?.message ?? '', /up to 9 at once/);
  assert.ok(!verdict.causes.some(({ code }) => code === 'never-sent'));
});

test('connections that all end after the same time point to a timeout', () => {
  const cut = { st: 257, timers: '0/0/301/-1/301 0/0 0/0' };
  assert.match(verdictOf(eventLines(0, 5, cut)).causes[0]?.message ?? '', /each time after about 301 ms/);
});

test('a code that no pattern explains is said with its SPOP number', () => {
  const [cause] = verdictOf(eventLines(0, 3, { st: 264 })).causes;
  assert.equal(cause?.code, 'unsupported-version');
  assert.match(cause?.message ?? '', /SPOP code 8 \(st=264\): unsupported version/);
});

test('a bare timeout comes after what says more', () => {
  const text = eventLines(0, 2, { st: 1, timers: '1000' }) + eventLine(2, { st: 260, timers: '0', processed: 3 });
  assert.deepEqual(causesOf(text), ['invalid-frame', 'processing-timeout']);
});

test('the host that has the errors stands out, with words for one other and for many', () => {
  const bad = eventLines(0, 10, { ...NO_ACK, host: 'lb1' });
  const two = verdictOf(bad + eventLines(0, 90, { host: 'lb2' }));
  assert.equal(
    two.causes[1]?.message,
    'host lb1 stands out: all 10 events failed; the other host: none of 90 events failed',
  );
  const three = verdictOf(bad + eventLines(0, 45, { host: 'lb2' }) + eventLines(0, 45, { host: 'lb3' }));
  assert.match(three.causes[1]?.message ?? '', /the other 2 hosts: none of 90/);
});

test('a process that stands out among others of its host is said instead of the host', () => {
  const text =
    eventLines(0, 10, { ...NO_ACK, pid: 1 }) + eventLines(0, 50, { pid: 2 }) + eventLines(0, 50, { host: 'lb2' });
  assert.deepEqual(causesOf(text), ['no-ack-in-time', 'pid-stands-out']);
});

test('an agent and an event can stand out', () => {
  const ok = eventLines(0, 50);
  assert.equal(causesOf(ok + eventLines(0, 10, { ...NO_ACK, agent: 'waf' }))[1], 'agent-stands-out');
  assert.equal(causesOf(ok + eventLines(50, 10, { ...NO_ACK, name: 'on-http-response' }, 51))[1], 'event-stands-out');
});

test('a restart when the errors began is a cause, by its counter or by its pid', () => {
  const counter = eventLines(0, 100, {}, 1000) + eventLines(100, 30, NO_ACK);
  assert.ok(causesOf(counter).includes('restart'));
  const pid = eventLines(0, 100) + eventLines(100, 30, { ...NO_ACK, pid: 800 });
  const found = verdictOf(pid).causes.find(({ code }) => code === 'restart');
  assert.match(found?.message ?? '', /at 2026-11-22 07:01:40Z \(pid 713, then 800\)/);
});

test('a restart after the errors is no cause of them', () => {
  const ends = eventLines(0, 20, NO_ACK, 1000) + eventLines(20, 60, {}, 1020);
  const text = ends + eventLines(80, 20);
  assert.equal(summarizeLog(text).total.completeness?.restarts, 1);
  assert.ok(!causesOf(text).includes('restart'));
});

test('a log that ends in five failures and nothing else is failing, however much went well before', () => {
  const before = eventLines(0, 600);
  const { status, reasons } = verdictOf(before + eventLines(700, 5, NO_ACK, 601));
  assert.equal(status, 'failing');
  assert.ok(reasons.includes('all of the last 5 events failed'), reasons.join());
  assert.notEqual(verdictOf(before + eventLines(700, 4, NO_ACK, 601)).status, 'failing');
});

test('there is no verdict over a part of the status codes', () => {
  const text = eventLines(0, 50) + eventLines(50, 10, NO_ACK, 51);
  for (const wanted of [0, 1]) {
    const { verdict } = summarizeLog(text, { filter: { status: (code) => code === wanted } });
    assert.equal(verdict.status, 'unknown');
    assert.match(verdict.reasons[0] ?? '', /^--status leaves out \d+ events/);
  }
});

test('other SPOE messages are a reason and a cause', () => {
  const other = 'Nov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] failed to create SPOE applet\n';
  const verdict = verdictOf(eventLines(0, 10) + other.repeat(3));
  assert.equal(verdict.status, 'degraded');
  assert.equal(verdict.causes[0]?.code, 'spoe-message');
  assert.match(verdict.causes[0]?.message ?? '', /failed to create SPOE applet \(3 times\)$/);
});

test('thresholds and verdict do not depend on each other', () => {
  const summary = summarizeLog(eventLines(0, 3), {}, { thresholds: [parseThreshold('p99>0ms')] });
  assert.equal(summary.verdict.status, 'healthy');
  assert.equal(summary.thresholds?.[0]?.crossed, true);
});

test('a failure that may be two things is of one cause, with its own share', () => {
  const lines = (count: number, timers: string, from: number) =>
    Array.from({ length: count }, (_, i) =>
      eventLine(Math.floor((from + i) / 10), { st: 257, timers, processed: from + i + 1 }),
    ).join('');
  const { causes } = summarizeLog(lines(50, '0', 0) + lines(1, '1', 50) + lines(49, '0', 51)).verdict;
  assert.deepEqual(
    causes.map(({ code, share }) => [code, share]),
    [['no-agent-server', 0.99]],
  );
  const timeouts = eventLines(20, 90, { st: 1, timers: '500' }, 200);
  const mixed = eventLines(0, 20, { timers: '1' }) + timeouts + lines(100, '0', 1100) + lines(1, '1', 1200);
  const shares = summarizeLog(mixed).verdict.causes.map(({ share = 0 }) => share);
  assert.ok(shares.reduce((sum, share) => sum + share, 0) <= 1, shares.join());
});

/** The first line says what is of now, on one basis, since when, and what it was that is over. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictLine } from '../../src/report/headline.ts';
import { renderTable } from '../../src/report/table.ts';
import { ThresholdError } from '../../src/stats/errors.ts';
import { type MirroredRequest, MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import type { Summary } from '../../src/stats/model.ts';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { eventLines, summarizeLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);
const NO_SERVER = { st: 2, timers: '-1/-1/-1/-1/0 0/0 0/0' };
const REFUSED = { error: 'connect-refused', status: -1 };

/** One request every `stepMs`. */
function record(count: number, make: (i: number) => Partial<MirroredRequest>, stepMs = 1000): MirrorRecordTally {
  const tally = new MirrorRecordTally();
  const answer = { status: 200, error: '', firstByteMs: 1, totalMs: 2, requestBytes: 0, responseBytes: 2 };
  for (let i = 0; i < count; i++) tally.add('', { timeMs: START + i * stepMs, ...answer, ...make(i) });
  tally.lines = count;
  return tally;
}

const beside = (mirror: MirrorRecordTally, more: object = {}): Summary =>
  summarizeLog(eventLines(0, 600), {}, { mirror, ...more });
const alone = (mirror: MirrorRecordTally): Summary => summarizeLog('', {}, { files: [], mirror });

describe('what fails now', () => {
  test('is said of all that failed in a row, not as a share of what was before', () => {
    const text = eventLines(0, 600) + eventLines(600, 10, NO_SERVER, 601);
    const summary = summarizeLog(text);
    assert.equal(verdictLine(summary), 'FAILING since 2026-11-22 07:10:00Z — all of the last 10 events failed');
    assert.equal(summary.verdict.failedInARow, 10);
    assert.match(
      verdictLine(alone(record(600, (i) => (i >= 590 ? REFUSED : {})))),
      /^FAILING since 2026-11-22 07:09:50Z — mirror: all of the last 10 requests failed/,
    );
  });

  test('makes what the record says one of before', () => {
    const text = eventLines(0, 600) + eventLines(600, 10, NO_SERVER, 601);
    assert.match(
      verdictLine(summarizeLog(text, {}, { mirror: record(600, () => ({})) })),
      /all of the last 10 events failed; mirror: until then none of 600 requests failed$/,
    );
  });

  test('is of the last minute as long as that is worse than the whole', () => {
    const half = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => eventLines(from + i, 1, i % 2 === 0 ? NO_SERVER : {}, from + i + 1)).join(
        '',
      );
    const line = verdictLine(summarizeLog(eventLines(0, 100) + half(100, 200)));
    assert.match(line, /50 % of 60 events of the last minute failed/);
  });

  test('began with the first failure, also in the second of the last success', () => {
    const mirror = record(600, (i) => (i >= 385 ? REFUSED : {}), 100);
    assert.equal(alone(mirror).verdict.since, '2026-11-22T07:00:38.500Z');
    // Steps of half an hour tell the second at least.
    const day = record(90_000, (i) => (i >= 89_985 ? REFUSED : {}), 900);
    assert.equal(alone(day).verdict.since?.slice(0, 19), new Date(START + 89_985 * 900).toISOString().slice(0, 19));
  });
});

describe('a mirror that answers 403', () => {
  test('does so since a time, and a gate sees it', () => {
    const mirror = record(600, (i) => (i >= 300 ? { status: 403 } : {}));
    const thresholds = ['mirror-refused>10%', 'mirror-refused>60%'].map(parseThreshold);
    const summary = beside(mirror, { thresholds });
    // To the step of the timeline.
    assert.match(
      verdictLine(summary),
      /^DEGRADED since 2026-11-22 07:05:0\dZ — none of 600 events failed; mirror: none of 600 requests failed, answers 403 300$/,
    );
    assert.deepEqual(
      summary.thresholds?.map(({ crossed, observed }) => [crossed, observed]),
      [
        [true, 0.5],
        [false, 0.5],
      ],
    );
  });

  test('and recovers is told as that', () => {
    const summary = beside(record(600, (i) => (i >= 100 && i < 500 ? { status: 403 } : {})));
    assert.match(
      verdictLine(summary),
      /^DEGRADED from 2026-11-22 07:01:40Z to 2026-11-22 07:08:1\dZ, recovered — .* answered 403 400$/,
    );
    assert.deepEqual(
      summary.verdict.causes.map(({ code, earlier }) => [code, earlier]),
      [['mirror-refused', true]],
    );
  });

  test('is not one that answers so now and then', () => {
    const mixed = record(600, (i) => ({ status: i % 3 === 0 ? 404 : 200 }));
    assert.equal(beside(mixed).verdict.status, 'healthy');
    const few = record(600, (i) => (i > 100 && i < 110 ? { status: 302 } : {}));
    assert.equal(beside(few).verdict.status, 'healthy');
  });
});

describe('a record without times', () => {
  const untimed = (make: (i: number) => Partial<MirroredRequest>) =>
    beside(record(300, (i) => ({ timeMs: Number.NaN, ...make(i) }))).mirror;
  test('has the same troubles', () => {
    assert.deepEqual(untimed(() => ({ status: 404 }))?.traits, ['refuses']);
    assert.deepEqual(untimed(() => ({ totalMs: 30_000 }))?.traits, ['slow']);
    const dropped = untimed((i) => (i % 5 < 2 ? { error: 'dropped-queue-full', status: -1 } : {}));
    assert.deepEqual([dropped?.status, dropped?.traits], ['degraded', ['drops']]);
    assert.equal(untimed(() => ({}))?.status, 'healthy');
  });
  test('also in a saved state', () => {
    const merged = new MirrorRecordTally();
    merged.merge(JSON.parse(JSON.stringify(record(300, () => ({ timeMs: Number.NaN, status: 404 })).toState())));
    assert.deepEqual(beside(merged).mirror?.traits, ['refuses']);
  });
});

test('a rate that no log can exceed is refused', () => {
  for (const expression of [
    'error-rate>1',
    'error-rate>100',
    'error-rate>101%',
    'mirror-error-rate>1',
    'dropped>10',
    'waf:error-rate>1',
    'error-rate>=1.5',
  ])
    assert.throws(
      () => parseThreshold(expression),
      (error) => error instanceof ThresholdError && /never crossed/.test(error.message),
      expression,
    );
  for (const expression of ['error-rate>1%', 'error-rate>0.5', 'error-rate>=1', 'dropped>=100%', 'p99>100'])
    assert.doesNotThrow(() => parseThreshold(expression), expression);
});

test('a live log without an event says on the screen what to do', () => {
  const text =
    'Nov 22 07:00:00 lb1 haproxy[7]: 10.0.0.9:4711 [22/Nov/2026:07:00:00.000] fe be/s1 0/0/0/1/1 200 1 "GET /"\n';
  const screen = renderTable(summarizeLog(text.repeat(3)), { present: { eventMs: null } });
  assert.match(screen, /^UNKNOWN/);
  assert.match(screen.replaceAll(/\s+/g, ' '), /dontlog-normal.*→.*add 'log global' there/);
});

/** The verdict over what the mirror answered, alone and beside the events. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictLine } from '../../src/report/headline.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderSummaryHtml } from '../../src/report/summary-html.ts';
import { renderTable } from '../../src/report/table.ts';
import { type MirroredRequest, MirrorRecordTally } from '../../src/stats/mirror-tally.ts';
import type { Summary } from '../../src/stats/model.ts';
import type { Present } from '../../src/stats/silence.ts';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { eventLines, summarizeLog } from './read-log.ts';

const START = Date.UTC(2026, 10, 22, 7);
type Made = Partial<MirroredRequest> & { readonly destination?: string };

/** One request every `stepMs`. */
function record(count: number, make: (i: number) => Made = () => ({}), stepMs = 1000): MirrorRecordTally {
  const tally = new MirrorRecordTally();
  tally.files.push('mirror.jsonl');
  tally.lines = count;
  for (let i = 0; i < count; i++) {
    const { destination = '', ...made } = make(i);
    const { status = made.error === undefined ? 200 : -1 } = made;
    tally.add(destination, {
      ...{ timeMs: START + i * stepMs, error: '', firstByteMs: 2, totalMs: 3.5, requestBytes: 10, responseBytes: 100 },
      ...made,
      status,
    });
  }
  return tally;
}

const alone = (mirror: MirrorRecordTally, more = {}): Summary => summarizeLog('', {}, { files: [], mirror, ...more });
const beside = (mirror: MirrorRecordTally | null, seconds = 300, more = {}): Summary =>
  summarizeLog(eventLines(0, seconds), {}, { ...(mirror && { mirror }), ...more });

const refused: Made = { error: 'connect-refused', totalMs: 1, firstByteMs: Number.NaN };
const dropped: Made = { error: 'dropped-queue-full', totalMs: Number.NaN, firstByteMs: Number.NaN };

describe('the first line, from both halves', () => {
  const rows: readonly (readonly [kind: string, make: (i: number) => Made, line: string])[] = [
    ['a mirror that answers', () => ({}), 'HEALTHY — none of 300 events failed; mirror: none of 300 requests failed'],
    [
      'a dead mirror',
      () => refused,
      'FAILING since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: 100 % of 300 requests failed (connect-refused 300)',
    ],
    [
      'a mirror that died a moment ago',
      (i) => (i >= 270 ? refused : {}),
      'FAILING since 2026-11-22 07:04:30Z — none of 300 events failed; mirror: all of the last 30 requests failed (connect-refused 30)',
    ],
    [
      'a mirror that answers 503',
      () => ({ status: 503 }),
      'FAILING since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: 100 % of 300 requests failed (503 300)',
    ],
    [
      'a mirror that answers 404',
      () => ({ status: 404 }),
      'DEGRADED since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: none of 300 requests failed, answers 404 300',
    ],
    [
      'a mirror that answers 400 to cut bodies',
      () => ({ status: 400, isSentCut: true }),
      'HEALTHY — none of 300 events failed; mirror: none of 300 requests failed',
    ],
    [
      'a mirror that refuses whole requests besides',
      (i) => (i % 3 === 0 ? { status: 404 } : { status: 400, isSentCut: true }),
      'DEGRADED since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: none of 300 requests failed, answers 400 200, 404 100',
    ],
    [
      'a mirror that fails on cut bodies',
      () => ({ status: 503, isSentCut: true }),
      'FAILING since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: 100 % of 300 requests failed (503 300)',
    ],
    [
      'a mirror that sends everybody to its login',
      (i) => ({ status: i % 3 === 0 ? 200 : 302 }),
      'DEGRADED since 2026-11-22 07:00:01Z — none of 300 events failed; mirror: none of 300 requests failed, answers 302 200',
    ],
    [
      'a cache that is asked again',
      () => ({ status: 304 }),
      'HEALTHY — none of 300 events failed; mirror: none of 300 requests failed',
    ],
    [
      'a slow mirror',
      () => ({ totalMs: 2500 }),
      'DEGRADED — none of 300 events failed; mirror: none of 300 requests failed, slow, p99 2500 ms',
    ],
    [
      'a full queue',
      (i) => (i % 4 === 0 ? dropped : {}),
      'DEGRADED since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: none of 225 requests failed, 75 never sent',
    ],
    [
      'what --max-rate leaves out',
      (i) => (i % 4 === 0 ? { ...dropped, error: 'dropped-max-rate' } : {}),
      'HEALTHY — none of 300 events failed; mirror: none of 225 requests failed',
    ],
    [
      'one destination of two that fails',
      (i) => (i % 2 === 0 ? { destination: 'http://a:80', status: 500 } : { destination: 'http://b:80' }),
      'FAILING since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: 100 % of 150 requests to http://a:80 failed (500 150)',
    ],
    [
      'a record that ends long before the log',
      (i) => (i < 100 ? {} : { timeMs: Number.NaN }),
      'UNKNOWN since 2026-11-22 07:01:39Z — none of 300 events failed; mirror: nothing is known since 2026-11-22 07:01:39Z (201 requests), none of 300 requests failed',
    ],
  ];
  for (const [kind, make, line] of rows) {
    test(kind, () => {
      assert.equal(verdictLine(beside(record(300, make))), line);
    });
  }

  test('a record alone', () => {
    const { status, causes } = alone(record(20, () => refused)).verdict;
    assert.equal(
      verdictLine(alone(record(20, () => refused))),
      'FAILING since 2026-11-22 07:00:00Z — mirror: 100 % of 20 requests failed (connect-refused 20)',
    );
    assert.deepEqual([status, causes[0]?.code], ['failing', 'mirror-connect-refused']);
  });

  test('an empty record is not well', () => {
    assert.equal(verdictLine(beside(record(0))), 'UNKNOWN — none of 300 events failed; mirror: nothing is known');
  });

  test('events that fail outrank a mirror that is well', () => {
    const text = eventLines(0, 300, { st: 256 });
    const summary = summarizeLog(text, {}, { mirror: record(300) });
    assert.match(verdictLine(summary), /^FAILING since .* — 100 % of 300 events failed; mirror: none of 300 requests/);
    assert.equal(summary.mirror?.status, 'healthy');
  });
});

describe('a mirror that answered once, and then no more', () => {
  const unknown =
    /^UNKNOWN since 2026-11-22 07:00:00Z — none of 300 events failed; mirror: none of 1 request failed, nothing is known since 2026-11-22 07:00:00Z/;

  test('is not healthy beside a log that goes on', () => {
    assert.match(verdictLine(beside(record(1))), unknown);
    assert.match(verdictLine(beside(record(1), 50)), /^HEALTHY/);
  });

  test('is not healthy while requests wait for it, and is where no more came', () => {
    const nowMs = START + 300_000;
    const at = (firstUnansweredMs: number | null): Present => ({
      ...{ nowMs, lastEventMs: nowMs, lastLineMs: nowMs, lastRequestMs: START },
      firstUnansweredMs,
    });
    assert.match(verdictLine(beside(record(1), 300, { present: at(START + 1000) })), unknown);
    const { firstUnansweredMs: _, ...lonely } = at(null);
    assert.match(verdictLine(alone(record(1), { present: lonely })), /^HEALTHY/);
  });

  test('is silent where another destination gets on', () => {
    const two = record(300, (i) => ({ destination: i === 0 ? 'http://a' : 'http://b' }));
    assert.match(verdictLine(alone(two)), /^SILENT since 2026-11-22 07:00:00Z — http:\/\/a: nothing mirrored since/);
  });
});

describe('of several destinations', () => {
  const share = (name: string, every: number, made: Made) => (i: number) => ({
    destination: `http://${name}:80`,
    ...(i % every === 0 ? made : {}),
  });
  /** Requests to each in turn. */
  const inTurn = (...all: readonly ((i: number) => Made)[]) =>
    alone(record(all.length * 2000, (i) => all[i % all.length]?.(Math.floor(i / all.length)) ?? {}, 100)).verdict;
  const named = (texts: readonly string[]) => texts.map((text) => /http:\/\/([^:]+)/.exec(text)?.[1]);

  test('the one that decided comes first, with its reasons and causes', () => {
    const { status, reasons, causes } = inTurn(share('a', 50, { status: 503 }), share('b', 2, refused));
    assert.equal(status, 'failing');
    assert.deepEqual(named(reasons), ['b', 'a']);
    assert.deepEqual(named(causes.map(({ message }) => message)), ['b', 'a']);
  });

  test('of one status the larger part of failures comes first, then names', () => {
    const others = Array.from({ length: 4 }, (_, i) => share(`d0${i}`, 50, { status: 503 }));
    const { status, reasons, causes } = inTurn(...others, share('d11', 4, refused));
    assert.equal(status, 'degraded');
    assert.deepEqual(named(reasons), ['d11', 'd00', 'd01', 'd02', 'd03']);
    assert.deepEqual(named(causes.map(({ message }) => message)), named(reasons));
  });

  test('what is never sent counts as lost', () => {
    const { reasons } = inTurn(share('a', 50, { status: 503 }), share('b', 4, dropped));
    assert.deepEqual(new Set(named(reasons.slice(0, 2))), new Set(['b']));
  });

  test('one that goes on decides before a worse one that is over', () => {
    const over = (i: number) => ({ destination: 'http://a:80', ...(i < 800 ? refused : {}) });
    const { until, reasons } = inTurn(over, share('b', 50, { status: 503 }));
    assert.equal(until, undefined);
    assert.equal(named(reasons)[0], 'b');
  });
});

describe('a record that ends early is unknown since its end', () => {
  const end = '2026-11-22T07:04:59.000Z';
  const early = (make: (i: number) => Made) => beside(record(300, make), 3000).verdict;

  test('not since a failure of before', () => {
    const { status, since } = early((i) => (i % 50 === 7 ? { status: 503 } : {}));
    assert.deepEqual([status, since], ['unknown', end]);
  });

  test('not from a trouble that is over', () => {
    const { status, since, until } = early((i) => (i < 100 ? refused : {}));
    assert.deepEqual([status, since, until], ['unknown', end, undefined]);
  });

  test('also where requests are too few to be missed', () => {
    const { status, since } = beside(
      record(3, (i) => (i === 0 ? { status: 503 } : {})),
      3000,
    ).verdict;
    assert.deepEqual([status, since], ['unknown', '2026-11-22T07:00:02.000Z']);
  });

  test('and fails since it failed', () => {
    const { status, since } = early(() => refused);
    assert.deepEqual([status, since], ['failing', '2026-11-22T07:00:00.000Z']);
  });
});

test('a record that goes beyond its log is given with its own times', () => {
  const render = [renderTable, renderMarkdown, (summary: Summary) => renderSummaryHtml(summary)];
  const times = 'record 2026-11-22 07:00:00Z to 2026-11-22 07:09:59Z';
  for (const each of render) {
    assert.ok(each(beside(record(600), 60)).includes(times));
    assert.ok(!each(beside(record(600), 570)).includes(times));
    assert.ok(!each(alone(record(600))).includes(times));
  }
});

test('an error that no agent of ours writes is no answer of the mirror, whatever it looks like', () => {
  for (const [error, code] of [
    ['warp-core', 'warp-core'],
    ['503', '503'],
    ['', 'no-status'],
  ] as const) {
    const [cause] = alone(record(20, () => ({ error, status: -1 }))).verdict.causes;
    assert.equal(cause?.code, `mirror-${code}`);
    assert.match(cause?.message ?? '', /: no answer$/);
    assert.doesNotMatch(cause?.next ?? '', /mirror's own log/);
  }
  const [said] = alone(record(20, () => ({ status: 503 }))).verdict.causes;
  assert.match(said?.message ?? '', /: the mirror says that it failed$/);
});

test('what is over is said to be over', () => {
  const { verdict } = alone(record(600, (i) => (i >= 100 && i < 130 ? { error: 'timeout', totalMs: 30_000 } : {})));
  assert.deepEqual([verdict.status, verdict.until], ['degraded', '2026-11-22T07:02:09.000Z']);
  assert.deepEqual(
    verdict.causes.map(({ code, earlier }) => [code, earlier]),
    [['mirror-timeout', true]],
  );
});

test('a minute at the end of a day is enough to say that nothing gets through', () => {
  const day = 86_400;
  const summary = alone(record(day / 10, (i) => (i >= day / 10 - 6 ? refused : {}), 10_000));
  assert.equal(summary.verdict.status, 'failing');
  assert.equal(summary.verdict.since, '2026-11-23T06:59:00.000Z');
});

test('a live record that does not go on is silent', () => {
  const mirror = record(300);
  const nowMs = START + 10 * 60_000;
  const at = (ageMs: number): Present => ({
    ...{ nowMs, lastEventMs: null, lastLineMs: null },
    lastRequestMs: nowMs - ageMs,
  });
  const { verdict } = alone(mirror, { present: at(90_000) });
  assert.deepEqual([verdict.status, verdict.silence?.since], ['unknown', '2026-11-22T07:04:59.000Z']);
  const fresh = alone(mirror, { present: at(900) });
  assert.equal(fresh.verdict.status, 'healthy');
  const hung = record(300, () => ({ error: 'timeout', totalMs: 30_000 }));
  assert.equal(
    verdictLine(alone(hung, { present: at(90_000) })),
    'SILENT since 2026-11-22 07:04:59Z — no request comes any more; until then mirror: 100 % of 300 requests failed' +
      ' (timeout 300), nothing is known since 2026-11-22 07:04:59Z',
  );
});

test('a log that is silent says what the mirror was until then', () => {
  const present: Present = { nowMs: START + 600_000, lastEventMs: START + 299_000, lastLineMs: START + 299_000 };
  assert.equal(
    verdictLine(
      beside(
        record(300, () => refused),
        300,
        { present },
      ),
    ),
    'SILENT since 2026-11-22 07:04:59Z — no event comes any more; until then none of 300 events failed;' +
      ' mirror: 100 % of 300 requests failed (connect-refused 300)',
  );
});

test('a log that ends long before the record is said', () => {
  const codes = beside(record(600), 60).notices.map(({ code }) => code);
  assert.ok(codes.includes('log-ends-before-record'), codes.join());
});

test('counts, classes, quantiles and bytes', () => {
  const { total, window } = alone(record(100, (i) => ({ totalMs: i + 0.25, status: i < 90 ? 200 : 500 }))).mirror ?? {};
  assert.deepEqual([total?.requests, total?.answered, total?.failed, total?.errorRate], [100, 100, 0, 0.1]);
  assert.deepEqual(
    total?.status.map(({ status, count, share }) => [status, count, share]),
    [
      [200, 90, 0.9],
      [500, 10, 0.1],
    ],
  );
  assert.deepEqual([total?.latency.min, total?.latency.p50, total?.latency.max], [0.25, 49.263, 99.25]);
  assert.deepEqual([total?.requestBytes, total?.responseBytes, window?.seconds], [1000, 10_000, 99]);
});

test('only an answer has a latency', () => {
  const { total } = alone(record(20, (i) => (i % 2 === 0 ? {} : { status: -1, error: '' }))).mirror ?? {};
  assert.deepEqual([total?.answered, total?.latency.count, total?.ttfb.count], [10, 10, 10]);
});

test('a status above 599 is an error wherever errors are counted', () => {
  const summary = alone(record(20, (i) => ({ status: i % 2 === 0 ? 200 : 999 })));
  assert.match(verdictLine(summary), /^FAILING .* 50 % of 20 requests failed \(999 10\)/);
  assert.match(renderMarkdown(summary), /^\| \*\*total\*\* \| 20 \| [^|]+ \| 10 \| 50 \|/m);
});

test('parts of a record merge into the whole, in any order', () => {
  const make = (i: number): Made => (i % 7 === 0 ? refused : { status: i % 5 === 0 ? 404 : 200, totalMs: i });
  const parts = [0, 1, 2].map((part) =>
    record(100, (i) => ({ timeMs: START + (part * 100 + i) * 1000, ...make(part * 100 + i) })).toState(),
  );
  const merged = new MirrorRecordTally();
  for (const part of [2, 0, 1]) merged.merge(JSON.parse(JSON.stringify(parts[part])));
  const { destinations } = record(300, make).toState();
  assert.deepEqual(merged.toState().destinations, destinations);
});

test('destinations and errors have a bound', () => {
  const tally = new MirrorRecordTally();
  const request = { timeMs: START, status: -1, firstByteMs: 1, totalMs: 1, requestBytes: 0, responseBytes: 0 };
  for (let i = 0; i < 500; i++) tally.add(`http://h${i}`, { ...request, error: 'timeout' });
  for (let i = 0; i < 500; i++) tally.add('http://h1', { ...request, error: `e${i}` });
  assert.equal(tally.destinations.length, 65);
  assert.equal(tally.destinations.find(({ destination }) => destination === 'http://h1')?.tally.errors.length, 65);
  assert.equal(tally.requests, 1000);
});

describe('thresholds', () => {
  const mirror = record(200, (i) =>
    i % 10 === 0 ? refused : i % 20 === 1 ? dropped : { destination: '', totalMs: i },
  );
  const check = (expression: string, given: MirrorRecordTally | null = mirror, minEvents = 1) => {
    const thresholds = [parseThreshold(expression)];
    return beside(given, 200, { thresholds, minEvents }).thresholds?.[0];
  };
  test('of the mirror', () => {
    assert.equal(check('mirror-error-rate>10%')?.crossed, true);
    assert.equal(check('mirror-error-rate>11%')?.crossed, false);
    assert.equal(check('mirror-p99>150ms')?.crossed, true);
    assert.equal(check('mirror-max>0.2s')?.crossed, false);
    assert.deepEqual([check('dropped>0')?.crossed, check('dropped>=5%')?.observed], [true, 0.05]);
    assert.equal(check('dropped>6%')?.crossed, false);
  });
  test('what is not known crosses', () => {
    const without = check('mirror-p99>1s', null);
    assert.deepEqual([without?.crossed, without?.observed], [true, null]);
    assert.match(check('mirror-p99>1s', record(1), 2)?.reason ?? '', /^1 request, fewer than the 2 /);
    assert.equal(check('mirror-p99>1s', mirror, 1000)?.crossed, true);
    assert.equal(check('http://other:mirror-p99>1s')?.crossed, true);
  });
  test('of one destination', () => {
    const two = record(100, (i) =>
      i % 2 === 0 ? { destination: 'http://a:80', status: 500 } : { destination: 'http://b:80' },
    );
    assert.equal(check('http://a:80:mirror-error-rate>1%', two)?.observed, 1);
    assert.equal(check('http://b:80:mirror-error-rate>1%', two)?.observed, 0);
  });
});

test('refusals of cut bodies are said and are no refusal, whatever parts they were counted in', () => {
  const cut = (status: number) => record(20, (i) => (i < 8 ? { status, isSentCut: true } : {}));
  const said =
    /the mirror: 8 requests were sent with the body cut \(tune.bufsize, --truncated\), of which 8 got 3xx or 4xx/;
  const { status, reasons, causes } = alone(cut(400)).verdict;
  assert.deepEqual([status, causes], ['healthy', []]);
  assert.match(reasons.join('\n'), said);
  assert.doesNotMatch(alone(cut(200)).verdict.reasons.join('\n'), /body cut/);
  const merged = record(0);
  merged.merge(JSON.parse(JSON.stringify(cut(400).toState())));
  assert.match(alone(merged).verdict.reasons.join('\n'), said);
});

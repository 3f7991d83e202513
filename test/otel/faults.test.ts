/** The table of faults in docs/otel.md, row by row, over each protocol. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Exporter } from '../../src/otel/exporter.ts';
import { exportText, feedOf, makeLines, TestClock } from './exporting.ts';
import { ACCEPT, GrpcReceiver, HttpReceiver, type Reply, type Script } from './receiver.ts';

const LINES = 20;
const SPANS = LINES * 5;
const TEXT = makeLines(LINES);

interface Way {
  readonly protocol: string;
  readonly start: () => Promise<HttpReceiver | GrpcReceiver>;
  /** The protocol's own code for: try later, refused data, too large, no credentials, a fault of the server. */
  readonly codes: { readonly [what in 'later' | 'refused' | 'large' | 'login' | 'fault']: number };
}

const HTTP_CODES = { later: 503, refused: 400, large: 413, login: 401, fault: 500 };
const WAYS: readonly Way[] = [
  { protocol: 'http/protobuf', start: () => HttpReceiver.start(), codes: HTTP_CODES },
  { protocol: 'http/json', start: () => HttpReceiver.start(), codes: HTTP_CODES },
  {
    protocol: 'grpc',
    start: () => GrpcReceiver.start(),
    codes: { later: 14, refused: 3, large: 8, login: 16, fault: 13 },
  },
];

const TOO_LARGE = 'received message larger than max (5000000 vs. 4194304)';

/** The first requests get these, all others are accepted. */
function first(...replies: Reply[]): Script {
  return (_, number) => replies[number] ?? ACCEPT;
}

for (const { protocol, start, codes } of WAYS) {
  describe(`over ${protocol}`, () => {
    async function run(script: Script, env: Record<string, string> = {}, retryForMs = 300_000) {
      const receiver = await start();
      receiver.script = script;
      const exported = await exportText(TEXT, undefined, {
        given: { endpoint: receiver.url, protocol },
        toCollector: true,
        env,
        retryForMs,
      });
      receiver.close();
      const counts = exported.report.delivery?.traces;
      assert.ok(counts !== undefined);
      assert.equal(counts.exported + counts.rejected + counts.failed, SPANS, 'every span is accounted for');
      return { ...exported, counts, receiver };
    }

    test('everything is accepted', async () => {
      const { counts, receiver } = await run(() => ACCEPT);
      assert.deepEqual(counts, { exported: SPANS, rejected: 0, failed: 0, retried: 0 });
      assert.equal(new Set(receiver.accepted.map(({ spanId }) => spanId)).size, SPANS);
      assert.equal(receiver.requests.length, 1);
    });

    test('an unavailable collector is tried again, later and later', async () => {
      const later: Reply = { kind: 'status', code: codes.later, message: 'starting' };
      const { counts, clock } = await run(first(later, later, later, later, later, later));
      assert.deepEqual(counts, { exported: SPANS, rejected: 0, failed: 0, retried: 6 });
      assert.deepEqual(clock.sleeps, [1000, 2000, 4000, 8000, 16_000, 30_000]);
    });

    test('a connection that is reset is tried again', async () => {
      const { counts } = await run(first({ kind: 'reset' }));
      assert.deepEqual(counts, { exported: SPANS, rejected: 0, failed: 0, retried: 1 });
    });

    test('a collector that does not answer is tried again', async () => {
      const { counts } = await run(first({ kind: 'hang' }), { OTEL_EXPORTER_OTLP_TIMEOUT: '2000' });
      assert.deepEqual(counts, { exported: SPANS, rejected: 0, failed: 0, retried: 1 });
    });

    test('the collector says when: nothing is sent before', async () => {
      const reply: Reply =
        protocol === 'grpc'
          ? { kind: 'status', code: 8, message: 'slow down', retryInfoS: 40 }
          : { kind: 'status', code: 429, message: 'slow down', retryAfter: '40' };
      const { counts, clock } = await run(first(reply));
      assert.deepEqual(counts, { exported: SPANS, rejected: 0, failed: 0, retried: 1 });
      assert.deepEqual(clock.sleeps, [40_000]);
    });

    test('after --retry-for it is given up, and everything stops', async () => {
      const later: Reply = { kind: 'status', code: codes.later, message: 'starting' };
      const { counts, stops, clock } = await run(() => later, {}, 10_000);
      assert.equal(counts.failed, SPANS);
      assert.equal(stops[0]?.code, 'collector-unavailable');
      assert.match(stops[0]?.reason ?? '', /starting/);
      assert.equal(
        clock.sleeps.reduce((sum, ms) => sum + ms, 0),
        10_000,
      );
    });

    test('a request that is too large is halved', async () => {
      const reply: Reply = { kind: 'status', code: codes.large, message: TOO_LARGE };
      const { counts, receiver } = await run((request) => (request.spans.length > 30 ? reply : ACCEPT));
      assert.deepEqual(counts, { exported: SPANS, rejected: 0, failed: 0, retried: 0 });
      assert.deepEqual(
        receiver.requests.map(({ spans }) => spans.length),
        [100, 50, 25, 25, 50, 25, 25],
      );
    });

    test('a refused span is found, dropped and counted, the others arrive', async () => {
      const reply: Reply = { kind: 'status', code: codes.refused, message: 'invalid span' };
      const bad = (sid: unknown) => sid === 7;
      const { counts, receiver, report } = await run((request) =>
        request.spans.some(({ attributes }) => bad(attributes['haproxy.spoe.sid'])) ? reply : ACCEPT,
      );
      assert.deepEqual(counts, { exported: SPANS - 1, rejected: 1, failed: 0, retried: 0 });
      assert.equal(receiver.accepted.length, SPANS - 1);
      assert.match(report.delivery?.reasons.rejected ?? '', /invalid span/);
    });

    test('a collector that refuses everything is not asked for each span', async () => {
      const reply: Reply = { kind: 'status', code: codes.refused, message: 'no' };
      const { counts, receiver } = await run(() => reply);
      assert.equal(counts.rejected, SPANS);
      assert.ok(receiver.requests.length < SPANS);
    });

    test('a partial success counts as rejected', async () => {
      const { counts, report } = await run(first({ kind: 'partial', rejected: 4, message: 'quota' }));
      assert.deepEqual(counts, { exported: SPANS - 4, rejected: 4, failed: 0, retried: 0 });
      assert.equal(report.delivery?.reasons.rejected, 'quota');
    });

    test('missing credentials stop everything at once', async () => {
      const { counts, stops, receiver } = await run(() => ({ kind: 'status', code: codes.login, message: 'no token' }));
      assert.equal(counts.failed, SPANS);
      assert.equal(receiver.requests.length, 1);
      assert.equal(stops[0]?.code, 'collector-refused');
      assert.match(stops[0]?.reason ?? '', /no token/);
      assert.ok(stops[0]?.endpoint.startsWith(receiver.url));
    });

    test('a fault of the collector is not retried, and others are still sent', async () => {
      const { counts, stops } = await run(first({ kind: 'status', code: codes.fault, message: 'oops' }));
      assert.equal(counts.failed, SPANS);
      assert.deepEqual(stops, []);
    });

    test('gzip and headers arrive', async () => {
      const { receiver, counts } = await run(() => ACCEPT, {
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=team%20a,x-other=1',
      });
      assert.equal(counts.exported, SPANS);
      const [request] = receiver.requests;
      assert.equal(request?.headers['x-tenant'], 'team a');
      assert.equal(request?.headers['x-other'], '1');
      assert.ok(protocol === 'grpc' || request?.headers['content-encoding'] === 'gzip');
    });

    test('metrics go by the same rules', async () => {
      const receiver = await start();
      receiver.script = first({ kind: 'status', code: codes.later });
      const { report } = await exportText(TEXT, undefined, {
        given: { endpoint: receiver.url, protocol },
        toCollector: true,
        detail: 'none',
        metrics: true,
      });
      receiver.close();
      const counts = report.delivery?.metrics;
      assert.equal(counts?.retried, 1);
      assert.equal(counts?.exported, receiver.acceptedPoints);
      assert.ok(receiver.acceptedPoints > 5);
    });
  });
}

for (const [status, code] of [
  [403, 'collector-refused'],
  [404, 'collector-refused'],
  [301, 'collector-refused'],
] as const) {
  test(`HTTP ${status} stops everything at once`, async () => {
    const receiver = await HttpReceiver.start();
    receiver.script = () => ({ kind: 'status', code: status });
    const { stops, report } = await exportText(TEXT, receiver.url);
    assert.equal(stops[0]?.code, code);
    assert.match(stops[0]?.reason ?? '', new RegExp(`HTTP ${status}`));
    assert.equal(report.delivery?.traces.failed, SPANS);
    assert.equal(receiver.requests.length, 1);
  });
}

for (const [protocol, type, body, isTaken] of [
  ['http/protobuf', 'text/html; charset=utf-8', '<!doctype html><h1>Grafana</h1>', false],
  ['http/json', 'text/html', '<!doctype html>', false],
  ['http/protobuf', 'text/plain', 'ok', false],
  ['http/protobuf', undefined, 'ok', false],
  ['http/protobuf', 'application/grpc', '\0\0\0\0\0', false],
  ['http/protobuf', undefined, '', true],
  ['http/json', 'text/html', '', true],
  ['http/protobuf', 'application/json', '{}', true],
  ['http/protobuf', 'Application/X-Protobuf', '', true],
  ['http/json', 'application/json; charset=utf-8', '{"partialSuccess":{}}', true],
] as const) {
  const what = `200 with ${JSON.stringify(body)} as ${type ?? 'nothing'} to ${protocol}`;
  test(`${what} ${isTaken ? 'is a success' : 'is none, and said once'}`, async () => {
    const receiver = await HttpReceiver.start();
    receiver.script = () => ({ kind: 'page', type, body });
    const { report, stops } = await exportText(TEXT, undefined, {
      given: { endpoint: receiver.url, protocol },
      toCollector: true,
    });
    const { exported, failed } = report.delivery?.traces ?? assert.fail();
    assert.deepEqual([exported, failed], isTaken ? [SPANS, 0] : [0, SPANS]);
    assert.deepEqual(
      stops.map(({ code, reason }) => [code, reason]),
      isTaken
        ? []
        : [['collector-refused', `HTTP 200 with ${type ?? 'a body of no type'}, which is no answer of OTLP`]],
    );
  });
}

test('a date in Retry-After is honoured', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = first({ kind: 'status', code: 503, retryAfter: new Date(Date.now() + 3_600_000).toUTCString() });
  const { report } = await exportText(TEXT, receiver.url);
  // An hour is longer than --retry-for: to try before would be against the collector's word.
  assert.equal(report.delivery?.traces.failed, SPANS);
  assert.equal(receiver.requests.length, 1);
});

test('a batch holds at most 2,048 spans and 2 MiB', async () => {
  const receiver = await HttpReceiver.start();
  const { report } = await exportText(makeLines(3000), receiver.url);
  assert.equal(report.delivery?.traces.exported, 15_000);
  assert.ok(receiver.requests.every(({ spans, bytes }) => spans.length <= 2048 && bytes <= 2 * 1024 * 1024));
  assert.equal(receiver.requests.length, Math.ceil(15_000 / 2048));
});

test('long names: the bytes bound a batch before the number does', async () => {
  const receiver = await HttpReceiver.start();
  const agent = 'a'.repeat(10_000);
  const { report } = await exportText(makeLines(400).replaceAll('[mirror]', `[${agent}]`), receiver.url, {
    detail: 'compact',
  });
  assert.equal(report.delivery?.traces.exported, 400);
  assert.ok(receiver.requests.length >= 2);
  assert.ok(receiver.requests.every(({ bytes }) => bytes <= 2 * 1024 * 1024));
});

test('30,000 spans through an outage all arrive, once each', async () => {
  const receiver = await HttpReceiver.start();
  const faults: Reply[] = [
    { kind: 'status', code: 503 },
    { kind: 'reset' },
    { kind: 'status', code: 429, retryAfter: '7' },
    { kind: 'status', code: 502 },
    { kind: 'status', code: 504 },
  ];
  // From the fifth request on, forty in a row fail; later every seventh does.
  receiver.script = (_, number) => {
    const fails = (number >= 5 && number < 45) || number % 7 === 3;
    return fails ? (faults[number % faults.length] as Reply) : ACCEPT;
  };
  // Four requests wait at a time, and the clock of the tests adds their waits up.
  const { report, stops } = await exportText(makeLines(6000), receiver.url, { retryForMs: 3_600_000 });
  assert.deepEqual(stops, []);
  const counts = report.delivery?.traces;
  assert.equal(counts?.exported, 30_000);
  assert.equal(counts?.failed, 0);
  assert.equal(counts?.rejected, 0);
  assert.ok((counts?.retried ?? 0) >= 40);
  assert.equal(receiver.accepted.length, 30_000);
  assert.equal(new Set(receiver.accepted.map(({ spanId, traceId }) => traceId + spanId)).size, 30_000);
});

test('a slow collector is waited for: the reader pauses, and only a few requests are on their way', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = () => ({ kind: 'hang' });
  const read = { bytes: 0 };
  const exporter = new Exporter({
    given: { endpoint: receiver.url },
    env: { OTEL_EXPORTER_OTLP_TIMEOUT: '200' },
    version: '1',
    detail: 'full',
    metrics: false,
    toCollector: true,
    retryForMs: 0,
    onUntimed: () => {},
    onStop: () => {},
    onFault: () => {},
    clock: new TestClock(),
  });
  const feed = feedOf(exporter.pipeline);
  const bytes = Buffer.from(makeLines(10_000));
  let busy: Promise<void> | undefined;
  for (let at = 0; at < bytes.length && busy === undefined; at += 65_536) {
    feed.push(bytes.subarray(at, at + 65_536));
    read.bytes = at;
    busy = exporter.pipeline.turn();
  }
  assert.ok(busy !== undefined, 'the reader is told to wait');
  assert.ok(read.bytes < bytes.length / 2, 'long before the end of the log');
  assert.equal(exporter.pipeline.inFlight, 4);
  await busy;
  await exporter.finish();
  const { failed, exported } = exporter.report.delivery?.traces ?? { failed: 0, exported: -1 };
  assert.equal(exported, 0);
  assert.equal(failed, exporter.report.spans);
});

test('a user who waits: what cannot be delivered in time is counted', async () => {
  const receiver = await HttpReceiver.start();
  receiver.script = () => ({ kind: 'status', code: 503 });
  const exporter = new Exporter({
    given: { endpoint: receiver.url },
    env: {},
    version: '1',
    detail: 'full',
    metrics: false,
    toCollector: true,
    retryForMs: 300_000,
    onUntimed: () => {},
    onStop: () => assert.fail('the collector is no reason to stop here'),
    onFault: () => {},
    clock: new TestClock(),
  });
  const repeated = 'message repeated 100000 times: [ SPOE: [m] <EVENT:e> sid=1 st=0 1/2/3/4/11 1/1 0/0 0/5]';
  feedOf(exporter.pipeline).push(Buffer.from(`Nov 22 07:00:00 lb1 haproxy[713]: ${repeated}\n`));
  exporter.pipeline.turn();
  exporter.hurry(10_000);
  await exporter.finish();
  const { delivery, spans } = exporter.report;
  assert.equal(spans, 5);
  assert.equal(delivery?.traces.failed, 5);
  assert.match(delivery?.reasons.failed ?? '', /interrupted/);
});

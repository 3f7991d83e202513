/** Which spans a line becomes, and their ids. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { SpanKind as ApiKind, type SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { renderSpans } from '../../src/report/spans.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import { exportText, makeLines, spansOf } from './exporting.ts';
import { type ReceivedSpan, readJsonSpans, readProtobufSpans } from './otlp.ts';

const STALL = readFileSync(fixture('demo/2.6.12--stall-some.log'), 'utf8');
const NEWER = readFileSync(fixture('logs/formats/haproxy-3.2.26--rsyslog-traditional.log'), 'utf8');
const SLOW = readFileSync(fixture('demo/2.6.12--slow-serial.log'), 'utf8');
const failureOf = (log: string) => eventsOf(log).find((line) => !line.includes(' st=0 ')) ?? '';
const eventsOf = (log: string) => log.split('\n').filter((line) => line.includes('SPOE: ['));

/** Real lines, and the spans that people see of them. UPDATE_GOLDEN=1 writes the files anew. */
describe('real lines', () => {
  const cases: readonly [file: string, lines: readonly string[]][] = [
    ['2.6.12--two-events.spans.txt', [failureOf(STALL), eventsOf(SLOW)[4] ?? '']],
    ['3.2.26--two-events.spans.txt', [failureOf(NEWER), eventsOf(NEWER)[0] ?? '']],
  ];
  for (const [file, lines] of cases) {
    for (const detail of ['full', 'compact'] as const) {
      const name = detail === 'full' ? file : file.replace('.spans', '.compact');
      test(name, async () => {
        const { json } = await spansOf(`${lines.join('\n')}\n`, { detail });
        const text = renderSpans(JSON.parse(json));
        const path = fixture(`otel/${name}`);
        if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${lines.join('\n')}\n\n${text}`);
        assert.equal(`${lines.join('\n')}\n\n${text}`, readFileSync(path, 'utf8'));
      });
    }
  }
});

describe('layout', () => {
  test('the CLIENT span ends at the time of the line and lasts pT; phases follow each other from its start', async () => {
    const { spans } = await spansOf(
      'Nov 22 07:00:00 lb1 haproxy[7]: SPOE: [m] <EVENT:e> sid=1 st=0 1/2/30/4/40 1/2 3/4 0/9\n',
    );
    const end = BigInt(Date.UTC(2026, 10, 22, 7)) * 1_000_000n;
    const times = spans.map(({ name, kind, start, end: to }) => [
      name,
      kind,
      Number(start - end) / 1e6,
      Number(to - end) / 1e6,
    ]);
    assert.deepEqual(times, [
      ['SPOE e', 3, -40, 0],
      ['spoe.request', 1, -40, -39],
      ['spoe.queue', 1, -39, -37],
      ['spoe.waiting', 1, -37, -7],
      ['spoe.response', 1, -7, -3],
    ]);
    const [root, ...children] = spans;
    assert.equal(root?.parentSpanId, '');
    assert.ok(children.every(({ parentSpanId, traceId }) => parentSpanId === root?.spanId && traceId === root.traceId));
    assert.deepEqual(root?.attributes, {
      'haproxy.spoe.agent': 'm',
      'haproxy.spoe.event': 'e',
      'haproxy.spoe.type': 'EVENT',
      'haproxy.spoe.sid': 1,
      'haproxy.spoe.status_code': 0,
      'haproxy.spoe.status_name': 'normal',
      'haproxy.spoe.status_origin': 'none',
      'haproxy.spoe.processing_duration': { double: 0.04 },
      'haproxy.spoe.request_duration': { double: 0.001 },
      'haproxy.spoe.queue_duration': { double: 0.002 },
      'haproxy.spoe.waiting_duration': { double: 0.03 },
      'haproxy.spoe.response_duration': { double: 0.004 },
      'haproxy.spoe.idles': 1,
      'haproxy.spoe.applets': 2,
      'haproxy.spoe.sending': 3,
      'haproxy.spoe.waiting': 4,
      'haproxy.spoe.processed': 9,
    });
    assert.deepEqual(root?.status, { code: 0, message: '' });
    assert.equal(root?.scope, 'spoe-logs 1.2.3');
  });

  test('a phase of -1 has no span, and HAProxy >= 3.1 has none at all', async () => {
    const line = (rest: string) => `Nov 22 07:00:00 lb1 haproxy[7]: SPOE: [m] <GROUP:g> sid=1 ${rest}\n`;
    const older = await spansOf(line('st=1 0/5/-1/-1/500 1/2 3/4 1/9'));
    assert.deepEqual(
      older.spans.map(({ name }) => name),
      ['SPOE g', 'spoe.request', 'spoe.queue'],
    );
    assert.ok(!('haproxy.spoe.waiting_duration' in (older.spans[0]?.attributes ?? {})));
    const newer = await spansOf(line('st=0 12 0/9'));
    assert.deepEqual(
      newer.spans.map(({ name }) => name),
      ['SPOE g'],
    );
    assert.ok(!('haproxy.spoe.idles' in (newer.spans[0]?.attributes ?? {})));
  });

  test('an error has a low-cardinality type, and a description without the code', async () => {
    for (const [st, type, description] of [
      [1, 'processing-timeout', 'timeout during event processing'],
      [744, 'agent-defined', 'agent-defined code'],
      [264, 'unsupported-version', 'unsupported version'],
      [200, 'unknown', 'unknown code'],
    ] as const) {
      const { spans } = await spansOf(`Nov 22 07:00:00 lb1 haproxy[7]: SPOE: [m] <EVENT:e> sid=1 st=${st} 12 0/9\n`);
      assert.equal(spans[0]?.attributes['error.type'], type);
      assert.equal(spans[0]?.attributes['haproxy.spoe.status_code'], st);
      assert.deepEqual(spans[0]?.status, { code: 2, message: description });
    }
  });

  test('the resource is the HAProxy process of the line, never this machine', async () => {
    const text = makeLines(2) + makeLines(1, 'lb2').replace('haproxy[713]', 'hapee-lb[9]');
    const { spans } = await spansOf(text, {
      detail: 'compact',
      env: { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,host.name=mine' },
    });
    assert.deepEqual(
      spans.map(({ resource }) => resource),
      [
        ...Array(2).fill({
          'service.name': 'haproxy',
          'service.instance.id': 'lb1:713',
          'host.name': 'lb1',
          'deployment.environment.name': 'prod',
        }),
        {
          'service.name': 'hapee-lb',
          'service.instance.id': 'lb2:9',
          'host.name': 'lb2',
          'deployment.environment.name': 'prod',
        },
      ],
    );
    const named = await spansOf(makeLines(1), { env: { OTEL_SERVICE_NAME: 'mirroring' } });
    assert.equal(named.spans[0]?.resource['service.name'], 'mirroring');
  });

  test('thousands of processes keep their names', async () => {
    // 4,096 are prepared.
    let text = '';
    for (let pid = 1; pid <= 4500; pid++)
      text += `Nov 22 07:00:00 lb1 haproxy[${pid}]: SPOE: [m] <EVENT:e> sid=1 st=0 12 0/9\n`;
    const { spans } = await spansOf(text);
    assert.equal(new Set(spans.map(({ resource }) => resource['service.instance.id'])).size, 4500);
  });
});

describe('ids', () => {
  const idsOf = (spans: readonly ReceivedSpan[]) => spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`);

  test('the same line has the same ids, whole or in pieces', async () => {
    const whole = idsOf((await spansOf(STALL)).spans);
    assert.equal(new Set(whole).size, whole.length);
    const lines = STALL.split('\n');
    for (const at of [1, 7, 20, 33]) {
      const pieces = [lines.slice(0, at).join('\n'), lines.slice(at).join('\n')];
      const ids: string[] = [];
      for (const piece of pieces) ids.push(...idsOf((await spansOf(`${piece}\n`)).spans));
      assert.deepEqual(ids, whole, `cut before line ${at + 1}`);
    }
  });

  test('a year or zone that had to be found changes times, not ids', async () => {
    const here = await spansOf(STALL);
    const there = await spansOf(STALL, {}, { zone: '+09:00', year: 2024 });
    assert.notDeepEqual(here.spans[0]?.start, there.spans[0]?.start);
    assert.deepEqual(idsOf(here.spans), idsOf(there.spans));
  });

  test('byte-identical lines are told apart, and by nothing else', async () => {
    const line = 'Nov 22 07:00:00 lb1 haproxy[7]: SPOE: [m] <EVENT:e> sid=1 st=0 12 0/9\n';
    const other = line.replace('0/9', '0/10');
    const ids = idsOf((await spansOf(line + other + line)).spans);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(idsOf((await spansOf(line)).spans), [ids[0]]);
    assert.deepEqual(idsOf((await spansOf(other)).spans), [ids[1]]);
  });

  test('repeated N times is one trace that says so, and takes N of the numbers', async () => {
    const inner = 'SPOE: [m] <EVENT:e> sid=1 st=0 12 0/9';
    const head = 'Nov 22 07:00:00 lb1 haproxy[7]: ';
    const repeated = `${head}message repeated 100000 times: [ ${inner}]\n`;
    const { spans } = await spansOf(repeated);
    assert.deepEqual(
      spans.map(({ attributes }) => attributes['haproxy.spoe.repeat_count']),
      [100_000],
    );
    const plain = `${head}${inner}\n`;
    const { spans: both } = await spansOf(plain + repeated + plain);
    assert.equal(new Set(idsOf(both)).size, 3);
    assert.deepEqual(
      both.map(({ attributes }) => attributes['haproxy.spoe.repeat_count']),
      [undefined, 100_000, undefined],
    );
  });

  test('each of what identifies a line matters', async () => {
    const line = 'Nov 22 07:00:00 lb1 haproxy[7]: SPOE: [m] <EVENT:e> sid=1 st=1 0/1/2/3/6 1/2 3/4 5/9\n';
    const changes: [string, string][] = [
      ['lb1', 'lb2'],
      ['[7]', '[8]'],
      ['07:00:00', '07:00:01'],
      ['[m]', '[n]'],
      [':e>', ':f>'],
      ['EVENT', 'GROUP'],
      ['sid=1', 'sid=2'],
      ['st=1', 'st=2'],
      ['0/1/2', '1/1/2'],
      ['/1/2/3', '/2/2/3'],
      ['/2/3/6', '/1/3/6'],
      ['/3/6', '/4/6'],
      ['/6 ', '/7 '],
      ['5/9', '6/9'],
      ['5/9', '5/8'],
    ];
    const all = await Promise.all(
      [line, ...changes.map(([from, to]) => line.replace(from, to))].map((text) =>
        spansOf(text, { detail: 'compact' }),
      ),
    );
    assert.equal(new Set(all.flatMap(({ spans }) => idsOf(spans))).size, changes.length + 1);
  });
});

describe('--sample', () => {
  test('keeps a share by trace id, and every error', async () => {
    const lines = makeLines(2000).split('\n');
    const text = lines.map((line, i) => (i % 50 === 0 ? line.replace('st=0', 'st=1') : line)).join('\n');
    const all = (await spansOf(text)).spans.filter(({ parentSpanId }) => parentSpanId === '');
    const some = (await spansOf(text, { sample: 0.1 })).spans;
    const kept = some.filter(({ parentSpanId }) => parentSpanId === '');
    const failed = (spans: readonly ReceivedSpan[]) => spans.filter(({ status }) => status.code === 2).length;
    assert.equal(failed(kept), failed(all));
    const successes = kept.length - failed(kept);
    assert.ok(successes > 140 && successes < 255, `${successes} of 1960`);
    assert.equal(some.length, kept.length * 5, 'a trace is kept whole');
    const fewer = new Set((await spansOf(text, { sample: 0.01 })).spans.map(({ traceId }) => traceId));
    const more = new Set(kept.map(({ traceId }) => traceId));
    assert.ok(
      [...fewer].every((id) => more.has(id)),
      'a smaller share is part of a larger one',
    );
  });
});

describe('encodings', () => {
  // One object: the stock serializer groups by identity.
  const SCOPE = { name: 'spoe-logs', version: '1.2.3' };
  // Seconds that are not whole: the stock serializer writes 3.0 as an integer.
  const TEXT =
    makeLines(3) +
    makeLines(1, 'lb2') +
    'Nov 22 06:00:00 lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=9 st=1 1/2/-1/-1/501 1/2 3/400 7/123456789\n' +
    'Nov 22 06:00:00 lb1 haproxy[713]: SPOE: [mïrror] <GROUP:é> sid=4294967295 st=0 11 7/1099511627776\n';

  test('protobuf is byte for byte what @opentelemetry/otlp-transformer writes', async () => {
    const { protobuf } = await spansOf(TEXT);
    const resources = new Map<string, ReturnType<typeof resourceFromAttributes>>();
    const readable = readProtobufSpans(protobuf).map((span) => toReadable(span, resources));
    assert.ok(readable.length > 20);
    const stock = ProtobufTraceSerializer.serializeRequest(readable);
    assert.ok(Buffer.from(stock ?? []).equals(protobuf));
  });

  test('JSON says the same, and the same as the stock serializer', async () => {
    const { protobuf, json } = await spansOf(TEXT);
    assert.deepEqual(readJsonSpans(json), readProtobufSpans(protobuf));
    const resources = new Map<string, ReturnType<typeof resourceFromAttributes>>();
    const readable = readProtobufSpans(protobuf).map((span) => toReadable(span, resources));
    const stock = JsonTraceSerializer.serializeRequest(readable);
    assert.deepEqual(readJsonSpans(json), readJsonSpans(Buffer.from(stock ?? []).toString('utf8')));
  });

  function toReadable(
    span: ReceivedSpan,
    resources: Map<string, ReturnType<typeof resourceFromAttributes>>,
  ): ReadableSpan {
    const plain = (values: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, (value as { double?: number }).double ?? value]),
      ) as Record<string, string | number>;
    const key = JSON.stringify(span.resource);
    const resource = resources.get(key) ?? resourceFromAttributes(plain(span.resource));
    resources.set(key, resource);
    const context = (spanId: string) => ({ traceId: span.traceId, spanId, traceFlags: 1 });
    const time = (at: bigint): [number, number] => [Number(at / 1_000_000_000n), Number(at % 1_000_000_000n)];
    return {
      name: span.name,
      kind: span.kind === 3 ? ApiKind.CLIENT : ApiKind.INTERNAL,
      spanContext: () => context(span.spanId),
      ...(span.parentSpanId !== '' && { parentSpanContext: context(span.parentSpanId) }),
      startTime: time(span.start),
      endTime: time(span.end),
      status: {
        code: span.status.code as SpanStatusCode,
        ...(span.status.message && { message: span.status.message }),
      },
      attributes: plain(span.attributes),
      links: [],
      events: [],
      duration: time(span.end - span.start),
      ended: true,
      resource,
      instrumentationScope: SCOPE,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }
});

test('a line without a time is refused, or gets the present one', async () => {
  const raw = 'SPOE: [m] <EVENT:e> sid=1 st=0 12 0/9\n';
  let told = 0;
  const refused = await exportText(raw.repeat(3), undefined, { onUntimed: () => (told += 1) });
  assert.equal(refused.report.untimed, 3);
  assert.equal(refused.report.spans, 0);
  assert.equal(told, 1);
  const arrived = await spansOf(raw, { arrivalMs: () => 1_795_000_000_000 });
  assert.equal(arrived.spans[0]?.end, 1_795_000_000_000_000_000n);
  assert.deepEqual(arrived.spans[0]?.resource, { 'service.name': 'haproxy' });
});

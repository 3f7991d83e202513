/** Lines that are read from their bytes say what they say as texts, whatever is in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyClock } from '../../../src/logs/access/clock.ts';
import { AccessLineReader } from '../../../src/logs/access/line-reader.ts';
import { type AccessRecord, isAnswer } from '../../../src/logs/access-record.ts';
import { AccessScanner } from '../../../src/logs/access-scanner.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { parseLine } from '../../../src/logs/line.ts';
import { LineFeed } from '../../../src/logs/line-feed.ts';
import type { ParsedLine } from '../../../src/logs/record.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { utcTimes } from './reading.ts';

/** So many lines are read as texts before any is read otherwise. */
const FIRST = 200;

function scan(lines: readonly string[]) {
  const requests: AccessRecord[] = [];
  const texts: string[] = [];
  const events: unknown[] = [];
  const scanner = new AccessScanner(
    { format: compileFormat('agent-jsonl') },
    {
      onRequest: (record, _hash, line) => {
        requests.push(record);
        texts.push(line());
      },
      onSpoe: (event, header, timeMs, _hash, repeat) => events.push({ event, header, timeMs, repeat }),
    },
  );
  scanner.begin('log');
  const feed = new LineFeed(scanner, new LineTally(), utcTimes());
  feed.push(Buffer.from(`${lines.join('\n')}\n`));
  feed.end();
  return { requests, texts, events };
}

/** The same by the plain path alone. */
function readAsTexts(lines: readonly string[]) {
  const reader = new AccessLineReader(compileFormat('agent-jsonl'), anyClock());
  const times = utcTimes();
  const requests: AccessRecord[] = [];
  const texts: string[] = [];
  const events: unknown[] = [];
  for (const line of lines) {
    const parsed: ParsedLine = parseLine(line);
    if (parsed.kind === 'event') {
      const { event, header, repeat } = parsed;
      events.push({ event, header, timeMs: header.time && times.resolve(header.time), repeat });
    } else if (parsed.kind === 'none' || parsed.kind === 'spoofed' || parsed.kind === 'unread') {
      const record = reader.read(line);
      if (record === undefined || isAnswer(record)) continue;
      requests.push(record);
      // As the scanner has it: without what is no part of a line.
      texts.push(line.replace(/\r$/, ''));
    }
  }
  return { requests, texts, events };
}

const USUAL = {
  ts: '2026-11-20T06:00:02.513Z',
  message: 'mirror',
  engine_id: 'f99bf845-db0e-4a5a-8c62-1f3b3ed6807d',
  stream_id: 20,
  frame_id: 1,
  unique_id: '0A02B88E:5212_CB00710A:0050_6AFFE1E0_000A:0241',
  method: 'GET',
  path: '/orders/17',
  status: 200,
  ttfb_ms: 13.866,
  latency_ms: 17.828,
  request_bytes: 0,
  response_bytes: 23199,
  truncated: false,
  attempts: 1,
  error: null,
};

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const value = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(0, 7, 200, 503, 1e21, 0.1, 12.345678, -1, null, true, false, '', '-'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      TRACE,
      '<BADREQ>',
      'POST',
      '/a"b',
      '/\u001b[1m',
      'SPOE: [x] <EVENT:y>',
      '/é',
      'ab\0',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      '2026-11-20T06:00:02Z',
      '2026-11-20T06:00:12.5+01:00',
      '2026-13-20T06:00:02.5Z',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
);
const name = fc.constantFrom(
  ...Object.keys(USUAL),
  'pid',
  'sid',
  'traceparent',
  'destination',
  'answer',
  'kind',
  'extra',
);
const line = fc
  .tuple(
    fc.array(fc.tuple(name, value), { maxLength: 3 }),
    fc.subarray(['engine_id', 'unique_id', 'ttfb_ms']),
    fc.nat(9),
  )
  .map(([changes, left, way]) => {
    const record = { ...USUAL, ...Object.fromEntries(changes) };
    // Most lines have all members.
    if (way === 0) for (const member of left) delete (record as Record<string, unknown>)[member];
    const text = JSON.stringify(record);
    if (way === 1) return `${text.slice(0, -1)},"path":"/twice"}`;
    if (way === 2) return `${text}\r`;
    if (way === 3) return text.slice(0, -3);
    if (way === 4) return text.replace('"status":', '"status" : ');
    return text;
  });

/** What the first lines are, which teach how the others are read. */
const FIRSTS = [
  USUAL,
  { ...USUAL, traceparent: TRACE },
  // It is its own trace.
  { ...USUAL, unique_id: TRACE },
  // Two members for one value.
  { ...USUAL, traceparent: TRACE, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', url: '/else' },
];

test('lines of the agent’s record say the same as bytes and as texts', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIRSTS), fc.array(line, { maxLength: 40 }), (taught, lines) => {
      const first = Array.from({ length: FIRST }, () => JSON.stringify(taught));
      const likeIt = [{ unique_id: 'another' }, { traceparent: '-' }, { path: '-' }].map((change) =>
        JSON.stringify({ ...taught, ...change }),
      );
      // Each twice: what the first one teaches the second one is read by.
      const all = [...first, ...[...likeIt, ...lines].flatMap((each) => [each, each]), ...first.slice(0, 2)];
      const [scanned, read] = [scan(all), readAsTexts(all)];
      assert.deepEqual(scanned.requests, read.requests);
      assert.deepEqual(scanned.texts, read.texts);
    }),
    { numRuns: 60 },
  );
});

test('a second that was read before is that of the line before, in which a time without a year is', () => {
  const at = (ts: string) => JSON.stringify({ ...USUAL, ts });
  const spoe = 'Feb 28 23:59:51 lb1 haproxy[1]: SPOE: [mirror] <EVENT:e> sid=1 st=0 0/0/0/0/0 1/1 0/0 0/1';
  const lines = [
    ...Array.from({ length: FIRST + 10 }, () => at('2024-02-28T23:59:50.500Z')),
    at('2025-06-01T12:00:01.500Z'),
    at('2024-02-28T23:59:50.700Z'),
    spoe,
  ];
  const [{ timeMs }] = scan(lines).events as [{ readonly timeMs: number }];
  assert.equal(new Date(timeMs).toISOString(), '2024-02-28T23:59:51.000Z');
});

const number = fc.oneof(
  fc.constantFrom('0', '1', '-1', '4294967295', '4294967296', '00', '', '99999999999999999999'),
  fc.nat().map(String),
);
const spoe = fc
  .tuple(
    fc.constantFrom('01', '02', '03'),
    fc.constantFrom('lb1 haproxy[577]: ', 'lb2 haproxy[9001]: ', 'lb1 haproxy: ', 'lb1 haproxy[577]: x ', ''),
    fc.constantFrom('EVENT:on-http-response', 'GROUP:g', 'EVENT:é'),
    fc.array(number, { minLength: 13, maxLength: 13 }),
    fc.constantFrom('', '', '', '\r', ' ', '#012', 'x', '\u001b[0m'),
    fc.nat(5),
  )
  .map(([second, process, event, n, tail, way]) => {
    const [sid, st, ...rest] = n as [string, string, ...string[]];
    const [a, b, c, d, e, f, g, h, i, j, k] = rest;
    const old = `${a}/${b}/${c}/${d}/${e} ${f}/${g} ${h}/${i} ${j}/${k}`;
    const text = `SPOE: [mirror] <${event}> sid=${sid} st=${st} ${way < 3 ? old : `${a} ${j}/${k}`}${tail}`;
    return `Nov 20 06:00:${second} ${process}${way === 5 ? text.replace('sid', 's') : text}`;
  });

test('SPOE lines say the same as bytes and as texts', () => {
  fc.assert(
    fc.property(fc.array(spoe, { maxLength: 60 }), (lines) => {
      const all = lines.flatMap((each) => [each, each]);
      assert.deepEqual(scan(all).events, readAsTexts(all).events);
    }),
    { numRuns: 200 },
  );
});

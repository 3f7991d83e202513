/**
 * Whatever reaches a parser from outside, it gives what it promises or refuses in its own words: no other error, no number
 * that is none, no text without a bound. SPOP has its fuzzers in test/spop/mutation.test.ts and test/spoa/fuzz.test.ts, log
 * lines in test/logs/fuzz.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AccessClock } from '../../src/logs/access/clock.ts';
import { AccessFormatError } from '../../src/logs/access-errors.ts';
import { isAnswer } from '../../src/logs/access-record.ts';
import { compileFormat } from '../../src/logs/builtin-formats.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { parseZone } from '../../src/logs/zone.ts';
import { ResponseParser } from '../../src/mirror/response-parser.ts';
import { readGrpcAnswer } from '../../src/otel/grpc-answer.ts';
import { readHttpAnswer } from '../../src/otel/http-answer.ts';
import { parseState, StateError } from '../../src/stats/parse-state.ts';
import { STATE_SCHEMA } from '../../src/stats/state.ts';
import { summarize } from '../../src/stats/summary.ts';
import { eventLine, eventLines, readLog } from '../stats/read-log.ts';
import { damaged, fuzz } from './fuzzing.ts';

const ANSWERS = [
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde',
  'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x="y"\r\nabc\r\n0\r\ntrailer: 1\r\n\r\n',
  'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx',
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 700\r\n\r\n',
];
const PIECES = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  ': ',
  '0',
  'ffffffff',
  '-1',
  '\0',
  'content-length',
  'transfer-encoding: chunked\r\n',
];

test('HTTP/1: an answer has one status, at most as many bytes as came, and the same outcome however it is cut', () => {
  const read = (pieces: readonly Buffer[]) => {
    const seen: string[] = [];
    let body = 0;
    const parser = new ResponseParser({
      onStart: () => true,
      isHead: () => false,
      onBody: (bytes) => {
        body += bytes;
        return true;
      },
      onResponse: (status, keepAlive) => {
        assert.ok(Number.isInteger(status) && status >= 200 && status <= 999, String(status));
        seen.push(`${status} ${keepAlive}`);
        return true;
      },
    });
    const isHttp = pieces.every((piece) => parser.push(piece, piece.length));
    return { seen, isHttp, body };
  };
  fuzz(
    fc.property(damaged(ANSWERS, PIECES), fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
      const bytes = Buffer.from(text, 'latin1');
      const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
      const whole = read([bytes]);
      assert.ok(whole.body <= bytes.length);
      const pieces = [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
      const cut = read(pieces);
      assert.deepEqual([cut.seen, cut.isHttp], [whole.seen, whole.isHttp]);
    }),
    3000,
  );
});

const status = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom(200, 400, 413, 429, 503), fc.integer());
const header = fc.option(
  fc.oneof(fc.string(), fc.constantFrom('120', '-1', '1e309', '99999999999', 'Wed, 21 Oct 2099 07:28:00 GMT')),
  {
    nil: undefined,
  },
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  damaged(
    ['{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}', '{"message":"no","code":8}', '<html>no</html>'],
    ['-', '1e400', '"', '{', '\x1b[2J', '\u202e'],
  ).map((text) => Buffer.from(text)),
);

function assertAnswer(answer: ReturnType<typeof readHttpAnswer>): void {
  if (answer.kind === 'accepted') {
    assert.ok(Number.isSafeInteger(answer.rejected) && answer.rejected >= 0, String(answer.rejected));
    assert.ok(answer.message.length <= 201);
    return;
  }
  // A name of the status and some punctuation stand before the collector's own words.
  assert.ok(answer.reason.length <= 300 && !/[\r\n]/.test(answer.reason), JSON.stringify(answer.reason));
  if (answer.kind === 'retry' && answer.afterMs !== undefined) assert.ok(answer.afterMs >= 0);
}

test('OTLP over HTTP: every answer means something, in one bounded line', () => {
  fuzz(
    fc.property(
      fc.record({ status, body, contentType: header, retryAfter: header }),
      fc.constantFrom('traces' as const, 'metrics' as const),
      fc.constantFrom('json' as const, 'protobuf' as const),
      (response, signal, encoding) => assertAnswer(readHttpAnswer(response, signal, encoding, Date.UTC(2026, 0))),
    ),
    2000,
  );
});

test('OTLP over gRPC: every answer means something, in one bounded line', () => {
  const response = fc.record({
    status: fc.option(fc.oneof(fc.integer({ min: -1, max: 17 }), fc.double()), { nil: undefined }),
    message: fc.string({ maxLength: 2000 }),
    details: fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined }),
    body: fc.uint8Array({ maxLength: 200 }),
  });
  fuzz(
    fc.property(response, fc.constantFrom('traces' as const, 'metrics' as const), (answer, signal) =>
      assertAnswer(readGrpcAnswer(answer, signal)),
    ),
    2000,
  );
});

const FORMATS = [
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r %ID',
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" $request_time $http_x_unique_id',
  '%h %l %u %t "%r" %>s %b "%{Referer}i" %D %{X-Unique-ID}i',
];
const LINES = [
  '10.0.0.1:5 [22/Nov/2026:07:00:00.000] fe be/s 0/0/0/1/1 200 5 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1" 0A01',
  '10.0.0.1 - - [22/Nov/2026:07:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" 0.013 0A01',
  '{"status":200,"request_uri":"/a","request_time":0.1}',
];

test('formats: each compiles or is refused, and reads any line as a record or not at all', () => {
  const clock = () =>
    new AccessClock(new TimeResolver({ zone: parseZone('UTC'), referenceMs: Date.UTC(2026, 10, 22) }));
  fuzz(
    fc.property(
      damaged(FORMATS, ['%', '$', '"', '[', '%{', '}', '%[', '\\', '%%', '$$']),
      fc.array(damaged(LINES, ['"', '\\x22', '[', '-', '/', '1e999', '\0'])),
      (text, lines) => {
        let format: ReturnType<typeof compileFormat>;
        try {
          format = compileFormat(text);
        } catch (error) {
          assert.ok(error instanceof AccessFormatError, String(error));
          return;
        }
        for (const line of lines) {
          const record = format.read(line, 0, {}, clock());
          if (record === undefined || isAnswer(record)) continue;
          assert.ok(
            Number.isInteger(record.status) && record.status >= -1 && record.status <= 999,
            String(record.status),
          );
          for (const time of [record.firstByteMs, record.totalMs])
            assert.ok(Number.isNaN(time) || time >= -1, String(time));
        }
      },
    ),
    1000,
  );
});

const LOG = eventLines(0, 30) + eventLine(31, { st: 259 }) + eventLines(32, 3, { host: 'lb2' });
const NUMBER = /(?<=[:,[])-?\d+(?:\.\d+)?(?=[,\]}])/g;

/** Every number that a summary holds, with its place. */
function* numbersOf(value: unknown, place = ''): Generator<readonly [place: string, value: number]> {
  if (typeof value === 'number') yield [place, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) yield* numbersOf(each, `${place}.${key}`);
}

test('states: each is refused as one, or its summary has numbers that are some, and shares of at most all', () => {
  const options = { by: ['agent', 'event'] as const, windowMs: 10_000 };
  const { aggregator, tally } = readLog(LOG, options);
  const saved = {
    schema: STATE_SCHEMA,
    files: ['a.log'],
    notices: [],
    tally: tally.toState(),
    aggregate: aggregator.toState(),
  };
  const text = JSON.stringify(saved);
  const places = [...text.matchAll(NUMBER)];
  const odd = ['-1', '0', '1.5', '1e308', '9007199254740993', '1e9', '1e-320', '8.64e15', 'null', '"1"', '[]', '1e999'];
  const change = fc.tuple(fc.nat(places.length - 1), fc.constantFrom(...odd));
  fuzz(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const at = new Map(changes.map(([i, value]) => [(places[i] as RegExpExecArray).index, value]));
      const forged = text.replace(NUMBER, (number, index) => at.get(index) ?? number);
      let state: ReturnType<typeof parseState>;
      try {
        state = parseState(forged);
      } catch (error) {
        assert.ok(error instanceof StateError, String(error));
        return;
      }
      const merged = readLog('', options);
      merged.aggregator.merge(state.aggregate);
      merged.tally.merge(state.tally);
      for (const [place, number] of numbersOf(summarize({ files: [], minEvents: 1, ...merged }))) {
        assert.ok(Number.isFinite(number), `${place}: ${number}`);
        if (/[rR]ate$|[sS]hare$/.test(place)) assert.ok(number >= 0 && number <= 1, `${place}: ${number}`);
      }
    }),
    1500,
  );
});

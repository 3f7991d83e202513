/** What is written by a format is read by it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import { readerOf } from './reading.ts';

const SEED = { seed: 5, numRuns: 400 };

/** HAProxy's url_encode_map, hdr_encode_map: every byte that is escaped. */
function escapeHaproxy(text: string, also = ''): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      const isEscaped = byte < 0x20 || byte >= 0x7f || '"#'.includes(char) || also.includes(char);
      return isEscaped ? `#${byte.toString(16).toUpperCase().padStart(2, '0')}` : char;
    })
    .join('');
}

const word = fc.string({ unit: fc.constantFrom(...'abcXYZ0189._-'), minLength: 1, maxLength: 12 });
const count = fc.integer({ min: 0, max: 99_999 });
const timer = fc.integer({ min: -1, max: 99_999 });
const status = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constant(-1));
const path = fc.string({ unit: CODE_POINT, maxLength: 30 }).map((text) => `/${text.replace(/[\s\uD800-\uDFFF]/g, '')}`);
const text = fc.string({ unit: CODE_POINT, maxLength: 40 }).map((value) => value.replace(/[\uD800-\uDFFF]/g, ''));
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const method = fc.constantFrom('GET', 'POST', 'DELETE', 'M-SEARCH');
const termination = fc.constantFrom('----', 'CD--', 'SD--', 'sH--', '--NI', 'LR--', '--');

const request = fc.record({
  address,
  port: count,
  status,
  method,
  path,
  termination,
  Tr: timer,
  Ta: timer,
  id: word,
  rt: count,
  pid: count,
  server: fc.oneof(word, fc.constant('<NOSRV>')),
  captures: fc.option(fc.array(text, { maxLength: 3 })),
  cookie: fc.option(text, { nil: undefined }),
  second: fc.integer({ min: 0, max: 2_000_000_000 }),
  ms: fc.integer({ min: 0, max: 999 }),
});

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

function clf(second: number): string {
  const date = new Date(second * 1000);
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${clock}`;
}

/** What HAProxy writes for a variable. */
const WRITTEN: Readonly<Record<string, (r: Request) => string>> = {
  ci: (r) => r.address,
  cp: (r) => String(r.port),
  tr: (r) => `${clf(r.second)}.${String(r.ms).padStart(3, '0')}`,
  Ts: (r) => String(r.second),
  s: (r) => r.server,
  b: () => 'be_x',
  ST: (r) => String(r.status),
  Tr: (r) => String(r.Tr),
  Ta: (r) => String(r.Ta),
  tsc: (r) => r.termination,
  rt: (r) => String(r.rt),
  pid: (r) => String(r.pid),
  ID: (r) => r.id,
  HM: (r) => r.method,
  HU: (r) => escapeHaproxy(r.path),
  '{+Q}r': (r) => `"${r.method} ${escapeHaproxy(r.path)} HTTP/1.1"`,
  CC: (r) => (r.cookie === undefined ? '-' : `SESS=${r.cookie.replace(/[\r\n\0;]/g, '')}`),
  hr: (r) => (r.captures === null ? '' : `{${r.captures.map((capture) => escapeHaproxy(capture, '{|}')).join('|')}}`),
};

function write(format: string, r: Request): string {
  const line = format.replace(/%(\{\+Q\}r|[A-Za-z]+)/g, (_, name: string) => WRITTEN[name]?.(r) ?? '');
  // Absent captures leave one of two spaces. Only they are ever empty.
  return r.captures === null ? line.replace('0/0  ', '0/0 ') : line;
}

const HTTPLOG =
  '%ci:%cp [%tr] fe %b/%s 0/0/0/%Tr/%Ta %ST 12 %CC - %tsc 1/1/0/0/0 0/0 %hr %{+Q}r rt=%rt pid=%pid id=%ID';

test('httplog with captures and a cookie that may hold anything', () => {
  const format =
    '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %{+Q}r rt=%rt pid=%pid id=%ID';
  const read = readerOf(format);
  fc.assert(
    fc.property(request, (r) => {
      const record = read(write(HTTPLOG, r));
      assert.deepEqual(record, {
        timeMs: r.second * 1000 + r.ms,
        method: r.method,
        target: r.path,
        malformed: false,
        status: r.status,
        termination: r.termination,
        noServer: r.server === '<NOSRV>',
        firstByteMs: r.Tr,
        totalMs: r.Ta,
        uniqueId: r.id === '-' ? '' : r.id,
        traceId: '',
        spanId: '',
        destination: '',
        message: '',
        requestBytes: -1,
        responseBytes: -1,
        sentBytes: 12,
        sid: r.rt,
        pid: r.pid,
        host: '',
        error: '',
      });
    }),
    SEED,
  );
});

test('any variables in any order between any separators', () => {
  const names = ['ci', 'cp', 'tr', 's', 'b', 'Tr', 'Ta', 'tsc', 'rt', 'pid', 'ID', '{+Q}r'];
  const separator = fc.constantFrom(' ', '; ', ' | ', '" "', ' x=', '\t', ' ~ ');
  const formats = fc
    .tuple(fc.subarray(names), fc.array(separator, { minLength: 13, maxLength: 13 }), fc.nat())
    .map(([chosen, separators, turn]) => {
      const all = [...chosen.slice(turn % (chosen.length + 1)), 'ST', ...chosen.slice(0, turn % (chosen.length + 1))];
      return all.map((name, i) => (i === 0 ? `%${name}` : `${separators[i]}%${name}`)).join('');
    });
  fc.assert(
    fc.property(formats, request, (format, r) => {
      const record = readerOf(compileFormat(`log-format ${format}`))(write(format, r));
      const has = (name: string) =>
        new RegExp(`%(?:\\{\\+Q\\})?${name.replace(/\W/g, '\\$&')}(?![A-Za-z])`).test(format);
      assert.equal(record?.status, r.status, format);
      if (has('tsc')) assert.equal(record.termination, r.termination, format);
      if (has('Tr')) assert.equal(record.firstByteMs, r.Tr, format);
      if (has('Ta')) assert.equal(record.totalMs, r.Ta, format);
      if (has('rt')) assert.equal(record.sid, r.rt, format);
      if (has('pid')) assert.equal(record.pid, r.pid, format);
      if (has('ID') && r.id !== '-') assert.equal(record.uniqueId, r.id, format);
      if (format.includes('}r')) assert.equal(record.target, r.path, format);
      if (has('tr')) assert.equal(record.timeMs, r.second * 1000 + r.ms, format);
    }),
    SEED,
  );
});

test('nginx: whatever clients send, each value stays its own', () => {
  const read = readerOf(
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_unique_id" $request_time',
  );
  const escapeNginx = (value: string) =>
    [...Buffer.from(value)]
      .map((byte) =>
        byte < 0x20 || byte >= 0x7f || byte === 0x22 || byte === 0x5c
          ? `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`
          : String.fromCharCode(byte),
      )
      .join('');
  fc.assert(
    fc.property(request, text, text, (r, user, agent) => {
      const e = escapeNginx;
      const line = `${r.address} - ${e(user)} [${clf(r.second)} +0000] "${r.method} ${e(r.path)} HTTP/1.1" ${r.status} 5 "${e(agent)}" "${e(user)}" "${e(r.id)}" 0.${String(r.ms).padStart(3, '0')}`;
      const record = read(line);
      assert.deepEqual(
        [record?.timeMs, record?.method, record?.target, record?.status, record?.uniqueId, record?.totalMs],
        [r.second * 1000, r.method, r.path, r.status, r.id === '-' ? '' : r.id, r.ms],
        line,
      );
    }),
    SEED,
  );
});

test('JSON: whatever stands in the other members', () => {
  const read = readerOf('json');
  fc.assert(
    fc.property(request, fc.dictionary(word, fc.jsonValue()), (r, others) => {
      const known = { status: r.status, method: r.method, path: r.path, unique_id: r.id, sid: r.rt };
      const record = read(JSON.stringify({ ...known, others: [others] }));
      assert.deepEqual(
        [record?.status, record?.method, record?.target, record?.uniqueId, record?.sid],
        [r.status, r.method, r.path, r.id === '-' ? '' : r.id, r.rt],
      );
    }),
    SEED,
  );
});

/** What HAProxy wrote of the same requests in each of its formats (fixtures/logs/access/README.md). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import type { AccessFormat } from '../../../src/logs/access/format.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { linesOf, readerOf } from './reading.ts';

const HEX =
  '%{+X,+E}o %ci:%cp %Ts %ms %rt:%pid st=%ST t=%Tr/%Ta %{+Q}HM %{+Q}HPO %{+Q}HQ %{+Q}HV ' +
  'ua=%{+Q}[capture.req.hdr(0)] tp=%[capture.req.hdr(1)] end=%tsc id=%ID';
const LOOSE = '%ci:%cp [%tr] ua=%[capture.req.hdr(0)] st=%ST %HM %HU %HV id=%ID';
const JSON_ENCODED =
  '%{+json}o %(when)tr %(code:sint)ST %(verb)HM %(target)HU %(uid)ID %(first)Tr %(whole)Ta %(end)tsc %(n)rt %(process)pid';
const JSON_BY_HAND =
  '{"time":"%tr","status":%ST,"method":"%HM","uri":"%HU","unique_id":"%ID","Tr":%Tr,"Ta":%Ta,' +
  '"termination_state":"%tsc","server":"%s","rt":%rt,"pid":%pid,"ua":"%[capture.req.hdr(0),json(utf8s)]"}';

interface Expected {
  readonly file: string;
  /** Found without, when there is none. */
  readonly format?: string;
  readonly name?: string;
  readonly description?: string;
  /** The log-format has: */
  readonly ids?: boolean;
  readonly server?: boolean;
  readonly times?: boolean;
}

const FILES: readonly Expected[] = [
  { file: '2.6.12--httplog', name: 'haproxy-httplog', description: 'httplog', server: true },
  { file: '2.6.12--httplog-id-rt', name: 'haproxy-httplog', description: 'httplog + %ID %rt', ids: true, server: true },
  { file: '2.6.12--httplog-captures-cookie-id-rt', description: 'httplog + %ID %rt', ids: true, server: true },
  { file: '3.2.26--httplog-captures-cookie-id-rt', description: 'httplog + %ID %rt', ids: true, server: true },
  { file: '2.6.12--escapes', description: 'httplog + rt= pid= id=', ids: true, server: true },
  { file: '2.6.12--httpslog', name: 'haproxy-httpslog', description: 'httpslog', server: true },
  { file: '3.2.26--httpslog', name: 'haproxy-httpslog', description: 'httpslog', server: true },
  { file: '2.6.12--clf-plain', name: 'haproxy-httplog', description: 'httplog clf', server: true },
  { file: '2.6.12--clf', name: 'haproxy-httplog', description: 'httplog clf', server: true },
  { file: '3.2.26--clf', name: 'haproxy-httplog', description: 'httplog clf', server: true },
  { file: '2.6.12--json', name: 'haproxy-json', description: 'JSON lines of HAProxy', ids: true, server: true },
  { file: '3.2.26--json', name: 'haproxy-json', description: 'JSON lines of HAProxy', ids: true, server: true },
  { file: '2.6.12--json', format: JSON_BY_HAND, name: 'haproxy-log-format', ids: true, server: true },
  { file: '3.2.26--json-encoded', format: JSON_ENCODED, name: 'haproxy-json', ids: true },
  { file: '2.6.12--hex-escape', format: HEX, name: 'haproxy-log-format', ids: true },
  { file: '2.6.12--loose', format: LOOSE, name: 'haproxy-log-format', ids: true, times: false },
];

/** method, target, status, termination of what every file has; in no order, as some requests were at once. */
const REQUESTS = [
  '200 GET /users/17?page=2 ----',
  '201 POST /users?x=SPOE:+[mirror]+%3CEVENT:x%3E ----',
  `200 GET /${'l'.repeat(1018)} ----`,
  '204 GET /204 ----',
  '304 GET /304 ----',
  '200 HEAD /head ----',
  '403 GET /deny PR--',
  '503 GET /dead SC--',
  '500 GET /boom ----',
  '504 GET /reset sH--',
  '200 GET /v6 ----',
  '200 GET /slow1 ----',
];

for (const { file, format, name, description, ids = false, server = false, times = true } of FILES) {
  test(`${file}${format === undefined ? '' : ' with its format'}: every request is what it was`, () => {
    const lines = linesOf(`access/haproxy-${file}.log`);
    const found = format === undefined ? detectFormat(lines)?.format : compileFormat(format);
    assert.ok(found !== undefined);
    if (name !== undefined) assert.equal(found.name, name);
    if (description !== undefined) assert.equal(found.description, description);
    checkRequests(found, lines, { ids, server, times });
  });
}

function checkRequests(
  format: AccessFormat,
  lines: readonly string[],
  has: { ids: boolean; server: boolean; times: boolean },
): void {
  const read = readerOf(format);
  const records = lines.map((line) => {
    const record = read(line);
    assert.ok(record !== undefined, line);
    assert.notEqual(record.isCut, true, line);
    return record;
  });
  const shown = records.map(
    ({ status, method, target, termination }) => `${status} ${method} ${target} ${termination}`,
  );
  for (const request of REQUESTS) {
    const wanted = has.times ? request : request.replace(/[^ ]*$/, '');
    assert.ok(shown.includes(wanted), `${wanted} in ${shown.join('\n')}`);
  }
  const pids = new Set(records.map(({ pid }) => pid));
  assert.equal(pids.size, 1);
  for (const record of records) {
    assert.equal(record.malformed, record.method === '');
    if (record.malformed) assert.equal(record.status, 400);
    // No id was made for what was no request.
    assert.equal(record.uniqueId !== '', has.ids && !record.malformed, record.target);
    assert.equal(record.sid >= 0, has.ids && (has.times || !record.malformed));
    if (has.server) assert.equal(record.noServer, record.malformed || record.target === '/deny');
    assert.equal(Number.isNaN(record.totalMs), !has.times);
    assert.match(new Date(record.timeMs).toISOString(), /^2026-11-23T22:/);
  }
  const reset = records.find(({ target }) => target === '/reset');
  if (has.times) assert.equal(reset?.firstByteMs, -1);
}

test('quotes and hashes that HAProxy escaped are there again', () => {
  const lines = linesOf('access/haproxy-2.6.12--escapes.log');
  const read = readerOf('httplog');
  assert.equal(read(lines[1]?.replace(/ rt=.*/, '') ?? '')?.target, '/a"b#c{d}|e');
});

test('a trace is found among captured headers', () => {
  const lines = linesOf('access/haproxy-2.6.12--httplog-captures-cookie-id-rt.log');
  const read = readerOf(detectFormat(lines)?.format ?? 'httplog');
  assert.equal(read(lines[0] ?? '')?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.equal(readerOf(HEX)(linesOf('access/haproxy-2.6.12--hex-escape.log')[0] ?? '')?.traceId.length, 0);
  const named = HEX.replace('tp=', 'traceparent=');
  const renamed = linesOf('access/haproxy-2.6.12--hex-escape.log')[0]?.replace('tp=', 'traceparent=') ?? '';
  assert.equal(readerOf(named)(renamed)?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
});

test('lines that `len` cut have what was written, and no id', () => {
  const lines = linesOf('access/haproxy-2.6.12--cut.log');
  const detection = detectFormat(lines);
  assert.equal(detection?.format.description, 'httplog + %ID %rt');
  const { format } = detection;
  const read = readerOf(format);
  let cut = 0;
  for (const line of lines) {
    const record = read(line);
    assert.ok(record !== undefined);
    const isWhole = /[0-9A-F]:1FB4 \d+$| - \d+$/.test(line);
    assert.equal(record.isCut === true, !isWhole, line);
    if (isWhole) continue;
    cut += 1;
    assert.equal(record.uniqueId, '');
    assert.equal(record.termination, '----');
    assert.ok(record.status >= 200);
    assert.notEqual(record.target, '');
  }
  assert.equal(cut, 4);
});

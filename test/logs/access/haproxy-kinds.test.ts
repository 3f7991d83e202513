/** Configurations and lines of HAProxy as people have them: what is read, and what is rather not read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { isNotice } from '../../../src/logs/access/notices.ts';
import { AccessFormatError } from '../../../src/logs/access-errors.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { readerOf, readOne, summaryOf } from './reading.ts';

const ID = 'C0000201:1267_CB007101:01BB_65E9A0F1_0001:0007';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const HEAD = '192.0.2.1:4711 [07/Mar/2024:12:00:01.001] fe be/s1 0/0/0/12/13 200 123 - - ---- 1/1/0/0/0 0/0';
const FORMAT = '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq';
const REQUEST = '"GET /x HTTP/1.1"';
const READ = `200 GET /x ---- 12/13 #1 ${ID}`;

/** What is configured, a line of it, and what it says. */
const COMPILED: readonly (readonly [format: string, line: string, expected: string])[] = [
  // Fields behind, also between.
  [`${FORMAT} %{+Q}r %ID %rt %[src_port] %[var(txn.x)]`, `${HEAD} ${REQUEST} ${ID} 1 4711 a b`, READ],
  [`${FORMAT} %{+Q}r %ID`, `${HEAD} ${REQUEST} ${ID}`, READ],
  // %r without quotes.
  [`${FORMAT} %r %ID %rt`, `${HEAD} GET /x HTTP/1.1 ${ID} 1`, READ],
  [`${FORMAT} %hr %hs %r %ID`, `${HEAD} {a|b} GET /x HTTP/1.1 ${ID}`, READ],
  ['%ST %r %ID', `200 <BADREQ> ${ID}`, `200 malformed #1 ${ID}`],
  // Lists of captures that are not there.
  [`${FORMAT} %hrl %hsl %{+Q}r %ID`, `${HEAD} ${REQUEST} ${ID}`, READ],
  [`${FORMAT} %hrl %hsl %{+Q}r %ID`, `${HEAD} a b - c ${REQUEST} ${ID}`, READ],
  [`${FORMAT} %hrl %hsl %{+Q}r %ID`, `${HEAD} "<BADREQ>" -`, '200 malformed ---- 12/13'],
  [`${FORMAT} %hrl %hsl %{+Q}r %ID`, `${HEAD} - - "<BADREQ>" -`, '200 malformed ---- 12/13'],
  [`${FORMAT} %{+Q}hrl %{+Q}hsl %{+Q}r %ID`, `${HEAD} "<BADREQ>" -`, '200 malformed ---- 12/13'],
  [`${FORMAT} %{+Q}hrl %{+Q}hsl %{+Q}r %ID`, `${HEAD} "a" "b" ${REQUEST} ${ID}`, READ],
  // The request from parts.
  ['%ci %ST %[capture.req.method] %[capture.req.uri] %ID', `::1 200 GET /x?a=1 ${ID}`, `200 GET /x?a=1 #1 ${ID}`],
  ['%ci %ST %[method] %[url] %ID', `::1 200 GET /x?a=1 ${ID}`, `200 GET /x?a=1 #1 ${ID}`],
  ['%ci %ST %[method] %[path] %[query] %ID', `::1 200 GET /x a=1 ${ID}`, `200 GET /x?a=1 #1 ${ID}`],
  [
    '%ci %ST "%HM %[var(txn.base)] %HV" %ID',
    `::1 200 "GET a.example/x HTTP/2.0" ${ID}`,
    `200 GET a.example/x #1 ${ID}`,
  ],
  ['%ST %[var(txn.method)] %[var(txn.req_uri)] %ID', `200 GET /x ${ID}`, `200 GET /x #1 ${ID}`],
  ['%ST %HM %[path,word(1,/)] %ID', `200 GET x ${ID}`, `200 GET  #1 ${ID}`],
  // One text of several values.
  [
    '{"c":"%ci:%cp","s":%ST,"m":"%HM","u":"%HP%HQ","id":"%ID"}',
    `{"c":"::1:47","s":200,"m":"GET","u":"/x?a","id":"${ID}"}`,
    `200 GET /x?a #1 ${ID}`,
  ],
  [
    '%ST %HM %[req.hdr(x-proto)]://%[req.hdr(host)]%HP %ID',
    `200 GET https://a.example/x ${ID}`,
    `200 GET https://a.example/x #1 ${ID}`,
  ],
  // Spellings of the configuration file.
  ['%ci\\t%ST\\t%HM\\t%HU\\t%ID', `::1\t200\tGET\t/x\t${ID}`, `200 GET /x #1 ${ID}`],
  ['log-format "%ci\\t%ST\\t%HM\\t%HU\\t%ID"', `::1\t200\tGET\t/x\t${ID}`, `200 GET /x #1 ${ID}`],
  ['log-format \'%ci %ST %HM "%HU" %ID\'', `::1 200 GET "/x" ${ID}`, `200 GET /x #1 ${ID}`],
  ['   log-format %ci\\ %ST\\ \\"%HM\\ %HU\\"\\ %ID   # of the edge', `::1 200 "GET /x" ${ID}`, `200 GET /x #1 ${ID}`],
  ['log-format "%ci %ST %HM %HU %ID" # "of the edge"', `::1 200 GET /x ${ID}`, `200 GET /x #1 ${ID}`],
  ["log-format: '%ci %ST %HM %HU %ID'", `::1 200 GET /x ${ID}`, `200 GET /x #1 ${ID}`],
  // Numbers with slashes: one more or less is another format.
  [`${FORMAT} %{+Q}r`, `${HEAD.replace('0/0/0/12/13', '0/0/0/0/0/1/12/13')} ${REQUEST}`, 'unparsed'],
  [`${FORMAT} %{+Q}r`, `${HEAD.replace('0/0/0/12/13', '0/0/0/1/12/13')} ${REQUEST}`, 'unparsed'],
  [`${FORMAT} %{+Q}r`, `${HEAD.replace('0/0/0/12/13', '0/0/12/13')} ${REQUEST}`, 'unparsed'],
  ['%ST %Tw/%Tr/%Td %HM', '200 1/2/3/4 GET', 'unparsed'],
  ['%ST %Tw/%Tr/%Td %HM', '200 1/2 GET', 'unparsed'],
  ['%ST %Th/%Ti/%TR/%Tq/%Tw/%Tc/%Tr/%Tt %HM %HU', '200 0/0/2/2/0/1/12/13 GET /x', '200 GET /x 12/13'],
  ['httplog', '{"status":200,"path":"/x"}', 'unparsed'],
  ['httplog', '192.0.2.7 - - [22/Nov/2026:07:01:43 +0000] "GET /x HTTP/1.1" 200 12 "-" "curl"', 'unparsed'],
];

for (const [format, line, expected] of COMPILED) {
  test(`${format.replace(FORMAT, '…')} | ${line.replace(HEAD, '…').slice(0, 60)}`, () => {
    let shown = '';
    try {
      shown = summaryOf(readerOf(format)(line));
    } catch (error) {
      shown = error instanceof AccessFormatError ? error.code : String(error);
    }
    assert.equal(shown, expected);
  });
}

/** A line, how its format is called, what it says. */
const DETECTED: readonly (readonly [line: string, description: string, expected: string])[] = [
  [`${HEAD} ${REQUEST} ${ID}`, 'httplog + %ID', READ],
  [`${HEAD} ${REQUEST} ${ID} 1 more "of it" x`, 'httplog + %ID %rt + fields that are not read', READ],
  [`${HEAD} ${REQUEST} ${ID} spoa-error: - waf-hit: -`, 'httplog + %ID + fields that are not read', READ],
  [`${HEAD} ${REQUEST} "curl/8" 17 ${ID}`, 'httplog + fields that are not read + %ID', READ],
  [`${HEAD} ${REQUEST} 00-${TRACE}-${SPAN}-01 1`, 'httplog + traceparent %rt', '200 GET /x ---- 12/13 #1'],
  [
    `${HEAD.replace('0/0/0/12/13', '0/0/2/2/0/1/12/13')} ${REQUEST} ${ID} spoa-error: -`,
    'httplog with 8 timers that are not read (the log-format tells which they are) + %ID + fields that are not read',
    `200 GET /x ---- #1 ${ID}`,
  ],
  [`${HEAD.replace('1/1/0/0/0', '1/1/0/0')} ${REQUEST} ${ID}`, 'httplog with 4 counters + %ID', READ],
  [`${HEAD} {curl|${ID}} ${REQUEST}`, 'httplog', READ],
  [`${HEAD} {curl|c0ffee00-0000-4000-8000-000000000000} ${REQUEST}`, 'httplog', '200 GET /x ---- 12/13'],
  [`${HEAD} {a|b} GET /x HTTP/1.1`, 'httplog with no quotes', '200 GET /x ---- 12/13'],
  [`${HEAD} GET /x HTTP/1.1 ${ID} 1`, 'httplog with no quotes + %ID %rt', READ],
];

for (const [line, description, expected] of DETECTED) {
  test(`found: ${description}`, () => {
    const format = detectFormat([line])?.format;
    assert.equal(format?.description, description);
    assert.equal(summaryOf(readerOf(format)(line)), expected);
  });
}

test('short ids are found by being different on each line; numbers, addresses and times are none', () => {
  const lines = (values: (i: number) => string) =>
    Array.from({ length: 12 }, (_, i) => `${HEAD} ${REQUEST} ${values(i)}`);
  const descriptionOf = (values: (i: number) => string) => detectFormat(lines(values))?.format.description;
  assert.equal(
    descriptionOf((i) => `r${i}f`),
    'httplog + %ID',
  );
  assert.equal(
    descriptionOf((i) => `r${i}f tail`),
    'httplog + %ID + fields that are not read',
  );
  for (const values of [
    (i: number) => `${i}`,
    (i: number) => `192.0.2.${i}:443`,
    (i: number) => `2024-03-07T12:00:${i + 10}Z`,
    (i: number) => `/a${i}/b`,
    () => 'same-on-each-line',
  ]) {
    assert.equal(descriptionOf(values), 'httplog + fields that are not read', values(1));
  }
});

test('the id of a field that is named', () => {
  const read = (format: string, idField: string, line: string) =>
    readOne(compileFormat(format, { idField }), line).uniqueId;
  assert.equal(read('%ST %HU %ID %[var(txn.rid)]', 'txn.rid', `200 /x ${ID} own`), 'own');
  assert.equal(read('%ST %HU %ID %[req.hdr(X-Rid)]', 'x-rid', `200 /x ${ID} own`), 'own');
  assert.equal(read('%ST %HU %hr', 'capture.req.hdr(1)', '200 /x {a|own|c}'), 'own');
  assert.equal(read('%ST %HU %hr %hs', 'capture.res.hdr(0)', '200 /x {a} {own|c}'), 'own');
  assert.equal(read('$status $request_uri $http_x_rid', 'http_x_rid', '200 /x own'), 'own');
  assert.equal(read('%>s %U %{X-Rid}i', 'X-Rid', '200 /x own'), 'own');
  assert.equal(read('json', 'meta.rid', '{"status":200,"path":"/x","id":"a","meta":{"rid":"own"}}'), 'own');
  assert.equal(read('json', 'X-Rid', '{"status":200,"path":"/x","id":"a","headers":{"x-rid":["own"]}}'), 'own');
  assert.equal(
    read('%{+json}o %(st)ST %(uri)HU %(rid)[var(txn.x)] %ID', 'rid', '{"st":200,"uri":"/x","rid":"own"}'),
    'own',
  );
  assert.throws(() => compileFormat('%ST %HU %ID', { idField: 'nothing' }), { code: 'no-field' });
  const captured = `${HEAD} {curl|own} ${REQUEST}`;
  const found = detectFormat([captured], { idField: 'capture.req.hdr(1)' })?.format;
  assert.equal(found && readOne(found, captured).uniqueId, 'own');
  const pair = `${HEAD} ${REQUEST} id=${ID} rid=own`;
  const paired = detectFormat([pair], { idField: 'rid' })?.format;
  assert.equal(paired && readOne(paired, pair).uniqueId, 'own');
});

test('whoever answers for HAProxy itself stands in angle brackets', () => {
  const isOwn = (server: string) => readOne(FORMAT, HEAD.replace('s1', server)).noServer;
  for (const name of ['NOSRV', 'STATS', 'PROMEX', 'CACHE', 'lua.hello', 'CLI', 'HTTPCLIENT', 'SPOE', 'PEER'])
    assert.equal(isOwn(`<${name}>`), true, name);
  for (const name of ['s1', 'STATS', '-', 'a.b:8080']) assert.equal(isOwn(name), false, name);
  assert.equal(readOne('json', '{"status":200,"path":"/x","server":"be/<STATS>","tsc":"LR--"}').noServer, true);
});

test('an id that is a traceparent is a trace, too', () => {
  const parent = `00-${TRACE}-${SPAN}-01`;
  for (const [format, line] of [
    ['%ST %HU %ID', `200 /x ${parent}`],
    ['%ST %HU %hr', `200 /x {curl|${parent}}`],
    ['%ST %HU 00-%[var(txn.trace_id)]-%[var(txn.parent_id)]-01', `200 /x ${parent}`],
    ['$status $request_uri $otel_trace_id $otel_parent_id', `200 /x ${TRACE} ${SPAN}`],
  ] as const) {
    const { traceId, spanId } = readOne(format, line);
    assert.deepEqual([traceId, spanId], [TRACE, SPAN], format);
  }
});

test('notices are none of the requests', () => {
  const syslog = 'Mar  7 12:00:00 lb1 haproxy[7]: ';
  for (const message of [
    '',
    '   ',
    'Proxy fe started.',
    'Proxy fe stopped (cumulated conns: FE: 5, BE: 0).',
    'Proxy stats started.',
    'Stopping frontend fe in 0 ms.',
    'Pausing proxy fe.',
    'Server be/s1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms.',
    'Server be/s1 is UP, reason: Layer7 check passed, code: 200, check duration: 2ms.',
    'Backup Server be/s2 is DOWN.',
    'Server be/s1 is stopping',
    'Server be/s1 administratively READY thanks to valid DNS answer.',
    'Health check for server be/s1 failed, reason: Layer4 timeout.',
    'backend be has no server available!',
    'Connect from 192.0.2.9:56224 to 192.0.2.1:443 (fe/HTTP)',
    '192.0.2.9:56224 [07/Mar/2024:12:00:00.111] fe/1: SSL handshake failure',
    '192.0.2.9:56224 [07/Mar/2024:12:00:00.111] fe/https: Connection closed during SSL handshake',
    '2001:db8::9:56224 [07/Mar/2024:12:00:00.111] fe~/2: Timeout during SSL handshake',
    '192.0.2.9:56224 [07/Mar/2024:12:00:00.111] fe/1: Received something which does not look like a PROXY protocol header',
    '192.0.2.9:56224 [07/Mar/2024:12:00:00.111] tcp be/s1 1/0/5007 212 -- 1/1/1/1/0 0/0',
    '192.0.2.9:56224 [07/Mar/2024:12:00:00.111] tcp be/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0',
    '192.0.2.9:56224 [07/Mar/2024:12:00:00.111] fe 1/1 0/1F/0/0/0 -/-/-',
    '[NOTICE] (713) : New worker (715) forked',
    '[WARNING] 320/072043 (713) : Exiting Master process...',
    'New worker (715) forked',
    'Loading success.',
  ]) {
    assert.equal(isNotice(`${syslog}${message}`), true, message);
    assert.equal(isNotice(message), true, message);
  }
  for (const request of [
    `${HEAD} ${REQUEST}`,
    `${HEAD} {Proxy fe started.} ${REQUEST}`,
    '192.0.2.1:1 [07/Mar/2024:12:00:01.001] fe be/s1 0/0/0/-1/13 503 123 - - SC-- 1/1/0/0/0 0/0 "GET /x HTTP/1.1"',
    'nonsense',
    '{"status":200}',
  ])
    assert.equal(isNotice(request), false, request);
});

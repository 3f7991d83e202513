/** The traps of the issue, one line each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { linesOf, readerOf, readOne, summaryOf } from './reading.ts';

const HEAD = 'Nov 22 07:01:43 lb1 haproxy[17801]: ';
const ID = '7F000001:9398_7F000001:7148_6B0297C8_0002:5B46';

function httplog(
  request: string,
  { status = '200', times = '0/0/1/5/7', termination = '----', server = 'be/s1' } = {},
) {
  return `192.0.2.7:4711 [22/Nov/2026:07:01:43.107] fe ${server} ${times} ${status} 12 - - ${termination} 1/1/0/0/0 0/0 ${request}`;
}

/** httplog + ` %ID %rt`, found in what a production log looks like. */
const FOUND = detectFormat([`${HEAD}${httplog(`"GET / HTTP/1.1" ${ID} 2`)}`])?.format;
assert.ok(FOUND !== undefined);
const FORMAT = FOUND;
const summary = (message: string) => summaryOf(readerOf(FORMAT)(`${HEAD}${message}`));

test('an ordinary line, field by field', () => {
  assert.deepEqual(readOne(FORMAT, `${HEAD}${httplog(`"GET /x?y=1 HTTP/1.1" ${ID} 2`)}`), {
    timeMs: Date.UTC(2026, 10, 22, 7, 1, 43, 107),
    method: 'GET',
    target: '/x?y=1',
    malformed: false,
    status: 200,
    termination: '----',
    noServer: false,
    firstByteMs: 5,
    totalMs: 7,
    uniqueId: ID,
    traceId: '',
    spanId: '',
    destination: '',
    message: '',
    requestBytes: -1,
    responseBytes: -1,
    sentBytes: 12,
    sid: 2,
    pid: 17801,
    host: 'lb1',
    error: '',
  });
});

test('a client over IPv6', () => {
  const line = httplog(`"GET /x HTTP/1.1" ${ID} 2`).replace('192.0.2.7:4711', '2001:db8::7:4711');
  assert.equal(summary(line), `200 GET /x ---- 5/7 #2 ${ID}`);
});

test('HTTP/2 with an absolute URI', () => {
  const line = httplog(`"GET https://shop.example/x?y=1 HTTP/2.0" ${ID} 2`);
  assert.equal(summary(line), `200 GET https://shop.example/x?y=1 ---- 5/7 #2 ${ID}`);
});

test('escapes of HAProxy, also of bytes that are UTF-8 together', () => {
  assert.equal(summary(httplog(`"GET /a#22b#23#C3#A9 HTTP/1.1" ${ID} 2`)), `200 GET /a"b#é ---- 5/7 #2 ${ID}`);
});

test('a request line cut at 1023 bytes is a request with a cut target', () => {
  const target = `/${'l'.repeat(1018)}`;
  const record = readOne(FORMAT, `${HEAD}${httplog(`"GET ${target}" ${ID} 2`)}`);
  assert.equal(record.target, target);
  assert.equal(record.malformed, false);
  assert.equal(record.uniqueId, ID);
});

test('lines cut before the id, within it, within the request, and before the status', () => {
  assert.equal(summary(httplog('"GET /x HTTP/1.1" ')), '200 GET /x ---- 5/7');
  assert.equal(summary(httplog('"GET /x HTTP/1.1"')), '200 GET /x ---- 5/7');
  assert.equal(summary(httplog('"GET /x HTTP/1.1" 7F000001:9398_7F0000')), '200 GET /x ---- 5/7');
  assert.equal(summary(httplog('"GET /long/pa')), '200 GET /long/pa ---- 5/7');
  assert.equal(summary(httplog('"GE')), '200   ---- 5/7');
  assert.equal(summary(httplog('').replace(/ fe be.*/, ' fe be/s1 0/0/1/5/7 200 1')), '200   5/7');
  assert.equal(summary(httplog('').replace(/ fe be.*/, ' fe be/s1 0/0/1/5/7 20')), 'unparsed');
});

test('what HAProxy says when there was no answer', () => {
  const shown = (status: string, termination: string, times: string, server = 'be/s1') =>
    summary(httplog(`"GET /x HTTP/1.1" ${ID} 2`, { status, termination, times, server }));
  assert.equal(shown('-1', 'CR--', '12/-1/-1/-1/50', 'be/<NOSRV>'), `-1 GET /x CR-- no-server -1/50 #2 ${ID}`);
  assert.equal(shown('400', 'CD--', '0/0/0/-1/50'), `400 GET /x CD-- -1/50 #2 ${ID}`);
  assert.equal(shown('503', 'CC--', '0/0/-1/-1/50'), `503 GET /x CC-- -1/50 #2 ${ID}`);
  assert.equal(shown('200', 'SD--', '0/0/1/2/3'), `200 GET /x SD-- 2/3 #2 ${ID}`);
  assert.equal(shown('200', '--', '0/0/1/2/3'), `200 GET /x -- 2/3 #2 ${ID}`);
  assert.equal(shown('200', 'LR--', '0/-1/-1/-1/+3'), `200 GET /x LR-- -1/3 #2 ${ID}`);
});

test('<BADREQ>, and an answer without a server', () => {
  const bad = httplog('"<BADREQ>" - 3', { status: '400', termination: 'CR--', server: 'fe/<NOSRV>' });
  assert.equal(summary(bad), '400 malformed CR-- no-server 5/7 #3');
});

test('captures that are there on some lines', () => {
  const line = (captures: string) => httplog(`${captures}"GET /x HTTP/1.1" ${ID} 2`);
  for (const captures of ['', '{} ', '{|} ', '{a b|c} {text/plain} ', '{#7Bx#7D " #22} ']) {
    const expected = captures.includes(' " ') ? 'unparsed' : `200 GET /x ---- 5/7 #2 ${ID}`;
    assert.equal(summary(line(captures)), expected, captures);
  }
});

test('a cookie that a client wrote moves nothing', () => {
  const forged = 'SESS=x - ---- 9/9/9/9/9 0/0 "GET /forged HTTP/1.1" FORGED 7';
  const line = httplog(`{a} "POST /real HTTP/1.1" ${ID} 2`).replace(' - - ', ` ${forged} SESS=srv "x y" `);
  assert.equal(summary(line), `200 POST /real ---- 5/7 #2 ${ID}`);
});

test('the id of a process: logged, of the header, or decoded', () => {
  const decoded = readOne(FORMAT, httplog(`"GET / HTTP/1.1" ${ID} 2`));
  assert.equal(decoded.pid, 0x5b46);
  const read = readerOf('httplog');
  assert.equal(read(`${HEAD}${httplog('"GET / HTTP/1.1"')}`)?.pid, 17801);
  const logged = readOne('%ci %ST %rt %pid %ID', `192.0.2.7 200 5 77 ${ID}`);
  assert.deepEqual([logged.sid, logged.pid], [5, 77]);
  const six = `${'0'.repeat(31)}1:D50C_${'0'.repeat(31)}1:5A3E_6B04BF41_002F:1FB4`;
  const other = readOne('%ci %ST %ID', `::1 200 ${six}`);
  assert.deepEqual([other.sid, other.pid], [0x2f, 0x1fb4]);
  const foreign = readOne('%ci %ST %ID', '::1 200 c0ffee00-0000-4000-8000-000000000000');
  assert.deepEqual([foreign.sid, foreign.pid, foreign.uniqueId.length], [-1, -1, 36]);
});

test('%tr is local time of the machine, CLF times have a zone', () => {
  const line = httplog('"GET / HTTP/1.1"');
  assert.equal(readerOf('httplog', { offsetMinutes: 60 })(line)?.timeMs, Date.UTC(2026, 10, 22, 6, 1, 43, 107));
  assert.equal(readerOf('httplog', { name: 'America/New_York' })(line)?.timeMs, Date.UTC(2026, 10, 22, 12, 1, 43, 107));
  const clf = '::1 - - [22/Nov/2026:07:01:43 +0530] "GET / HTTP/1.1" 200 5';
  assert.equal(readerOf('common', { offsetMinutes: 60 })(clf)?.timeMs, Date.UTC(2026, 10, 22, 1, 31, 43));
});

test('a format without a time takes that of the header', () => {
  const line = `Nov 22 07:01:43 lb1 haproxy[1]: 200 /x`;
  assert.equal(readOne('%ST %HU', line).timeMs, Date.UTC(2026, 10, 22, 7, 1, 43));
  assert.equal(readOne('%ST %HU', '200 /x').timeMs, Number.NaN);
});

test('requests that clients gave up, as HAProxy wrote them', () => {
  const lines = linesOf('corpus/haproxy-3.2.26--client-abort-abortonclose.log').filter(
    (line) => !line.includes('SPOE:'),
  );
  const read = readerOf('httplog');
  const shown = lines.map((line) => summaryOf(read(line)).replace(/\d+$/, 'N'));
  assert.ok(shown.includes('-1 GET /abort CC-- -1/N'), shown.join('\n'));
});

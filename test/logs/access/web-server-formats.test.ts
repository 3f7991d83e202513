/** nginx and Apache. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { AccessFormatError } from '../../../src/logs/access-errors.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { linesOf, readerOf, readOne, summaryOf } from './reading.ts';

function shownOf(file: string): { description: string | undefined; records: string[] } {
  const lines = linesOf(`access/${file}`);
  const format = detectFormat(lines)?.format;
  const read = readerOf(format ?? 'combined');
  return { description: format?.description, records: lines.map((line) => summaryOf(read(line))) };
}

test('nginx combined with id and time: users, quotes and TLS bytes of clients move nothing', () => {
  assert.deepEqual(shownOf('nginx--combined-id-time.log'), {
    description: 'combined + "$http_x_unique_id" $request_time',
    records: [
      '200 GET /users/17?page=2 NaN/7 #2 7F000001:9398_7F000001:7148_6B0297C8_0002:5B46',
      '500 POST /users NaN/1250',
      '404 GET /café?x=" 200 NaN/1 real-id',
      '400 malformed NaN/32',
      '400 malformed NaN/0',
      '499 GET /slow NaN/10000 id-6',
    ],
  });
});

test('combined with fields nobody told us about', () => {
  assert.deepEqual(shownOf('nginx--main.log'), {
    description: 'combined + fields that are not read',
    records: ['200 GET /', '304 HEAD /a'],
  });
});

test('nginx, escape=json', () => {
  const records = ['200 GET /users/17?page=2 5/7 id-1', '502 POST /a"bé,"status":"200 30/60 id-2'];
  assert.deepEqual(shownOf('nginx--json.log'), { description: 'JSON lines', records });
  const format =
    'log_format main escape=json \'{"time":"$time_iso8601","remote_addr":"$remote_addr","request":"$request",\'\n' +
    '  \'"status":"$status","request_time":"$request_time","upstream_header_time":"$upstream_header_time",\'\n' +
    '  \'"http_x_unique_id":"$http_x_unique_id","http_traceparent":"$http_traceparent"}\';';
  const read = readerOf(format);
  const lines = linesOf('access/nginx--json.log');
  assert.deepEqual(
    lines.map((line) => summaryOf(read(line))),
    records,
  );
  assert.equal(read(lines[0] ?? '')?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
});

test('Apache: common, and combined with the virtual host', () => {
  assert.deepEqual(shownOf('apache--common.log'), {
    description: 'common',
    records: ['200 GET /apache_pb.gif', '200 OPTIONS *'],
  });
  const { description, records } = shownOf('apache--vhost-combined.log');
  assert.match(description ?? '', /combined/);
  assert.deepEqual(records, ['200 GET /x"y\\z', '408 malformed']);
});

test('nginx variables', () => {
  const format = '$msec|$time_local|$status|$request_method|$uri|$args|$http_x_request_id|$request_id|$pid|$hostname';
  const record = readOne(
    format.replaceAll('|', ' :: ').replace('$http_x_request_id', '$' + '{http_x_request_id}'),
    '1795330903.107 :: 22/Nov/2026:07:01:44 +0000 :: 204 :: PUT :: /a b :: c=1 :: r-1 :: 0af :: 9 :: web1'.replaceAll(
      '|',
      ' :: ',
    ),
  );
  assert.equal(record.timeMs, 1795330903107);
  assert.equal(record.target, '/a b?c=1');
  assert.deepEqual([record.method, record.uniqueId, record.pid, record.host], ['PUT', 'r-1', 9, 'web1']);
});

test('several upstreams: the first byte is what all of them took', () => {
  const read = readerOf('$status $upstream_header_time $upstream_response_time end');
  const record = read('200 0.005, 0.010 : 0.003 - end');
  assert.equal(record?.firstByteMs, 18);
  assert.equal(record?.totalMs, Number.NaN);
  assert.equal(read('200 - 0.004, 0.001 end')?.totalMs, 5);
  const behind = readerOf('$remote_user [$time_local] $status $upstream_header_time $request_time');
  assert.equal(summaryOf(behind('a b [22/Nov/2026:07:01:44 +0000] 200 0.005, 0.010 : 0.003 0.020')), '200   18/20');
});

test('escape=none leaves text as it is, and takes nothing from it', () => {
  const read = readerOf('log_format x escape=none \'$status "$http_user_agent" $request_time $request\';');
  // Which of the times and requests is the client's text? None is believed.
  for (const rest of ['"a" 0.007 GET /x HTTP/1.1', '"a" 0.001 GET /forged " 0.007 GET /x HTTP/1.1']) {
    assert.equal(summaryOf(read(`500 ${rest}`)), '500  ');
  }
});

test('statuses that are none', () => {
  const read = readerOf('$status $request_uri');
  assert.equal(read('000 /')?.status, -1);
  assert.equal(read('- /')?.status, -1);
  assert.equal(read('20 /'), undefined);
  assert.equal(read('2000 /'), undefined);
});

test('Apache directives', () => {
  const format = '%h %l %u %t "%r" %>s %b %D "%{X-Unique-ID}i" "%{traceparent}i" %P';
  const line =
    '::1 - - [22/Nov/2026:07:01:43 +0000] "GET /x HTTP/1.1" 503 - 1500 "u-1" "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" 77';
  const record = readOne(format, line);
  assert.equal(summaryOf(record), '503 GET /x NaN/1.5 u-1');
  assert.deepEqual([record.pid, record.traceId], [77, '4bf92f3577b34da6a3ce929d0e0e4736']);
  assert.equal(readOne('%h %>s %{ms}T', '::1 200 12').totalMs, 12);
  assert.equal(readOne('%h %>s %T', '::1 200 2').totalMs, 2000);
  // Before an internal redirect, and what the client got.
  assert.equal(readOne('%h %s %>s %T', '::1 200 503 2').status, 503);
  assert.equal(readOne('%h %>s %s %T', '::1 503 200 2').status, 503);
  assert.equal(readOne('%h %s %T', '::1 404 2').status, 404);
  assert.equal(readOne('LogFormat "%v %h \\"%r\\" %>s" x', 'v h "GET / HTTP/1.0" 200').target, '/');
  const record2 = readOne('%h %{sec}t %s %m %U%q', '::1 1795330903 200 GET /a?b');
  assert.deepEqual([record2.target, record2.timeMs], ['/a?b', 1795330903000]);
});

test('formats that cannot be', () => {
  const codeOf = (format: string) => {
    try {
      compileFormat(format);
      return 'ok';
    } catch (error) {
      return error instanceof AccessFormatError ? error.code : String(error);
    }
  };
  assert.equal(codeOf('$remote_addr $request'), 'no-status');
  assert.equal(codeOf('$status$request'), 'ambiguous-format');
  assert.equal(codeOf("log_format x escape=xml '$status';"), 'bad-format');
  assert.equal(codeOf('log_format x nothing'), 'bad-format');
  assert.equal(codeOf('%h %>s %Z'), 'bad-format');
  assert.equal(codeOf('%h %r'), 'no-status');
});

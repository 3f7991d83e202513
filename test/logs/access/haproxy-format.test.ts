import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileHaproxyFormat } from '../../../src/logs/access/haproxy-format.ts';
import { VARIABLES } from '../../../src/logs/access/haproxy-variables.ts';
import { AccessFormatError } from '../../../src/logs/access-errors.ts';
import { compileFormat } from '../../../src/logs/builtin-formats.ts';
import { readerOf, readOne, summaryOf } from './reading.ts';

test('every variable of HAProxy 2.6 to 3.2 is known, alone, quoted and in hexadecimal', () => {
  // configuration.txt 2.6, 3.0, 3.2, "Custom log format".
  const names =
    'B CC CS H HM HP HPO HQ HU HV ID ST T Ta Tc Td Th Ti Tl Tq TR Tr Ts Tt Tu Tw U ac b bc bi bp bq ci cp f fc fi fp ' +
    'ft hr hrl hs hsl lc ms OG pid r rc rt s sc si sp sq sslc sslv t tr trg trl ts tsc';
  assert.deepEqual(Object.keys(VARIABLES).sort(), names.split(' ').sort());
  for (const name of names.split(' ')) {
    for (const variable of [
      `%${name}`,
      `%{+Q}${name}`,
      `%{+X,-E}${name}`,
      `%(my_name)${name}`,
      `%(n:str){+Q}${name}`,
    ]) {
      compileHaproxyFormat(`${variable} status=%ST`);
    }
  }
});

test('a format as the configuration file has it', () => {
  const line = 'a% 200 "GET /x HTTP/1.1" z';
  for (const text of [
    'a%% %ST %{+Q}r z',
    'log-format "a%% %ST %{+Q}r z"',
    'log-format a%%\\ %ST\\ %{+Q}r\\ z',
    'log-format \'a%% %ST "%r" z\'',
    '"a%% %ST \\"%r\\" z"',
    '%{+Q}o   a%%   %{-Q}ST  %r   z',
  ]) {
    assert.equal(summaryOf(readOne(text, line)), '200 GET /x', text);
  }
});

test('the formats that HAProxy 2.9 has in its environment', () => {
  const line =
    '::1:5 [22/Nov/2026:07:01:43.107] fe be/s1 0/0/1/5/7 200 12 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1" id 4';
  for (const text of [`$\{HAPROXY_HTTP_LOG_FMT} %ID %rt`, '"$HAPROXY_HTTP_LOG_FMT %ID %rt"']) {
    assert.equal(summaryOf(readOne(text, line)), '200 GET /x ---- 5/7 #4 id');
  }
});

test('the parts of a request, and the path with its query', () => {
  assert.equal(readOne('%ST %HM %HP%HQ %HV', '200 GET /a?b=1 HTTP/1.1').target, '/a?b=1');
  assert.equal(readOne('%ST %HPO %HQ end', '200 /a ?b=1 end').target, '/a?b=1');
  assert.equal(readOne('%ST "%HP" "%HQ"', '200 "/a" ""').target, '/a');
  assert.equal(readOne('%ST %HM %HU', '400 <BADREQ> <BADREQ>').malformed, true);
});

test('times: the request before the connection, seconds with milliseconds, hexadecimal', () => {
  const at = (format: string, line: string) => new Date(readOne(`${format} %ST`, `${line} 200`).timeMs).toISOString();
  const clf = '22/Nov/2026:07:01:43';
  assert.equal(at('[%t] [%tr]', `[${clf}.000] [${clf}.107]`), '2026-11-22T07:01:43.107Z');
  assert.equal(at('%T', `${clf} +0000`), '2026-11-22T07:01:43.000Z');
  assert.equal(at('[%trl] %ms', `[${clf} -0500] 12`), '2026-11-22T12:01:43.012Z');
  assert.equal(at('%Ts.%ms', '1795330903.7'), '2026-11-22T07:01:43.007Z');
  assert.equal(at('%{+X}Ts %{+X}ms', '6B029357 1F'), '2026-11-22T07:01:43.031Z');
});

test('samples whose names tell what they are', () => {
  const id = (text: string, line: string) => readOne(`%ST ${text}`, `200 ${line}`).uniqueId;
  assert.equal(id('%[unique-id]', 'u-1'), 'u-1');
  assert.equal(id('%[req.hdr(x-request-id)]', 'u-2'), 'u-2');
  assert.equal(id('id=%[capture.req.hdr(0)]', 'id=u 3'), '');
  assert.equal(id('request_id="%[var(txn.x),lower]"', 'request_id="u-4"'), 'u-4');
  assert.equal(id('%[req.hdr(x-request-id)] %ID', 'other u-5'), 'u-5');
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  assert.equal(readOne('%ST %[req.hdr(traceparent)]', `200 ${trace}`).traceId, trace.slice(3, 35));
  assert.equal(readOne('%ST t=%[var(txn.trace_id)]', `200 t=${trace.slice(3, 35)}`).traceId, trace.slice(3, 35));
  assert.equal(readOne('%ST %[txn.id32]', '200 77').sid, 77);
  assert.equal(readOne('%[status] %[method] %[path] %[res.hdrs_bin,hex]', '404 GET /x 00').target, '/x');
});

test('an id with a space, copied from a header of the client', () => {
  const read = readerOf('%ST "%HU" %ID %rt');
  assert.equal(read('200 "/x" a b 5')?.uniqueId, 'a b');
  assert.equal(read('200 "/x" a 5')?.uniqueId, 'a');
});

test('text that clients send between other values', () => {
  const format = '%[req.hdr(user-agent)] %ST %[req.hdr(referer)] %HM';
  const read = readerOf(format);
  assert.equal(summaryOf(read('curl/8 200 - GET')), '200 GET ');
  // Either may hold the other's place: nothing is guessed.
  assert.equal(summaryOf(read('x 200 y 500 - GET')), 'unparsed');
  assert.equal(summaryOf(readerOf('ua=%[req.hdr(user-agent)] st=%ST')('ua=x st=200 st=500')), '500  ');
  assert.equal(summaryOf(readerOf('st=%ST ua=%[req.hdr(user-agent)]')('st=500 ua=x st=200')), '500  ');
});

test('+json: the names of the format', () => {
  const read = readerOf('%{+json}o %(a)ST %(b)HU %(c)Ta %(d)[unique-id]');
  assert.equal(summaryOf(read('{"a": 503, "b": "/x#22", "c": 7, "d": "id"}')), '503  /x" NaN/7 id');
});

const refused: readonly (readonly [format: string, code: string, message: RegExp])[] = [
  ['%ci %HU', 'no-status', /logs no status/],
  ['%HM%HU %ST', 'ambiguous-format', /nothing separates %HM from %HU/],
  ['%ST%B', 'ambiguous-format', /nothing separates/],
  ['%foo %ST', 'bad-format', /no variable %foo/],
  ['%ST %', 'bad-format', /follows the %/],
  ['%ST %[req.hdr(x)', 'bad-format', /has no \]/],
  ['%{+Z}ST', 'bad-format', /no flag \+Z/],
  ['%{+cbor}o %(a)ST', 'bad-format', /binary/],
  ['%{+json}o %ST', 'no-status', /logs no status/],
  ['nonsense', 'bad-format', /neither a format nor the name/],
];

for (const [format, code, message] of refused) {
  test(`${format} is refused: ${code}`, () => {
    assert.throws(
      () => compileFormat(format),
      (error) => {
        assert.ok(error instanceof AccessFormatError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.hint.length > 5);
        return true;
      },
    );
  });
}

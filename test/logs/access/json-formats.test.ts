import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { linesOf, readerOf, readOne, summaryOf } from './reading.ts';

const ID = '7F000001:9398_7F000001:7148_6B0297C8_0002:5B46';

function read(value: unknown): ReturnType<ReturnType<typeof readerOf>> {
  return readerOf('json')(JSON.stringify(value));
}

test('names of members, with any case and separator', () => {
  for (const [key, value] of [
    ['status', 503],
    ['status_code', '503'],
    ['statusCode', 503],
    ['http_status', 503],
    ['responseStatus', 503],
  ] as const) {
    assert.equal(read({ path: '/x', [key]: value })?.status, 503, key);
  }
  for (const key of ['path', 'uri', 'URL', 'request_uri', 'Request-URI']) {
    assert.equal(read({ status: 200, [key]: '/x' })?.target, '/x', key);
  }
  for (const key of ['unique_id', 'uid', 'x_unique_id', 'X-Request-ID', 'request_id', 'id']) {
    assert.equal(read({ status: 200, [key]: 'u' })?.uniqueId, 'u', key);
  }
});

test('a request line, or a path beside a method', () => {
  assert.equal(summaryOf(read({ status: 200, request: 'GET /x HTTP/1.1' })), '200 GET /x');
  assert.equal(summaryOf(read({ status: 200, request: '/x', method: 'PUT' })), '200 PUT /x');
  assert.equal(summaryOf(read({ status: 200, uri: 'GET /x HTTP/2.0' })), '200 GET /x');
  assert.equal(summaryOf(read({ status: 200, method: 'GET', path: '/x', query: 'a=1' })), '200 GET /x?a=1');
  assert.equal(summaryOf(read({ status: 400, request: '<BADREQ>' })), '400 malformed');
});

test('any number of levels down', () => {
  const record = read({
    request: { method: 'GET', uri: '/x' },
    response: { status: 201 },
    user: { id: 5 },
    trace: { id: '4bf92f3577b34da6a3ce929d0e0e4736' },
  });
  assert.equal(summaryOf(record), '201 GET /x');
  assert.equal(record?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
});

test('times, whatever form they have', () => {
  const ms = Date.UTC(2026, 10, 22, 7, 1, 43, 107);
  for (const time of [
    ms,
    ms / 1000,
    String(ms),
    '2026-11-22T07:01:43.107Z',
    '2026-11-22T08:01:43.107+01:00',
    '22/Nov/2026:07:01:43.107',
    '[22/Nov/2026:07:01:43.107]',
    ms * 1000,
    ms * 1e6,
  ]) {
    assert.equal(read({ path: '/', status: 200, time })?.timeMs, ms, String(time));
  }
  assert.equal(read({ path: '/', status: 200, ts: '2026-11-22T07:01:43.107Z' })?.timeMs, ms);
  assert.equal(read({ path: '/', status: 200, ts: 'SD--' })?.termination, 'SD--');
  assert.equal(read({ path: '/', status: 200, tr: '22/Nov/2026:07:01:43.107' })?.timeMs, ms);
  assert.equal(read({ path: '/', status: 200, tr: 12 })?.firstByteMs, 12);
});

test('durations and their units', () => {
  const total = (key: string, value: unknown) => read({ path: '/', status: 200, [key]: value })?.totalMs;
  assert.equal(total('Ta', 7), 7);
  assert.equal(total('duration_ms', 7.5), 7.5);
  assert.equal(total('request_time', '0.007'), 7);
  assert.equal(total('duration_us', 1500), 1.5);
  // Nobody knows: a decimal point is no unit.
  assert.equal(total('duration', 0.25), Number.NaN);
  assert.equal(total('duration', 25), Number.NaN);
  assert.equal(total('rt', '0.007'), Number.NaN);
  assert.equal(read({ path: '/', status: 200, rt: '0.007', request_length: 5 })?.totalMs, 7);
  assert.equal(total('Ta', -1), -1);
  assert.equal(total('Ta', null), Number.NaN);
  assert.equal(read({ path: '/', status: 200, rt: 7 })?.sid, 7);
});

test('errors without a status, and lines that are no requests', () => {
  assert.equal(summaryOf(read({ path: '/', status: null, error: 'refused' })), '-1  /');
  assert.equal(read({ path: '/', error: 'refused' })?.error, 'refused');
  assert.equal(read({ status: 200, msg: 'ready' }), undefined);
  assert.equal(read({ path: '/', level: 'info' }), undefined);
  assert.equal(read([1, 2]), undefined);
});

test('text of a client stays in its value', () => {
  const target = '/","status":200,"x":"\\';
  assert.equal(summaryOf(read({ status: 500, path: target, method: 'GET' })), `500 GET ${target}`);
  assert.equal(read({ path: '/a', status: 500, args: { status: 200 } })?.status, 500);
  assert.equal(read({ list: [{ status: 200 }, '}'], path: '/a', status: 500 })?.status, 500);
});

test('what HAProxy puts into JSON unescaped: a backslash, its own escapes', () => {
  const read = readerOf('haproxy-json');
  assert.equal(read('{"status":200,"tsc":"----","uri":"/a\\q#22b"}')?.target, '/a\\q"b');
  assert.equal(readerOf('json')('{"status":200,"uri":"/a#22b"}')?.target, '/a#22b');
});

test('cut lines and other text are not read', () => {
  const line = JSON.stringify({ status: 200, path: '/x', method: 'GET' });
  for (let end = 0; end < line.length; end += 1) assert.equal(readerOf('json')(line.slice(0, end)), undefined);
  assert.ok(readerOf('json')(`${line} `) !== undefined);
  assert.equal(readerOf('json')(`${line} x`), undefined);
});

test('lines that a shipper wrapped', () => {
  const httplog = `192.0.2.7:4711 [22/Nov/2026:07:01:43.107] fe be/s1 0/0/1/5/7 200 12 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1" ${ID} 2`;
  const docker = JSON.stringify({ log: `<134>${httplog}\n`, stream: 'stdout', time: '2026-11-22T07:01:44.1Z' });
  const rsyslog = JSON.stringify({
    '@timestamp': '2026-11-22T07:01:43Z',
    host: 'lb1',
    procid: '77',
    message: ` ${httplog}`,
  });
  const lines = [docker, rsyslog];
  const format = detectFormat(lines)?.format;
  assert.equal(format?.description, 'httplog + %ID %rt');
  const read = readerOf(format);
  assert.equal(summaryOf(read(docker)), `200 GET /x ---- 5/7 #2 ${ID}`);
  assert.deepEqual([read(rsyslog)?.host, read(rsyslog)?.pid], ['lb1', 77]);
  const nested = JSON.stringify({
    log: `${JSON.stringify({ status: 200, uri: '/x', method: 'GET' })}\n`,
    stream: 'stdout',
  });
  assert.equal(detectFormat([nested])?.format.name, 'json');
  assert.equal(summaryOf(readOne('json', nested)), '200 GET /x');
});

test('the record of our agent in the log of its container', () => {
  // Its member `message` is the name of an SPOE message, not a line of a log.
  const [record = ''] = linesOf('access/spoa-mirror--record.jsonl');
  const docker = JSON.stringify({ log: `${record}\n`, stream: 'stdout', time: '2026-11-22T13:10:57.5Z' });
  const cri = `2026-11-22T13:10:57.500000000Z stdout F ${record}`;
  for (const line of [docker, cri]) {
    assert.equal(detectFormat([line])?.format.name, 'agent-jsonl');
    assert.equal(summaryOf(readOne('agent-jsonl', line)), '200 GET /prefix/x?i=1 17.413/18.5');
  }
});

test('a record says whether its request was sent with the body cut, not whether it was left out for that', () => {
  const line = (more: object) =>
    JSON.stringify({
      ...{ ts: '2026-11-22T13:10:57.401Z', message: 'mirror', stream_id: 1, frame_id: 1, method: 'POST', path: '/x' },
      ...{ status: 400, latency_ms: 1, truncated: true, attempts: 1, error: null, ...more },
    });
  const isSentCut = (more: object) => readOne('agent-jsonl', line(more)).isSentCut;
  assert.equal(isSentCut({}), true);
  assert.equal(isSentCut({ status: null, attempts: 2, error: 'timeout' }), true);
  assert.equal(isSentCut({ truncated: false }), undefined);
  assert.equal(isSentCut({ truncated: undefined }), undefined);
  assert.equal(isSentCut({ status: null, attempts: 0, error: 'skipped-truncated' }), undefined);
  assert.equal(isSentCut({ status: null, attempts: 0, error: 'connect-refused' }), undefined);
});

test('the record of our agent', () => {
  const lines = linesOf('access/spoa-mirror--record.jsonl');
  const format = detectFormat(lines)?.format;
  assert.equal(format?.name, 'agent-jsonl');
  const read = readerOf(format);
  assert.deepEqual(read(lines[1] ?? ''), {
    timeMs: Date.UTC(2026, 10, 22, 13, 10, 57, 401),
    method: 'POST',
    target: '/a"bé?x=","status":200,"',
    malformed: false,
    status: -1,
    termination: '',
    noServer: false,
    firstByteMs: Number.NaN,
    totalMs: Number.NaN,
    uniqueId: '7F000001:9398_7F000001:7148_6B0297C8_0003:5B46',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    destination: 'http://127.0.0.1:8081',
    message: 'mirror',
    requestBytes: 12,
    responseBytes: 0,
    sentBytes: -1,
    sid: 3,
    pid: 23366,
    host: '',
    error: 'connect-refused',
  });
  assert.equal(summaryOf(read(lines[0] ?? '')), '200 GET /prefix/x?i=1 17.413/18.5');
  // Decoded where the SPOE message carries neither arg_sid nor arg_pid.
  assert.deepEqual([read(lines[2] ?? '')?.sid, read(lines[2] ?? '')?.pid], [5, 0x5b46]);
});

test('the log of the C agent', () => {
  const lines = linesOf('access/spoa-mirror-1.2.19--logfile.log');
  const format = detectFormat(lines)?.format;
  assert.equal(format?.name, 'spoa-mirror-log');
  const read = readerOf(format);
  const shown = lines.map((line) => summaryOf(read(line)));
  assert.deepEqual(shown, [
    'unparsed',
    '200 GET http://127.0.0.1:20081/users/17?page=2 NaN/1.234',
    '500 POST http://127.0.0.1:20081/users NaN/20.5',
    '-1 GET http://127.0.0.1:20081/x NaN/0.301',
  ]);
  assert.equal(read(lines[3] ?? '')?.error, 'Failed to connect to 127.0.0.1 port 20081: Connection refused');
  assert.equal(read(lines[1] ?? '')?.timeMs, 1795331640406);
});

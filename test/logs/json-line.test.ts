import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLine } from '../../src/logs/line.ts';
import type { LineHeader } from '../../src/logs/record.ts';

const MESSAGE = 'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=0 1 0/1';
const SPOOF = `10.0.0.1:1 [x] fe be/s 0/0 200 "GET / HTTP/1.1" {${MESSAGE}}`;
const TIME = { kind: 'absolute', epochMs: Date.UTC(2026, 10, 22, 7, 20, 40, 406) } as const;

const wrapped = (fields: object) => parseLine(JSON.stringify(fields));

function headerOf(fields: object): LineHeader {
  const line = wrapped(fields);
  return line.kind === 'event' ? line.header : assert.fail(`${line.kind}: ${JSON.stringify(fields)}`);
}

test('the message is found under the names that shippers give it', () => {
  for (const key of ['message', 'log', 'MESSAGE', 'msg']) {
    assert.deepEqual(headerOf({ [key]: MESSAGE }), {});
    assert.deepEqual(headerOf({ [key]: ` ${MESSAGE}\r\n` }), {});
  }
  assert.deepEqual(headerOf({ message: null, log: MESSAGE }), {});
});

test('times, hosts, processes and severities are read in the shapes that occur', () => {
  const cases: readonly (readonly [object, LineHeader])[] = [
    [
      { '@timestamp': '2026-11-22T07:20:40.406Z', host: 'node1', severity: 'notice', program: 'lb', procid: '7' },
      full(),
    ],
    [{ time: '2026-11-22T08:20:40.406960+01:00', host: { name: 'node1' }, level: 5, appname: 'lb', pid: 7 }, full()],
    [{ ts: 1795332040.406, host: { hostname: 'node1' }, level: 'NOTICE', 'app-name': 'lb', pid: '7' }, full()],
    [{ timestamp: 1795332040406, hostname: 'node1', PRIORITY: '5', programname: 'lb', procid: 7 }, full()],
    [
      {
        __REALTIME_TIMESTAMP: '1795332040406960',
        _HOSTNAME: 'node1',
        PRIORITY: '5',
        _COMM: 'x',
        SYSLOG_IDENTIFIER: 'lb',
        _PID: '7',
      },
      full(),
    ],
    [
      { timestamp: 'Nov 22 07:20:40' },
      { time: { kind: 'local', month: 11, day: 22, hour: 7, minute: 20, second: 40, ms: 0 } },
    ],
    [{ time: 'yesterday', host: '-', severity: 30, level: 'error', procid: '-', pid: 4294967296 }, { severity: 'err' }],
    [{ time: {}, host: [], severity: null, program: 7, procid: true }, {}],
  ];
  for (const [fields, header] of cases) assert.deepEqual(headerOf({ ...fields, message: MESSAGE }), header);
});

function full(): LineHeader {
  return { time: TIME, host: 'node1', process: 'lb', pid: 7, severity: 'notice' };
}

test('what the inner header says wins, the fields fill in the rest', () => {
  const log = `<132>Nov 22 07:20:40 haproxy[21191]: ${MESSAGE}\n`;
  assert.deepEqual(headerOf({ log, host: 'node1', pid: 1, time: '2026-11-22T07:20:41.5Z' }), {
    time: { kind: 'local', month: 11, day: 22, hour: 7, minute: 20, second: 40, ms: 0 },
    ...{ host: 'node1', process: 'haproxy', pid: 21191, severity: 'warning' },
  });
});

test('the time of a container prefix is the last resort', () => {
  const stamp = '2026-11-22T07:20:40.406Z';
  const line = parseLine(`${stamp} stdout F ${JSON.stringify({ log: MESSAGE })}`);
  assert.deepEqual(line.kind === 'event' && line.header, { time: TIME });
});

test('SPOE text anywhere else in the JSON is not an event', () => {
  assert.equal(wrapped({ message: SPOOF }).kind, 'spoofed');
  assert.equal(wrapped({ message: '10.0.0.1 GET /', agent: MESSAGE }).kind, 'spoofed');
  assert.equal(wrapped({ message: '10.0.0.1 GET /', msg: MESSAGE }).kind, 'spoofed');
  assert.equal(wrapped({ user_agent: MESSAGE }).kind, 'spoofed');
  assert.equal(wrapped({ message: JSON.stringify({ method: 'GET', uri: '/', event: MESSAGE }) }).kind, 'spoofed');
  assert.equal(wrapped({ status: 200, method: 'GET', body: MESSAGE, line: MESSAGE }).kind, 'spoofed');
  assert.equal(wrapped({ message: 'GET /SPOE:foo' }).kind, 'none');
  assert.equal(parseLine(`Nov 22 07:20:40 h t[1]: ${JSON.stringify({ message: MESSAGE })}`).kind, 'spoofed');
});

test('a JSON line that was cut is malformed if it was an SPOE line, wherever it was cut', () => {
  const line = JSON.stringify({ host: 'node1', log: `<133>${MESSAGE}\n`, time: '2026-11-22T07:20:40Z' });
  const marker = line.indexOf('SPOE:');
  for (let length = 1; length < line.length; length += 1) {
    assert.equal(parseLine(line.slice(0, length)).kind, length < marker + 5 ? 'none' : 'malformed');
  }
});

test('a JSON line that was cut is spoofed if a client had sent the text', () => {
  const quoted = JSON.stringify({ log: `10.0.0.1 "message":"${MESSAGE}" x` });
  assert.equal(parseLine(quoted.slice(0, -3)).kind, 'spoofed');
  assert.equal(parseLine(quoted).kind, 'spoofed');
});

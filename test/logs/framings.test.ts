import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseLine } from '../../src/logs/line.ts';
import type { ParsedLine } from '../../src/logs/record.ts';

const FOLDER = new URL('../../fixtures/logs/formats/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.log'));

type EventLine = Extract<ParsedLine, { kind: 'event' }>;

function eventsOf(name: string): EventLine[] {
  return linesOf(name)
    .map(parseLine)
    .filter((line) => line.kind === 'event');
}

function linesOf(name: string): string[] {
  return readFileSync(new URL(name, FOLDER), 'utf8').split('\n').slice(0, -1);
}

/** What the header of each framing says, beside the events: [time kind, host, process and pid, severity]. */
const HEADERS: Readonly<
  Record<string, readonly [string | undefined, string | undefined, string | undefined, boolean]>
> = {
  'rsyslog-fileformat-iso': ['absolute', 'node1', 'hapee-lb', false],
  'rsyslog-hapee-doublecolon': ['local', 'node1', 'hapee-lb', false],
  'rsyslog-json': ['absolute', 'node1', 'hapee-lb', true],
  'rsyslog-syslog23': ['absolute', 'node1', 'hapee-lb', true],
  'rsyslog-traditional': ['local', 'node1', 'hapee-lb', false],
  'stdout-iso': ['absolute', undefined, undefined, false],
  'stdout-local': ['local', undefined, 'haproxy', true],
  'stdout-priority': [undefined, undefined, undefined, true],
  'stdout-raw': [undefined, undefined, undefined, false],
  'stdout-rfc3164': ['local', 'localhost', 'haproxy', true],
  'stdout-rfc5424': ['absolute', undefined, 'haproxy', true],
  'stdout-short': [undefined, undefined, undefined, true],
  'stdout-timed': ['absolute', undefined, undefined, true],
  'udp-iso': ['absolute', undefined, undefined, false],
  'udp-local': ['local', undefined, 'hapee-lb', true],
  'udp-priority': [undefined, undefined, undefined, true],
  'udp-raw': [undefined, undefined, undefined, false],
  'udp-rfc3164': ['local', 'node1', 'hapee-lb', true],
  'udp-rfc5424': ['absolute', 'node1', 'hapee-lb', true],
  'udp-short': [undefined, undefined, undefined, true],
  'udp-timed': ['absolute', undefined, undefined, true],
};

test('the folder holds 21 framings of two versions', () => {
  assert.equal(FILES.length, 42);
});

for (const name of FILES) {
  test(`${name} holds 25 lines, 12 events, 9 of them st=0 and 3 st=1`, () => {
    const kinds = linesOf(name).map((line) => parseLine(line).kind);
    assert.equal(kinds.length, 25);
    assert.equal(kinds.filter((kind) => kind === 'none').length, 13);
    const statuses = eventsOf(name).map(({ event }) => event.st);
    assert.equal(statuses.join(''), '000100010001');
  });

  test(`${name} gives every event what its header says`, () => {
    const framing = name.replace(/^haproxy-.*?--|\.log$/g, '');
    const [time, host, process, severity] = HEADERS[framing] ?? assert.fail(`no expectation for ${framing}`);
    for (const { header, event } of eventsOf(name)) {
      assert.equal(header.time?.kind, time);
      assert.equal(header.host, host);
      assert.equal(header.process, process);
      assert.equal(typeof header.pid, process === undefined ? 'undefined' : 'number');
      const expected = event.st === 0 ? 'notice' : 'warning';
      assert.equal(header.severity, severity ? expected : undefined);
    }
  });

  test(`${name} reads the same under container prefixes, docker's JSON, CRLF and NUL holes`, () => {
    for (const line of linesOf(name)) {
      const plain = parseLine(line);
      for (const wrapped of wrappings(line)) {
        const seen = parseLine(wrapped);
        assert.equal(seen.kind, plain.kind, wrapped);
        if (seen.kind !== 'event' || plain.kind !== 'event') continue;
        assert.deepEqual(seen.event, plain.event);
        assert.deepEqual({ ...seen.header, ...plain.header }, seen.header);
      }
    }
  });
}

function wrappings(line: string): string[] {
  const stamp = '2026-11-22T07:20:40.406960123Z';
  return [
    `haproxy-1  | ${line}`,
    `lb  | ${line}`,
    `haproxy-1  | ${stamp} ${line}`,
    `[pod/lb-7d9f-x2/haproxy] ${line}`,
    `${stamp} stdout F ${line}`,
    // The time of `docker logs -t` is told from HAProxy's own only by what follows; an access line in no format at all
    // is no event either way.
    `${stamp} ${line}`,
    // JSON is opened once: a message that is JSON again is whatever its writer put there.
    line.startsWith('{') ? line : JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: stamp }),
    `${line}\r`,
    `\0\0\0${line.slice(0, 9)}\0${line.slice(9)}`,
    `${line}${line.startsWith('{') ? '' : '#012'}`,
  ];
}

test('the five timers and four gauges of HAProxy 2.6 and the one timer of 3.2 are read', () => {
  const [old] = eventsOf('haproxy-2.6.12--rsyslog-traditional.log');
  assert.deepEqual(old?.event, {
    ...{ agent: 'mirror', type: 'EVENT', name: 'on-frontend-http-request', sid: 2, st: 0 },
    ...{ reqT: 0, qT: 1, wT: 0, resT: 0, pT: 1, idles: 1, applets: 1, nbSending: 0, nbWaiting: 0 },
    ...{ nbError: 0, nbProcessed: 1 },
  });
  const [recent] = eventsOf('haproxy-3.2.26--udp-iso.log');
  assert.deepEqual(recent?.event, {
    ...{ agent: 'mirror', type: 'EVENT', name: 'on-frontend-http-request', sid: 2, st: 0 },
    ...{ pT: 1, nbError: 0, nbProcessed: 1 },
  });
  assert.deepEqual(recent?.header, { time: { kind: 'absolute', epochMs: Date.UTC(2026, 10, 22, 7, 20, 40, 409) } });
});

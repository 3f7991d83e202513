import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLine, parseRecords } from '../../../src/logs/line.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { TimeResolver } from '../../../src/logs/time.ts';
import { ACCESS_LINES, EVENT } from './examples.ts';

test('a line that ends in a whole event behind an unknown header is unread, and its header is shown in part', () => {
  for (const before of ['lb1 » ', 'Mar  7 12:00:01 relay lb1 haproxy[7]: ', 'level=info msg=', 'haproxy>> ']) {
    assert.deepEqual(parseLine(before + EVENT), { kind: 'unread', before });
  }
  const parsed = parseLine(`${'x'.repeat(500)} ${EVENT}`);
  assert.deepEqual(parsed, { kind: 'unread', before: 'x'.repeat(120) });
});

test('it is a spoof where an access line stands before it, or the event is not whole', () => {
  for (const write of Object.values(ACCESS_LINES)) {
    assert.equal(parseLine(`lb1 » ${write(EVENT)}`).kind === 'event', false);
  }
  for (const name of ['httplog, captured', 'httplog, captured, cut', 'combined, cut', 'JSON', 'Envoy, cut']) {
    assert.equal(parseLine(`lb1 » ${ACCESS_LINES[name]?.(EVENT)}`).kind, 'spoofed', name);
  }
  assert.equal(parseLine(`lb1 » ${EVENT}x`).kind, 'spoofed');
});

test('JSON with the event in a member that is not known is unread, unless it describes a request', () => {
  assert.equal(
    parseLine(JSON.stringify({ payload: { held: `Mar  7 12:00:01 lb1 haproxy[7]: ${EVENT}` } })).kind,
    'unread',
  );
  assert.equal(parseLine(JSON.stringify({ payload: EVENT, method: 'GET' })).kind, 'spoofed');
});

test('a member of an object that is written over several lines is unread, and the hint is to write it on one', () => {
  const tally = new LineTally();
  for (const text of [
    `\t"MESSAGE" : "${EVENT}",`,
    `    "message": "Mar  7 12:00:01 lb1 haproxy[7]: ${EVENT}"`,
    `       "message" => "${EVENT}",`,
  ]) {
    const line = parseLine(text);
    assert.equal(line.kind, 'unread', text);
    if (line.kind === 'unread') tally.countUnread(line.before);
  }
  assert.match(tally.unreadHint, /one line: journalctl -o json/);
  for (const text of [`  "user_agent": "${EVENT}",`, `  "message": "GET / HTTP/1.1 ${EVENT}"`, `  "ua": "${EVENT}"`]) {
    assert.equal(parseLine(text).kind, 'spoofed', text);
  }
  const other = new LineTally();
  other.countUnread('lb1 » ');
  assert.match(other.unreadHint, /sed/);
});

test('the example does not depend on the order of lines or of parts', () => {
  const first = new LineTally();
  for (const before of ['b » ', 'a » ', 'c » ']) first.countUnread(before);
  const merged = new LineTally();
  for (const before of ['c » ', 'b » ', 'a » ']) {
    const part = new LineTally();
    part.countUnread(before);
    merged.merge(part.toState());
  }
  assert.deepEqual(merged.toState(), first.toState());
  assert.equal(first.describeUnread(), 'header not read (3 lines, such as “a » SPOE: […”)');
  assert.equal(new LineTally().toState().headerNotRead, undefined);
});

test('one line of JSON may hold several records', () => {
  const records = (value: unknown) => parseRecords(JSON.stringify(value)).map(({ kind }) => kind);
  const otlp = (...bodies: string[]) => ({
    resourceLogs: [{ scopeLogs: [{ logRecords: bodies.map((stringValue) => ({ body: { stringValue } })) }] }],
  });
  assert.deepEqual(records(otlp(EVENT, 'x', EVENT)), ['event', 'event']);
  assert.deepEqual(records([{ line: EVENT }, { line: EVENT }, { line: 'x' }]), ['event', 'event']);
  assert.deepEqual(
    records({
      data: {
        result: [
          {
            stream: {},
            values: [
              ['1', EVENT],
              ['2', EVENT],
            ],
          },
        ],
      },
    }),
    ['event', 'event'],
  );
  assert.deepEqual(records(otlp('x')), ['none']);
  for (const line of [
    `[${JSON.stringify({ line: EVENT })},`,
    `${JSON.stringify({ line: EVENT })},`,
    `${JSON.stringify({ line: EVENT })}]`,
  ]) {
    assert.equal(parseLine(line).kind, 'event', line);
  }
});

test('a zone without a year: the year is found, the zone is that of the line', () => {
  const times = new TimeResolver({ zone: { name: 'America/New_York' }, referenceMs: Date.UTC(2024, 2, 8) });
  const line = parseLine(`Mar  7 13:00:01 CET lb1 haproxy[7]: ${EVENT}`);
  const time = line.kind === 'event' ? line.header.time : undefined;
  assert.ok(time !== undefined);
  assert.equal(new Date(times.resolve(time)).toISOString(), '2024-03-07T12:00:01.000Z');
});

test('months of other locales are read', () => {
  const months = (name: string) => {
    const line = parseLine(`${name} 07 12:00:01 lb1 haproxy[7]: ${EVENT}`);
    return line.kind === 'event' && line.header.time?.kind === 'local' ? line.header.time.month : undefined;
  };
  assert.deepEqual(['août', 'Mär', 'ene', 'fev', 'giu', 'paź', 'окт', ' 3月', '12月', 'Okt', 'дек'].map(months), [
    ...[8, 3, 1, 2, 6, 10, 10, 3, 12, 10, 12],
  ]);
});

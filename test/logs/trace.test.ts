/** The way of a line: the same answers as the reader, with where and why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRAMINGS } from '../../src/logs/framing/framings.ts';
import { parseRecords } from '../../src/logs/line.ts';
import { traceLine } from '../../src/logs/trace.ts';

const EVENT = 'SPOE: [mirror] <EVENT:e> sid=6 st=1 0/0/-1/-1/301 1/2 0/0 1/4';
const HEADER = 'Nov 22 06:57:11 lb1 haproxy[7]: ';
const ACCESS =
  '10.0.0.1:80 [22/Nov/2026:06:56:47.524] fe be/srv1 0/0/0/0/0 200 127 - - ---- 1/1/0/0/0 0/0 "GET /? HTTP/1.1"';

test('names the entry of the table, and where it ends', () => {
  const { steps, messageStart, markerStart, refusal, decider } = traceLine(`<133>${HEADER}${EVENT}`);
  assert.deepEqual(
    steps.map(({ name, layer, start, end, text }) => ({ name, layer, start, end, text })),
    [
      { name: '<PRI>', layer: 'priority', start: 0, end: 5, text: '<133>' },
      { name: 'RFC 3164', layer: 'header', start: 5, end: 36, text: HEADER.trimEnd() },
    ],
  );
  assert.deepEqual({ messageStart, markerStart, refusal }, { messageStart: 37, markerStart: 37, refusal: undefined });
  assert.equal(decider.by, 'plain, then fast');
});

test('each entry of the table leads to its message', () => {
  for (const { name, example, inside } of FRAMINGS) {
    if (inside) continue;
    const { steps, refusal, messageStart, text } = traceLine(example + EVENT);
    assert.equal(refusal, undefined, name);
    assert.ok(steps.length > 0, name);
    assert.equal(text.slice(messageStart), EVENT, name);
  }
});

test('gives every field with its text, whichever HAProxy wrote them', () => {
  const fields = (line: string) =>
    traceLine(line)
      .message?.fields.map(({ name, text }) => `${name}=${text}`)
      .join(' ');
  assert.equal(
    fields(EVENT),
    'agent=mirror type=EVENT name=e sid=6 st=1 reqT=0 qT=0 wT=-1 resT=-1 pT=301 idles=1 applets=2 nb_sending=0 nb_waiting=0 ' +
      'nb_error=1 nb_processed=4',
  );
  assert.equal(
    fields('SPOE: [a] <GROUP:g> sid=1 st=0 12 0/3'),
    'agent=a type=GROUP name=g sid=1 st=0 pT=12 nb_error=0 nb_processed=3',
  );
});

/** Where a message stops being an event, and what would have to be there. */
const STOPS: readonly (readonly [message: string, end: number, expected: unknown])[] = [
  ['SPOE: [mirror] <EV', 16, { field: 'type' }],
  ['SPOE: [mirror] <EVENT:e> sid=x', 29, { field: 'sid' }],
  ['SPOE: [mirror] <EVENT:e> sid=6 st=1 0/0/-', 40, { field: 'wT' }],
  ['SPOE: [mirror] <EVENT:e> sid=6 st=1 0/0/-1', 42, { text: '/' }],
  [`${EVENT} and more`, EVENT.length, 'end'],
];
for (const [message, end, expected] of STOPS) {
  test(`stops at ${JSON.stringify(message.slice(end - 4))}`, () => {
    const trace = traceLine(HEADER + message);
    assert.deepEqual({ end: trace.message?.end, expected: trace.message?.expected }, { end, expected });
    assert.equal(trace.parsed[0]?.kind, 'malformed');
    assert.match(trace.refusal ?? '', /does not go on as one/);
  });
}

test('says which number is too large', () => {
  const { message, parsed } = traceLine(EVENT.replace('sid=6', 'sid=4294967296'));
  assert.equal(parsed[0]?.kind, 'malformed');
  assert.deepEqual(
    message?.fields.filter(({ above }) => above !== undefined),
    [{ name: 'sid', text: '4294967296', above: 4294967295n }],
  );
});

/** What is no event, why not, and who decides it. */
const REFUSED: readonly (readonly [line: string, kind: string, why: RegExp, decider: string])[] = [
  ['hello', 'none', /no SPOE: in it/, 'fast'],
  [HEADER + ACCESS.replace('?', EVENT), 'spoofed', /what access lines have: "\\"GET "/, 'plain'],
  [`something odd ~~ ${EVENT}`, 'unread', /no header of the table/, 'plain'],
  ['SPOE: [mirror] failed to create SPOE applet', 'other', /reports no event/, 'plain'],
  [`{"log":"${EVENT}`, 'malformed', /begins like JSON and is none/, 'plain'],
];
for (const [line, kind, why, decider] of REFUSED) {
  test(`says why ${JSON.stringify(line.slice(0, 30))} is ${kind}`, () => {
    const trace = traceLine(line);
    assert.equal(trace.parsed[0]?.kind, kind);
    assert.match(trace.refusal ?? '', why);
    assert.equal(trace.decider.by, decider);
  });
}

test('in JSON and in tables it names the member, and goes on in its text', () => {
  const json = traceLine(JSON.stringify({ log: `${HEADER}${EVENT}\n`, stream: 'stdout' }));
  assert.equal(json.container?.source?.member, 'log');
  assert.deepEqual(
    json.container?.steps.map(({ name }) => name),
    ['RFC 3164'],
  );
  assert.deepEqual([json.refusal, json.markerStart], [undefined, HEADER.length]);
  assert.deepEqual(json.decider, {
    by: 'plain, then fast',
    because: 'the first one teaches the fast scanner its header and event',
  });
  const csv = traceLine(`"2024-03-07T12:00:01.123Z","lb1","haproxy","${EVENT}"`);
  assert.equal(csv.container?.source?.framing, 'CSV');
  assert.equal(csv.refusal, undefined);
});

test('what it ignores is said: NULs, colours, a CR, what is beyond 64 KiB', () => {
  assert.deepEqual(traceLine(`\0\0${HEADER}\u001b[1mSPOE\u001b[0m${EVENT.slice(4)}\r`).notes, [
    'NULs are left out',
    'colours of a terminal are left out',
    'the CR at its end is left out',
  ]);
  const long = traceLine(`${EVENT}${' '.repeat(70_000)}`);
  assert.deepEqual(long.notes, ['cut after 65536 bytes']);
  assert.equal(long.text.length, 65_536);
});

test('it never disagrees with the reader', () => {
  for (const line of [EVENT, ACCESS, `${HEADER}SPOE: [a`, `[{"log":"${EVENT}"},{"log":"${EVENT}"}]`, '', '{', '\0'])
    assert.deepEqual(traceLine(line).parsed, parseRecords(line), line);
});

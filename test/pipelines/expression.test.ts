/** The expression of pipelines/ against the product's own parser, line by line, and the lines where they differ. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NAMED } from '../../scripts/pipelines.ts';
import { parseRecords } from '../../src/logs/line.ts';
import type { LineHeader, ParsedLine, SpoeEvent } from '../../src/logs/record.ts';
import {
  ACCESS_LINES,
  CLIENT_TEXTS,
  EVENT,
  LINE_EXAMPLES,
  SHORT_ACCESS_LINES,
  TIME_ALONE,
} from '../logs/framing/examples.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const SPOE_EVENT = new RegExp(NAMED);

/** An event as the columns of the table spoe_events have it; all are texts, those that are not there undefined. */
type Columns = readonly (string | undefined)[];

/** What the expression finds. Its `-` of RFC 5424 is no host. */
function expressed(line: string): Columns[] {
  const found = SPOE_EVENT.exec(line)?.groups;
  if (found === undefined) return [];
  const { time, host, process, pid, agent, type, event, sid, st, ...numbers } = found;
  const origin = [time && 'a time', host === '-' ? undefined : host, process, pid && plain(pid)];
  return [[...origin, agent, type, event, ...[sid, st, ...Object.values(numbers)].map((text) => text && plain(text))]];
}

/** A number without the zeros in front of it. */
function plain(text: string): string {
  return String(BigInt(text));
}

/** What the product's parser finds; a repeated event as often as it is repeated. */
function parsed(line: string): Columns[] {
  return parseRecords(line).flatMap((record) =>
    record.kind === 'event' ? Array<Columns>(record.repeat).fill(columnsOf(record.header, record.event)) : [],
  );
}

function columnsOf({ time, host, process, pid }: LineHeader, event: SpoeEvent): Columns {
  const { agent, type, name, sid, st, reqT, qT, wT, resT, pT, idles, applets, nbSending, nbWaiting } = event;
  const numbers = [sid, st, reqT, qT, wT, resT, pT, idles, applets, nbSending, nbWaiting, event.nbError];
  const texts = [...numbers, event.nbProcessed].map((number) => (number === undefined ? undefined : String(number)));
  return [time && 'a time', host, process, pid === undefined ? undefined : String(pid), agent, type, name, ...texts];
}

function linesOf(file: string): string[] {
  return readFileSync(join(FIXTURES, file), 'utf8').split('\n');
}

describe('the fixtures', () => {
  const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(log|jsonl)$/.test(name),
  );
  const isJson = (file: string) => file.includes('rsyslog-json');

  test('the expression finds the events that the parser finds, with the same numbers', () => {
    let events = 0;
    for (const file of files.filter((name) => !isJson(name))) {
      for (const line of linesOf(file)) {
        const found = expressed(line);
        assert.deepEqual(found, parsed(line), `${file}: ${line}`);
        events += found.length;
      }
    }
    assert.ok(events > 3000, `${events} events`);
  });

  test("but for a shipper's JSON, which is opened first", () => {
    const wrapped = files.filter(isJson);
    assert.equal(wrapped.length, 2);
    for (const line of wrapped.flatMap(linesOf).filter((text) => text.includes('SPOE: ['))) {
      assert.deepEqual(expressed(line), []);
      const [inside] = expressed((JSON.parse(line) as { message: string }).message);
      // The header is in other members.
      assert.deepEqual(inside?.slice(4), parsed(line)[0]?.slice(4));
    }
  });
});

/** Framings of docs/LOGS.md that the expression reads, with all that the product knows from them. */
const READ = [
  'RFC 3164',
  'no space before the message',
  'RFC 5424',
  'ISO',
  'ISO, the time alone',
  'RFC 3164, the time alone',
  '<PRI>',
  'Kubernetes CRI',
  'time of docker logs -t',
  'octet count',
];
/** Of the stamp in front, the time is not taken. */
const WITHOUT_TIME = ['Kubernetes CRI'];

test('of all framings it reads these, and of the others nothing', () => {
  const read = LINE_EXAMPLES.filter(({ example }) => expressed(example + EVENT).length > 0);
  assert.deepEqual(read.map(({ name }) => name).sort(), [...READ].sort());
  for (const { name, example } of read) {
    const from = WITHOUT_TIME.includes(name) ? 1 : 0;
    assert.deepEqual(expressed(example + EVENT)[0]?.slice(from), parsed(example + EVENT)[0]?.slice(from), name);
  }
});

/** Lines on which the two differ, as docs/pipelines.md says. */
const HEADER = 'Nov 22 06:57:13 lb1 haproxy[1]: ';
const DIFFERENCES: readonly (readonly [what: string, line: string, parser: number, expression: number])[] = [
  ['message repeated 3 times', `${HEADER}message repeated 3 times: [ ${EVENT}]`, 3, 0],
  ['a torn line, glued to a whole one', `${HEADER}SPOE: [mirror] <EVENT:on-front${HEADER}${EVENT}`, 1, 0],
  ["a shipper's JSON", JSON.stringify({ message: HEADER + EVENT }), 1, 0],
  ['several records in one line', JSON.stringify({ records: [{ message: EVENT }, { message: EVENT }] }), 2, 0],
  ['NULs of a truncation', `\0\0\0${HEADER}${EVENT}`, 1, 0],
  ['a number beyond 32 bits', HEADER + EVENT.replace('sid=3', 'sid=4294967296'), 0, 1],
  ['a line that is torn behind idles/applets', HEADER + EVENT.slice(0, EVENT.indexOf(' 0/0 1/3')), 0, 1],
];
for (const [what, line, parser, expression] of DIFFERENCES) {
  test(`they differ on ${what}`, () => {
    assert.equal(parsed(line).length, parser);
    assert.equal(expressed(line).length, expression);
  });
}

test('neither takes a torn line, an 11-digit number, another message, or a text behind the event', () => {
  const lines = [
    ...Array.from(EVENT, (_, length) => HEADER + EVENT.slice(0, length)).filter(
      (line) => !line.trimEnd().endsWith('501 1/2'),
    ),
    HEADER + EVENT.replace('sid=3', 'sid=99999999999'),
    HEADER + EVENT.replace('0/0/-1/-1', '0/0/-2/-1'),
    `${HEADER}SPOE: [mirror] failed to create SPOE applet`,
    `${HEADER}${EVENT} x`,
  ];
  // A number that is cut is another number. (A line that is torn behind idles/applets: above.)
  const isEvent = (line: string) => parseRecords(line).some(({ kind }: ParsedLine) => kind === 'event');
  for (const line of lines) assert.equal(expressed(line).length, isEvent(line) ? 1 : 0, line);
});

test('no text of a client is an event, behind any header that is read', () => {
  const prefixes = ['', ...LINE_EXAMPLES.filter(({ name }) => READ.includes(name)).map(({ example }) => example)];
  for (const prefix of prefixes) {
    const formats = TIME_ALONE.has(prefix) ? ACCESS_LINES : { ...ACCESS_LINES, ...SHORT_ACCESS_LINES };
    for (const [name, write] of Object.entries(formats))
      for (const text of CLIENT_TEXTS)
        assert.deepEqual(expressed(prefix + write(text)), [], `${name}: ${prefix + write(text)}`);
  }
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMINGS } from '../../../src/logs/framing/framings.ts';
import { JSON_FRAMINGS } from '../../../src/logs/framing/json-framings.ts';
import { compilePattern, readMatch } from '../../../src/logs/framing/pieces.ts';
import { TABLE_FRAMINGS } from '../../../src/logs/framing/table-framings.ts';
import { parseHeader } from '../../../src/logs/header.ts';
import { parseLine } from '../../../src/logs/line.ts';
import { readerOf } from '../access/reading.ts';
import { EVENT, EXAMPLES, yieldsOf } from './examples.ts';

const ACCESS =
  '192.0.2.1:4711 [07/Mar/2024:12:00:00.101] fe be/s1 0/0/0/12/13 200 123 - - ---- 1/1/0/0/0 0/0 "GET /x HTTP/1.1"';

test('every framing has a name of its own', () => {
  const names = [...EXAMPLES, ...JSON_FRAMINGS, ...TABLE_FRAMINGS].map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
});

for (const { name, example, yields } of EXAMPLES) {
  const inside = FRAMINGS.some((framing) => framing.name === name && framing.inside);
  const skip = inside && 'only inside of JSON and tables';
  test(`${name}: an SPOE line says what the table says`, { skip }, () => {
    const line = parseLine(example + EVENT);
    assert.equal(line.kind, 'event', example + EVENT);
    if (line.kind === 'event') assert.deepEqual(yieldsOf(line.header), yields);
    assert.equal(parseHeader(example + EVENT).messageStart, example.length);
  });

  test(`${name}: an access line is read, and says the same host`, { skip }, () => {
    const record = readerOf('httplog')(example + ACCESS);
    assert.equal(record?.status, 200, example + ACCESS);
    assert.equal(record.target, '/x');
    assert.equal(record.host, yields.host ?? '');
  });

  test(`${name}: colours change nothing`, () => {
    const coloured = `\u001b[36m${example}\u001b[0m\u001b[01;31m\u001b[KSPOE\u001b[m\u001b[K${EVENT.slice(4)}`;
    assert.deepEqual(parseLine(coloured), parseLine(example + EVENT));
  });
}

/** Mostly the first one: several parts have to be usual at once. */
const mostly = (usual: string, ...others: string[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 4 * others.length }, fc.constantFrom(...others));

/** Words that mean something between a time and a message. */
const WORD = fc.oneof(
  fc.constantFrom(
    'lb1',
    'lb-2',
    'haproxy',
    'hapee-lb',
    'utc',
    'UTC',
    'cet',
    'BST',
    'ChST',
    'local0',
    'daemon',
    'kern',
    'notice',
    'err',
  ),
  fc.constantFrom(
    'user.notice',
    '<16.5>',
    '[notice]',
    'lb1 lb1',
    'local0 notice',
    '10.0.0.1 lb1',
    '10.0.0.1:80',
    '2024',
    'Nov',
    '-',
    'spoe',
    'SPOE',
  ),
  fc.stringMatching(/^[a-z][a-z0-9_.-]{0,5}$/),
);
const DATE = fc
  .record({
    before: mostly('', ' ', 'Sun ', '2024 ', '<5>'),
    month: mostly('Nov', 'Feb', 'Xyz', 'nov', 'November', 'NOV'),
    gap: mostly(' ', '  ', '-', '   '),
    day: fc.constantFrom('1', '07', '22', '30', '32', '0'),
    time: mostly('06:57:11', '24:00:00', '23:59:60', '06:57:11.5', '06:57:11,', '6:57:11'),
  })
  .map(({ before, month, gap, day, time }) => `${before}${month}${gap}${day} ${time}`);
const ISO = fc
  .record({
    day: fc.constantFrom('2026-11-22', '2026/11/22', '2026-02-30', '0000-00-00'),
    letter: fc.constantFrom('T', ' '),
    time: fc.constantFrom('06:57:11', '06:57:11.123456', '06:57:11,5', '24:00:00', '06:57'),
    zone: fc.constantFrom('', 'Z', '+00:00', '-0530', '+24:00', ' +01', ' UTC', ' CST', ' utc'),
  })
  .map(({ day, letter, time, zone }) => `${day}${letter}${time}${zone}`);
const LINE = fc
  .record({
    date: fc.oneof(DATE, ISO),
    gap: mostly(' ', '  '),
    host: WORD,
    process: WORD,
    pid: mostly('[7]', '[29973]', '[99999999999]', '[]', '', '[4294967296]'),
    colon: mostly(':', '::', ': ', ''),
    message: mostly('SPOE: [m] <EVENT:e>', 'SPOE: x', 'local0.notice SPOE: [m]', '[notice] SPOE: [m]', '1.2.3.4:5 x'),
  })
  .map(
    ({ date, gap, host, process, pid, colon, message }) => `${date}${gap}${host} ${process}${pid}${colon} ${message}`,
  );

for (const { name, usual, pattern } of FRAMINGS) {
  if (usual === undefined) continue;
  test(`${name}: what is usual means what it means to the whole pattern`, () => {
    const [small, whole] = [compilePattern(usual), compilePattern(pattern)];
    const read = ({ regex, fields }: typeof small, line: string) => {
      regex.lastIndex = 0;
      const match = regex.exec(line);
      return match && { header: readMatch(match, fields), end: regex.lastIndex };
    };
    let taken = 0;
    const look = (line: string) => {
      const found = read(small, line);
      if (found === null) return;
      taken += 1;
      assert.deepEqual(found, read(whole, line), line);
    };
    fc.assert(fc.property(LINE, look), { numRuns: 20_000 });
    assert.ok(taken > 100, `${taken} lines were usual`);
  });
}

for (const { name, example, yields } of FRAMINGS.filter(({ inside }) => inside)) {
  test(`${name}: read in a member of JSON, in no other place`, () => {
    const line = parseLine(JSON.stringify({ log: example + EVENT }));
    assert.deepEqual(line.kind === 'event' && yieldsOf(line.header), yields);
    assert.equal(readerOf('httplog')(JSON.stringify({ log: example + ACCESS }))?.target, '/x');
    assert.equal(parseLine(example + EVENT).kind, 'unread');
  });
}

for (const { name, example, yields } of JSON_FRAMINGS) {
  test(`${name}: an SPOE line in JSON says what the table says`, () => {
    const line = parseLine(JSON.stringify(example(EVENT)));
    assert.equal(line.kind, 'event');
    if (line.kind === 'event') assert.deepEqual(yieldsOf(line.header), yields);
  });

  test(`${name}: an access line in JSON is read, and says the same host`, () => {
    const record = readerOf('httplog')(JSON.stringify(example(ACCESS)));
    assert.equal(record?.target, '/x');
    assert.equal(record.host, yields.host ?? '');
  });

  test(`${name}: a header inside wins`, () => {
    const line = parseLine(JSON.stringify(example(`Mar  8 12:00:01 lb9 haproxy[9]: ${EVENT}`)));
    assert.equal(line.kind === 'event' && line.header.host, 'lb9');
    assert.equal(line.kind === 'event' && line.header.pid, 9);
  });
}

for (const { name, example, yields } of TABLE_FRAMINGS) {
  test(`${name}: an SPOE line and an access line are read, and say what the table says`, () => {
    const line = parseLine(example(EVENT));
    assert.equal(line.kind, 'event', example(EVENT));
    if (line.kind === 'event') assert.deepEqual(yieldsOf(line.header), yields);
    const record = readerOf('httplog')(example(ACCESS));
    assert.equal(record?.target, '/x', example(ACCESS));
    assert.equal(record.host, yields.host ?? '');
    const inner = parseLine(example(`Mar  8 12:00:01 lb9 haproxy[9]: ${EVENT}`));
    assert.equal(inner.kind === 'event' && inner.header.host, 'lb9');
  });
}

test('the table of the documentation is that of the program', () => {
  const text = readFileSync(new URL('../../../docs/LOGS.md', import.meta.url), 'utf8');
  const lines = [
    '| framing | example | seen |',
    '|---|---|---|',
    ...EXAMPLES.map(({ name, example, seen }) => `| ${cell(name)} | \`${cell(example)}SPOE: …\` | ${cell(seen)} |`),
    ...JSON_FRAMINGS.map(
      ({ name, example, seen }) => `| ${cell(name)} | \`${shorten(example('SPOE: …'))}\` | ${cell(seen)} |`,
    ),
    ...TABLE_FRAMINGS.map(
      ({ name, example, seen }) => `| ${cell(name)} | \`${cell(example('SPOE: …'))}\` | ${cell(seen)} |`,
    ),
  ];
  const table = lines.join('\n');
  assert.ok(text.includes(`\n${table}\n`), `docs/LOGS.md should have:\n${table}`);
});

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\t', '⇥').replaceAll('\u001e', '␞').replaceAll('<PRI>', '`<PRI>`');
}

/** JSON on one line of a table; a list of bytes is not shown whole. */
function shorten(value: unknown): string {
  return cell(JSON.stringify(value).replace(/\[83,80,79,69[\d,]*\]/, '[83,80,79,69,58,…]'));
}

test('grammar that is not known has no place in the table', () => {
  for (const { name, pattern, seen } of FRAMINGS) {
    assert.ok(pattern.includes('{'), name);
    assert.ok(seen.length > 0, name);
  }
});

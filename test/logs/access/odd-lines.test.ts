/** No line of a log decides for the others: wherever an odd one stands, the others are read as if it were not there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessReadOptions } from '../../../src/logs/access-options.ts';
import { type AccessCounts, AccessScanner } from '../../../src/logs/access-scanner.ts';
import { utcTimes } from './reading.ts';

const LINES = 230;
/** Before all, within the first lines that decide, and behind them. */
const PLACES = [0, 3, 210];

interface Log {
  readonly name: string;
  readonly line: (index: number) => string;
  readonly id: (index: number) => string;
  /** What stands in place of a line; several of them where they come before a reload. */
  readonly odd: Readonly<Record<string, (line: string, index: number) => string>>;
}

const two = (number: number) => String(number).padStart(2, '0');
const clock = (index: number) => `07:${two(Math.floor(index / 60) % 60)}:${two(index % 60)}`;
const idOf = (index: number) =>
  `7F000001:${(0x1000 + index).toString(16).toUpperCase()}_7F000001:A083_6B0A122E_${index
    .toString(16)
    .toUpperCase()
    .padStart(4, '0')}:366F`;
const httplog = (index: number, request = `"GET /items/${index % 5} HTTP/1.1"`) =>
  `Nov 22 ${clock(index)} lb1 haproxy[713]: 192.0.2.7:${1024 + index} [22/Nov/2026:${clock(index)}.107] fe be/s1 ` +
  `0/0/0/${index % 7}/${9 + (index % 7)} ${index % 9 === 4 ? 500 : 200} 103 - - ---- 1/1/0/0/0 0/0 ${request}`;
const combined = (index: number) =>
  `192.0.2.7 - - [22/Nov/2026:${clock(index)} +0000] "GET /items/${index % 5} HTTP/1.1" 200 103 "-" "curl/8"`;

/** Odd lines that a log of any format may have. */
const ANY = {
  'glued to the next one': (line: string) => `${line}\u0000GLUED`,
  'cut at its end': (line: string) => line.slice(0, -30),
  'cut in the middle': (line: string) => line.slice(0, 60),
  'cut at its beginning': (line: string) => line.slice(40),
  'of NULs': (line: string) => `${'\0'.repeat(500)}${line}`,
  'nothing but NULs': () => '\0'.repeat(500),
  empty: () => '',
  'of a kernel': () => 'Nov 22 07:20:43 lb1 kernel: [ 12.3] eth0: "link" is up 200 12',
  'of JSON that is no request': () => '{"level":"info","msg":"ready"}',
};

const HAPROXY_ODD = {
  ...ANY,
  'with more behind it': (line: string) => `${line} and more`,
  'without an id': (_: string, index: number) => httplog(index),
  'BADREQ without an id': (_: string, index: number) => httplog(index, '"<BADREQ>"'),
  'of an older log-format': (_: string, index: number) => `${httplog(index)} old${index} words that are more`,
  'of an older log-format with pairs': (_: string, index: number) => `${httplog(index)} rid=${idOf(index)} a=b`,
};

const LOGS: readonly Log[] = [
  { name: 'httplog %ID', line: (index) => `${httplog(index)} ${idOf(index)}`, id: idOf, odd: HAPROXY_ODD },
  { name: 'httplog %ID %rt', line: (index) => `${httplog(index)} ${idOf(index)} ${index}`, id: idOf, odd: HAPROXY_ODD },
  {
    name: 'httplog, an id behind a word',
    line: (index) => `${httplog(index)} word ${idOf(index)}`,
    id: idOf,
    odd: HAPROXY_ODD,
  },
  { name: 'httplog id=', line: (index) => `${httplog(index)} id=${idOf(index)} x=1`, id: idOf, odd: HAPROXY_ODD },
  {
    name: 'combined with an id',
    line: (index) => `${combined(index)} "${idOf(index)}" 0.007`,
    id: idOf,
    odd: { ...ANY, 'without an id': (_, index) => combined(index) },
  },
];

interface Reading {
  /** Status by id. */
  readonly ids: ReadonlyMap<string, number>;
  readonly counts: AccessCounts;
}

/** @param step how many lines come before the next look; all of a file at once otherwise */
function read(lines: readonly string[], step: number, options: AccessReadOptions = {}): Reading {
  const ids = new Map<string, number>();
  const scanner = new AccessScanner(
    { reading: options },
    { onRequest: ({ uniqueId, status }) => uniqueId !== '' && ids.set(uniqueId, status) },
  );
  scanner.begin('a.log');
  scanner.setTimes(utcTimes());
  for (let at = 0; at < lines.length; at += step) {
    const length = scanner.input.write(`${lines.slice(at, at + step).join('\n')}\n`);
    scanner.scan(0, length);
    if (step < lines.length) scanner.settle();
  }
  scanner.settle();
  return { ids, counts: (scanner.inputs[0] as { counts: AccessCounts }).counts };
}

function withOdd(log: Log, odd: (line: string, index: number) => string, place: number): readonly string[] {
  const lines = Array.from({ length: LINES }, (_, index) =>
    index === place ? odd(log.line(index), index) : log.line(index),
  );
  return lines.join('\n').replace('\u0000GLUED\n', '').replace('\u0000GLUED', '').split('\n');
}

for (const log of LOGS)
  for (const [name, odd] of Object.entries(log.odd))
    for (const [how, step] of [
      ['a whole file', LINES + 1],
      ['followed', 1],
    ] as const)
      test(`${log.name}, a line ${name}, ${how}`, () => {
        for (const place of PLACES) {
          const lines = withOdd(log, odd, place);
          const { ids } = read(lines, step);
          // The line behind a glued one is part of that.
          const isLost = (index: number) => index === place || (index === place + 1 && lines.length < LINES);
          const missing = Array.from({ length: LINES }, (_, index) => index).filter(
            (index) => !isLost(index) && !ids.has(log.id(index)),
          );
          assert.deepEqual(missing, [], `the odd line at ${place}`);
        }
      });

test('of what the odd line itself says, all is the same wherever it stands in a file', () => {
  const [log] = LOGS as [Log];
  for (const [name, odd] of Object.entries(log.odd)) {
    // In the same place of the clock and of the ids, so that nothing but the order differs.
    const others = Array.from({ length: LINES }, (_, index) => log.line(index));
    const own = odd(log.line(LINES), LINES).replace('\u0000GLUED', log.line(LINES + 1));
    const outcomes = PLACES.map((place) => read(others.toSpliced(place, 0, own), LINES + 2));
    for (const { ids, counts } of outcomes) {
      assert.deepEqual(new Map([...ids].sort()), new Map([...(outcomes[0] as Reading).ids].sort()), name);
      assert.deepEqual(counts, outcomes[0]?.counts, name);
    }
  }
});

for (const [how, step] of [
  ['a whole file', 100_000],
  ['followed', 1],
] as const) {
  test(`a reload that moves the id, ${how}`, () => {
    const before = Array.from({ length: 300 }, (_, index) => `${httplog(index)} some words`);
    const after = Array.from({ length: 300 }, (_, index) => `${httplog(index)} ${idOf(index)} ${index}`);
    assert.equal(read([...before, ...after], step).ids.size, 300, 'from none');
    const moved = Array.from({ length: 300 }, (_, index) => `${httplog(index)} host ${idOf(index + 300)}`);
    assert.equal(read([...after, ...moved], step).ids.size, 600, 'from one place to another');
    assert.equal(read([...moved, ...after], step).ids.size, 600, 'and back');
  });

  test(`every eighth line is glued to the next one, the first one is too, ${how}`, () => {
    const [log] = LOGS as [Log];
    const text = Array.from({ length: 400 }, (_, index) => `${log.line(index)}${index % 8 === 0 ? '' : '\n'}`).join('');
    const { ids } = read(text.trimEnd().split('\n'), step);
    assert.equal([...Array(400).keys()].filter((index) => index % 8 > 1 && !ids.has(log.id(index))).length, 0);
  });

  test(`lines of a web server among those of HAProxy are not its requests, ${how}`, () => {
    const [log] = LOGS as [Log];
    const lines = Array.from({ length: 400 }, (_, index) => (index % 4 === 3 ? combined(index) : log.line(index)));
    const { ids, counts } = read(lines, step);
    assert.equal(ids.size, 300);
    assert.deepEqual([counts.parsed, counts.unparsed], [300, 100]);
    // The first line of what is followed is all that is known then.
    const first = read([combined(0), ...lines], step);
    assert.deepEqual([first.ids.size >= 292, first.counts.unparsed <= 108], [true, true]);
  });
}

test('a log full of lines that tell nothing is asked ever more rarely, and what is new in it is asked at once', () => {
  const without = Array.from({ length: 5000 }, (_, index) => httplog(index));
  const after = Array.from({ length: 50 }, (_, index) => `${httplog(index)} ${idOf(index)}`);
  assert.equal(read([...without, ...after], 100_000).ids.size, 50);
});

/**
 * Numbers are read without a branch for each digit, from 64 bytes at once: what that may not mistake for a number, place by
 * place. The plain path knows what is right.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FastScanner } from '../../../src/logs/fast-scanner.ts';
import { LineFeed } from '../../../src/logs/line-feed.ts';
import { Names } from '../../../src/logs/names.ts';
import { type Cell, Int, ROW_INTS, type RowBatch, RowFlag } from '../../../src/logs/row.ts';
import { scannerMemory } from '../../../src/logs/scanner/scanner-module.ts';
import { LineTally } from '../../../src/logs/tally.ts';
import { assertBothAgree, describeRows, times } from './both-paths.ts';

const HEADER = 'Nov 22 07:02:28 lb1 haproxy[7]: ';
const BEFORE = 'SPOE: [mirror] <EVENT:e> sid=';
/** What stands between the numbers, by HAProxy 3.0 and by 3.1. */
const SHAPES = [
  [' st=', ' ', '/', '/', '/', '/', ' ', '/', ' ', '/', ' ', '/'],
  [' st=', ' ', ' ', '/'],
] as const;
/** The fields of the line that others are known by. */
const KNOWN = fieldsOf(SHAPES[1], () => '1');

type Shape = (typeof SHAPES)[number];

function fieldsOf(shape: Shape, number: (place: number) => string): string {
  return number(0) + shape.map((separator, i) => separator + number(i + 1)).join('');
}

/** For each shape and each place of it, fields with that number there, and small ones elsewhere. */
function atEachPlace(number: string): string[] {
  return SHAPES.flatMap((shape) =>
    Array.from({ length: shape.length + 1 }, (_, place) =>
      fieldsOf(shape, (each) => (each === place ? number : String((each * 7 + 3) % 10))),
    ),
  );
}

/** Both paths read these fields alike, as lines and in JSON, where another byte ends them. Bytes are Latin-1. */
function assertFieldsAgree(fields: readonly string[]): void {
  const lines = [KNOWN, ...fields].map((each) => `${HEADER}${BEFORE}${each}\n`);
  assertBothAgree(Buffer.from(lines.join(''), 'latin1'));
  const json = [KNOWN, ...fields].map((each) => `${JSON.stringify({ message: BEFORE + each })}\n`);
  assertBothAgree(Buffer.from(json.join('')));
}

test('numbers of no digit to 20 digits are read alike at each place', () => {
  const digits = [...'0123456789'].map((digit) => digit.repeat(20));
  const numbers = [...digits, '12345678901234567890', '00000000000000000001'].flatMap((text) =>
    Array.from({ length: 21 }, (_, length) => text.slice(text.length - length)),
  );
  assertFieldsAgree([...new Set(numbers)].flatMap(atEachPlace));
});

test('numbers around every bound are read alike at each place', () => {
  const bounds = [9n, 99n, 999n, 9999n, 99_999n, 99_999_999n, 999_999_999n, 10n ** 15n - 1n, 10n ** 16n - 1n]
    .concat([511n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n])
    .flatMap((bound) => [bound - 1n, bound, bound + 1n].map(String));
  assertFieldsAgree([...bounds, '-0', '-1', '-2', '-11', '+1', '1e3', '0x1', ' 1', '1 '].flatMap(atEachPlace));
});

test('every number of four digits, and numbers of eight and fifteen, are what their digits say', () => {
  let seed = 1;
  /** `length` digits, the same in each run. */
  const digits = (length: number) => {
    let text = '';
    while (text.length < length) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      text += String(seed >>> 8).slice(-4);
    }
    return text.slice(0, length);
  };
  const usual = (place: number, i: number, last: number) => {
    if (place === last) return digits(1 + (i % 15));
    if (place === 0 || place === last - 1) return digits(1 + (i % 8));
    return String((i + place * 997) % 10_000).padStart(1 + (place % 4), '0');
  };
  // Few enough digits in a line for the 64 bytes.
  const fields = Array.from({ length: 10_000 }, (_, i) =>
    SHAPES.flatMap((shape) => {
      const long = i % (shape.length + 1);
      return fieldsOf(shape, (place) =>
        place === long || shape.length < 6 ? usual(place, i, shape.length) : String((i + place) % 10),
      );
    }),
  ).flat();
  assertFieldsAgree(fields);
});

test('each of the 256 bytes is read alike in place of each byte of the fields, before it, and behind the last', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  for (const shape of SHAPES) {
    const text = fieldsOf(shape, (place) => (place % 3 === 0 ? '27' : '5'));
    const places = Array.from({ length: text.length + 1 }, (_, at) => at);
    assertFieldsAgree(
      places.flatMap((at) =>
        bytes.flatMap((byte) => [
          text.slice(0, at) + byte + text.slice(at + 1),
          text.slice(0, at) + byte + text.slice(at),
        ]),
      ),
    );
  }
});

test('fields that end within 64 bytes, right at them, or behind them are read alike, whatever follows', () => {
  const [shape] = SHAPES;
  const last = shape.length;
  const fields: string[] = [];
  for (const sidDigits of [1, 7, 8])
    for (let longer = 0; longer <= 38; longer++) {
      // That many digits more than one a number, spread over all but the last one.
      let left = longer;
      const numbers = Array.from({ length: last + 1 }, (_, place) => {
        if (place === 0) return '7'.repeat(sidDigits);
        const more = place === last ? 0 : Math.min(left, place === last - 1 ? 7 : 3);
        left -= more;
        return '5'.repeat(1 + more);
      });
      for (const processed of ['1', '12', '12345678', '123456789', '123456789012345', '1234567890123456'])
        for (const tail of ['', ' ', '\r', '#012', ...Array.from({ length: 14 }, (_, i) => ' '.repeat(2 + i))])
          fields.push(fieldsOf(shape, (place) => (place === last ? processed : (numbers[place] as string))) + tail);
    }
  assertFieldsAgree(fields);
});

/** The rows of these bytes, which are at `at` of the scanner's memory, among bytes of something else. */
function scanAt(line: string, at: (inputBytes: number, length: number) => number, rest: number): object[] {
  const rows: object[] = [];
  const scanner = new FastScanner(new Names(), new LineTally(), times(), (batch) => rows.push(...describeRows(batch)));
  const { input } = scanner;
  const known = Buffer.from(`${HEADER}${BEFORE}${KNOWN}\n`);
  known.copy(input);
  scanner.scan(0, known.length);
  input.fill(rest);
  const bytes = Buffer.from(line);
  const start = at(input.length, bytes.length);
  bytes.copy(input, start);
  scanner.scan(start, start + bytes.length);
  assert.equal(scanner.plainLines, 1);
  return rows.slice(1);
}

test('a line means the same at the beginning, at the end of memory, and whatever is around it', () => {
  for (const shape of SHAPES)
    for (const digits of ['1', '12', '4321']) {
      const line = `${HEADER}${BEFORE}${fieldsOf(shape, () => digits)}\n`;
      const expected = scanAt(line, () => 0, 0);
      assert.equal(expected.length, 1);
      for (const rest of Buffer.from('\0 /059:\n"\xff', 'latin1')) {
        assert.deepEqual(
          scanAt(line, () => 0, rest),
          expected,
          `at the beginning, before ${rest}`,
        );
        assert.deepEqual(
          scanAt(line, (size, length) => size - length, rest),
          expected,
          `at the end, behind ${rest}`,
        );
      }
    }
});

/** Scans a log, and gives the number of lines that went to the plain path. */
function plainLinesOf(log: string): number {
  const tally = new LineTally();
  const scanner = new FastScanner(new Names(), tally, times(), () => undefined);
  const feed = new LineFeed(scanner, tally, times());
  feed.push(Buffer.from(log));
  feed.end();
  return scanner.plainLines;
}

test('lines of many origins are told apart, in any order, and are known after the first one of each', () => {
  for (const pid of [1, 22, 333]) {
    // Names of all lengths, alike at both ends, and no name at all.
    const headers = Array.from({ length: 500 }, (_, i) =>
      i === 0 ? '' : `Nov 22 07:02:28 ${'x'.repeat(i % 40)}lb${i}${'y'.repeat(i % 23)} haproxy[${pid + (i % 7)}]: `,
    );
    const line = (header: string, i: number) => `${header}${BEFORE}${i} st=0 ${i % 10} 0/${i}\n`;
    const shuffled = Array.from({ length: 3000 }, (_, i) => headers[(i * 7919) % headers.length] as string);
    const log = [...headers, ...headers.toReversed(), ...shuffled].map(line).join('');
    assertBothAgree(Buffer.from(log));
    assert.equal(plainLinesOf(log), headers.length);
  }
});

test('usual numbers, and unusual ones, are read without the plain path', () => {
  const fields = SHAPES.flatMap((shape) =>
    ['0', '0000', '99999', '-1'].map((odd) => fieldsOf(shape, (place) => (place === 2 ? odd : '1'))),
  );
  assert.equal(plainLinesOf([KNOWN, ...fields].map((each) => `${HEADER}${BEFORE}${each}\n`).join('')), 1);
});

/** What a cell must hold after these rows: those that were counted in it. */
function expectedCell(rows: readonly Int32Array[]) {
  const histogram = (word: number, only: readonly Int32Array[]) => {
    const counts = new Float64Array(512);
    for (const row of only) counts[row[word] as number] = (counts[row[word] as number] as number) + 1;
    return counts;
  };
  const phased = rows.filter((row) => ((row[Int.flags] as number) & RowFlag.phases) !== 0);
  const tail = new Float64Array(512 * 5);
  for (const row of phased)
    for (const [i, value] of [
      1,
      ...[Int.reqT, Int.qT, Int.wT, Int.resT].map((word) => row[word] as number),
    ].entries()) {
      const at = (row[Int.pT] as number) * 5 + i;
      tail[at] = (tail[at] as number) + value;
    }
  const gauge = (word: number) => phased.map((row) => (row[word] as number) >>> 0);
  return {
    reqT: histogram(Int.reqT, phased),
    qT: histogram(Int.qT, phased),
    wT: histogram(Int.wT, phased),
    resT: histogram(Int.resT, phased),
    pT: histogram(Int.pT, rows),
    tail,
    gauges: Float64Array.from([
      Math.min(Number.POSITIVE_INFINITY, ...gauge(Int.idles)),
      ...[Int.applets, Int.sending, Int.waiting].map((word) => Math.max(-1, ...gauge(word))),
    ]),
  };
}

/** Scans fields, and asserts that the cell of their key holds what the rows of those below 512 ms say. */
function assertCounted(fields: readonly string[]): void {
  const rows: Int32Array[] = [];
  let cell: Cell | undefined;
  const sink = (batch: RowBatch) => {
    for (let i = 0; i < batch.count; i++) {
      const at = batch.start / 4 + i * ROW_INTS;
      rows.push(batch.ints.slice(at, at + ROW_INTS));
    }
    if (cell !== undefined) return;
    cell = batch.cells?.allocate() as Cell;
    batch.cells?.bind(rows[0]?.[Int.key] as number, cell);
  };
  const scanner = new FastScanner(new Names(), new LineTally(), times(), sink);
  for (const each of [KNOWN, ...fields]) {
    const length = scanner.input.write(`${HEADER}${BEFORE}${each}\n`);
    scanner.scan(0, length);
  }
  assert.equal(rows.length, fields.length + 1);
  const counted: Int32Array[] = [];
  for (const row of rows.slice(1)) {
    const flags = row[Int.flags] as number;
    const words = flags & RowFlag.phases ? [Int.reqT, Int.qT, Int.wT, Int.resT, Int.pT] : [Int.pT];
    const isWithin = words.every((word) => (row[word] as number) >>> 0 < 512);
    assert.equal((flags & RowFlag.counted) !== 0, isWithin, String(row));
    if (isWithin) counted.push(row);
  }
  const { number: _, ...held } = cell as Cell;
  assert.deepEqual(held, expectedCell(counted));
}

test('a cell holds the timers and gauges of all lines whose timers are below 512 ms, and of no other', () => {
  const timers = ['0', '1', '2', '510', '511', '512', '513', '1023', '1024', '65536', '999999999', '-1'];
  const [shape, short] = SHAPES;
  const fields = [
    ...timers.map((timer) => fieldsOf(short, (place) => (place === 2 ? timer : '1'))),
    ...[2, 3, 4, 5, 6].flatMap((at) =>
      timers.flatMap((timer, i) => [
        fieldsOf(shape, (place) => (place === at ? timer : '0')),
        fieldsOf(shape, (place) => (place === at ? timer : String((place * 3 + i) % 7))),
      ]),
    ),
  ];
  assertCounted(fields);
});

test('each gauge is the lowest or the highest of its own, whether they rise or fall', () => {
  const [shape] = SHAPES;
  const values = ['5', '5', '3', '7', '0', '9999', '12345', '999999999', '6'];
  const fields = (numbers: readonly string[]) =>
    [7, 8, 9, 10].flatMap((at) => numbers.map((value) => fieldsOf(shape, (place) => (place === at ? value : '4'))));
  assertCounted(fields(values));
  assertCounted(fields(values.toReversed()));
  // One line alone says all.
  for (const value of values) assertCounted([fieldsOf(shape, (place) => (place === 7 ? value : '0'))]);
  assertCounted([]);
});

test('a scanner whose memory another one has had since knows no origin of that one', () => {
  const line = (host: string) => `Nov 22 07:02:28 ${host} haproxy[7]: ${BEFORE}1 st=0 0 0/1\n`;
  const memory = scannerMemory();
  const create = () => {
    const rows: object[] = [];
    const tally = new LineTally();
    const sink = (batch: RowBatch) => rows.push(...describeRows(batch));
    const feed = new LineFeed(new FastScanner(new Names(), tally, times(), sink, memory), tally, times());
    return (hosts: readonly string[]) => {
      feed.push(Buffer.from(hosts.map(line).join('')));
      return rows.map((row) => (row as { origin: { host: string } }).origin.host);
    };
  };
  const [read, readBefore] = [create(), create()];
  readBefore(['lb1', 'lb2', 'lb3', 'lb1', 'lb2', 'lb3']);
  const hosts = ['lb3', 'lb3', 'lb2', 'lb3', 'lb2', 'lb1', 'lb2', 'lb3', 'lb1'];
  assert.deepEqual(read(hosts), hosts);
});

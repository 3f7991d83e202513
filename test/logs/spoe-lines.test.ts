/** The stream of events, held against the plain parser line by line. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { getDefaultHighWaterMark, Readable, setDefaultHighWaterMark, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import split2 from 'split2';
import { parseLine } from '../../src/logs/line.ts';
import type { ParsedLine } from '../../src/logs/record.ts';
import { packStamp } from '../../src/logs/row.ts';
import { type SpoeLine, type SpoeLinesOptions, spoeLines } from '../../src/logs/spoe-lines.ts';
import { bigintReplacer } from '../../src/text/json.ts';
import { byteByByte, cutAt } from './reading.ts';

const DEMO = new URL('../../fixtures/demo/', import.meta.url);
const LOGS = readdirSync(DEMO).filter((name) => name.endsWith('.log'));
const WHEN = { tz: 'UTC', year: 2026 } as const;

async function collect(chunks: readonly (Uint8Array | string)[], options: SpoeLinesOptions = WHEN) {
  const stream = spoeLines(options);
  const lines: SpoeLine[] = [];
  for await (const line of Readable.from(chunks, { objectMode: true }).pipe(stream)) lines.push(line);
  return { lines, counts: stream.counts };
}

const LINE = 'Nov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=';

for (const name of LOGS) {
  test(`${name}: the events of the stream are those of parseLine`, async () => {
    const bytes = readFileSync(new URL(name, DEMO));
    const { lines, counts } = await collect([bytes]);
    const parsed = bytes
      .toString('utf8')
      .split('\n')
      .map(parseLine)
      .filter((line): line is ParsedLine & { kind: 'event' } => line.kind === 'event');
    assert.deepEqual(
      lines.map(({ event }) => event),
      parsed.map(({ event }) => event),
    );
    assert.deepEqual(
      lines.map(({ header }) => header),
      parsed.map(({ header: { host, process, pid } }) => ({
        ...(host !== undefined && { host }),
        ...(process !== undefined && { process }),
        ...(pid !== undefined && { pid }),
      })),
    );
    assert.equal(counts.events, parsed.length);
    assert.equal(counts.bytes, bytes.length);
  });
}

test('lines may be cut anywhere between chunks', async () => {
  const bytes = readFileSync(new URL('2.6.12--stall-some.log', DEMO));
  assert.deepEqual(await collect(byteByByte(bytes)), await collect([bytes]));
  assert.deepEqual(await collect([bytes.toString('utf8')]), await collect([bytes]));
});

test('the last line needs no newline, and its time is a moment', async () => {
  const { lines } = await collect([`${LINE}5 st=0 0/0/0/1/1 1/1 0/0 0/7`]);
  assert.deepEqual(lines, [
    {
      timeMs: Date.UTC(2026, 10, 22, 7),
      header: { host: 'lb1', process: 'haproxy', pid: 713 },
      event: {
        ...{ agent: 'mirror', type: 'EVENT', name: 'on-frontend-http-request', sid: 5, st: 0 },
        ...{ reqT: 0, qT: 0, wT: 0, resT: 1, pT: 1, idles: 1, applets: 1, nbSending: 0, nbWaiting: 0 },
        ...{ nbError: 0, nbProcessed: 7 },
      },
      repeat: 1,
      stamp: packStamp(11, 22, 7, 0, 0),
    },
  ]);
});

test('counters keep all digits of 64 bits, and the replacer writes them', async () => {
  const { lines } = await collect([
    `${LINE}1 st=0 1 18446744073709551615/18446744073709551614\n${LINE}2 st=0 1 3/9007199254740993\n${LINE}3 st=0 1 3/9007199254740991\n`,
  ]);
  assert.deepEqual(
    lines.map(({ event }) => [event.nbError, event.nbProcessed]),
    [
      [18446744073709551615n, 18446744073709551614n],
      [3, 9007199254740993n],
      [3, 9007199254740991],
    ],
  );
  assert.throws(() => JSON.stringify(lines[0]), TypeError);
  const written = JSON.parse(JSON.stringify(lines[1]?.event, bigintReplacer));
  assert.deepEqual([written.nbError, written.nbProcessed], [3, '9007199254740993']);
});

test('what is no event is counted', async () => {
  const { lines, counts } = await collect([
    `${LINE}1 st=0 1 0/1\n`,
    'Nov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] failed to connect\n',
    `${LINE}2 st=x\n`,
    'Nov 22 07:00:00 lb1 haproxy[713]: 1.2.3.4:5 [22/Nov/2026:07:00:00.000] fe be/s 0/0/0/0/0 200 1 - - ---- 1/1/0/0/0 0/0 "GET /SPOE: [mirror] <EVENT:x> sid=1 HTTP/1.1"\n',
    'no such header ~ SPOE: [mirror] <EVENT:x> sid=1 st=0 1 0/1\n',
    'nothing\n',
  ]);
  assert.equal(lines.length, 1);
  const { unread, ...numbers } = counts;
  assert.deepEqual(numbers, {
    ...{ bytes: counts.bytes, lines: 6, events: 1, duplicates: 0 },
    ...{ other: 1, malformed: 1, spoofed: 1, headerNotRead: 1, overlong: 0 },
  });
  assert.match(unread ?? '', /no such header/);
});

test('an event of two log targets is one where duplicates are dropped', async () => {
  const line = `${LINE}1 st=0 1 0/1\n`;
  const { lines, counts } = await collect([line, line], { ...WHEN, dropDuplicates: true });
  assert.deepEqual([lines.length, counts.events, counts.duplicates], [1, 1, 1]);
  assert.equal((await collect([line, line])).lines.length, 2);
});

test('a chunk that is all of a log does not become all of its events at once', async () => {
  const stream = spoeLines(WHEN);
  const bytes = Buffer.from(`${LINE}1 st=0 1 0/1\n`.repeat(10_000));
  let isTaken = false;
  stream.write(bytes, () => {
    isTaken = true;
  });
  assert.ok(stream.readableLength < 1000, `${stream.readableLength} events wait`);
  assert.equal(isTaken, false);
  stream.end();
  let events = 0;
  let most = 0;
  for await (const { repeat } of stream) {
    events += repeat;
    most = Math.max(most, stream.readableLength);
  }
  assert.equal(events, 10_000);
  assert.ok(most < 2000, `${most} events waited`);
});

const EVENTS = `${LINE}1 st=0 1 0/1\n`;
const NO_EVENT = `Nov 22 07:00:00 lb1 haproxy[713]: 1.2.3.4:5 [22/Nov/2026:07:00:00.000] fe be/s 0/0/0/0/0 200 1 - - ---- 1/1/0/0/0 0/0 "GET /${'x'.repeat(60)} HTTP/1.1"\n`;
const WITH_GAP = EVENTS.repeat(700) + NO_EVENT.repeat(1500) + EVENTS;

/** Reads a few lines in each turn of the event loop. */
function slowWritable(linesATurn: number, take: (line: SpoeLine) => void): Writable {
  let untilTurn = linesATurn;
  return new Writable({
    objectMode: true,
    write(line: SpoeLine, _encoding, callback) {
      take(line);
      untilTurn -= 1;
      if (untilTurn > 0) return callback();
      untilTurn = linesATurn;
      setImmediate(callback);
    },
  });
}

for (const [name, chunk] of [
  ['bytes', Buffer.from(WITH_GAP)],
  ['text', WITH_GAP],
] as const) {
  test(`a chunk of ${name} goes on behind a part of it that has no event`, async () => {
    const { lines, counts } = await collect([chunk]);
    assert.deepEqual([lines.length, counts.events, counts.lines], [701, 701, 2201]);
    let read = 0;
    const count = () => {
      read += 1;
    };
    await pipeline(Readable.from([chunk], { objectMode: true }), spoeLines(WHEN), slowWritable(3, count));
    assert.equal(read, 701);
  });
}

test('a chunk goes on behind a part that has duplicates alone', async () => {
  const other = EVENTS.replace('sid=1', 'sid=2');
  const { lines, counts } = await collect(
    [
      Buffer.from(
        Array.from({ length: 700 }, (_, sid) => EVENTS.replace('sid=1', `sid=${sid + 10}`)).join('') +
          EVENTS.repeat(3000) +
          other,
      ),
    ],
    { ...WHEN, dropDuplicates: true },
  );
  assert.deepEqual([lines.length, counts.duplicates], [702, 2999]);
});

test('however the log is cut, and whoever reads it, every event is given out', async () => {
  const runs = fc.array(
    fc.record({ line: fc.constantFrom(EVENTS, NO_EVENT, 'new'), count: fc.constantFrom(1, 15, 16, 17, 700, 1500) }),
    { minLength: 1, maxLength: 5 },
  );
  const reader = fc.oneof(fc.constant(0), fc.constantFrom(1, 7, 16, 100));
  const defaultMark = getDefaultHighWaterMark(true);
  const property = fc.asyncProperty(
    runs,
    fc.array(fc.nat({ max: 400_000 }), { maxLength: 3 }),
    reader,
    fc.constantFrom(0, 1, 2, 16, 600),
    fc.boolean(),
    async (parts, cuts, linesATurn, mark, dropDuplicates) => {
      let sid = 10;
      const newLine = () => EVENTS.replace('sid=1', `sid=${sid++}`);
      const log = parts.map(({ line, count }) =>
        Array.from({ length: count }, () => (line === 'new' ? newLine() : line)).join(''),
      );
      const expected = log.join('').match(/ sid=\d+/g) ?? [];
      setDefaultHighWaterMark(true, mark);
      const stream = spoeLines({ ...WHEN, dropDuplicates });
      setDefaultHighWaterMark(true, defaultMark);
      const read: string[] = [];
      const take = ({ event }: SpoeLine) => read.push(` sid=${event.sid}`);
      const source = Readable.from(cutAt(Buffer.from(log.join('')), cuts), { objectMode: true });
      if (linesATurn > 0) await pipeline(source, stream, slowWritable(linesATurn, take));
      else for await (const line of source.pipe(stream)) take(line);
      assert.deepEqual(read, dropDuplicates ? [...new Set(expected)] : expected);
    },
  );
  try {
    await fc.assert(property, { numRuns: 60, seed: 1 });
  } finally {
    setDefaultHighWaterMark(true, defaultMark);
  }
});

test('what cannot be meant is refused', () => {
  assert.throws(() => spoeLines({ tz: 'Nowhere/Land' }), { code: 'bad-time-zone' });
  assert.throws(() => spoeLines({ year: 20 }), RangeError);
});

test('parseLine is a mapper of split2, and what is undefined is dropped', async () => {
  const log = readFileSync(new URL('2.6.12--stall-some.log', DEMO), 'utf8');
  const kinds: string[] = [];
  for await (const { kind } of Readable.from([log]).pipe(split2(parseLine)) as AsyncIterable<ParsedLine>)
    kinds.push(kind);
  assert.equal(kinds.length, log.trimEnd().split('\n').length);
  assert.equal(kinds.filter((kind) => kind === 'event').length, 20);

  const mapper = (line: string) => {
    const parsed = parseLine(line);
    return parsed.kind === 'event' ? parsed.event.st : undefined;
  };
  const codes: number[] = [];
  for await (const st of Readable.from([log]).pipe(split2(mapper)) as AsyncIterable<number>) codes.push(st);
  assert.equal(codes.length, 20);
  assert.equal(codes.filter((st) => st !== 0).length, 5);
});

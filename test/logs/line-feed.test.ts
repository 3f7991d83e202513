import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fuzz } from '../attack/fuzzing.ts';
import { CODE_POINT } from '../text/code-points.ts';
import { byteByByte, cutAt, eventLine, feedPieces, Reading } from './reading.ts';

const KIB = 1024;
const BOUND = 64 * KIB;

function read(text: string | Buffer) {
  const reading = new Reading();
  const feed = reading.feed();
  feed.push(Buffer.from(text as string));
  feed.end();
  const { lines, events, overlong, malformed } = reading.counts;
  return { lines, events, overlong, malformed };
}

describe('a line feed', () => {
  test('counts a last line without a newline', () => {
    assert.deepEqual(read(`${eventLine(1)}\n${eventLine(2)}`), { lines: 2, events: 2, overlong: 0, malformed: 0 });
  });

  test('counts a torn last line as malformed', () => {
    const torn = eventLine(2).slice(0, -20);
    assert.deepEqual(read(`${eventLine(1)}\n${torn}`), { lines: 2, events: 1, overlong: 0, malformed: 1 });
  });

  test('has no line of what is there of one where the reading is stopped', () => {
    const reading = new Reading();
    const feed = reading.feed();
    feed.push(Buffer.from(`${eventLine(1)}\n${eventLine(2).slice(0, -20)}`));
    feed.abandon();
    feed.push(Buffer.from(`${eventLine(3)}\n`));
    feed.end();
    const { lines, events, malformed } = reading.counts;
    assert.deepEqual({ lines, events, malformed }, { lines: 2, events: 2, malformed: 0 });
  });

  test('reads lines that end with CRLF', () => {
    assert.deepEqual(read(`${eventLine(1)}\r\n${eventLine(2)}\r\n`), {
      lines: 2,
      events: 2,
      overlong: 0,
      malformed: 0,
    });
  });

  test('finds nothing in an empty input, and nothing but lines in newlines', () => {
    assert.deepEqual(read(''), { lines: 0, events: 0, overlong: 0, malformed: 0 });
    assert.deepEqual(read('\n\n\n'), { lines: 3, events: 0, overlong: 0, malformed: 0 });
  });

  test('takes the first line after the end as the beginning of another input', () => {
    const reading = new Reading();
    const feed = reading.feed();
    feed.push(Buffer.from(eventLine(1).slice(0, 60)));
    feed.end();
    feed.push(Buffer.from(`${eventLine(2)}\n`));
    feed.end();
    assert.deepEqual(reading.sids, [2]);
    assert.equal(reading.tally.malformed, 1);
    assert.equal(reading.tally.lines, 2);
  });

  test('lets several inputs take turns on one scanner', () => {
    const reading = new Reading();
    const [first, second] = [reading.feed(), reading.feed()];
    const [one, two] = [eventLine(1), eventLine(2)];
    first.push(Buffer.from(one.slice(0, 50)));
    second.push(Buffer.from(two.slice(0, 70)));
    first.push(Buffer.from(`${one.slice(50)}\n`));
    second.push(Buffer.from(`${two.slice(70)}\n`));
    first.end();
    second.end();
    assert.deepEqual(reading.sids, [1, 2]);
    assert.equal(reading.tally.lines, 2);
  });
});

describe('holes of NULs', () => {
  test('several MiB of them before a line do not count as its length', () => {
    const hole = Buffer.alloc(5 * KIB * KIB);
    const input = Buffer.concat([Buffer.from(`${eventLine(1)}\n`), hole, Buffer.from(`${eventLine(2)}\n`)]);
    assert.deepEqual(read(input), { lines: 2, events: 2, overlong: 0, malformed: 0 });
  });

  test('inside a line they are not there', () => {
    const line = eventLine(1);
    const input = `${line.slice(0, 60)}${'\0'.repeat(200 * KIB)}${line.slice(60)}\n`;
    assert.deepEqual(read(input), { lines: 1, events: 1, overlong: 0, malformed: 0 });
  });

  test('at the end of an input they are no line', () => {
    for (const length of [1, 100, BOUND, BOUND + 1, 300 * KIB]) {
      const input = `${eventLine(1)}\n${'\0'.repeat(length)}`;
      assert.deepEqual(read(input), { lines: 1, events: 1, overlong: 0, malformed: 0 }, `${length} NULs`);
    }
  });
});

describe('a line that is too long', () => {
  const longLine = (length: number) => `${eventLine(7)}#012${'x'.repeat(length - eventLine(7).length - 4)}`;

  test('is cut, counted, and does not take the next line with it', () => {
    const input = `${eventLine(1)}\n${longLine(2 * KIB * KIB)}\n${eventLine(2)}\n`;
    const whole = read(input);
    assert.equal(whole.lines, 3);
    assert.equal(whole.overlong, 1);
    assert.ok(whole.events >= 2);
  });

  test('is counted once when it is the last one and has no newline', () => {
    const { lines, overlong } = read(`${eventLine(1)}\n${longLine(300 * KIB)}`);
    assert.deepEqual({ lines, overlong }, { lines: 2, overlong: 1 });
  });

  test('is one of more than 64 KiB, wherever it is cut', () => {
    for (const [length, overlong] of [
      [BOUND - 1, 0],
      [BOUND, 0],
      [BOUND + 1, 1],
      [BOUND + 2, 1],
    ] as const) {
      const bytes = Buffer.from(`${longLine(length)}\n${eventLine(2)}\n`);
      const whole = feedPieces([bytes]);
      assert.equal((whole.tally as { overlong: number }).overlong, overlong, `${length} bytes`);
      for (const cut of [1, BOUND - 1, BOUND, BOUND + 1, BOUND + 2, BOUND + 3]) {
        assert.deepEqual(feedPieces(cutAt(bytes, [cut])), whole, `${length} bytes, cut at ${cut}`);
      }
    }
  });
});

describe('how an input is cut into blocks', () => {
  const part = fc.oneof(
    { weight: 5, arbitrary: fc.nat(999).map(eventLine) },
    fc.nat(999).map((sid) => `129 <133>${eventLine(sid)}`),
    fc.nat(999).map((sid) => `<133>${eventLine(sid)}`),
    fc.nat(100).map((length) => eventLine(5).slice(0, length)),
    fc.constantFrom(
      '',
      '\r',
      '\0',
      '\0\0\0\0',
      'x'.repeat(70 * KIB),
      '\0'.repeat(70 * KIB),
      '12',
      '12 ',
      '12 <',
      '9 <1>',
    ),
    fc.string({ unit: CODE_POINT, maxLength: 20 }),
  );
  const input = fc
    .array(fc.tuple(part, fc.constantFrom('\n', '\n', '\n', '\r\n', '')), { maxLength: 12 })
    .map((parts) => Buffer.from(parts.flat().join('')));

  test('changes nothing, byte by byte', () => {
    const bytes = Buffer.from(`${eventLine(1)}\r\n\0\0${eventLine(2)}\n\n${eventLine(3)}`);
    assert.deepEqual(feedPieces(byteByByte(bytes)), feedPieces([bytes]));
  });

  test('changes nothing, for any input and any cuts', () => {
    fuzz(
      fc.property(input, fc.array(fc.nat(200 * KIB), { maxLength: 12 }), (bytes, offsets) => {
        const cuts = offsets.map((offset) => (bytes.length === 0 ? 0 : offset % bytes.length));
        assert.deepEqual(feedPieces(cutAt(bytes, cuts)), feedPieces([bytes]));
      }),
      150,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isOctetCounted } from '../../../src/logs/input/octet-frames.ts';
import { byteByByte, cutAt, eventLine, feedPieces } from '../reading.ts';

function frame(message: string, count = Buffer.byteLength(message)): string {
  return `${count} ${message}`;
}

const event = (sid: number) => `<133>${eventLine(sid)}`;

/** The sids and line counts of a text, read whole; byte by byte must give the same. */
function read(text: string) {
  const bytes = Buffer.from(text);
  const whole = feedPieces([bytes]);
  assert.deepEqual(feedPieces(byteByByte(bytes)), whole, 'byte by byte');
  const { lines, malformed, spoofed, other } = whole.tally as Record<string, number>;
  return { sids: whole.sids, lines, malformed, spoofed, other };
}

const clean = { malformed: 0, spoofed: 0, other: 0 };

describe('octet-counted frames (RFC 6587)', () => {
  test('that follow each other without a newline are one line each', () => {
    const text = [1, 2, 3].map((sid) => frame(event(sid))).join('');
    assert.deepEqual(read(text), { sids: [1, 2, 3], lines: 3, ...clean });
  });

  test('may be separated by newlines, which the count includes or not', () => {
    const apart = [1, 2, 3].map((sid) => `${frame(event(sid))}\n`).join('');
    assert.deepEqual(read(apart), { sids: [1, 2, 3], lines: 3, ...clean });
    const inside = [1, 2, 3].map((sid) => frame(`${event(sid)}\n`)).join('');
    assert.deepEqual(read(inside), { sids: [1, 2, 3], lines: 3, ...clean });
  });

  test('may hold several lines', () => {
    const text = frame(`${event(1)}\n${event(2)}`) + frame(event(3));
    assert.deepEqual(read(text), { sids: [1, 2, 3], lines: 3, ...clean });
  });

  test('are counted in bytes, not in characters', () => {
    const message = event(1).replace('[mirror]', '[mirrör→]');
    assert.deepEqual(read(frame(message) + frame(event(2))), { sids: [1, 2], lines: 2, ...clean });
  });

  test('with a count that is too large end at their newline', () => {
    const text = `${frame(event(1), 900)}\n${frame(event(2))}${frame(event(3))}`;
    assert.deepEqual(read(text), { sids: [1, 2, 3], lines: 3, ...clean });
  });

  test('with a count that is too small go on to their newline', () => {
    const text = `${frame(event(1), 50)}\n${frame(event(2))}${frame(event(3))}`;
    assert.deepEqual(read(text), { sids: [1, 2, 3], lines: 3, ...clean });
  });

  test('may be followed by lines without a count', () => {
    const text = `${frame(event(1))}\n${event(2)}\n${frame(event(3))}${frame(event(4))}`;
    assert.deepEqual(read(text), { sids: [1, 2, 3, 4], lines: 4, ...clean });
  });

  test('keep their events when the last one is torn, at any byte', () => {
    const whole = frame(event(1));
    const torn = frame(event(2));
    for (let length = 1; length < torn.length - 3; length += 1) {
      const { sids } = feedPieces([Buffer.from(whole + torn.slice(0, length))]);
      assert.deepEqual(sids, [1], `${length} bytes of the last frame`);
    }
  });

  test('are found behind a hole of NULs', () => {
    const text = `${'\0'.repeat(10_000)}${frame(event(1))}${frame(event(2))}`;
    assert.deepEqual(read(text), { sids: [1, 2], lines: 2, ...clean });
  });

  test('with a hostile count take no memory and lose nothing behind their newline', () => {
    const text = `${frame(event(1), 9_999_999_999)}\n${event(2)}\n`;
    assert.deepEqual(read(text), { sids: [1, 2], lines: 2, ...clean });
  });

  test('are not looked for in an input that does not begin with one', () => {
    const text = `${event(1)} ${frame(event(2))}\n${event(3)}\n`;
    const { sids, lines } = read(text);
    assert.equal(lines, 2);
    assert.equal(sids.at(-1), 3);
  });

  test('are told from other beginnings', () => {
    assert.equal(isOctetCounted(Buffer.from('129 <133>Nov')), true);
    assert.equal(isOctetCounted(Buffer.from('\x00\x00129 <133>Nov')), true);
    for (const text of ['', '129', '129 ', '0 <133>', '<133>', '129 x', '12345678901 <133>', '\0\0'])
      assert.equal(isOctetCounted(Buffer.from(text)), false, JSON.stringify(text));
  });

  test('give the same lines for any cuts', () => {
    const piece = fc.oneof(
      fc.nat(99).map((sid) => frame(event(sid))),
      fc.tuple(fc.nat(99), fc.nat(300)).map(([sid, count]) => frame(event(sid), count + 1)),
      fc.nat(99).map((sid) => `${event(sid)}\n`),
      fc.constantFrom('\n', '1', '12 ', '12 <', '\0', '3 <1>a'),
    );
    const input = fc
      .array(piece, { minLength: 1, maxLength: 8 })
      .map((pieces) => Buffer.from(frame(event(0)) + pieces.join('')));
    fc.assert(
      fc.property(input, fc.array(fc.nat(1500), { maxLength: 10 }), (bytes, offsets) => {
        assert.deepEqual(feedPieces(cutAt(bytes, offsets)), feedPieces([bytes]));
      }),
      { numRuns: 300 },
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAckAbort } from '../../src/spop/ack.ts';
import { ByteReader } from '../../src/spop/byte-reader.ts';
import type { ByteWriter } from '../../src/spop/byte-writer.ts';
import { SpopStatus } from '../../src/spop/errors.ts';
import { Fragments } from '../../src/spop/fragments.ts';
import { readFrameHeader } from '../../src/spop/frame-header.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { readUnset, writeFirstFragment, writeUnset, writeUnsetAbort } from '../../src/spop/unset.ts';
import { assertSpopError, type Cut, hex, readStream, testBothWays, written } from './streams.ts';

const LIMITS = { maxPayloads: 2, maxBytes: 1000 };

function fragment(streamId: number, text: string) {
  return { streamId, frameId: 1, bytes: Buffer.from(text) };
}

/** Gives a stream of frames to `fragments`; returns the payloads that became whole. */
function whole(fragments: Fragments, cut: Cut, write: (writer: ByteWriter) => void): string[] {
  const payloads: string[] = [];
  readStream(written(write), cut, (frame) => {
    const payload = fragments.accept(readFrameHeader(frame), frame);
    if (payload !== undefined) payloads.push(readUnset(payload).toString());
  });
  return payloads;
}

testBothWays('fragments become one payload, empty ones included', (cut) => {
  const fragments = new Fragments(LIMITS);
  const payloads = whole(fragments, cut, (to) => {
    writeFirstFragment(to, fragment(1, 'ab'));
    writeUnset(to, fragment(1, ''), false);
    writeUnset(to, fragment(1, 'cd'), false);
    writeUnset(to, fragment(1, 'e'), true);
  });
  assert.deepEqual(payloads, ['abcde']);
  assert.equal(fragments.size, 0);
  assert.equal(fragments.bytes, 0);
});

testBothWays('payloads of different streams may be interlaced, unfragmented ones among them', (cut) => {
  const payloads = whole(new Fragments(LIMITS), cut, (to) => {
    writeFirstFragment(to, fragment(1, 'a'));
    writeFirstFragment(to, fragment(2, 'x'));
    writeNotify(to, 3, 1, []);
    writeUnset(to, fragment(2, 'y'), true);
    writeUnset(to, fragment(1, 'b'), true);
  });
  assert.deepEqual(payloads, ['', 'xy', 'ab']);
});

testBothWays('a payload that HAProxy aborts is forgotten', (cut) => {
  const fragments = new Fragments(LIMITS);
  const payloads = whole(fragments, cut, (to) => {
    writeFirstFragment(to, fragment(1, 'a'));
    writeUnsetAbort(to, 1, 1);
    writeFirstFragment(to, fragment(1, 'b'));
    writeUnset(to, fragment(1, 'c'), true);
  });
  assert.deepEqual(payloads, ['bc']);
  assert.equal(fragments.bytes, 0);
});

testBothWays('what still comes of a payload given up by us is skipped, to its end', (cut) => {
  const fragments = new Fragments(LIMITS);
  whole(fragments, cut, (to) => writeFirstFragment(to, fragment(1, 'a')));
  fragments.discard(1, 1);
  assert.equal(fragments.bytes, 0);
  const rest = (to: ByteWriter) => {
    writeUnset(to, fragment(1, 'b'), false);
    writeUnset(to, fragment(1, 'c'), true);
  };
  assert.deepEqual(whole(fragments, cut, rest), []);
  assertSpopError(() => whole(fragments, cut, rest), SpopStatus.frameIdNotFound);
});

const REFUSED: readonly (readonly [what: string, code: number, write: (to: ByteWriter) => void])[] = [
  ['a fragment of nothing that has begun', SpopStatus.frameIdNotFound, (to) => writeUnset(to, fragment(1, 'a'), true)],
  [
    'a fragment of something else between those of a payload',
    SpopStatus.interlacedFrames,
    (to) => {
      writeFirstFragment(to, fragment(1, 'a'));
      writeUnset(to, fragment(2, 'b'), true);
    },
  ],
  [
    'a fragment with the right stream-id and a wrong frame-id',
    SpopStatus.interlacedFrames,
    (to) => {
      writeFirstFragment(to, fragment(1, 'a'));
      writeUnset(to, { ...fragment(1, 'b'), frameId: 2 }, true);
    },
  ],
  [
    'a payload that begins twice',
    SpopStatus.interlacedFrames,
    (to) => {
      writeFirstFragment(to, fragment(1, 'a'));
      writeFirstFragment(to, fragment(1, 'a'));
    },
  ],
  [
    'a whole payload in the middle of one with its ids',
    SpopStatus.interlacedFrames,
    (to) => {
      writeFirstFragment(to, fragment(1, 'a'));
      writeNotify(to, 1, 1, []);
    },
  ],
  ['a frame that is neither NOTIFY nor UNSET', SpopStatus.invalidFrame, (to) => writeAckAbort(to, 1, 1)],
];

for (const [what, code, write] of REFUSED) {
  testBothWays(`${what} is refused with ${code}`, (cut) => {
    assertSpopError(() => whole(new Fragments(LIMITS), cut, write), code);
  });
}

testBothWays('fragments that were not offered are refused with 10, whole payloads pass', (cut) => {
  const none = new Fragments();
  assert.deepEqual(
    whole(none, cut, (to) => writeNotify(to, 1, 1, [])),
    [''],
  );
  const refused = SpopStatus.fragmentationNotSupported;
  assertSpopError(() => whole(none, cut, (to) => writeFirstFragment(to, fragment(1, 'a'))), refused);
  assertSpopError(() => whole(none, cut, (to) => writeUnset(to, fragment(1, 'a'), true)), refused);
});

testBothWays('a payload over the limit is refused with 3, and only that one is lost', (cut) => {
  const fragments = new Fragments(LIMITS);
  whole(fragments, cut, (to) => writeFirstFragment(to, fragment(1, 'a')));
  const long = (to: ByteWriter) => writeFirstFragment(to, fragment(2, 'b'.repeat(1001)));
  assertSpopError(() => whole(fragments, cut, long), SpopStatus.frameTooBig);
  const rest = whole(fragments, cut, (to) => {
    writeUnset(to, fragment(2, 'b'), false);
    writeUnset(to, fragment(1, 'a'), true);
    writeUnset(to, fragment(2, 'b'), true);
  });
  assert.deepEqual(rest, ['aa']);
});

testBothWays('payloads over the limit together are refused with 13', (cut) => {
  const fragments = new Fragments(LIMITS);
  whole(fragments, cut, (to) => writeFirstFragment(to, fragment(1, 'a'.repeat(600))));
  const second = (to: ByteWriter) => writeFirstFragment(to, fragment(2, 'b'.repeat(600)));
  assertSpopError(() => whole(fragments, cut, second), SpopStatus.resourceAllocation);
  assert.equal(fragments.size, 1);
});

testBothWays('more payloads than the limit are refused with 13', (cut) => {
  const fragments = new Fragments(LIMITS);
  const many = (to: ByteWriter) => {
    for (const streamId of [1, 2, 3]) writeFirstFragment(to, fragment(streamId, 'a'));
  };
  assertSpopError(() => whole(fragments, cut, many), SpopStatus.resourceAllocation);
  assert.equal(fragments.size, 2);
});

test('a payload of exactly the limit is read, however it comes, and memory stays below the limit', () => {
  const fragments = new Fragments(LIMITS);
  const header = { type: 0, flags: 0, streamId: 1, frameId: 1 };
  const piece = () => new ByteReader(Buffer.of(7));
  fragments.accept({ ...header, type: 3 }, piece());
  for (let i = 1; i < LIMITS.maxBytes - 1; i++) {
    assert.equal(fragments.accept(header, piece()), undefined);
    assert.ok(fragments.bytes <= LIMITS.maxBytes);
  }
  const payload = fragments.accept({ ...header, flags: 1 }, piece());
  assert.equal(hex(readUnset(payload as ByteReader)), '07'.repeat(LIMITS.maxBytes));
});

test('ABORT without FIN begins nothing', () => {
  const fragments = new Fragments(LIMITS);
  const header = { type: 3, flags: 2, streamId: 1, frameId: 1 };
  assertSpopError(() => fragments.accept(header, new ByteReader(Buffer.alloc(0))), SpopStatus.invalidFrame);
  assert.equal(fragments.size, 0);
});

test('what was given up is remembered for a bounded number of payloads, and forgotten with the connection', () => {
  const fragments = new Fragments(LIMITS);
  const header = { type: 0, flags: 0, streamId: 1, frameId: 1 };
  const nothing = () => new ByteReader(Buffer.alloc(0));
  for (let streamId = 1; streamId <= 3; streamId++) fragments.discard(streamId, 1);
  assertSpopError(() => fragments.accept(header, nothing()), SpopStatus.frameIdNotFound);
  assert.equal(fragments.accept({ ...header, streamId: 3 }, nothing()), undefined);
  fragments.clear();
  assertSpopError(() => fragments.accept({ ...header, streamId: 3 }, nothing()), SpopStatus.frameIdNotFound);
});

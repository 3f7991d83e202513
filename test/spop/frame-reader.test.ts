import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAck } from '../../src/spop/ack.ts';
import { setVarAction } from '../../src/spop/actions.ts';
import { SpopStatus } from '../../src/spop/errors.ts';
import { readFrameHeader, writeFrame } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';
import { stringData } from '../../src/spop/values.ts';
import { assertSpopError, frameOf, hex, readStream, testBothWays, unhex, written } from './streams.ts';

function lengthOnly(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

function pushAll(reader: FrameReader, chunks: readonly Buffer[]): void {
  for (const chunk of chunks) reader.push(chunk);
}

testBothWays('a frame of exactly the maximum is read', (cut) => {
  const lengths: number[] = [];
  readStream(frameOf(Buffer.alloc(249)), cut, (frame) => lengths.push(frame.remaining), 256);
  assert.deepEqual(lengths, [256]);
});

test('a reader that is told to stop says how far it is, and goes on from there', () => {
  const bytes = Buffer.concat([frameOf(Buffer.alloc(10)), frameOf(Buffer.alloc(20)), frameOf(Buffer.alloc(30))]);
  const lengths: number[] = [];
  const reader = new FrameReader(256, (frame) => lengths.push(frame.remaining));
  const read = reader.push(bytes, () => true);
  assert.equal(lengths.length, 1);
  assert.equal(read, frameOf(Buffer.alloc(10)).length);
  assert.equal(reader.push(bytes.subarray(read)), bytes.length - read);
  assert.equal(lengths.length, 3);
});

testBothWays('a length one over the maximum is refused before anything is kept', (cut) => {
  const reader = new FrameReader(256, () => assert.fail('no frame is complete'));
  assertSpopError(() => pushAll(reader, cut(lengthOnly(257))), SpopStatus.frameTooBig, /257.*256/);
  assert.equal(reader.buffered, 0);
  assert.equal(reader.isStopped, true);
});

testBothWays('a giant length is refused before anything is kept', (cut) => {
  for (const length of [2 ** 31, 2 ** 32 - 1, 0x48545450]) {
    assertSpopError(() => readStream(lengthOnly(length), cut, () => {}), SpopStatus.frameTooBig);
  }
});

testBothWays('a frame of length zero is an invalid frame', (cut) => {
  assertSpopError(() => readStream(lengthOnly(0), cut, () => {}), SpopStatus.invalidFrame, /too short/);
});

testBothWays('a frame shorter than any header is an invalid frame', (cut) => {
  assertSpopError(() => readStream(lengthOnly(6), cut, () => {}), SpopStatus.invalidFrame, /too short/);
});

testBothWays('the smallest frame has an empty payload', (cut) => {
  readStream(unhex('00000007 67 00000001 05 01'), cut, (frame) => {
    assert.deepEqual(readFrameHeader(frame), { type: 103, flags: 1, streamId: 5, frameId: 1 });
    assert.equal(frame.remaining, 0);
  });
});

testBothWays('unknown types and reserved flags are left to the reader of the header', (cut) => {
  readStream(unhex('00000008 c7 fffffffd 05 01 aa'), cut, (frame) => {
    assert.deepEqual(readFrameHeader(frame), { type: 199, flags: 0xfffffffd, streamId: 5, frameId: 1 });
    assert.equal(frame.remaining, 1);
  });
});

testBothWays('stream-ids of 64 bits stay exact', (cut) => {
  const header = { type: 3, flags: 1, streamId: 2n ** 64n - 1n, frameId: 2 ** 53 - 1 };
  readStream(frameOf(Buffer.alloc(0), header), cut, (frame) => assert.deepEqual(readFrameHeader(frame), header));
});

testBothWays('ids that take the whole frame are an invalid frame', (cut) => {
  const bytes = unhex('00000007 03 00000001 f0 80');
  assertSpopError(() => readStream(bytes, cut, readFrameHeader), SpopStatus.invalidFrame);
});

testBothWays('nothing is read after stop', (cut) => {
  let frames = 0;
  const reader = new FrameReader(256, () => {
    frames++;
    reader.stop();
  });
  for (const chunk of cut(Buffer.concat([frameOf(Buffer.alloc(3)), frameOf(Buffer.alloc(3))]))) reader.push(chunk);
  assert.equal(frames, 1);
  assert.equal(reader.isPartial, false);
});

testBothWays('an error of the callback stops the reader and comes through', (cut) => {
  const reader = new FrameReader(256, () => {
    throw new TypeError('mine');
  });
  const stream = Buffer.concat([frameOf(Buffer.alloc(3)), lengthOnly(9999)]);
  assert.throws(() => pushAll(reader, cut(stream)), TypeError);
  reader.push(lengthOnly(9999));
  assert.equal(reader.isStopped, true);
});

testBothWays('the maximum may change between two frames of one chunk', (cut) => {
  const reader = new FrameReader(16380, () => {
    reader.maxFrameSize = 256;
  });
  const stream = Buffer.concat([frameOf(Buffer.alloc(1000)), frameOf(Buffer.alloc(1000))]);
  assertSpopError(() => pushAll(reader, cut(stream)), SpopStatus.frameTooBig);
});

test('frames arrive the same wherever the stream is cut in two or three', () => {
  const stream = Buffer.concat([3, 0, 240, 7].map((length) => frameOf(Buffer.alloc(length, length))));
  const read = (chunks: Buffer[]) => {
    const frames: string[] = [];
    const reader = new FrameReader(256, (frame) => frames.push(hex(frame.bytes.subarray(frame.position, frame.end))));
    for (const chunk of chunks) reader.push(chunk);
    assert.equal(reader.isPartial, false);
    return frames;
  };
  const whole = read([stream]);
  assert.equal(whole.length, 4);
  for (let at = 0; at <= stream.length; at++) {
    const rest = stream.subarray(at);
    assert.deepEqual(read([stream.subarray(0, at), rest]), whole);
    assert.deepEqual(read([stream.subarray(0, at), rest.subarray(0, 5), rest.subarray(5)]), whole);
  }
});

test('a whole frame is a view of its chunk, a partial one is kept in its own length', () => {
  const chunk = Buffer.concat([frameOf(Buffer.alloc(10)), frameOf(Buffer.alloc(20)).subarray(0, 9)]);
  const reader = new FrameReader(256, (frame) => assert.equal(frame.bytes, chunk));
  reader.push(chunk);
  assert.equal(reader.isPartial, true);
  assert.equal(reader.buffered, 27);
});

test('frames written in a row are one piece, and stay as they are when more is written', () => {
  const taken: Buffer[] = [];
  const copies: string[] = [];
  const stream = written((writer) => {
    for (let i = 0; i < 5000; i++) {
      writeAck(writer, i, 1);
      if (i % 7 !== 0) continue;
      taken.push(writer.take());
      copies.push(hex(taken.at(-1) as Buffer));
    }
    taken.push(writer.take());
    copies.push(hex(taken.at(-1) as Buffer));
  });
  assert.equal(stream.length, 0);
  assert.deepEqual(taken.map(hex), copies);
  let next = 0;
  readStream(
    Buffer.concat(taken),
    (bytes) => [bytes],
    (frame) => assert.equal(readFrameHeader(frame).streamId, next++),
  );
  assert.equal(next, 5000);
});

test('a frame that cannot be written leaves nothing behind', () => {
  const ack = written((writer) => writeAck(writer, 1, 1));
  const both = written((writer) => {
    writer.maxFrameSize = 256;
    writeAck(writer, 1, 1);
    const long = [setVarAction(2, 'body', stringData('x'.repeat(300)))];
    assertSpopError(() => writeAck(writer, 2, 1, long), SpopStatus.frameTooBig);
    assert.throws(() => writeAck(writer, 2, 1, [setVarAction(2, 'Ω', stringData(''))]), RangeError);
    assert.throws(() => writeAck(writer, -1, 1), RangeError);
    const header = { type: 103, flags: 1, streamId: 1, frameId: 1 };
    writeFrame(writer, header, () => {}, undefined);
  });
  assert.deepEqual(both, Buffer.concat([ack, ack]));
});

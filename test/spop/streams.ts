/** What the codec tests share: every case goes through a FrameReader, once as one chunk and once byte by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteReader } from '../../src/spop/byte-reader.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { SpopError } from '../../src/spop/errors.ts';
import { type FrameHeader, readFrameHeader, writeFrame } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';

/** Makes the chunks a stream arrives in. */
export type Cut = (bytes: Buffer) => Buffer[];

export const CUTS: readonly (readonly [how: string, cut: Cut])[] = [
  ['whole', (bytes) => [bytes]],
  ['byte by byte', (bytes) => Array.from(bytes, (byte) => Buffer.of(byte))],
];

/** Registers a test for each way a stream can arrive. */
export function testBothWays(sentence: string, body: (cut: Cut) => void): void {
  for (const [how, cut] of CUTS) test(`${sentence} (${how})`, () => body(cut));
}

/** Calls back for every frame of a stream; returns its reader, to see what is left. */
export function readStream(bytes: Buffer, cut: Cut, onFrame: (frame: ByteReader) => void, max = 16380): FrameReader {
  const reader = new FrameReader(max, onFrame);
  for (const chunk of cut(bytes)) reader.push(chunk);
  return reader;
}

const HEADER: FrameHeader = { type: 3, flags: 1, streamId: 1, frameId: 1 };

/** A frame with that payload. */
export function frameOf(payload: Buffer, header: FrameHeader = HEADER): Buffer {
  return written((writer) => writeFrame(writer, header, (to, bytes) => to.writeBytes(bytes), payload));
}

/** Reads `payload` as that of a frame; it has to be read to its end. */
export function readPayload<Value>(payload: Buffer, cut: Cut, read: (reader: ByteReader) => Value): Value {
  const values: Value[] = [];
  readStream(frameOf(payload), cut, (frame) => {
    readFrameHeader(frame);
    values.push(read(frame));
    assert.equal(frame.remaining, 0, 'something is left');
  });
  assert.equal(values.length, 1);
  return values[0] as Value;
}

export function written(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter();
  write(writer);
  return writer.take();
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

export function assertSpopError(run: () => unknown, code: number, message?: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SpopError, String(error));
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

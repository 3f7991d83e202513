import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { FrameFlag, FrameType, writeFrame } from './frame-header.ts';
import type { Uint64 } from './varint.ts';

/** One frame of a payload that comes in several; the bytes may begin and end anywhere in it. */
export interface Fragment {
  readonly streamId: Uint64;
  readonly frameId: Uint64;
  readonly bytes: Buffer;
}

/**
 * UNSET: doc/SPOE.txt up to HAProxy 3.0, section 3.2 "Frames", rules of fragmentation. Every frame of a fragmented
 * payload but the first, with the same stream-id and frame-id; the last one has FIN.
 *
 *     PAYLOAD : bytes that go on where the last fragment ended
 *
 * Returns a view; Fragments puts them together.
 */
export function readUnset(payload: ByteReader): Buffer {
  const start = payload.position;
  payload.position = payload.end;
  return payload.bytes.subarray(start, payload.end);
}

/** The first fragment travels in a NOTIFY frame without FIN. */
export function writeFirstFragment(writer: ByteWriter, { streamId, frameId, bytes }: Fragment): void {
  writeFrame(writer, { type: FrameType.notify, flags: 0, streamId, frameId }, writeBytes, bytes);
}

export function writeUnset(writer: ByteWriter, { streamId, frameId, bytes }: Fragment, last: boolean): void {
  const flags = last ? FrameFlag.fin : 0;
  writeFrame(writer, { type: FrameType.unset, flags, streamId, frameId }, writeBytes, bytes);
}

/** HAProxy gives a payload up halfway: FIN and ABORT, and nothing inside. */
export function writeUnsetAbort(writer: ByteWriter, streamId: Uint64, frameId: Uint64): void {
  const flags = FrameFlag.fin | FrameFlag.abort;
  writeFrame(writer, { type: FrameType.unset, flags, streamId, frameId }, writeBytes, Buffer.alloc(0));
}

function writeBytes(writer: ByteWriter, bytes: Buffer): void {
  writer.writeBytes(bytes);
}

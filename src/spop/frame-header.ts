/**
 * What every frame begins with: doc/SPOE.txt, section 3.2 "Frames".
 *
 *     <FRAME-LENGTH:4 bytes> <FRAME>
 *     FRAME    : <FRAME-TYPE:1 byte> <METADATA> <FRAME-PAYLOAD>
 *     METADATA : <FLAGS:4 bytes> <STREAM-ID:varint> <FRAME-ID:varint>
 *
 * Lengths and flags are in network byte order. A length does not count its own 4 bytes.
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { invalidFrame, SpopError, SpopStatus } from './errors.ts';
import { readVarint, type Uint64, writeVarint } from './varint.ts';

/** Frame types, doc/SPOE.txt section 3.2.2; `unset` is gone from its newest editions, HAProxy up to 3.0 sends it. */
export const FrameType = {
  unset: 0,
  haproxyHello: 1,
  haproxyDisconnect: 2,
  notify: 3,
  agentHello: 101,
  agentDisconnect: 102,
  ack: 103,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export const FrameFlag = {
  /** The last, or only, fragment of a payload. */
  fin: 0x1,
  /** The processing of this payload is cancelled. */
  abort: 0x2,
} as const;

/** The 4 bytes of the length in front of a frame. */
export const LENGTH_BYTES = 4;
/** Type, flags and two varints of one byte: no frame is shorter. */
export const MIN_FRAME_BYTES = 7;

export interface FrameHeader {
  /** One of FrameType, or an unknown number: such frames may be skipped. */
  readonly type: number;
  /** All 32 bits; those that are reserved mean nothing. */
  readonly flags: number;
  readonly streamId: Uint64;
  readonly frameId: Uint64;
}

/** Reads the header of the frame the reader stands at; its payload is what remains. */
export function readFrameHeader(reader: ByteReader): FrameHeader {
  const { bytes, position, end } = reader;
  if (end - position < MIN_FRAME_BYTES) throw invalidFrame(`frame of ${end - position} bytes has no header`);
  const flags =
    (((bytes[position + 1] as number) << 24) |
      ((bytes[position + 2] as number) << 16) |
      ((bytes[position + 3] as number) << 8) |
      (bytes[position + 4] as number)) >>>
    0;
  reader.position = position + 5;
  const streamId = readVarint(reader);
  const frameId = readVarint(reader);
  return { type: bytes[position] as number, flags, streamId, frameId };
}

/**
 * HELLO and DISCONNECT frames come in one piece and belong to no stream: sections 3.2.4 to 3.2.9.
 * @throws SpopError 10 for a fragment, 4 for a stream-id or frame-id
 */
export function requireConnectionFrame({ flags, streamId, frameId }: FrameHeader, what: string): void {
  if ((flags & FrameFlag.fin) === 0) {
    throw new SpopError(SpopStatus.fragmentationNotSupported, `${what} frame is fragmented`);
  }
  if (streamId !== 0 || frameId !== 0)
    throw invalidFrame(`${what} frame has stream-id ${streamId}, frame-id ${frameId}`);
}

/**
 * Writes a whole frame: length, header, and what `writePayload` makes of `payload`. If that throws, or the frame is
 * too long, the writer is as if the frame had never begun.
 * @throws SpopError 3 for a frame longer than `writer.maxFrameSize`
 */
export function writeFrame<Payload>(
  writer: ByteWriter,
  header: FrameHeader,
  writePayload: (writer: ByteWriter, payload: Payload) => void,
  payload: Payload,
): void {
  const begin = writer.pending;
  try {
    writeHeader(writer, header);
    writePayload(writer, payload);
    const length = writer.pending - begin - LENGTH_BYTES;
    if (length > writer.maxFrameSize) {
      throw new SpopError(SpopStatus.frameTooBig, `frame of ${length} bytes, ${writer.maxFrameSize} are allowed`);
    }
    writer.bytes.writeUInt32BE(length, writer.position - LENGTH_BYTES - length);
  } catch (error) {
    writer.rewind(begin);
    throw error;
  }
}

/** The length is filled in when the frame is complete. */
function writeHeader(writer: ByteWriter, header: FrameHeader): void {
  writer.reserve(LENGTH_BYTES + 5);
  const { bytes, position } = writer;
  bytes[position + LENGTH_BYTES] = header.type;
  bytes.writeUInt32BE(header.flags, position + LENGTH_BYTES + 1);
  writer.position = position + LENGTH_BYTES + 5;
  writeVarint(writer, header.streamId);
  writeVarint(writer, header.frameId);
}

/** The header of a HELLO or DISCONNECT frame. */
export function connectionHeader(type: FrameType): FrameHeader {
  return { type, flags: FrameFlag.fin, streamId: 0, frameId: 0 };
}

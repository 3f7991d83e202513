import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { FrameFlag, FrameType, writeFrame } from './frame-header.ts';
import { type Message, readMessages, writeMessages } from './messages.ts';
import type { Uint64 } from './varint.ts';

/**
 * NOTIFY: doc/SPOE.txt, section 3.2.6. HAProxy tells about an event of a stream and waits for the ACK with the same
 * stream-id and frame-id.
 *
 *     PAYLOAD : LIST-OF-MESSAGES
 *
 * Without FIN the payload is the first of several fragments: see unset.ts and Fragments, whose `accept` gives the
 * payload to read here.
 * @throws SpopError 4, or 13 for too many messages
 */
export function readNotify(payload: ByteReader): Message[] {
  return readMessages(payload);
}

export function writeNotify(writer: ByteWriter, streamId: Uint64, frameId: Uint64, messages: readonly Message[]): void {
  writeFrame(writer, { type: FrameType.notify, flags: FrameFlag.fin, streamId, frameId }, writeMessages, messages);
}

import { type Action, readActions, writeActions } from './actions.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { FrameFlag, FrameType, writeFrame } from './frame-header.ts';
import type { Uint64 } from './varint.ts';

const NO_ACTIONS: readonly Action[] = [];

/**
 * ACK: doc/SPOE.txt, section 3.2.7. The agent's answer to a NOTIFY frame, with its stream-id and frame-id.
 *
 *     PAYLOAD : LIST-OF-ACTIONS
 *
 * @throws SpopError 4
 */
export function readAck(payload: ByteReader): Action[] {
  return readActions(payload);
}

/** HAProxy reads no fragments, so the whole list has to fit into one frame: SpopError 3 otherwise. */
export function writeAck(
  writer: ByteWriter,
  streamId: Uint64,
  frameId: Uint64,
  actions: readonly Action[] = NO_ACTIONS,
): void {
  writeFrame(writer, { type: FrameType.ack, flags: FrameFlag.fin, streamId, frameId }, writeActions, actions);
}

/** Tells HAProxy to send no more fragments of this payload: section 3.2.3 "Aborted fragmentation of a NOTIFY frame". */
export function writeAckAbort(writer: ByteWriter, streamId: Uint64, frameId: Uint64): void {
  const flags = FrameFlag.fin | FrameFlag.abort;
  writeFrame(writer, { type: FrameType.ack, flags, streamId, frameId }, writeActions, NO_ACTIONS);
}

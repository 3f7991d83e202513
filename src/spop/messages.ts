/**
 * What HAProxy tells an agent: doc/SPOE.txt, sections 3.2 "Frames" and 3.3 "Events & messages".
 *
 *     LIST-OF-MESSAGES : [ <MESSAGE-NAME> <NB-ARGS:1 byte> <KV-LIST> ... ]
 *     MESSAGE-NAME     : <STRING>
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { SpopError, SpopStatus } from './errors.ts';
import { type KvList, readKvEntries, readShortString, writeKvList, writeShortString } from './kv-list.ts';

const MAX_ARGS = 255;
/** A bound far above what an event of HAProxy has. A message takes 2 bytes at least, but some 150 in memory, and time of its handler. */
const MAX_MESSAGES = 1024;

export interface Message {
  readonly name: string;
  /** An argument that has no name in HAProxy's configuration has an empty one here. */
  readonly args: KvList;
}

/**
 * Reads all messages there are: every one of an event comes in the same frame.
 * @throws SpopError 13 for more than 1024 of them
 */
export function readMessages(reader: ByteReader): Message[] {
  const messages: Message[] = [];
  while (reader.position < reader.end) {
    if (messages.length === MAX_MESSAGES) {
      throw new SpopError(SpopStatus.resourceAllocation, `more than ${MAX_MESSAGES} messages in a NOTIFY`);
    }
    const name = readShortString(reader, 'message name');
    const count = reader.readByte('number of arguments');
    messages.push({ name, args: readKvEntries(reader, count) });
  }
  return messages;
}

/** @throws RangeError for more than 255 arguments */
export function writeMessages(writer: ByteWriter, messages: readonly Message[]): void {
  for (const { name, args } of messages) {
    if (args.length > MAX_ARGS) throw new RangeError(`a message has at most ${MAX_ARGS} arguments, not ${args.length}`);
    writeShortString(writer, name);
    writer.writeByte(args.length);
    writeKvList(writer, args);
  }
}

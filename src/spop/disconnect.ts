/** The two frames that close a connection. Neither is fragmented, both have stream-id and frame-id 0. */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { invalidFrame, SpopStatus } from './errors.ts';
import { connectionHeader, type FrameHeader, FrameType, requireConnectionFrame, writeFrame } from './frame-header.ts';
import { KvList, readKvList, writeKvList } from './kv-list.ts';
import { DataType } from './typed-data.ts';
import { stringData, uint32Data } from './values.ts';

export interface Disconnect {
  /** A SpopStatus, or a code the peer defines. */
  readonly statusCode: number;
  /** UTF-8; a peer may have put any character in it. */
  readonly message: string;
}

/**
 * HAPROXY-DISCONNECT: doc/SPOE.txt, section 3.2.8.
 *
 *     KV-LIST : "status-code" <UINT32>  "message" <STRING>
 *
 * The connection ends either way, so an item that is missing is no error: the code is 99 then, the message empty.
 * @throws SpopError 4 for an item of a wrong type or a stream-id, 10 for a fragment
 */
export function readHaproxyDisconnect(header: FrameHeader, payload: ByteReader): Disconnect {
  return readDisconnect(header, payload, 'HAPROXY-DISCONNECT');
}

export function writeHaproxyDisconnect(writer: ByteWriter, disconnect: Disconnect): void {
  writeDisconnect(writer, FrameType.haproxyDisconnect, disconnect);
}

/**
 * AGENT-DISCONNECT: doc/SPOE.txt, section 3.2.9. The same as HAPROXY-DISCONNECT in the other direction; also the
 * answer to it.
 */
export function readAgentDisconnect(header: FrameHeader, payload: ByteReader): Disconnect {
  return readDisconnect(header, payload, 'AGENT-DISCONNECT');
}

export function writeAgentDisconnect(writer: ByteWriter, disconnect: Disconnect): void {
  writeDisconnect(writer, FrameType.agentDisconnect, disconnect);
}

function readDisconnect(header: FrameHeader, payload: ByteReader, what: string): Disconnect {
  requireConnectionFrame(header, what);
  const items = readKvList(payload);
  const statusCode = items.get('status-code');
  const code = statusCode === undefined ? SpopStatus.unknownError : statusCode.scalar;
  const message = items.get('message');
  if (typeof code !== 'number' || code < 0) throw invalidFrame(`status-code of ${what} is not a small integer`);
  if (message !== undefined && message.type !== DataType.string) throw invalidFrame(`message of ${what} is no string`);
  return { statusCode: code, message: message?.bytes?.toString('utf8') ?? '' };
}

function writeDisconnect(writer: ByteWriter, type: FrameType, { statusCode, message }: Disconnect): void {
  const items = KvList.of([
    ['status-code', uint32Data(statusCode)],
    ['message', stringData(message)],
  ]);
  writeFrame(writer, connectionHeader(type), writeKvList, items);
}

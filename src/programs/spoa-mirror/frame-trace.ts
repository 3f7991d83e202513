/**
 * The frames of sessions as readable text, for debugging (--trace-frames): one line a frame, in both directions.
 *
 *     2026-11-22T07:20:40.406Z 4711.1 > NOTIFY stream=1 frame=1 flags=FIN 95 bytes: mirror(arg_method="GET" arg_path="/a" arg_hdrs=<60 bytes>)
 *     2026-11-22T07:20:40.407Z 4711.1 < ACK stream=1 frame=1 flags=FIN 7 bytes: no actions
 *
 * What headers and bodies hold is not written, only how much: they have passwords and cookies, and the frames can be told apart without.
 * Of an answer of production no text is, but its id: an argument may be any of its headers.
 */
import { isProductionAnswer } from '../../mirror/production-answer.ts';
import { formatTime } from '../../mirror/record.ts';
import { redactQuery } from '../../mirror/request-target.ts';
import type { FrameTrace } from '../../spoa/session-host.ts';
import { readAck } from '../../spop/ack.ts';
import type { Action } from '../../spop/actions.ts';
import { ByteReader } from '../../spop/byte-reader.ts';
import { type Disconnect, readAgentDisconnect, readHaproxyDisconnect } from '../../spop/disconnect.ts';
import { FrameFlag, type FrameHeader, FrameType, readFrameHeader } from '../../spop/frame-header.ts';
import { FrameReader } from '../../spop/frame-reader.ts';
import { readKvList } from '../../spop/kv-list.ts';
import type { Message } from '../../spop/messages.ts';
import { readNotify } from '../../spop/notify.ts';
import { DataType, type TypedData } from '../../spop/typed-data.ts';
import { cutText } from '../../text/cut.ts';
import { escapeJson } from '../../text/json.ts';

/** The direction of a frame: `>` is from HAProxy to the agent. */
type Direction = '>' | '<';

const LONGEST_VALUE = 100;
const LONGEST_NAME = 64;
/** The most characters of a line, so that several processes that append to one pipe do not tear each other's lines. */
const LONGEST_LINE = 4000;
const NEWLINE = 0x0a;
const LARGEST_FRAME = 2 ** 32 - 1;

/**
 * Arguments with headers and bodies, in the configuration of the vendor's page. Binary values and texts of several lines count
 * as such by any name.
 */
const ONLY_LENGTH: ReadonlySet<string> = new Set(['arg_hdrs', 'arg_body']);

const ONLY_ID: ReadonlySet<string> = new Set(['arg_uid']);

/** @param processId tells connections apart together with their numbers, as each worker counts its own */
export function traceFrames(write: (line: string) => void, redact: boolean, processId: number): FrameTrace {
  let connections = 0;
  const line = (connection: number, direction: Direction, frame: ByteReader) =>
    write(`${formatTime(Date.now())} ${processId}.${connection} ${direction} ${describeFrame(frame, redact)}`);
  return {
    nextConnection: () => ++connections,
    received: (connection, frame) => line(connection, '>', new ByteReader(frame.bytes, frame.position, frame.end)),
    sent: (connection, bytes) => {
      new FrameReader(LARGEST_FRAME, (frame) => line(connection, '<', frame)).push(bytes);
    },
  };
}

const NAMES = new Map<number, string>([
  [FrameType.unset, 'UNSET'],
  [FrameType.haproxyHello, 'HAPROXY-HELLO'],
  [FrameType.haproxyDisconnect, 'HAPROXY-DISCONNECT'],
  [FrameType.notify, 'NOTIFY'],
  [FrameType.agentHello, 'AGENT-HELLO'],
  [FrameType.agentDisconnect, 'AGENT-DISCONNECT'],
  [FrameType.ack, 'ACK'],
]);

/**
 * Formats a frame in one line, without what cannot be printed.
 * @param redact whether values of queries are left out
 */
export function describeFrame(frame: ByteReader, redact: boolean): string {
  const length = frame.remaining;
  const type = frame.bytes[frame.position] as number;
  const name = NAMES.get(type) ?? `type ${type}`;
  try {
    const header = readFrameHeader(frame);
    const ids = `stream=${header.streamId} frame=${header.frameId} flags=${describeFlags(header.flags)}`;
    return cutText(`${name} ${ids} ${length} bytes: ${describeOrError(header, frame, redact)}`, LONGEST_LINE);
  } catch (error) {
    return `${name} ${length} bytes: ${unreadable(error)}`;
  }
}

function describeFlags(flags: number): string {
  const rest = flags & ~(FrameFlag.fin | FrameFlag.abort);
  const names = [
    ...((flags & FrameFlag.fin) === 0 ? [] : ['FIN']),
    ...((flags & FrameFlag.abort) === 0 ? [] : ['ABORT']),
    ...(rest === 0 ? [] : [`0x${(rest >>> 0).toString(16)}`]),
  ];
  return names.join('+') || 'none';
}

function describeOrError(header: FrameHeader, payload: ByteReader, redact: boolean): string {
  try {
    return describePayload(header, payload, redact);
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): string {
  return `cannot be read: ${escapeText(error instanceof Error ? error.message : String(error))}`;
}

function describePayload(header: FrameHeader, payload: ByteReader, redact: boolean): string {
  switch (header.type) {
    case FrameType.haproxyHello:
    case FrameType.agentHello:
      return describeItems(readKvList(payload), redact);
    case FrameType.haproxyDisconnect:
      return describeDisconnect(readHaproxyDisconnect(header, payload));
    case FrameType.agentDisconnect:
      return describeDisconnect(readAgentDisconnect(header, payload));
    case FrameType.notify:
      return (header.flags & FrameFlag.fin) === 0 ? fragment(payload) : describeMessages(readNotify(payload), redact);
    case FrameType.ack:
      return describeActions(readAck(payload), redact);
    case FrameType.unset:
      return fragment(payload);
    default:
      return 'of a type that is skipped';
  }
}

function fragment(payload: ByteReader): string {
  return `fragment of ${payload.remaining} bytes`;
}

function describeDisconnect({ statusCode, message }: Disconnect): string {
  return `status ${statusCode} ${quote(message)}`;
}

function describeMessages(messages: readonly Message[], redact: boolean): string {
  const texts: string[] = [];
  let length = 0;
  for (const message of messages) {
    // A NOTIFY may have a thousand messages: what would be cut is not made.
    if (length > LONGEST_LINE) return `${texts.join(' ')} and ${messages.length - texts.length} more messages`;
    const { name, args } = message;
    const items = describeItems(args, redact, isProductionAnswer(message) ? ONLY_ID : undefined);
    const text = `${escapeText(cutText(name, LONGEST_NAME))}(${items})`;
    texts.push(text);
    length += text.length;
  }
  return texts.join(' ') || 'no messages';
}

interface Items {
  readonly names: readonly string[];
  readonly values: readonly TypedData[];
}

/** @param shown the arguments whose texts are written; all that may be without it */
function describeItems({ names, values }: Items, redact: boolean, shown?: ReadonlySet<string>): string {
  return names
    .map((name, i) => {
      const value = values[i] as TypedData;
      const isHidden = shown !== undefined && value.bytes !== undefined && !shown.has(name);
      const text = isHidden ? lengthOf(value.bytes) : describeValue(name, value, redact);
      return `${escapeText(cutText(name, LONGEST_NAME))}=${text}`;
    })
    .join(' ');
}

function describeActions(actions: readonly Action[], redact: boolean): string {
  const texts = actions.map((action) => {
    const name = escapeText(cutText(action.name, LONGEST_NAME));
    return action.type === 'set-var'
      ? `set-var(${action.scope}.${name}=${describeValue(action.name, action.value, redact)})`
      : `unset-var(${action.scope}.${name})`;
  });
  return texts.join(' ') || 'no actions';
}

function describeValue(name: string, data: TypedData, redact: boolean): string {
  const { type, scalar, bytes } = data;
  if (bytes === undefined) return scalar === null ? 'NULL' : String(scalar);
  if (type === DataType.ipv4) return bytes.join('.');
  if (type === DataType.ipv6) return (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
  if (type === DataType.binary || ONLY_LENGTH.has(name) || bytes.includes(NEWLINE)) return lengthOf(bytes);
  // Redacted before it is cut: a value that begins in what is shown must not stand there in part.
  const text = bytes.toString('latin1');
  return quote(redact ? redactQuery(text) : text);
}

function lengthOf(bytes: Buffer): string {
  return `<${bytes.length} bytes>`;
}

function quote(text: string): string {
  return escapeJson(JSON.stringify(cutText(text, LONGEST_VALUE)));
}

/** Escapes a name or a sentence, without quotes where it needs none. */
function escapeText(text: string): string {
  const quoted = escapeJson(JSON.stringify(text));
  return quoted.slice(1, -1);
}

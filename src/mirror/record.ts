/** The record of one mirrored request: a line of docs/schemas/agent-record.schema.json, keys in its order. */
import type { AnswerPrint } from '../answers/answer.ts';
import { bigintReplacer, escapeJson } from '../text/json.ts';

/** Text of a client stays what it is here, one character a byte; `formatRecord` makes it safe to print. */
export interface MirrorRecord {
  /** The time when the NOTIFY was received: ISO 8601, UTC, milliseconds. */
  readonly ts: string;
  readonly message: string;
  readonly engine_id?: string;
  readonly stream_id: number | bigint;
  readonly frame_id: number | bigint;
  readonly unique_id?: string;
  readonly sid?: number | bigint;
  readonly pid?: number | bigint;
  readonly args?: RecordArguments;
  readonly traceparent?: string;
  readonly trace_id?: string;
  readonly method: string;
  /** The path in origin-form, with the prefix of the destination. */
  readonly path: string;
  /** The mirror's origin, when there is more than one destination. */
  readonly destination?: string;
  /** The status code; null whenever `error` is not. */
  readonly status: number | null;
  /** The time from the request's last write to the first byte of the response. */
  readonly ttfb_ms: number | null;
  /** The time from that write to the end of the response, or to the error; null when the request was never written. */
  readonly latency_ms: number | null;
  /** Bytes of the request's body. */
  readonly request_bytes: number;
  /** Bytes of the response's body, as far as it was read. */
  readonly response_bytes: number;
  readonly truncated: boolean;
  /** The number of times the request was written to a connection: 0, 1 or 2. */
  readonly attempts: number;
  readonly error: OutcomeCode | null;
  /** What is kept of the answer, with --answers. */
  readonly answer?: AnswerPrint;
}

/** An answer of production as HAProxy told it: a line of its own in the record, before or after that of the request. */
export interface ProductionRecord {
  /** The time when the NOTIFY was received, as in `MirrorRecord`. */
  readonly ts: string;
  readonly kind: 'production';
  readonly message: string;
  readonly engine_id?: string;
  readonly unique_id: string;
  readonly answer?: AnswerPrint;
  /** The reason why there is no `answer`. */
  readonly error?: ProductionErrorCode;
}

/** The reason why nothing is kept of an answer of production: there was no room, or time, for it; or it cannot be read. */
export type ProductionErrorCode = 'dropped-queue-full' | 'shutdown' | 'unreadable';

export type RecordArguments = { readonly [name: string]: string | number | boolean | null };
export type RecordArgument = readonly [name: string, value: RecordArguments[string]];

/** A number of arguments that nobody configures. */
const MANY_ARGUMENTS = 32;

/**
 * The last one of a name counts. Names come from HAProxy's configuration, so all messages share one shape of object;
 * with many, which may be others each time, V8 is told to make no shape of them: each would cost far more than it holds.
 */
export function recordArguments(list: readonly RecordArgument[]): RecordArguments {
  if (list.length <= MANY_ARGUMENTS) return Object.fromEntries(list);
  const shapeless: { [name: string]: RecordArguments[string] } = Object.create(null);
  for (const [name, value] of list) shapeless[name] = value;
  return shapeless;
}

/** The reason why a request was not sent at all. */
export type RejectionCode =
  | 'invalid-method'
  | 'invalid-path'
  | 'invalid-header'
  | 'skipped-truncated'
  | 'dropped-max-rate';

/** The reason why a connection could not be made. */
export type ConnectCode =
  | 'connect-refused'
  | 'connect-timeout'
  | 'dns'
  | 'unreachable'
  | 'local-address'
  | 'proxy'
  | 'tls';

/** The reason why a request has no answer. Stable: a code is never reused for something else. */
export type OutcomeCode =
  | RejectionCode
  | ConnectCode
  | 'dropped-queue-full'
  | 'queue-timeout'
  | 'closed'
  | 'reset'
  | 'timeout'
  | 'protocol-error'
  | 'shutdown';

/** One line of JSON without its newline. Nothing in it can move a terminal's cursor or turn its text around. */
export function formatRecord(record: MirrorRecord | ProductionRecord): string {
  const big = !('kind' in record) && INTEGERS.some((key) => typeof record[key] === 'bigint');
  return escapeJson(big ? formatBig(record) : JSON.stringify(record));
}

const INTEGERS = ['stream_id', 'frame_id', 'sid', 'pid'] as const;

/** JSON.stringify knows no bigint: each goes in as text, then loses its quotes. Quotes of a client's text are escaped. */
function formatBig(record: MirrorRecord): string {
  let json = JSON.stringify(record, bigintReplacer);
  for (const key of INTEGERS) {
    const value = record[key];
    if (typeof value === 'bigint') json = json.replace(`"${key}":"${value}"`, `"${key}":${value}`);
  }
  return json;
}

let second = Number.NaN;
let secondText = '';

/** The time as ISO 8601 with milliseconds; the text of a second is made once. */
export function formatTime(ms: number): string {
  const whole = Math.floor(ms);
  const at = Math.floor(whole / 1000);
  if (at !== second) {
    second = at;
    secondText = new Date(at * 1000).toISOString().slice(0, 20);
  }
  return `${secondText}${String(whole - at * 1000).padStart(3, '0')}Z`;
}

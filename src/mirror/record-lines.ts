/** The record that the agent wrote, read again: lines of JSON → MirrorRecord. */
import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { MirrorRecord } from './record.ts';

/** No line of a record is longer (docs/schemas/agent-record.schema.json). */
const MAX_LINE = 128 * 1024;
/** Integers that JSON.parse would round to a double. Quotes of a text are escaped, so that the match is a key and nothing else. */
const LONG_INTEGERS = /"(stream_id|frame_id|sid|pid)":(-?\d{16,20})(?=[,}])/g;
const INTEGERS = ['stream_id', 'frame_id', 'sid', 'pid'] as const;

type Kind = 'string' | 'number' | 'boolean' | 'integer' | 'null';

/** The keys that every record has, and the types of their values. */
const REQUIRED: { readonly [key in keyof MirrorRecord]?: readonly Kind[] } = {
  ts: ['string'],
  message: ['string'],
  stream_id: ['integer'],
  frame_id: ['integer'],
  method: ['string'],
  path: ['string'],
  status: ['number', 'null'],
  ttfb_ms: ['number', 'null'],
  latency_ms: ['number', 'null'],
  request_bytes: ['number'],
  response_bytes: ['number'],
  truncated: ['boolean'],
  attempts: ['number'],
  error: ['string', 'null'],
};
const OPTIONAL: { readonly [key in keyof MirrorRecord]?: readonly Kind[] } = {
  engine_id: ['string'],
  unique_id: ['string'],
  sid: ['integer'],
  pid: ['integer'],
  traceparent: ['string'],
  trace_id: ['string'],
  destination: ['string'],
};

/**
 * One line of the agent's record, without its newline; undefined for any other line. Integers past 2^53 are bigint.
 * Texts are what a client sent: never print them as they are. A mapper for split2: `split2(parseRecord)`.
 */
export function parseRecord(line: string): MirrorRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  // Extra arguments may have any name.
  const args = line.indexOf('"args":');
  const head = args < 0 ? line : line.slice(0, args);
  let value: unknown;
  try {
    value = JSON.parse(head.replace(LONG_INTEGERS, '"$1":"$2"') + line.slice(head.length));
  } catch {
    return undefined;
  }
  const record = value as { [key: string]: unknown };
  const texts = head.match(LONG_INTEGERS) === null ? [] : INTEGERS;
  for (const key of texts) if (typeof record[key] === 'string') record[key] = integer(record[key]);
  const has = (kinds: typeof REQUIRED, isOptional: boolean) =>
    Object.entries(kinds).every(
      ([key, wanted]) => (isOptional && record[key] === undefined) || wanted.includes(kindOf(record[key], wanted)),
    );
  if (!has(REQUIRED, false) || !has(OPTIONAL, true)) return undefined;
  return record as unknown as MirrorRecord;
}

function integer(text: string): number | bigint | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function kindOf(value: unknown, wanted: readonly Kind[]): Kind {
  if (value === null) return 'null';
  if (typeof value === 'bigint' || (wanted.includes('integer') && Number.isSafeInteger(value))) return 'integer';
  return typeof value as Kind;
}

/** Whether the line keeps an answer of production (`kind`): of no mirrored request, and no record. */
function isAnswer(line: string): boolean {
  if (!line.includes('"kind":"production"')) return false;
  try {
    return (JSON.parse(line) as { readonly kind?: unknown } | null)?.kind === 'production';
  } catch {
    return false;
  }
}

export interface RecordCounts {
  readonly bytes: number;
  /** Whole lines; the last one counts when the input ends. */
  readonly lines: number;
  readonly records: number;
  /** Lines with an answer of production (`--answers`): they are passed over. */
  readonly answers: number;
  /** Lines that are neither, those longer than 128 KiB among them. Empty lines are none of these. */
  readonly unread: number;
}

/** A Transform: bytes or text in, MirrorRecord objects out. */
export type RecordLines = AsyncIterable<MirrorRecord> & Transform & { readonly counts: RecordCounts };

/** A stream of the requests in an agent's record (`spoa-mirror --record`). Lines may be cut anywhere between chunks. */
export function readRecord(): RecordLines {
  return new RecordLinesStream();
}

class RecordLinesStream extends Transform {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  /** True while the rest of a line that is too long is skipped. */
  #skipping = false;
  #bytes = 0;
  #lines = 0;
  #records = 0;
  #answers = 0;
  #unread = 0;

  constructor() {
    super({ readableObjectMode: true });
  }

  get counts(): RecordCounts {
    return {
      bytes: this.#bytes,
      lines: this.#lines,
      records: this.#records,
      answers: this.#answers,
      unread: this.#unread,
    };
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#bytes += chunk.length;
    const lines = this.#decoder.write(chunk).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#end(line);
    this.#append(rest);
    callback();
  }

  override _flush(callback: TransformCallback): void {
    this.#append(this.#decoder.end());
    if (this.#rest !== '' || this.#skipping) this.#end('');
    callback();
  }

  #append(text: string): void {
    if (!this.#skipping) this.#rest += text;
    if (this.#rest.length <= MAX_LINE) return;
    this.#rest = '';
    this.#skipping = true;
  }

  /** Ends a line with its last part. */
  #end(last: string): void {
    this.#append(last);
    const line = this.#rest;
    const isCut = this.#skipping;
    this.#rest = '';
    this.#skipping = false;
    this.#lines += 1;
    if (line.trim() === '' && !isCut) return;
    const record = isCut ? undefined : parseRecord(line);
    if (record !== undefined) {
      this.#records += 1;
      this.push(record);
    } else if (!isCut && isAnswer(line)) this.#answers += 1;
    else this.#unread += 1;
  }
}

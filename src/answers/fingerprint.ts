/** An answer → what is kept of it: shape and keyed hashes (docs/schemas/agent-record.schema.json). */
import { createHash, createHmac, hash } from 'node:crypto';
import {
  type AnswerPrint,
  type BodyPrint,
  type BodyState,
  HEADER_NAME,
  MAX_FIELDS,
  MAX_HEADERS,
  MAX_PATH,
} from './answer.ts';
import { stateByHead } from './body/body-state.ts';
import { decode } from './body/decoding.ts';
import { type Head, normalType, readHead } from './body/head.ts';
import {
  type Decimals,
  type Field,
  type FieldBounds,
  type JsonFields,
  jsonFields,
  TYPE,
  TYPE_LETTERS,
} from './body/json-fields.ts';
import { mayBeJson, textOf } from './body/text.ts';
import type { Rounding } from './rounding.ts';

/** Views are allowed: what is kept of them is copied or hashed at once. */
export interface RawAnswer {
  readonly status: number;
  /** In their order, duplicates included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Undefined when nobody asked for it. */
  readonly body: Uint8Array | undefined;
  /** Of the request: HEAD has no body. */
  readonly method?: string;
  /** HAProxy's res.body_size: Content-Length, else what is known of it. */
  readonly bodySize?: number;
  /** The answer was read to its end, as its framing has it: its body is whole, whatever the length says. */
  readonly ended?: boolean;
  /** More came than was kept. */
  readonly tooLong?: boolean;
  /** How many bytes of the body came, where that is not what `body` has. */
  readonly bodyBytes?: number;
}

export interface PrintOptions {
  readonly rounding?: readonly Rounding[];
  /** The longest text that is looked into, in bytes after decoding: 65,536. */
  readonly maxText?: number;
  /** How many paths are kept: 512, which is also the most. */
  readonly maxFields?: number;
  /** How deep a path may be: 32. */
  readonly maxDepth?: number;
}

/** The longest text that is looked into, in bytes after decoding. */
export const MAX_TEXT = 64 * 1024;
/** As far as a document is looked into. */
export const FIELD_BOUNDS: FieldBounds = { maxFields: MAX_FIELDS, maxDepth: 32, maxPath: MAX_PATH };
/** Characters of a print as JSON. A line of the record has 128 KiB, and other things in it. */
const MAX_PRINT = 32 * 1024;
/** Of these, what is neither headers nor fields. */
const ROOM_FOR_THE_REST = 512;
/** 48 bits in base64url: compared within one request only. */
const HASH_LENGTH = 8;

/** Makes prints with one key. Both sides of a comparison need the same key. */
export class Fingerprinter {
  /** Names the key, and tells nothing of it. */
  readonly keyId: string;
  readonly #key: Uint8Array;
  readonly #bounds: FieldBounds;
  readonly #maxText: number;
  readonly #decimals: Decimals;

  /** @param key at least 16 random bytes, which are written nowhere */
  constructor(key: Uint8Array, options: PrintOptions = {}) {
    this.#key = Uint8Array.from(key);
    this.keyId = createHmac('sha256', this.#key).update('name of the key').digest('base64url').slice(0, HASH_LENGTH);
    this.#maxText = options.maxText ?? MAX_TEXT;
    this.#bounds = {
      ...FIELD_BOUNDS,
      maxFields: Math.min(options.maxFields ?? MAX_FIELDS, MAX_FIELDS),
      ...(options.maxDepth !== undefined && { maxDepth: options.maxDepth }),
    };
    this.#decimals = new Map((options.rounding ?? []).map(({ path, decimals }) => [path, decimals]));
  }

  /** @param uniqueId of the request: equal values of two requests get different hashes */
  print(uniqueId: string, answer: RawAnswer): AnswerPrint {
    // 128 bits, so that most hashed texts fit into one block of SHA-256.
    const salt = createHmac('sha256', this.#key).update(`answer ${uniqueId}`).digest('base64url').slice(0, 22);
    const headers = printHeaders(salt, answer.headers);
    const room = MAX_PRINT - JSON.stringify(headers).length - ROOM_FOR_THE_REST;
    return {
      key: this.keyId,
      status: answer.status,
      ...headers,
      body: this.#body(salt, answer, readHead(answer.headers), room),
    };
  }

  #body(salt: string, answer: RawAnswer, head: Head, room: number): BodyPrint {
    const { body } = answer;
    const { length, encoding, type } = head;
    const bytes = answer.bodyBytes ?? body?.length ?? 0;
    const about = { bytes, length, encoding, type };
    let state: BodyState | 'unknown' = stateByHead({
      status: answer.status,
      method: answer.method,
      bytes: body === undefined ? undefined : bytes,
      isEmpty: answer.bodyBytes === 0,
      length,
      size: answer.bodySize,
      headBytes: head.bytes,
      ended: answer.ended ?? false,
      tooLong: answer.tooLong ?? false,
    });
    if (body === undefined || (state !== 'whole' && state !== 'unknown'))
      return { state: state as BodyState, ...about };
    const decoded = decode(body, encoding ?? '', this.#maxText);
    if (decoded === 'incomplete') return { state: state === 'whole' ? 'unreadable' : 'unannounced', ...about };
    if (typeof decoded === 'string') return { state: decoded, ...about };
    // A coding has an end of its own.
    if (decoded !== body) state = 'whole';
    const found = this.#fields(decoded, head);
    if (state === 'unknown') {
      const root = found?.fields[0]?.types ?? 0;
      // A part of an object or array is no JSON; a part of a number is.
      if ((root & (TYPE.object | TYPE.array)) === 0) return { state: 'unannounced', ...about };
      state = 'whole';
    }
    const hashed = hashBody(salt, decoded);
    return { state, ...about, hash: hashed, ...(found && printFields(salt, found, room)) };
  }

  /** Undefined where it is no JSON. */
  #fields(bytes: Uint8Array, { type, charset }: Head): JsonFields | undefined {
    const isLong = bytes.length > this.#maxText;
    const text = textOf(isLong ? bytes.subarray(0, 64) : bytes, charset);
    if (!mayBeJson(text, type)) return undefined;
    return isLong ? NOT_READ : jsonFields(text, this.#bounds, this.#decimals);
  }
}

/** Of a text that is too long nothing is known but its hash. */
const NOT_READ: JsonFields = { fields: [], dropped: 1 };

function hashBody(salt: string, bytes: Uint8Array): string {
  return createHash('sha256').update(`${salt}\0body\0`).update(bytes).digest('base64url').slice(0, HASH_LENGTH);
}

function hashText(salt: string, place: string, value: string): string {
  return hash('sha256', `${salt}\0${place}\0${value}`, 'base64url').slice(0, HASH_LENGTH);
}

type PrintedHeaders = Pick<AnswerPrint, 'headers' | 'cookies' | 'headers_dropped'>;

function printHeaders(salt: string, headers: RawAnswer['headers']): PrintedHeaders {
  const prints = new Map<string, string | string[]>();
  const cookies: string[] = [];
  let lines = 0;
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (lines === MAX_HEADERS || !HEADER_NAME.test(name)) continue;
    lines++;
    const print = hashText(salt, `header ${name}`, name === 'content-type' ? normalType(value) : value.trim());
    if (name === 'set-cookie') cookies.push(hashText(salt, 'cookie', cookieText(value)));
    const before = prints.get(name);
    if (before === undefined) prints.set(name, print);
    else if (typeof before === 'string') prints.set(name, [before, print]);
    else before.push(print);
  }
  const dropped = headers.length - lines;
  return {
    headers: Object.fromEntries(prints),
    ...(cookies.length > 0 && { cookies }),
    ...(dropped > 0 && { headers_dropped: dropped }),
  };
}

/** A longer Set-Cookie is its name alone: browsers take 4,096 bytes. */
const MAX_COOKIE = 8192;

/** The name and the attributes of a cookie, whatever their order and case. What Expires says is a time that is counted from that of the answer. */
function cookieText(line: string): string {
  const [pair = '', ...attributes] = line.slice(0, MAX_COOKIE).split(';');
  const name = pair.slice(0, Math.max(0, pair.indexOf('='))).trim();
  const parts = line.length > MAX_COOKIE ? [] : attributes.map((text) => text.trim()).filter((text) => text !== '');
  const normal = parts.map((text) => {
    const [attribute = '', value] = text.split(/ *= *(.*)/s, 2);
    const lower = attribute.toLowerCase();
    return value === undefined || lower === 'expires'
      ? lower
      : `${lower}=${lower === 'path' ? value : value.toLowerCase()}`;
  });
  return JSON.stringify([name, ...normal.sort()]);
}

type PrintedFields = Pick<BodyPrint, 'fields' | 'fields_dropped'>;

/** @param room characters of JSON that there are for it */
function printFields(salt: string, { fields, dropped }: JsonFields, room: number): PrintedFields {
  const printed: [path: string, text: string][] = [];
  let left = room;
  for (const field of fields) {
    const text = printField(salt, field);
    left -= jsonLength(field.path) + text.length + 6;
    if (left < 0) break;
    printed.push([field.path, text]);
  }
  const beyond = dropped + fields.length - printed.length;
  return { fields: Object.fromEntries(printed), ...(beyond > 0 && { fields_dropped: beyond }) };
}

/** How long a path is at most in JSON, in bytes: characters beyond ASCII may be escaped. */
function jsonLength(path: string): number {
  return path.length + 5 * (path.match(/[^ !#-[\]-~]/g)?.length ?? 0);
}

/** By their bits, the letters of types. */
const LETTERS: readonly string[] = Array.from({ length: 1 << TYPE_LETTERS.length }, (_, types) =>
  Array.from(TYPE_LETTERS)
    .filter((_, bit) => (types & (1 << bit)) !== 0)
    .join('|'),
);

function printField(salt: string, { path, types, values, idNames }: Field): string {
  const letters = LETTERS[types] ?? '';
  // All nulls are the same, and so are objects but for the names of their ids.
  const hashed = types === TYPE.object ? idNames : types === TYPE.null ? [] : values;
  const [first] = hashed;
  if (values.length === 1) {
    if (first === undefined) return letters;
    return types === TYPE.array
      ? `${letters}*${String(first).slice(1)}`
      : `${letters}:${hashText(salt, path, String(first))}`;
  }
  const counted = `${letters}*${values.length}`;
  if (first === undefined) return counted;
  const sequence = hashText(salt, path, hashed.join('\0'));
  return `${counted}:${sequence}~${hashText(salt, path, multisetText(hashed))}`;
}

/** The same for every order. Long arrays have few values that differ: to sort all of them takes ten times as long. */
function multisetText(values: readonly (string | number)[]): string {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Array.from(counts, ([value, count]) => `${value}\0${count}`)
    .sort()
    .join('\0');
}

/** An answer → what is kept of it: shape and keyed hashes (docs/schemas/agent-record.schema.json). */
import { isUtf8 } from 'node:buffer';
import { createHash, createHmac, hash } from 'node:crypto';
import type { AnswerPrint, BodyPrint, BodyState } from './answer.ts';
import { stateByHead } from './body/body-state.ts';
import { decode } from './body/decoding.ts';
import { type Decimals, type Field, type FieldBounds, jsonFields, TYPE, TYPE_LETTERS } from './body/json-fields.ts';
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
}

export interface PrintOptions {
  readonly rounding?: readonly Rounding[];
  /** The longest text that is looked into, in bytes after decoding: 65,536. */
  readonly maxText?: number;
  /** How many paths are kept: 512. */
  readonly maxFields?: number;
  /** How deep a path may be: 32. */
  readonly maxDepth?: number;
}

const MAX_TEXT = 64 * 1024;
const MAX_FIELDS = 512;
const MAX_DEPTH = 32;
const MAX_PATH = 200;
const MAX_HEADERS = 100;
/** Characters of a print as JSON. A line of the record has 128 KiB, and other things in it. */
const MAX_PRINT = 32 * 1024;
/** 48 bits in base64url: compared within one request only. */
const HASH_LENGTH = 8;

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/;
const MEDIA_TYPE = /^(?=.{1,100}$)[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;
const CODING = /^[!#$%&'*+.^_`|~0-9a-z-]{1,40}$/;

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
      maxFields: options.maxFields ?? MAX_FIELDS,
      maxDepth: options.maxDepth ?? MAX_DEPTH,
      maxPath: MAX_PATH,
    };
    this.#decimals = new Map((options.rounding ?? []).map(({ path, decimals }) => [path, decimals]));
  }

  /** @param uniqueId of the request: equal values of two requests get different hashes */
  print(uniqueId: string, answer: RawAnswer): AnswerPrint {
    // 128 bits, so that most hashed texts fit into one block of SHA-256.
    const salt = createHmac('sha256', this.#key).update(`answer ${uniqueId}`).digest('base64url').slice(0, 22);
    const headers = printHeaders(salt, answer.headers);
    const head = readHead(answer.headers);
    return {
      key: this.keyId,
      status: answer.status,
      headers,
      body: this.#body(salt, answer, head, MAX_PRINT - JSON.stringify(headers).length - 512),
    };
  }

  #body(salt: string, answer: RawAnswer, head: Head, room: number): BodyPrint {
    const { body } = answer;
    const { length, encoding, type } = head;
    const about = { bytes: body?.length ?? 0, length, encoding, type };
    let state: BodyState | 'unknown' = stateByHead({
      status: answer.status,
      method: answer.method,
      bytes: body?.length,
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
    const found = decoded.length > this.#maxText ? undefined : this.#fields(decoded, head);
    if (state === 'unknown') {
      const root = found?.fields[0]?.types ?? 0;
      // A part of an object or array is no JSON; a part of a number is.
      if ((root & (TYPE.object | TYPE.array)) === 0) return { state: 'unannounced', ...about };
      state = 'whole';
    }
    const print = {
      state,
      ...about,
      hash: createHash('sha256').update(`${salt}\0body\0`).update(decoded).digest('base64url').slice(0, HASH_LENGTH),
    };
    return found === undefined ? print : { ...print, ...printFields(salt, found.fields, found.dropped, room) };
  }

  #fields(decoded: Uint8Array, head: Head) {
    if (!mayBeJson(decoded, head.type)) return undefined;
    return jsonFields(textOf(decoded), this.#bounds, this.#decimals);
  }
}

/** Other bytes than UTF-8 stay what they are, one character each: a mark instead of each would make them equal. */
function textOf(bytes: Uint8Array): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = isUtf8(bytes) ? view.toString('utf8') : view.toString('latin1');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

const JSON_TYPE = /^(?:[^/]+\/(?:json|[^/]+\+json))$/;
/** Documents one after the other: the first alone is JSON, too. */
const JSON_LINES = /(?:ndjson|jsonl|jsonlines|json-seq|stream\+json)$/;

function mayBeJson(bytes: Uint8Array, type: string | null): boolean {
  if (type !== null && JSON_LINES.test(type)) return false;
  if (type !== null && JSON_TYPE.test(type)) return true;
  let i = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09) i++;
  return bytes[i] === 0x7b || bytes[i] === 0x5b;
}

function hashText(salt: string, place: string, value: string): string {
  return hash('sha256', `${salt}\0${place}\0${value}`, 'base64url').slice(0, HASH_LENGTH);
}

interface Head {
  readonly length: number | null;
  readonly encoding: string | null;
  readonly type: string | null;
  readonly bytes: number;
}

function readHead(headers: RawAnswer['headers']): Head {
  let length: number | null = null;
  let encoding: string | null = null;
  let type: string | null = null;
  let bytes = 0;
  for (const [name, value] of headers) {
    bytes += name.length + value.length;
    switch (name.toLowerCase()) {
      case 'content-length':
        length = /^\d{1,15}$/.test(value.trim()) ? Number(value) : null;
        break;
      case 'content-encoding': {
        const coding = value.trim().toLowerCase();
        encoding = CODING.test(coding) ? coding : 'other';
        break;
      }
      case 'content-type': {
        const media = (value.split(';', 1)[0] ?? '').trim().toLowerCase();
        type = MEDIA_TYPE.test(media) ? media : null;
        break;
      }
    }
  }
  return { length, encoding, type, bytes };
}

function printHeaders(salt: string, headers: RawAnswer['headers']): AnswerPrint['headers'] {
  const prints = new Map<string, string | string[]>();
  let lines = 0;
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (!HEADER_NAME.test(name) || ++lines > MAX_HEADERS) continue;
    const print = hashText(salt, `header ${name}`, value.trim());
    const before = prints.get(name);
    if (before === undefined) prints.set(name, print);
    else if (typeof before === 'string') prints.set(name, [before, print]);
    else before.push(print);
  }
  return Object.fromEntries(prints);
}

type PrintedFields = Required<Pick<BodyPrint, 'fields' | 'fields_dropped'>>;

function printFields(salt: string, found: readonly Field[], dropped: number, room: number): PrintedFields {
  const printed: [path: string, text: string][] = [];
  let left = room;
  let beyond = dropped;
  for (const field of found) {
    const text = printField(salt, field);
    left -= jsonLength(field.path) + text.length + 6;
    if (left < 0) beyond++;
    else printed.push([field.path, text]);
  }
  return { fields: Object.fromEntries(printed), fields_dropped: beyond };
}

/** How long a path is at most in JSON: characters beyond ASCII may be escaped. */
function jsonLength(path: string): number {
  return path.length + 5 * (path.match(/[^ !#-[\]-~]/g)?.length ?? 0);
}

/** Where only one value is possible there is nothing to hash. */
const NO_VALUE = [TYPE.object, TYPE.null] as readonly number[];

function printField(salt: string, { path, types, values }: Field): string {
  const letters = Array.from(TYPE_LETTERS)
    .filter((_, bit) => (types & (1 << bit)) !== 0)
    .join('|');
  const only = values.length === 1 ? values[0] : undefined;
  if (only !== undefined) {
    if (NO_VALUE.includes(types)) return letters;
    return types === TYPE.array ? `${letters}*${only.slice(1)}` : `${letters}:${hashText(salt, path, only)}`;
  }
  const counted = `${letters}*${values.length}`;
  if (NO_VALUE.includes(types)) return counted;
  const sequence = hashText(salt, path, values.join('\0'));
  return `${counted}:${sequence}~${hashText(salt, path, values.sort().join('\0'))}`;
}

/**
 * Lines of the agent's record as bytes: they differ in a few values, and what stands between these is the same text in each. So the
 * first line that is read as text teaches it, and a later one that has it is read without a string of the line, in a third of the
 * time. What looks in any way unusual is left to the format, which says what a line means.
 */
import type { AccessRecord } from '../access-record.ts';
import type { AccessClock } from './clock.ts';
import { decodeUniqueId, isTraceparentAt, readTrace } from './identity.ts';
import { isPrintable, type SharedText, sharedEnd, sharedText, WORD } from './shared-text.ts';
import { type Positions, Slot } from './slots.ts';

/** Templates at one time: one for each worker of the agents, destination and error. */
const MAX_TEMPLATES = 16;
/** So many are learned before most lines have to be read by one. */
const MANY = 1_000;
const MAX_PAUSE = 255;
const MAX_LINE = 64 * 1024;
/** So many digits are exact in a double. */
const MAX_DIGITS = 15;
const METHODS = 64;

const QUOTE = 0x22;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const LESS = 0x3c;
const BACKSLASH = 0x5c;
/** `SP` of SPOE: such a line is looked at as text. */
const LETTER_S = 0x53;
const LETTER_P = 0x50;

/** The values that are others on each line, and whether each is a text in quotes. */
const VALUES: readonly (readonly [slot: Slot, isText: boolean])[] = [
  [Slot.isoTime, true],
  [Slot.id, true],
  [Slot.trace, true],
  [Slot.method, true],
  [Slot.target, true],
  [Slot.status, false],
  [Slot.firstByteMs, false],
  [Slot.activeMs, false],
  [Slot.streamId, false],
  [Slot.sid, false],
  [Slot.pid, false],
  [Slot.requestBytes, false],
  [Slot.responseBytes, false],
];
/** Without one of these a line is none that is paired, or no record. */
const NEEDED = [Slot.isoTime, Slot.id, Slot.method, Slot.target] as const;

interface Template {
  /** What stands before each value, and behind the last one. */
  readonly texts: readonly SharedText[];
  /** All of these. */
  readonly all: string;
  readonly values: readonly { readonly slot: Slot; readonly isText: boolean }[];
  /** A record of these lines: what is the same in all of them is taken from it. */
  readonly record: AccessRecord;
}

export class UsualRecords {
  /** The one that read a line last comes first. */
  readonly #templates: Template[] = [];
  /** The bytes that lines come in, which are the same ones for all. */
  #bytes: Buffer = Buffer.alloc(0);
  #words: DataView = new DataView(this.#bytes.buffer);
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #methods: string[] = new Array<string>(METHODS).fill('');
  #learned = 0;
  #read = 0;
  /** Lines that are not learned from: each one that taught nothing makes it more of them. */
  #pause = 0;
  #paused = 0;

  constructor(slots: number) {
    this.#starts = new Int32Array(slots);
    this.#ends = new Int32Array(slots);
  }

  /** The record of the line bytes[start, end), which the format reads as the same; undefined where it has to be asked. */
  read(bytes: Buffer, start: number, end: number, clock: AccessClock): AccessRecord | undefined {
    const templates = this.#templates;
    if (end - start > MAX_LINE) return undefined;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    for (let i = 0; i < templates.length; i += 1) {
      const template = templates[i] as Template;
      if (!this.#matches(template, bytes, start, end)) continue;
      if (i > 0) {
        templates.splice(i, 1);
        templates.unshift(template);
      }
      this.#read += 1;
      return this.#build(template, bytes, clock);
    }
    return undefined;
  }

  /** A line that was read as text. */
  learn(line: string, positions: Positions, record: AccessRecord): void {
    if (this.#paused > 0) {
      this.#paused -= 1;
      return;
    }
    if (this.#learns(line, positions, record)) this.#pause = 0;
    else this.#pause = Math.min(2 * this.#pause + 1, MAX_PAUSE);
    this.#paused = this.#pause;
  }

  /** False for a line that teaches nothing new. */
  #learns(line: string, positions: Positions, record: AccessRecord): boolean {
    if (line.length > MAX_LINE || (this.#learned >= MANY && this.#read < 2 * this.#learned)) return false;
    if (!NEEDED.every((slot) => positions.has(slot)) || record.malformed) return false;
    // Its trace is its id, which is another one on the next line.
    if (record.traceId !== '' && !positions.has(Slot.trace)) return false;
    const values = VALUES.filter(([slot]) => positions.has(slot))
      .map(([slot, isText]) => ({ slot, isText }))
      .sort((a, b) => (positions.starts[a.slot] as number) - (positions.starts[b.slot] as number));
    const texts: string[] = [];
    let at = 0;
    for (const { slot, isText } of values) {
      const start = positions.starts[slot] as number;
      if (isText && line.charCodeAt(start - 1) !== QUOTE) return false;
      texts.push(line.slice(at, start));
      at = positions.ends[slot] as number;
    }
    texts.push(line.slice(at));
    // A comma, a name in quotes and a colon stand between any two; the last may be a brace alone, which is left to the format.
    if (!texts.every((text) => isPlain(text) && text.length >= WORD)) return false;
    const all = texts.join('\0');
    // It is known, and a value of this line was not usual.
    if (this.#templates.some((template) => template.all === all)) return false;
    this.#learned += 1;
    this.#templates.unshift({ texts: texts.map(sharedText), all, values, record });
    this.#templates.length = Math.min(this.#templates.length, MAX_TEMPLATES);
    return true;
  }

  #matches({ texts, values }: Template, bytes: Buffer, start: number, end: number): boolean {
    const words = this.#words;
    let at = start;
    for (let i = 0; i < values.length; i += 1) {
      const { slot, isText } = values[i] as Template['values'][number];
      at = sharedEnd(texts[i] as SharedText, words, at, end);
      if (at < 0) return false;
      const stop = isText ? quotedEnd(bytes, at, end) : numberEnd(bytes, at, end);
      // No value: another member may have one.
      if (stop <= at || (stop === at + 1 && bytes[at] === HYPHEN)) return false;
      this.#starts[slot] = at;
      this.#ends[slot] = stop;
      at = stop;
    }
    return sharedEnd(texts[values.length] as SharedText, words, at, end) === end;
  }

  /** Of the line that was matched. */
  #build({ values, record }: Template, bytes: Buffer, clock: AccessClock): AccessRecord | undefined {
    const starts = this.#starts;
    const ends = this.#ends;
    let isUsual = true;
    let hasTrace = false;
    let { status, firstByteMs, totalMs, requestBytes, responseBytes, traceId, spanId } = record;
    let [sid, pid] = [-1, -1];
    for (let i = 0; i < values.length; i += 1) {
      const { slot } = values[i] as Template['values'][number];
      const start = starts[slot] as number;
      const end = ends[slot] as number;
      if (slot === Slot.status) {
        status = end - start === 3 ? readDigits(bytes, start, end) : -1;
        isUsual &&= status >= 100;
      } else if (slot === Slot.firstByteMs) {
        firstByteMs = readDecimal(bytes, start, end);
        isUsual &&= firstByteMs >= 0;
      } else if (slot === Slot.activeMs) {
        totalMs = readDecimal(bytes, start, end);
        isUsual &&= totalMs >= 0;
      } else if (slot === Slot.requestBytes) requestBytes = readDigits(bytes, start, end);
      else if (slot === Slot.responseBytes) responseBytes = readDigits(bytes, start, end);
      else if (slot === Slot.sid) sid = readDigits(bytes, start, end);
      else if (slot === Slot.pid) pid = readDigits(bytes, start, end);
      else if (slot === Slot.trace) hasTrace = true;
    }
    const timeMs = clock.isoBytes(bytes, starts[Slot.isoTime] as number, ends[Slot.isoTime] as number);
    const method = this.#method(bytes, starts[Slot.method] as number, ends[Slot.method] as number);
    const first = bytes[starts[Slot.target] as number];
    // What the format understands otherwise, or not at all.
    if (!isUsual || Number.isNaN(timeMs) || method === '' || first === LESS) return undefined;
    const uniqueId = textOf(bytes, starts[Slot.id] as number, ends[Slot.id] as number);
    if (isTraceparentAt(uniqueId, 0)) return undefined;
    if (hasTrace) {
      const text = textOf(bytes, starts[Slot.trace] as number, ends[Slot.trace] as number);
      ({ traceId, spanId } = readTrace(text));
    }
    if (sid < 0 || pid < 0) {
      const decoded = decodeUniqueId(uniqueId);
      if (sid < 0) sid = decoded?.sid ?? -1;
      if (pid < 0) pid = decoded?.pid ?? -1;
    }
    return {
      timeMs,
      method,
      target: textOf(bytes, starts[Slot.target] as number, ends[Slot.target] as number),
      malformed: false,
      status,
      termination: record.termination,
      noServer: record.noServer,
      firstByteMs,
      totalMs,
      uniqueId,
      traceId,
      spanId,
      sid,
      pid,
      host: record.host,
      error: record.error,
      destination: record.destination,
      message: record.message,
      requestBytes,
      responseBytes,
      sentBytes: record.sentBytes,
    } as AccessRecord;
  }

  /** Most lines have one of a few, of which there is one string then; empty for what is no method. */
  #method(bytes: Buffer, start: number, end: number): string {
    const first = bytes[start] as number;
    if (first === HYPHEN || first === LESS) return '';
    const place = (first + 7 * (end - start)) % METHODS;
    const known = this.#methods[place] as string;
    if (isText(known, bytes, start, end)) return known;
    const method = textOf(bytes, start, end);
    this.#methods[place] = method;
    return method;
  }
}

function isText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function textOf(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}

/** What has no second meaning as a part of a line: no colours, holes, marks of SPOE. */
function isPlain(text: string): boolean {
  return isPrintable(text) && !text.includes('SP') && !text.includes('SSAGE"');
}

/** By byte: whether a text in quotes that has it is read here. */
const USUAL = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= 0x20 && code <= 0x7e && code !== QUOTE && code !== BACKSLASH && code !== LETTER_S ? 1 : 0,
);

/** Where the quote behind a text is; -1 for a text with anything that is not what it stands for. */
function quotedEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const code = bytes[at] as number;
    if (USUAL[code] === 1) continue;
    if (code === QUOTE) return at;
    if (code !== LETTER_S || bytes[at + 1] === LETTER_P) return -1;
  }
  return -1;
}

function numberEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isNumeric(bytes[at] as number)) at += 1;
  return at;
}

function isNumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === DOT;
}

/** Decimal digits and nothing else; -1 otherwise. */
function readDigits(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** `12`, `12.345`; NaN for anything else, and for more digits than are exact. Both numbers of the division are. */
function readDecimal(bytes: Buffer, start: number, end: number): number {
  if (end - start > MAX_DIGITS || bytes[start] === DOT) return Number.NaN;
  let digits = 0;
  let scale = 0;
  for (let at = start; at < end; at += 1) {
    const code = bytes[at] as number;
    if (code === DOT) {
      if (scale !== 0) return Number.NaN;
      scale = 1;
    } else {
      digits = digits * 10 + code - 0x30;
      scale *= 10;
    }
  }
  return scale > 1 ? digits / scale : digits;
}

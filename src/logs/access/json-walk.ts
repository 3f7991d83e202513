/**
 * Finds the members of an object of JSON without making values of them. The lines of a log have the same keys in the same
 * order: what a key is for is looked up once, and each line is compared with the one before.
 *
 * Escaped quotes keep texts in their places, so that no client can add a member. Values are not checked beyond that.
 */
import { type Positions, Slot } from './slots.ts';

/** `nested`: an object whose members are `prefix.key`; `none`: anything that is of no use. */
type Target = Slot | 'nested';

interface Known {
  /** `"status":` */
  readonly text: string;
  readonly target: Target;
  /** Of its members. */
  readonly prefix: string;
}

/** What a key is for. `path` is `status`, or `response.status` one level down. */
export type KeyTable = (path: string) => Slot | undefined;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const MAX_KNOWN = 256;

export class JsonWalker {
  readonly #table: KeyTable;
  #known: Known[] = [];
  #turn = 0;

  constructor(table: KeyTable) {
    this.#table = table;
  }

  /** Puts the places of the values of the object at `start` into `positions`. False when no whole object is there. */
  walk(line: string, start: number, positions: Positions): boolean {
    positions.clear();
    this.#turn = 0;
    const at = skipBlank(line, start);
    if (line.charCodeAt(at) !== OPEN) return false;
    const end = this.#object(line, at, '', positions);
    return end >= 0 && isBlank(line, end);
  }

  /** The index behind the object at `start`; -1 when it does not end. */
  #object(line: string, start: number, prefix: string, positions: Positions): number {
    let at = skipBlank(line, start + 1);
    if (line.charCodeAt(at) === CLOSE) return at + 1;
    for (;;) {
      const member = this.#member(line, at, prefix);
      if (member === undefined) return -1;
      at = skipBlank(line, at + member.text.length);
      at = this.#value(line, at, member, positions);
      if (at < 0) return -1;
      at = skipBlank(line, at);
      const code = line.charCodeAt(at);
      if (code === CLOSE) return at + 1;
      if (code !== COMMA) return -1;
      at = skipBlank(line, at + 1);
    }
  }

  /** The key at `at` with its colon, and what it is for. */
  #member(line: string, at: number, prefix: string): Known | undefined {
    const turn = this.#turn;
    this.#turn += 1;
    const known = this.#known[turn];
    if (known !== undefined && known.prefix === prefix && line.startsWith(known.text, at)) return known;
    const fresh = this.#lookUp(line, at, prefix);
    if (fresh !== undefined && turn < MAX_KNOWN) this.#known[turn] = fresh;
    return fresh;
  }

  #lookUp(line: string, at: number, prefix: string): Known | undefined {
    if (line.charCodeAt(at) !== QUOTE) return undefined;
    const quote = stringEnd(line, at);
    const colon = quote < 0 ? -1 : skipBlank(line, quote);
    if (colon < 0 || line.charCodeAt(colon) !== COLON) return undefined;
    const path = `${prefix}${line.slice(at + 1, quote - 1)}`;
    const isNested = prefix === '' && line.charCodeAt(skipBlank(line, colon + 1)) === OPEN;
    const target = isNested ? 'nested' : (this.#table(path) ?? Slot.none);
    return { text: line.slice(at, colon + 1), target, prefix };
  }

  #value(line: string, at: number, { target, text }: Known, positions: Positions): number {
    const code = line.charCodeAt(at);
    const slot = typeof target === 'number' ? target : Slot.none;
    if (code === QUOTE) {
      const end = stringEnd(line, at);
      if (end > 0 && slot >= 0 && !positions.has(slot)) positions.set(slot, at + 1, end - 1);
      return end;
    }
    if (code === OPEN && target === 'nested') {
      return this.#object(line, at, `${text.slice(1, text.lastIndexOf('"'))}.`, positions);
    }
    if (code === OPEN || code === OPEN_LIST) return nestedEnd(line, at);
    const end = scalarEnd(line, at);
    // null, true and false say nothing; numbers do.
    if (slot >= 0 && code < 0x3a && end > at && !positions.has(slot)) positions.set(slot, at, end);
    return end > at ? end : -1;
  }
}

/** The index behind the string at `at`; -1 when it does not end. */
function stringEnd(line: string, at: number): number {
  let quote = line.indexOf('"', at + 1);
  while (quote > 0 && line.charCodeAt(quote - 1) === BACKSLASH && isEscaped(line, quote)) {
    quote = line.indexOf('"', quote + 1);
  }
  return quote < 0 ? -1 : quote + 1;
}

function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function scalarEnd(line: string, start: number): number {
  for (let at = start; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === COMMA || code === CLOSE || code === CLOSE_LIST || code <= 0x20 || code === QUOTE) return at;
  }
  return -1;
}

/** Behind an object or a list that nobody looks into. */
function nestedEnd(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(line, at) - 1;
      if (at < 0) return -1;
    } else if (code === OPEN || code === OPEN_LIST) depth += 1;
    else if (code === CLOSE || code === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function skipBlank(line: string, start: number): number {
  let at = start;
  while (isBlankCode(line.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(line: string, start: number): boolean {
  return skipBlank(line, start) >= line.length;
}

function isBlankCode(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

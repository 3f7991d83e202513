/**
 * Finds the members of an object of JSON without making values of them. The lines of a log have the same keys in the same
 * order: what a key is for is looked up once, and each line is compared with the one before.
 *
 * Escaped quotes keep texts in their places, so that no client can add a member. Values are not checked beyond that.
 */
import { type Positions, SLOTS, Slot } from './slots.ts';
import { isEscaped } from './unescape.ts';

/** The meaning of a member. */
export interface Member {
  readonly slot: Slot;
  /** The rank: of several members for one slot the lowest counts, of equal ones the first. */
  readonly rank: number;
  /** Marks about the producer of the log: json-times.ts. */
  readonly marks: number;
}

interface Known extends Member {
  /** `"status":` */
  readonly text: string;
  /** `response.status` */
  readonly path: string;
  /** The path of the object it is in: `response.`. */
  readonly prefix: string;
}

/** The meaning of a key. `path` is `status`, or `response.status` one level down. */
export type KeyTable = (path: string) => Member;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** Members whose place in the line is remembered, and all whose names are. */
const MAX_TURNS = 512;
const MAX_KNOWN = 4096;
const MAX_DEPTH = 10;
const MAX_PATH = 300;
const HYPHEN = 0x2d;
const LETTER_T = 0x74;

export class JsonWalker {
  readonly #table: KeyTable;
  readonly #turns: Known[] = [];
  readonly #known = new Map<string, Known>();
  readonly #takenFrom: (Known | undefined)[] = new Array<Known | undefined>(SLOTS).fill(undefined);
  #turn = 0;
  #marks = 0;

  constructor(table: KeyTable) {
    this.#table = table;
  }

  /** The marks of all members of the last object. */
  get marks(): number {
    return this.#marks;
  }

  /** The member a slot was last taken from. */
  pathOf(slot: Slot): string {
    return this.#takenFrom[slot]?.path ?? '';
  }

  /** The value of one slot turned out to be for another. */
  rename(from: Slot, to: Slot): void {
    this.#takenFrom[to] = this.#takenFrom[from];
  }

  /** Puts the places of the values of the object at `start` into `positions`. False when no whole object is there. */
  walk(line: string, start: number, positions: Positions): boolean {
    positions.clear();
    this.#turn = 0;
    this.#marks = 0;
    const at = skipBlank(line, start);
    if (line.charCodeAt(at) !== OPEN) return false;
    const end = this.#object(line, at, '', positions, 0);
    return end >= 0 && isBlank(line, end);
  }

  /** The index behind the object at `start`; -1 when it does not end. */
  #object(line: string, start: number, prefix: string, positions: Positions, depth: number): number {
    let at = skipBlank(line, start + 1);
    if (line.charCodeAt(at) === CLOSE) return at + 1;
    for (;;) {
      const member = this.#member(line, at, prefix);
      if (member === undefined) return -1;
      this.#marks |= member.marks;
      at = skipBlank(line, at + member.text.length);
      at = this.#value(line, at, member, positions, depth);
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
    const known = this.#turns[turn];
    if (known !== undefined && known.prefix === prefix && line.startsWith(known.text, at)) return known;
    const fresh = this.#lookUp(line, at, prefix);
    if (fresh !== undefined && turn < MAX_TURNS) this.#turns[turn] = fresh;
    return fresh;
  }

  #lookUp(line: string, at: number, prefix: string): Known | undefined {
    if (line.charCodeAt(at) !== QUOTE) return undefined;
    const quote = stringEnd(line, at);
    const colon = quote < 0 ? -1 : skipBlank(line, quote);
    if (colon < 0 || line.charCodeAt(colon) !== COLON) return undefined;
    const text = line.slice(at, colon + 1);
    const name = `${prefix}${text}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const path = `${prefix}${line.slice(at + 1, quote - 1)}`;
    // No field has a longer path, but a client may name a header.
    const { slot, rank, marks } = path.length > MAX_PATH ? NOTHING : this.#table(path);
    const fresh = { text, slot, rank, marks, path, prefix };
    if (path.length <= MAX_PATH && this.#known.size < MAX_KNOWN) this.#known.set(name, fresh);
    return fresh;
  }

  #value(line: string, at: number, member: Known, positions: Positions, depth: number): number {
    const code = line.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(line, at);
      if (end > 0 && member.slot >= 0) this.#take(line, at + 1, end - 1, member, positions);
      return end;
    }
    if (code === OPEN) {
      if (member.slot === Slot.answer) return this.#whole(line, at, member, positions);
      if (depth >= MAX_DEPTH) return nestedEnd(line, at);
      return this.#object(line, at, `${member.path}.`, positions, depth + 1);
    }
    if (code === OPEN_LIST) return this.#list(line, at, member, positions);
    const end = scalarEnd(line, at);
    // null, true and false say nothing; numbers do, and of one member that it is true.
    const isSaid = code < 0x3a || (code === LETTER_T && member.slot === Slot.truncated);
    if (member.slot >= 0 && isSaid && end > at) this.#take(line, at, end, member, positions);
    return end > at ? end : -1;
  }

  /** An object that is taken as it is written: who asks for it reads it. */
  #whole(line: string, at: number, member: Known, positions: Positions): number {
    const end = nestedEnd(line, at);
    if (end > 0) this.#take(line, at, end, member, positions);
    return end;
  }

  /** A list of one value, which is how headers are written, is that value; of others nothing is read. */
  #list(line: string, at: number, member: Known, positions: Positions): number {
    const end = nestedEnd(line, at);
    const first = skipBlank(line, at + 1);
    if (end < 0 || member.slot < 0 || line.charCodeAt(first) !== QUOTE) return end;
    const quote = stringEnd(line, first);
    if (quote > 0 && skipBlank(line, quote) === end - 1) this.#take(line, first + 1, quote - 1, member, positions);
    return end;
  }

  #take(line: string, start: number, end: number, member: Known, positions: Positions): void {
    const { slot } = member;
    if (positions.has(slot)) {
      // A member without a value does not replace one that has a value.
      const old = this.#takenFrom[slot];
      if (isNothing(line, start, end)) return;
      const wasNothing = isNothing(line, positions.starts[slot] as number, positions.ends[slot] as number);
      if (!wasNothing && old !== undefined && member.rank >= old.rank) return;
    }
    this.#takenFrom[slot] = member;
    positions.set(slot, start, end);
  }
}

function isNothing(line: string, start: number, end: number): boolean {
  return end === start || (end === start + 1 && line.charCodeAt(start) === HYPHEN);
}

const NOTHING: Member = { slot: Slot.none, rank: 0, marks: 0 };

/** The index behind the string at `at`; -1 when it does not end. */
function stringEnd(line: string, at: number): number {
  let quote = line.indexOf('"', at + 1);
  while (quote > 0 && isEscaped(line, quote)) {
    quote = line.indexOf('"', quote + 1);
  }
  return quote < 0 ? -1 : quote + 1;
}

function scalarEnd(line: string, start: number): number {
  for (let at = start; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === COMMA || code === CLOSE || code === CLOSE_LIST || code <= 0x20 || code === QUOTE) return at;
  }
  return -1;
}

/** The end of an object or a list that is not read. */
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
  return code <= 0x20 && (code === 0x20 || code === 0x09 || code === 0x0d);
}

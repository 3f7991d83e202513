/**
 * Literal text and values in turn, which is what every format of a log line is; compiled once, matched on every line.
 *
 * Lines hold text of clients, who would like to write a status of their own. A value is *contained* when it cannot hold
 * the text that ends it, because the program that writes the log escapes that. Everything up to the first value that is not
 * contained is read from the left, everything behind the last such value from the right end of the line, so that nothing a
 * client sends moves it. What stands between two of them is taken only when reading from the left and from the right
 * give the same.
 */
import { type Positions, Slot } from './slots.ts';
import { compileParts, type Field, type TemplatePart } from './template-parts.ts';
import { isEscaped } from './unescape.ts';

/** 'cut' when the line ends too early and only its beginning is known, which still is a request. */
type Completeness = 'whole' | 'cut';

/** The result of a scan that found no end of the value. */
const FAIL = -1;
const CUT = -2;

const BACKSLASH = 0x5c;
const COLON = 0x3a;

export class Template {
  readonly #lead: string;
  readonly #fields: readonly Field[];
  /** Index of the last value that is not contained, or not in front; -1 without one. */
  readonly #lastLoose: number;

  /** @throws AccessFormatError `ambiguous-format` */
  constructor(parts: readonly TemplatePart[]) {
    const { lead, fields } = compileParts(parts);
    this.#lead = lead;
    this.#fields = fields;
    const firstLoose = fields.findIndex((field) => !field.isContained);
    this.#lastLoose = fields.findLastIndex(
      (field, index) => !field.isContained || (firstLoose >= 0 && index > firstLoose && !field.isContainedLeft),
    );
  }

  has(slot: Slot): boolean {
    return this.#fields.some((field) => field.slot === slot);
  }

  /** Hot. Puts the places of the values of line[start, end) into `positions`. Undefined when the line has another format. */
  match(line: string, start: number, end: number, positions: Positions): Completeness | undefined {
    positions.clear();
    if (!line.startsWith(this.#lead, start)) return undefined;
    const fields = this.#fields;
    let at = start + this.#lead.length;
    let i = 0;
    let space = -1;
    for (; i < fields.length; i += 1) {
      const field = fields[i] as Field;
      if (field.first !== '') {
        // indexOf takes a fifth of the time of looking at each character. What a value is gets checked where it is used;
        // here it is enough that it has not run over a space.
        const stop = line.indexOf(field.first, at);
        if (space < at) space = line.indexOf(' ', at);
        const fits = stop >= 0 && stop < end && (stop <= space || space < 0 || !field.excludesSpace);
        if (fits && (field.terminator.length === 1 || line.startsWith(field.terminator, stop))) {
          if (field.slot >= 0) positions.set(field.slot, at, stop);
          at = stop + field.terminator.length;
          continue;
        }
      }
      if (!field.isContained) {
        if (field.none === undefined || !line.startsWith(field.none, at)) break;
        at += field.none.length;
        continue;
      }
      const next = this.#step(field, line, at, end, positions);
      if (next === CUT) return this.#isOptionalAfter(i) ? 'whole' : 'cut';
      if (next === FAIL) return undefined;
      at = next;
    }
    if (i === fields.length) return at >= end ? 'whole' : undefined;
    if (this.#matchFromRight(line, i, at, end, positions)) return 'whole';
    // A client's text may hide that the line was cut: no value behind it is used.
    for (let j = i; j < fields.length; j += 1) positions.unset((fields[j] as Field).slot);
    return 'cut';
  }

  /** Reads one value and the text behind it from the left; answers where the next begins. */
  #step(field: Field, line: string, at: number, end: number, positions: Positions): number {
    let start = at;
    if (field.open !== '') {
      if (!line.startsWith(field.open, at)) {
        return line.startsWith(field.afterAbsent, at) ? at + field.afterAbsent.length : at >= end ? CUT : FAIL;
      }
      start += field.open.length;
    }
    const stop = valueEnd(field, line, start, end);
    if (stop < 0) {
      // A request line that was cut is a request all the same.
      if (stop === CUT && (field.slot === Slot.request || field.slot === Slot.target)) {
        positions.set(field.slot, start, end);
      }
      return stop;
    }
    const { terminator } = field;
    const next = stop + terminator.length;
    if (next > end || !line.startsWith(terminator, stop)) {
      return isCutIn(terminator, line, stop, end) ? this.#keepCut(field, start, stop, positions) : FAIL;
    }
    positions.set(field.slot, start, stop);
    return next;
  }

  /** The line ends in the text behind a value: a number may have lost digits, a text is whole or still of use. */
  #keepCut(field: Field, start: number, stop: number, positions: Positions): number {
    if (field.slot === Slot.request || field.slot === Slot.target || field.close !== '') {
      positions.set(field.slot, start, stop);
    }
    return CUT;
  }

  #isOptionalAfter(index: number): boolean {
    for (let j = index + 1; j < this.#fields.length; j += 1) if (this.#fields[j]?.open === '') return false;
    return index + 1 < this.#fields.length;
  }

  /** Value `first`, at `at`, is not contained. False when the rest of the line does not fit. */
  #matchFromRight(line: string, first: number, at: number, end: number, positions: Positions): boolean {
    const fields = this.#fields;
    const last = this.#lastLoose;
    let right = end;
    for (let j = fields.length - 1; j > last; j -= 1) {
      right = stepBack(fields[j] as Field, line, at, right, positions);
      if (right < 0) return false;
    }
    const loose = fields[last] as Field;
    const { afterAbsent } = loose;
    if (first === last && loose.isOptional && right - at === afterAbsent.length && line.startsWith(afterAbsent, at))
      return true;
    const stop = right - loose.after.length;
    if (stop < at || !line.startsWith(loose.after, stop)) return false;
    if (first === last) {
      positions.set(loose.slot, at, stop);
      return true;
    }
    return this.#matchBetween(line, { first, last, start: at, end: right }, positions);
  }

  /** Values `first` to `last`, both not contained, are all of line[start, end). */
  #matchBetween(line: string, between: Between, positions: Positions): boolean {
    const { first, last, start, end } = between;
    // The boundaries before the first value that is read do not matter.
    const read = this.#fields.findIndex(({ slot }, index) => index >= first && index <= last && slot !== Slot.none);
    if (read < 0) return true;
    const left = this.#edgesFromLeft(line, between);
    if (left === undefined) return false;
    let right = end;
    for (let j = last; j > first && j >= read; j -= 1) {
      const field = this.#fields[j] as Field;
      const before = right;
      right = stepBack(field, line, start, right, positions);
      if (right < 0) return false;
      if (field.slot !== Slot.none && (right !== left[j - first] || before !== left[j - first + 1])) return false;
    }
    if (read > first) return true;
    const field = this.#fields[first] as Field;
    if (right !== left[1]) return false;
    positions.set(field.slot, start, right - field.after.length);
    return true;
  }

  /** The start of each of the values, and the end, when each one ends as early as it can. */
  #edgesFromLeft(line: string, { first, last, start, end }: Between): readonly number[] | undefined {
    const edges = [start];
    let at = start;
    for (let j = first; j < last; j += 1) {
      const field = this.#fields[j] as Field;
      const isAbsent = field.open !== '' && !line.startsWith(field.open, at);
      const stop = isAbsent
        ? at
        : field.op === 'list'
          ? listEnd(field, line, at, end)
          : line.indexOf(field.terminator, at + field.open.length);
      if (stop < 0 || stop > end) return undefined;
      at = stop + (isAbsent ? field.afterAbsent : field.terminator).length;
      edges.push(at);
    }
    edges.push(end);
    return edges;
  }
}

interface Between {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
}

/** The end of the value that begins at `at`, FAIL or CUT. */
function valueEnd(field: Field, line: string, at: number, end: number): number {
  if (field.op === 'find') {
    const found = line.indexOf(field.terminator, at);
    const stop = skipAllowed(field, line, at, end);
    if (found >= 0 && found <= stop) return found;
    return stop >= end ? CUT : FAIL;
  }
  if (field.op === 'list') return listEnd(field, line, at, end);
  if (field.op === 'address') return addressEnd(line, at, end);
  const stop = field.op === 'rest' && field.slot === Slot.none ? end : skipAllowed(field, line, at, end);
  if (stop >= end) return field.op === 'rest' || field.terminator === '' ? end : CUT;
  return stop;
}

function listEnd({ list, terminator }: Field, line: string, at: number, end: number): number {
  if (list === undefined) return FAIL;
  list.lastIndex = at;
  list.test(line);
  const stop = list.lastIndex;
  if (terminator === '' || line.startsWith(terminator, stop)) return stop;
  // The bracket of `[$upstream_addr]` may be part of an address, too.
  const last = line.lastIndexOf(terminator, stop - 1);
  return last >= at ? last : stop < end ? stop : CUT;
}

function skipAllowed({ table, escapes }: Field, line: string, start: number, end: number): number {
  let at = start;
  for (; at < end; at += 1) {
    const code = line.charCodeAt(at);
    if (table[code < 128 ? code : 128] === 0) return at;
    if (escapes && code === BACKSLASH) at += 1;
  }
  return end;
}

/** `192.0.2.7`, `2001:db8::7`, `7F000001` (+X), `unix`: up to the colon in front of the port. */
function addressEnd(line: string, start: number, end: number): number {
  let colon = FAIL;
  let isDotted = true;
  for (let at = start; at < end; at += 1) {
    const code = line.charCodeAt(at);
    if (code === COLON) {
      if (isDotted && at > start) return at;
      if (colon === FAIL && FLAT_ADDRESS.test(line.slice(start, at))) return at;
      colon = at;
    } else if (!isAddressCode(code)) return colon;
    else if (code > 0x39) isDotted = false;
  }
  return CUT;
}

/** No IPv6, whose groups have at most four digits: the first colon is the one in front of the port. */
const FLAT_ADDRESS = /^(?:unix|[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})$/;

function isAddressCode(code: number): boolean {
  // 0-9 . a-z A-Z % -
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x2e ||
    code === 0x25 ||
    code === 0x2d
  );
}

/** The line ends within `text`. */
function isCutIn(text: string, line: string, at: number, end: number): boolean {
  return end - at < text.length && text.startsWith(line.slice(at, end));
}

/** Reads one value and the text behind it, which ends at `right`; answers where the value begins, or FAIL. */
function stepBack(field: Field, line: string, lowest: number, right: number, positions: Positions): number {
  const stop = right - field.terminator.length;
  const fits = stop >= lowest && line.startsWith(field.terminator, stop);
  if (field.open !== '') {
    const start = fits ? openingOf(field, line, lowest, stop) : FAIL;
    if (start >= 0) {
      positions.set(field.slot, start + field.open.length, stop);
      return start;
    }
    const end = right - field.afterAbsent.length;
    return end >= lowest && line.startsWith(field.afterAbsent, end) ? end : FAIL;
  }
  if (!fits) return FAIL;
  const start = lastBefore(field, line, stop);
  if (start < lowest || (field.isContained && skipAllowed(field, line, start, stop) < stop)) return FAIL;
  positions.set(field.slot, start, stop);
  return start;
}

/** Where the opening text of an optional value that ends at `stop` begins; FAIL where the value is absent. */
function openingOf(field: Field, line: string, lowest: number, stop: number): number {
  const opened = line.lastIndexOf(field.open, stop - field.open.length);
  return opened >= lowest && skipAllowed(field, line, opened + field.open.length, stop) >= stop ? opened : FAIL;
}

/** The start of the value that ends at `stop`: behind the nearest text that stands before it. */
function lastBefore({ before, escapes, op }: Field, line: string, stop: number): number {
  let found = line.lastIndexOf(before, stop - before.length);
  while (escapes && found > 0 && isEscaped(line, found + before.length - 1))
    found = line.lastIndexOf(before, found - 1);
  while (op === 'list' && found > 0 && isWithinList(line, found)) found = line.lastIndexOf(before, found - 1);
  return found < 0 ? FAIL : found + before.length;
}

/** The space at `at` is that of `, ` or ` : `. */
function isWithinList(line: string, at: number): boolean {
  return line[at] === ' ' && (line[at - 1] === ',' || line[at - 1] === ':' || line[at + 1] === ':');
}

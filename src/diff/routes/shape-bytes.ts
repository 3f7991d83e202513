/** The shape of a target, `/orders/{…}`, made from its bytes: does what pathOf and segmentsOf do, without a string for each part of a path. */
import type { TextTable } from '../text-table.ts';
import { LONG_TOKEN, WILDCARD } from './identifiers.ts';
import { formOf, MAX_SEGMENTS } from './path-segments.ts';

/** Longer paths are left to segmentsOf. */
const MAX_PATH = 512;
/** A segment that is a hexadecimal number, if it has a digit in it. */
const SHORTEST_HEX = 7;
const UUID_LENGTH = 36;
/** The most bytes that a segment becomes for each of its own: `-` may be kept, `7` is `{…}`. */
const MAX_GROWTH = 8;

const QUESTION_MARK = 0x3f;
const NUMBER_SIGN = 0x23;
const SLASH = 0x2f;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;
const WILD_BYTES = Buffer.from(WILDCARD);

/** What a character may be part of; the bits that all characters of a segment share tell what it is. */
const [WORD, DIGITS, HEX] = [1, 2, 4];
const ANY = WORD | DIGITS | HEX;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const isDigit = code >= 0x30 && code <= 0x39;
  const isSmall = code >= 0x61 && code <= 0x7a;
  const isHex = isDigit || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
  const isWord = isSmall || code === HYPHEN || code === UNDERSCORE;
  return (isWord ? WORD : 0) | (isDigit ? DIGITS : 0) | (isHex ? HEX : 0);
});

export class ShapeBytes {
  readonly bytes = Buffer.alloc(MAX_GROWTH * MAX_PATH);
  length = 0;
  segments = 0;

  /** False for a target that is left to segmentsOf: without a slash at its beginning, not of ASCII, too long or too deep. */
  write(targets: TextTable, target: number): boolean {
    const bytes = targets.chunkOf(target);
    const start = targets.startOf(target);
    const end = pathEnd(bytes, start, start + targets.lengthOf(target));
    if (end < 0 || bytes[start] !== SLASH) return false;
    this.length = 0;
    this.segments = 0;
    for (let at = start; at < end; ) {
      if (++this.segments > MAX_SEGMENTS) return false;
      const next = segmentEnd(bytes, at + 1, end);
      this.bytes[this.length++] = SLASH;
      this.#write(bytes, at + 1, next);
      at = next;
    }
    return true;
  }

  #write(bytes: Buffer, start: number, end: number): void {
    let kinds = ANY;
    let hasDigit = false;
    for (let at = start; at < end; at++) {
      const kind = KINDS[bytes[at] as number] as number;
      kinds &= kind;
      if ((kind & DIGITS) !== 0) hasDigit = true;
    }
    const length = end - start;
    if ((kinds & WORD) !== 0 && length < LONG_TOKEN) this.#copy(bytes, start, end);
    else if (isNumber(kinds, hasDigit, length) || (length === UUID_LENGTH && isUuid(bytes, start))) {
      this.#copy(WILD_BYTES, 0, WILD_BYTES.length);
    } else this.length += this.bytes.write(formOf(bytes.toString('latin1', start, end)), this.length);
  }

  #copy(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at++) this.bytes[this.length++] = bytes[at] as number;
  }
}

function isNumber(kinds: number, hasDigit: boolean, length: number): boolean {
  return (kinds & DIGITS) !== 0 || ((kinds & HEX) !== 0 && hasDigit && length >= SHORTEST_HEX);
}

function isUuid(bytes: Buffer, start: number): boolean {
  for (let i = 0; i < UUID_LENGTH; i++) {
    const code = bytes[start + i] as number;
    const isHyphen = i === 8 || i === 13 || i === 18 || i === 23;
    if (isHyphen ? code !== HYPHEN : ((KINDS[code] as number) & HEX) === 0) return false;
  }
  return true;
}

/** Where the path of a target ends; -1 where it is too long, or is not of ASCII. */
function pathEnd(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = bytes[at] as number;
    if (code === QUESTION_MARK || code === NUMBER_SIGN) return at;
    if (code > 0x7f || at - start === MAX_PATH) return -1;
  }
  return end;
}

function segmentEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SLASH) at++;
  return at;
}

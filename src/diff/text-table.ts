/**
 * Numbers for texts: each different text is kept once, as bytes outside V8's heap. A million ids as strings, in a Map,
 * would take several times the memory, and keep the lines alive that they were cut from.
 *
 * A text is hashed and compared as UTF-8, four bytes at a time; half of a surrogate pair becomes U+FFFD.
 */
import { randomInt } from 'node:crypto';
import { samplingRank, samplingRankOfBytes } from './sampling-rank.ts';

const FIRST_TEXTS = 512;
const CHUNK_BYTES = 1024 * 1024;
const CHUNK_WORDS = CHUNK_BYTES / 4;
/** What stands before the words of a text: its number, and its length in bytes. */
const HEAD_WORDS = 2;
const FIRST_SOUGHT = 1024;
/** Shorter texts are written by a loop: a call out of JavaScript takes longer. */
const SHORT_TEXT = 16;
/** So many of the first texts are kept as strings once they are asked for: methods and their like are, of every request. */
const KEPT_TEXTS = 64;
/** The most bytes of a UTF-16 unit in UTF-8. */
const MAX_UNIT_BYTES = 3;
/** Beginning of the hash, so that nobody can prepare texts that share one. Numbers do not depend on it. */
export const TEXT_SEED = randomInt(2 ** 31);

export const NO_TEXT = -1;

/** Of a table that is closed. */
const NO_SLOTS = new Int32Array(0);

/** FNV-1a by words, mixed after each of them, because the low bits choose the slot. The text is `length` bytes from words[at] on. */
export function hashWords(words: Int32Array, at: number, length: number, seed: number): number {
  let hash = seed ^ length;
  for (let i = 0; 4 * i < length; i++) {
    hash = Math.imul(hash ^ (words[at + i] as number), 0x0100_0193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}

/** Writes a text as UTF-8 from bytes[at] on, with zeros behind it up to a whole word. There is room. Its length in bytes. */
export function writeText(text: string, bytes: Buffer, at: number): number {
  const length = text.length <= SHORT_TEXT ? writeShort(text, bytes, at) : bytes.write(text, at);
  for (let i = length; i % 4 !== 0; i++) bytes[at + i] = 0;
  return length;
}

/** The words that a text may take. */
export function mostWords(text: string): number {
  return wordsOf(MAX_UNIT_BYTES * text.length);
}

/** Bytes, also four at a time. */
class Chunk {
  readonly bytes: Buffer;
  readonly words: Int32Array;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(4 * wordsOf(length));
    this.words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length / 4);
  }
}

/** The words that so many bytes take. */
export function wordsOf(bytes: number): number {
  return (bytes + 3) >>> 2;
}

/** One text as the words that it is looked for by. */
class SoughtText {
  #chunk = new Chunk(FIRST_SOUGHT);

  get words(): Int32Array {
    return this.#chunk.words;
  }

  /** Writes it, with zeros behind it up to a whole word. Its length in bytes. */
  write(text: string): number {
    if (MAX_UNIT_BYTES * text.length > this.#chunk.bytes.length)
      this.#chunk = new Chunk(2 * MAX_UNIT_BYTES * text.length);
    return writeText(text, this.#chunk.bytes, 0);
  }

  /** The same for bytes[0, length) of UTF-8. */
  copy(bytes: Uint8Array, length: number): void {
    if (4 * wordsOf(length) > this.#chunk.bytes.length) this.#chunk = new Chunk(2 * length);
    const own = this.#chunk.bytes;
    for (let i = 0; i < length; i++) own[i] = bytes[i] as number;
    for (let i = length; i % 4 !== 0; i++) own[i] = 0;
  }
}

export class TextTable {
  /**
   * Two for each slot, side by side for the cache's sake: place of the text + 1 (0 is an empty slot), and its hash. A text that
   * is there is found by its slot and its place, which are most of the time that it takes: neither is in the cache.
   */
  #slots = new Int32Array(4 * FIRST_TEXTS);
  /** By number: CHUNK_WORDS for each chunk before it, and the word of its chunk where its head is. */
  #places = new Int32Array(FIRST_TEXTS);
  /** Texts with their heads; the last word of a text ends with zeros. */
  readonly #chunks: Chunk[] = [];
  /** The text that is looked for. */
  readonly #sought = new SoughtText();
  /** Words of the last chunk. */
  #used = CHUNK_WORDS;
  #size = 0;
  /** Methods and termination states are mostly those of the line before. */
  #last = '';
  #lastNumber = NO_TEXT;
  /** By number. */
  readonly #kept: string[] = [];

  get size(): number {
    return this.#size;
  }

  /** The number of the text, from 0 in the order in which they come; NO_TEXT for the empty one. */
  intern(text: string): number {
    if (text === this.#last) return this.#lastNumber;
    const number = this.#intern(text);
    // A longer one may be a slice of its line, and would keep that.
    if (text.length < SHORT_TEXT) {
      this.#last = text;
      this.#lastNumber = number;
    }
    return number;
  }

  #intern(text: string): number {
    return text === '' ? NO_TEXT : this.#numberOfSought(this.#sought.write(text));
  }

  /** The number of the text that bytes[0, length) are in UTF-8. */
  internBytes(bytes: Uint8Array, length: number): number {
    if (length === 0) return NO_TEXT;
    this.#sought.copy(bytes, length);
    return this.#numberOfSought(length);
  }

  #numberOfSought(length: number): number {
    const { words } = this.#sought;
    return this.internWords(words, 0, length, hashWords(words, 0, length, TEXT_SEED));
  }

  /** The number of the text that is `length` bytes from words[at] on, with zeros behind it up to a whole word. @param hash hashWords of TEXT_SEED */
  internWords(words: Int32Array, at: number, length: number, hash: number): number {
    if (length === 0) return NO_TEXT;
    const slot = this.#find(words, at, length, hash);
    const found = this.#slots[slot] as number;
    if (found !== 0) return this.#wordsAt(found - 1)[(found - 1) % CHUNK_WORDS] as number;
    const number = this.#append(words, at, length);
    this.#slots[slot] = (this.#places[number] as number) + 1;
    this.#slots[slot + 1] = hash;
    if (4 * this.#size > this.#slots.length) this.#grow();
    return number;
  }

  /**
   * Looks where texts with these hashes may be, and finds none. Each look misses the processor's cache, and does not wait for the one
   * before: those of a batch first, and it is interned in two thirds of the time. It gives back what it saw, so that no compiler takes
   * the looks for nothing.
   */
  look(hashes: Int32Array, count: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let seen = 0;
    for (let i = 0; i < count; i++) seen ^= slots[(2 * (hashes[i] as number)) & mask] as number;
    for (let i = 0; i < count; i++) {
      const place = (slots[(2 * (hashes[i] as number)) & mask] as number) - 1;
      if (place >= 0) seen ^= this.#wordsAt(place)[place % CHUNK_WORDS] as number;
    }
    return seen;
  }

  has(text: string): boolean {
    if (text === '') return false;
    const length = this.#sought.write(text);
    const { words } = this.#sought;
    const slot = this.#find(words, 0, length, hashWords(words, 0, length, TEXT_SEED));
    return this.#slots[slot] !== 0;
  }

  text(number: number): string {
    if (number === NO_TEXT) return '';
    if (number >= KEPT_TEXTS) return this.#decode(number);
    for (let i = this.#kept.length; i <= number; i++) this.#kept.push(this.#decode(i));
    return this.#kept[number] as string;
  }

  #decode(number: number): string {
    const start = this.startOf(number);
    return this.chunkOf(number).toString('utf8', start, start + this.lengthOf(number));
  }

  /** The samplingRank of a text, without a string of it. */
  rankOf(number: number, seed: number): number {
    if (number === NO_TEXT) return samplingRank('', seed);
    const start = this.startOf(number);
    const rank = samplingRankOfBytes(this.chunkOf(number), start, start + this.lengthOf(number), seed);
    return rank ?? samplingRank(this.#decode(number), seed);
  }

  /** Where the bytes of a text are, from `startOf` on as many as `lengthOf` says. */
  chunkOf(number: number): Buffer {
    return (this.#chunks[Math.floor((this.#places[number] as number) / CHUNK_WORDS)] as Chunk).bytes;
  }

  startOf(number: number): number {
    return 4 * (((this.#places[number] as number) % CHUNK_WORDS) + HEAD_WORDS);
  }

  /** In bytes. */
  lengthOf(number: number): number {
    const place = this.#places[number] as number;
    return this.#wordsAt(place)[(place % CHUNK_WORDS) + 1] as number;
  }

  #wordsAt(place: number): Int32Array {
    return (this.#chunks[Math.floor(place / CHUNK_WORDS)] as Chunk).words;
  }

  /** No text is looked for any more: gives up a fifth of the memory. One that is looked for nevertheless is found, after a while. */
  close(): void {
    this.#slots = NO_SLOTS;
  }

  #reopen(): void {
    let length = 4 * FIRST_TEXTS;
    while (length < 4 * this.#size) length *= 2;
    this.#slots = new Int32Array(length);
    for (let number = 0; number < this.#size; number++) {
      const place = this.#places[number] as number;
      const at = (place % CHUNK_WORDS) + HEAD_WORDS;
      this.#put(place + 1, hashWords(this.#wordsAt(place), at, this.lengthOf(number), TEXT_SEED));
    }
  }

  /** Where no text with this hash is that is the same. */
  #put(place: number, hash: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (2 * hash) & mask;
    while (slots[slot] !== 0) slot = (slot + 2) & mask;
    slots[slot] = place;
    slots[slot + 1] = hash;
  }

  /** Index in #slots of the sought text, or of the empty slot where it belongs. */
  #find(words: Int32Array, at: number, length: number, hash: number): number {
    if (this.#slots === NO_SLOTS) this.#reopen();
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (2 * hash) & mask; ; slot = (slot + 2) & mask) {
      const place = (slots[slot] as number) - 1;
      if (place < 0 || (slots[slot + 1] === hash && this.#isThere(place, words, at, length))) return slot;
    }
  }

  #isThere(place: number, sought: Int32Array, at: number, length: number): boolean {
    const words = this.#wordsAt(place);
    const head = place % CHUNK_WORDS;
    if (words[head + 1] !== length) return false;
    const start = head + HEAD_WORDS;
    for (let i = 0; 4 * i < length; i++) if (words[start + i] !== sought[at + i]) return false;
    return true;
  }

  #append(sought: Int32Array, at: number, length: number): number {
    const number = this.#size++;
    if (number === this.#places.length) this.#places = widened(this.#places, 2 * number);
    const room = HEAD_WORDS + wordsOf(length);
    if (this.#used + room > CHUNK_WORDS) {
      this.#chunks.push(new Chunk(Math.max(CHUNK_BYTES, 4 * room)));
      this.#used = 0;
    }
    const last = this.#chunks.length - 1;
    const { words } = this.#chunks[last] as Chunk;
    words[this.#used] = number;
    words[this.#used + 1] = length;
    const to = this.#used + HEAD_WORDS;
    for (let i = 0; 4 * i < length; i++) words[to + i] = sought[at + i] as number;
    this.#places[number] = last * CHUNK_WORDS + this.#used;
    this.#used += room;
    return number;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0) this.#put(old[i] as number, old[i + 1] as number);
  }
}

function widened(values: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(size);
  wider.set(values);
  return wider;
}

function writeShort(text: string, bytes: Buffer, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return bytes.write(text, at);
    bytes[at + i] = code;
  }
  return text.length;
}

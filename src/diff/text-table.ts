/**
 * Numbers for texts: each different text is kept once, as bytes outside V8's heap. A million ids as strings, in a Map,
 * would take several times the memory, and keep the lines alive that they were cut from.
 */
import { randomInt } from 'node:crypto';

const FIRST_SLOTS = 1024;
const CHUNK_BYTES = 1024 * 1024;
/** Beginning of the hash, so that nobody can prepare texts that share one. Numbers do not depend on it. */
const SEED = randomInt(2 ** 31);

export const NO_TEXT = -1;

export class TextTable {
  /** Number of the text + 1 in each slot; 0 is an empty one. */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Int32Array(FIRST_SLOTS / 2);
  /** Where each text begins: chunk and offset; it ends where its length says. */
  #chunks = new Int32Array(FIRST_SLOTS / 2);
  #offsets = new Int32Array(FIRST_SLOTS / 2);
  #lengths = new Int32Array(FIRST_SLOTS / 2);
  readonly #bytes: Buffer[] = [];
  #used = CHUNK_BYTES;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the text, from 0 in the order in which they come; NO_TEXT for the empty one. */
  intern(text: string): number {
    if (text === '') return NO_TEXT;
    const hash = hashOf(text);
    const slot = this.#find(text, hash);
    const found = this.#slots[slot] as number;
    if (found !== 0) return found - 1;
    const number = this.#append(text, hash);
    this.#slots[slot] = number + 1;
    if (2 * this.#size > this.#slots.length) this.#grow();
    return number;
  }

  text(number: number): string {
    if (number === NO_TEXT) return '';
    const offset = this.#offsets[number] as number;
    const length = this.#lengths[number] as number;
    const chunk = this.#bytes[this.#chunks[number] as number] as Buffer;
    // A negative length: UTF-8.
    if (length < 0) return chunk.toString('utf8', offset, offset - length);
    return chunk.toString('latin1', offset, offset + length);
  }

  #find(text: string, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0 || (this.#hashes[number] === hash && this.text(number) === text)) return slot;
    }
  }

  #append(text: string, hash: number): number {
    const number = this.#size++;
    if (number === this.#hashes.length) this.#widen();
    const isLatin = !BEYOND_LATIN1.test(text);
    const length = isLatin ? text.length : Buffer.byteLength(text);
    if (this.#used + length > CHUNK_BYTES) {
      this.#bytes.push(Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length)));
      this.#used = 0;
    }
    const chunk = this.#bytes.at(-1) as Buffer;
    chunk.write(text, this.#used, isLatin ? 'latin1' : 'utf8');
    this.#hashes[number] = hash;
    this.#chunks[number] = this.#bytes.length - 1;
    this.#offsets[number] = this.#used;
    this.#lengths[number] = isLatin ? length : -length;
    this.#used += length;
    return number;
  }

  #widen(): void {
    const size = 2 * this.#hashes.length;
    this.#hashes = widened(this.#hashes, size);
    this.#chunks = widened(this.#chunks, size);
    this.#offsets = widened(this.#offsets, size);
    this.#lengths = widened(this.#lengths, size);
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = (this.#hashes[number] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of Latin-1 is meant
const BEYOND_LATIN1 = /[^\u0000-\u00ff]/;

function widened(values: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(size);
  wider.set(values);
  return wider;
}

/** FNV-1a over UTF-16 units, then mixed: the low bits choose the slot. */
function hashOf(text: string): number {
  let hash = SEED;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}

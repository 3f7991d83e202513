/**
 * Numbers for texts: each different text is kept once, as bytes outside V8's heap. A million ids as strings, in a Map,
 * would take several times the memory, and keep the lines alive that they were cut from.
 */
import { randomInt } from 'node:crypto';

const FIRST_TEXTS = 512;
const CHUNK_BYTES = 1024 * 1024;
/** Beginning of the hash, so that nobody can prepare texts that share one. Numbers do not depend on it. */
const SEED = randomInt(2 ** 31);

export const NO_TEXT = -1;

export class TextTable {
  /** Two for each slot, side by side for the cache's sake: number of the text + 1 (0 is an empty slot), and its hash. */
  #slots = new Int32Array(4 * FIRST_TEXTS);
  /** Where each text begins: chunk and offset; it ends where its length says. */
  #chunks = new Int32Array(FIRST_TEXTS);
  #offsets = new Int32Array(FIRST_TEXTS);
  /** In bytes; negative: two bytes for each UTF-16 unit, since UTF-8 would lose half of a surrogate pair. */
  #lengths = new Int32Array(FIRST_TEXTS);
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
    const number = this.#append(text);
    this.#slots[slot] = number + 1;
    this.#slots[slot + 1] = hash;
    if (4 * this.#size > this.#slots.length) this.#grow();
    return number;
  }

  text(number: number): string {
    if (number === NO_TEXT) return '';
    const offset = this.#offsets[number] as number;
    const length = this.#lengths[number] as number;
    const chunk = this.#bytes[this.#chunks[number] as number] as Buffer;
    if (length < 0) return chunk.toString('utf16le', offset, offset - length);
    return chunk.toString('latin1', offset, offset + length);
  }

  /** Index in #slots of the text, or of the empty slot where it belongs. */
  #find(text: string, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (2 * hash) & mask; ; slot = (slot + 2) & mask) {
      const number = (slots[slot] as number) - 1;
      if (number < 0 || (slots[slot + 1] === hash && this.#is(number, text))) return slot;
    }
  }

  #is(number: number, text: string): boolean {
    const length = this.#lengths[number] as number;
    if (length < 0) return this.text(number) === text;
    if (length !== text.length) return false;
    const chunk = this.#bytes[this.#chunks[number] as number] as Buffer;
    const offset = this.#offsets[number] as number;
    for (let i = 0; i < length; i++) if (chunk[offset + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #append(text: string): number {
    const number = this.#size++;
    if (number === this.#lengths.length) this.#widen();
    const isLatin = !BEYOND_LATIN1.test(text);
    const length = isLatin ? text.length : 2 * text.length;
    if (this.#used + length > CHUNK_BYTES) {
      this.#bytes.push(Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length)));
      this.#used = 0;
    }
    const chunk = this.#bytes.at(-1) as Buffer;
    chunk.write(text, this.#used, isLatin ? 'latin1' : 'utf16le');
    this.#chunks[number] = this.#bytes.length - 1;
    this.#offsets[number] = this.#used;
    this.#lengths[number] = isLatin ? length : -length;
    this.#used += length;
    return number;
  }

  #widen(): void {
    const size = 2 * this.#lengths.length;
    this.#chunks = widened(this.#chunks, size);
    this.#offsets = widened(this.#offsets, size);
    this.#lengths = widened(this.#lengths, size);
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(2 * old.length);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      let slot = (2 * (old[i + 1] as number)) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[i] as number;
      slots[slot + 1] = old[i + 1] as number;
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

/**
 * MurmurHash3_x86_128 (public domain, Austin Appleby) over 32-bit words: the same numbers give the same ids on every
 * machine, for ever. It is no secret and guards against nothing; SHA-256 took longer than all the rest of a span.
 */
import { mix32 } from '../text/hash.ts';

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** Writes the hash of words[0, count) to `into` at `at`, four words. `count` is a multiple of 4. */
export function hashWords(words: Int32Array, count: number, seed: number, into: Int32Array, at: number): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  for (let i = 0; i < count; i += 4) {
    h1 ^= Math.imul(rotate(Math.imul(words[i] as number, C1), 15), C2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(words[i + 1] as number, C2), 16), C3);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(words[i + 2] as number, C3), 17), C4);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(words[i + 3] as number, C4), 18), C1);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const length = count * 4;
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = mix32(h1);
  h2 = mix32(h2);
  h3 = mix32(h3);
  h4 = mix32(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  into[at] = h1;
  into[at + 1] = (h2 + h1) | 0;
  into[at + 2] = (h3 + h1) | 0;
  into[at + 3] = (h4 + h1) | 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** The hash of a text's UTF-8 bytes as four words: its length, then its bytes, filled up with zeros. */
export function hashText(text: string): Int32Array {
  const bytes = Buffer.from(text, 'utf8');
  const words = new Int32Array((1 + Math.ceil(bytes.length / 4) + 3) & ~3);
  words[0] = bytes.length;
  for (const [i, byte] of bytes.entries()) {
    const word = 1 + (i >> 2);
    words[word] = (words[word] as number) | (byte << ((i & 3) * 8));
  }
  const hash = new Int32Array(4);
  hashWords(words, words.length, 0, hash, 0);
  return hash;
}

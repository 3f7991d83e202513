/** Parts that several hashes share. What they give is seen by users or saved in files: their bits never change. */

/** The finalizer of MurmurHash3's 32-bit hash: every bit of the input changes half of the output's. */
export function mix32(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** 32 bits that depend on every bit of the numbers, which are taken as 32-bit integers. Saved states hold sums of these. */
export function hashNumbers(...numbers: number[]): number {
  let hash = 0x9747b28c;
  for (const number of numbers) {
    hash = Math.imul(hash ^ Math.imul(number | 0, 0xcc9e2d51), 0x1b873593);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13);
  }
  return hash | 0;
}

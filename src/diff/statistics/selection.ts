/** One value of many, by its rank: without all of them in order. */

/**
 * Halves a range of doubles, by their order, until one is left: 64 steps at most, whatever the range.
 *
 * The smallest double t between `low` and `high` with countAtMost(t) >= rank: with the number of values up to t as the
 * count, the value at that rank, counted from 1. The values need not be listed: only counting them has to be fast.
 */
export function selectByCount(rank: number, low: number, high: number, countAtMost: (t: number) => number): number {
  const doubles = new DoubleOrder();
  let below = doubles.positionOf(low);
  let above = doubles.positionOf(high);
  while (below < above) {
    const middle = (below + above) >> 1n;
    if (countAtMost(doubles.at(middle)) >= rank) above = middle;
    else below = middle + 1n;
  }
  return doubles.at(above);
}

/** Finite doubles numbered in order: the bits of a positive one are its number, -0 and 0 share one. */
class DoubleOrder {
  readonly #double = new Float64Array(1);
  readonly #bits = new BigInt64Array(this.#double.buffer);

  positionOf(value: number): bigint {
    this.#double[0] = Math.abs(value);
    const bits = this.#bits[0] as bigint;
    return value < 0 ? -bits : bits;
  }

  at(position: bigint): number {
    this.#bits[0] = position < 0n ? -position : position;
    const size = this.#double[0] as number;
    return position < 0n ? -size : size;
  }
}

/** The first bits of a double: its sign, its exponent and six more. */
const FIRST_BITS = 18;
/** Which half of a double has them: of the bytes of 1, as 16 bits, the first is 1 where the lower half comes first. */
const HIGH_HALF = new Uint8Array(Uint16Array.of(1).buffer)[0] as 0 | 1;

/**
 * The values at these ranks, counted from 1, of finite values. Sorts those alone that share their first bits with one that is looked
 * for, where all in order would be a copy of all.
 */
export function selectByRank(values: Float64Array, ranks: readonly number[]): number[] {
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const counts = new Int32Array(2 ** FIRST_BITS);
  for (let at = HIGH_HALF; at < halves.length; at += 2) {
    const first = firstBits(halves[at] as number);
    counts[first] = (counts[first] as number) + 1;
  }
  return ranks.map((rank) => {
    let first = 0;
    let below = 0;
    for (; below + (counts[first] as number) < rank; first++) below += counts[first] as number;
    const near = new Float64Array(counts[first] as number);
    for (let at = HIGH_HALF, found = 0; found < near.length; at += 2) {
      if (firstBits(halves[at] as number) === first) near[found++] = values[at >> 1] as number;
    }
    return near.sort()[rank - below - 1] as number;
  });
}

/** In the order of the doubles: negative ones have their bits the other way round, and come first. */
function firstBits(half: number): number {
  return (half < 0 ? ~half : half ^ 0x8000_0000) >>> (32 - FIRST_BITS);
}

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

const FRACTIONS = 2 ** 16;

/** The value at that rank, counted from 1, of values from 0 up to 1, that excluded. Sorts those alone that share its first 16 bits. */
export function selectFraction(rank: number, values: Float64Array): number {
  const counts = new Int32Array(FRACTIONS);
  for (const value of values) {
    const fraction = Math.floor(value * FRACTIONS);
    counts[fraction] = (counts[fraction] as number) + 1;
  }
  let fraction = 0;
  let below = 0;
  for (; below + (counts[fraction] as number) < rank; fraction++) below += counts[fraction] as number;
  const near = values.filter((value) => Math.floor(value * FRACTIONS) === fraction).sort();
  return near[rank - below - 1] as number;
}

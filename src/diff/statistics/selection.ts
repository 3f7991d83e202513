/** Halves a range of doubles, by their order, until one is left: 64 steps at most, whatever the range. */

/**
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

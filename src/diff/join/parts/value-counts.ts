/** How often each value comes: of times in whole milliseconds a few thousand, however many requests there are. */
import { DiffError } from '../../errors.ts';
import type { RankedTimes } from '../../latency.ts';

const FIRST_SLOTS = 64;

/** How many different values all counts of a comparison may have. */
export class ValueBudget {
  #left: number;

  constructor(most = 4_000_000) {
    this.#left = most;
  }

  /** @throws DiffError `too-many-times` */
  use(): void {
    if (this.#left-- > 0) return;
    throw new DiffError(
      'too-many-times',
      'there are more different times than can be counted in parts: both sides log fractions of milliseconds',
      'compare a shorter time with --since and --until',
    );
  }
}

export class ValueCounts implements RankedTimes {
  length = 0;
  readonly #budget: ValueBudget;
  #keys = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  #counts = new Float64Array(FIRST_SLOTS);
  #size = 0;
  #sorted: { readonly values: Float64Array; readonly ends: Float64Array } | undefined;

  constructor(budget: ValueBudget) {
    this.#budget = budget;
  }

  /** @param value no NaN @throws DiffError `too-many-times` */
  add(value: number, count = 1): void {
    const slot = find(this.#keys, value);
    this.length += count;
    this.#sorted = undefined;
    if (this.#keys[slot] === value) {
      this.#counts[slot] = (this.#counts[slot] as number) + count;
      return;
    }
    this.#budget.use();
    this.#keys[slot] = value;
    this.#counts[slot] = count;
    if (2 * ++this.#size > this.#keys.length) this.#grow();
  }

  *entries(): Generator<readonly [value: number, count: number]> {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const value = this.#keys[slot] as number;
      if (!Number.isNaN(value)) yield [value, this.#counts[slot] as number];
    }
  }

  at(rank: number): number {
    this.#sorted ??= this.#sort();
    const { values, ends } = this.#sorted;
    let [low, high] = [0, values.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) > rank) high = middle;
      else low = middle + 1;
    }
    return values[low] as number;
  }

  #sort() {
    const values = this.#keys.filter((value) => !Number.isNaN(value)).sort();
    const ends = new Float64Array(values.length);
    let end = 0;
    values.forEach((value, i) => {
      end += this.#counts[find(this.#keys, value)] as number;
      ends[i] = end;
    });
    return { values, ends };
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Float64Array(2 * keys.length).fill(Number.NaN);
    this.#counts = new Float64Array(2 * keys.length);
    keys.forEach((value, i) => {
      if (Number.isNaN(value)) return;
      const slot = find(this.#keys, value);
      this.#keys[slot] = value;
      this.#counts[slot] = counts[i] as number;
    });
  }
}

function find(keys: Float64Array, value: number): number {
  const mask = keys.length - 1;
  const scaled = value * 4096;
  let slot = (Math.imul(scaled ^ (scaled / 0x1_0000_0000), 0x9e37_79b1) >>> 8) & mask;
  for (; ; slot = (slot + 1) & mask) {
    const found = keys[slot] as number;
    if (found === value || Number.isNaN(found)) return slot;
  }
}

import { BucketPages, bucketOf, PAGE_BUCKETS } from './buckets.ts';

const TAIL_PARTS = 1000;
/** A bucket's count and its four sums. */
const PARTS_STRIDE = 5;

/** Flat: bucket of the total, count, then the sum of each part. */
export type TailState = readonly number[];

/**
 * What the slowest part of a distribution is made of: for each bucket of the total, the sums of its four parts, which
 * follow one another in time. Mergeable like the histogram, and exact: it knows the parts of all lines at or above
 * any quantile.
 */
export class TailBreakdown {
  readonly #buckets = new BucketPages(PARTS_STRIDE);
  readonly #first = this.#buckets.first;
  #count = 0;

  /** `total` and its parts in ms; a part of -1 did not end and adds nothing. */
  add(total: number, a: number, b: number, c: number, d: number, times: number): void {
    if (total < 0) return;
    this.#count += times;
    const small = total < PAGE_BUCKETS;
    const bucket = small ? total : bucketOf(total);
    const page = small ? this.#first : this.#buckets.page(bucket);
    const offset = small ? total * PARTS_STRIDE : this.#buckets.offset(bucket);
    page[offset] = (page[offset] as number) + times;
    if (a > 0) page[offset + 1] = (page[offset + 1] as number) + a * times;
    if (b > 0) page[offset + 2] = (page[offset + 2] as number) + b * times;
    if (c > 0) page[offset + 3] = (page[offset + 3] as number) + c * times;
    if (d > 0) page[offset + 4] = (page[offset + 4] as number) + d * times;
  }

  /**
   * Share of each part among the slowest `perMille` of the lines (at least one, and all that tie with it);
   * null when there is nothing to share.
   */
  shares(perMille: number): [number, number, number, number] | null {
    const wanted = Math.max(1, Math.floor((this.#count * perMille) / TAIL_PARTS));
    const sums: [number, number, number, number] = [0, 0, 0, 0];
    let seen = 0;
    this.#buckets.forEach((_bucket, page, offset) => {
      seen += page[offset] as number;
      for (let i = 0; i < 4; i++) sums[i] = (sums[i] as number) + (page[offset + 1 + i] as number);
      return seen >= wanted ? false : undefined;
    }, true);
    const whole = sums[0] + sums[1] + sums[2] + sums[3];
    return whole === 0 ? null : [sums[0] / whole, sums[1] / whole, sums[2] / whole, sums[3] / whole];
  }

  toState(): TailState {
    return this.#buckets.toSparse();
  }

  merge(state: TailState): void {
    for (let at = 1; at < state.length; at += 6) this.#count += state[at] ?? 0;
    this.#buckets.addSparse(state);
  }
}

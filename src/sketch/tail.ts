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
  readonly #buckets: BucketPages;
  readonly #first: Float64Array;

  /** @param small where totals below 512 are counted, if the scanner counts there too */
  constructor(small?: Float64Array) {
    this.#buckets = new BucketPages(PARTS_STRIDE, small);
    this.#first = this.#buckets.first;
  }

  /**
   * `total` and its parts in ms. A part of -1 did not end: the first such part is where the event still was, so the
   * rest of the total was spent in it (a timeout waits for the ACK all the time, though HAProxy writes wT as -1).
   * Called for each event: six numbers, because an object would be made for each.
   */
  add(total: number, a: number, b: number, c: number, d: number, times: number): void {
    if (total < 0) return;
    const small = total < PAGE_BUCKETS;
    const bucket = small ? total : bucketOf(total);
    const page = small ? this.#first : this.#buckets.page(bucket);
    const offset = small ? total * PARTS_STRIDE : this.#buckets.offset(bucket);
    page[offset] = (page[offset] as number) + times;
    if (a > 0) page[offset + 1] = (page[offset + 1] as number) + a * times;
    if (b > 0) page[offset + 2] = (page[offset + 2] as number) + b * times;
    if (c > 0) page[offset + 3] = (page[offset + 3] as number) + c * times;
    if (d > 0) page[offset + 4] = (page[offset + 4] as number) + d * times;
    if ((a | b | c | d) < 0) {
      const open = a < 0 ? 1 : b < 0 ? 2 : c < 0 ? 3 : 4;
      const rest = total - Math.max(a, 0) - Math.max(b, 0) - Math.max(c, 0) - Math.max(d, 0);
      if (rest > 0) page[offset + open] = (page[offset + open] as number) + rest * times;
    }
  }

  /**
   * Share of each part among the slowest `perMille` of the lines (at least one, and all that tie with it);
   * null when there is nothing to share.
   */
  shares(perMille: number): [number, number, number, number] | null {
    const wanted = Math.max(1, Math.floor((this.#count() * perMille) / TAIL_PARTS));
    const sums: [number, number, number, number] = [0, 0, 0, 0];
    let seen = 0;
    this.#buckets.visit((_bucket, page, offset) => {
      seen += page[offset] as number;
      for (let i = 0; i < 4; i++) sums[i] = (sums[i] as number) + (page[offset + 1 + i] as number);
      return seen >= wanted ? false : undefined;
    }, true);
    const whole = sums[0] + sums[1] + sums[2] + sums[3];
    return whole === 0 ? null : [sums[0] / whole, sums[1] / whole, sums[2] / whole, sums[3] / whole];
  }

  #count(): number {
    let count = 0;
    this.#buckets.visit((_bucket, page, offset) => {
      count += page[offset] as number;
      return undefined;
    });
    return count;
  }

  toState(): TailState {
    return this.#buckets.toSparse();
  }

  merge(state: TailState): void {
    this.#buckets.addSparse(state);
  }
}

import { BucketPages, bucketOf, valueOf } from './buckets.ts';

/** What a histogram saves: `buckets` is flat pairs of bucket and count. */
export interface HistogramState {
  readonly count: number;
  readonly interrupted: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: readonly number[];
}

/**
 * Distribution of a timer in whole milliseconds. Quantiles are exact up to 2,048 ms and within 0.05 % above;
 * merging two histograms gives exactly the histogram of both inputs. -1 (a phase that never ended) is only counted.
 */
export class Histogram {
  count = 0;
  interrupted = 0;
  sum = 0;
  min = 0;
  max = 0;
  readonly #buckets = new BucketPages(1);

  add(value: number, times: number): void {
    if (value < 0) {
      this.interrupted += times;
      return;
    }
    if (this.count === 0 || value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.count += times;
    this.sum += value * times;
    const bucket = bucketOf(value);
    const page = this.#buckets.page(bucket);
    const offset = this.#buckets.offset(bucket);
    page[offset] = (page[offset] as number) + times;
  }

  /** Mean in ms, or null when nothing was counted. */
  get mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }

  /** The value at rank ceil(q × count), 0 < q <= 1, in ms; null when nothing was counted. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    // In millionths, so that 0.07 × 100 is 7 and not 7.000000000000001.
    const rank = Math.ceil((Math.round(q * 1e6) * this.count) / 1e6);
    let seen = 0;
    let found = this.max;
    this.#buckets.forEach((bucket, page, offset) => {
      seen += page[offset] as number;
      if (seen < rank) return undefined;
      found = valueOf(bucket);
      return false;
    });
    return Math.min(Math.max(found, this.min), this.max);
  }

  /** How many values are larger than `limit` ms (exact below 2,048 ms, else to the bucket). */
  countAbove(limit: number): number {
    let above = 0;
    this.#buckets.forEach((bucket, page, offset) => {
      if (valueOf(bucket) <= limit) return false;
      above += page[offset] as number;
      return undefined;
    }, true);
    return above;
  }

  toState(): HistogramState {
    const { count, interrupted, sum, min, max } = this;
    return { count, interrupted, sum, min, max, buckets: this.#buckets.toSparse() };
  }

  merge(other: HistogramState): void {
    if (other.count > 0) {
      this.min = this.count === 0 ? other.min : Math.min(this.min, other.min);
      this.max = Math.max(this.max, other.max);
    }
    this.count += other.count;
    this.interrupted += other.interrupted;
    this.sum += other.sum;
    this.#buckets.addSparse(other.buckets);
  }
}

import { BucketPages, bucketOf, bucketValue, PAGE_BUCKETS } from './buckets.ts';

/** What a histogram saves: `buckets` is flat pairs of bucket and count. */
export interface HistogramState {
  readonly count: number;
  readonly interrupted: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: readonly number[];
}

/** What a histogram holds. `min` and `max` are 0 when nothing was counted. */
export interface Distribution extends Omit<HistogramState, 'buckets'> {
  /** Those in use, ascending. */
  readonly buckets: readonly number[];
  /** Of each of these. */
  readonly counts: readonly number[];
}

/** The value at rank ceil(q × count), 0 < q <= 1; null when nothing was counted. */
export function quantileOf({ count, min, max, buckets, counts }: Distribution, q: number): number | null {
  if (count === 0) return null;
  // The quantile is taken in millionths, so that 0.07 × 100 is 7 and not 7.000000000000001.
  const rank = Math.ceil((Math.round(q * 1e6) * count) / 1e6);
  let seen = 0;
  for (let i = 0; i < buckets.length; i++) {
    seen += counts[i] as number;
    if (seen >= rank) return Math.min(Math.max(bucketValue(buckets[i] as number), min), max);
  }
  return max;
}

/**
 * Distribution of a timer in whole milliseconds. Quantiles are exact up to 2,048 ms and within 0.05 % above;
 * merging two histograms gives exactly the histogram of both inputs. -1 (a phase that never ended) is only counted.
 *
 * Adding a small value is one increment, because it happens five times for each line of a log. What small values sum
 * up to is worked out when it is asked for: their buckets are exact.
 */
export class Histogram {
  interrupted = 0;
  readonly #buckets: BucketPages;
  readonly #small: Float64Array;
  #largeCount = 0;
  #largeSum = 0;
  #largeMin = Number.POSITIVE_INFINITY;
  #largeMax = -1;

  /** @param small where values below 512 are counted, if the scanner counts there too */
  constructor(small?: Float64Array) {
    this.#buckets = new BucketPages(1, small);
    this.#small = this.#buckets.first;
  }

  add(value: number, times: number): void {
    if (value >= 0 && value < PAGE_BUCKETS) this.#small[value] = (this.#small[value] as number) + times;
    else this.#addOther(value, times);
  }

  #addOther(value: number, times: number): void {
    if (value < 0) {
      this.interrupted += times;
      return;
    }
    this.#largeCount += times;
    this.#largeSum += value * times;
    if (value < this.#largeMin) this.#largeMin = value;
    if (value > this.#largeMax) this.#largeMax = value;
    const bucket = bucketOf(value);
    const page = this.#buckets.page(bucket);
    const offset = this.#buckets.offset(bucket);
    page[offset] = (page[offset] as number) + times;
  }

  // Loops, for a callback for each of the small values takes ten times as long, and reports of many groups ask often.

  get count(): number {
    const small = this.#small;
    let sum = this.#largeCount;
    for (let value = 0; value < PAGE_BUCKETS; value++) sum += small[value] as number;
    return sum;
  }

  get sum(): number {
    const small = this.#small;
    let sum = this.#largeSum;
    for (let value = 0; value < PAGE_BUCKETS; value++) sum += value * (small[value] as number);
    return sum;
  }

  /** 0 when nothing was counted. */
  get min(): number {
    const small = this.#small;
    for (let value = 0; value < PAGE_BUCKETS; value++) if ((small[value] as number) > 0) return value;
    return this.#largeCount === 0 ? 0 : this.#largeMin;
  }

  /** 0 when nothing was counted. */
  get max(): number {
    if (this.#largeCount > 0) return this.#largeMax;
    const small = this.#small;
    for (let value = PAGE_BUCKETS - 1; value > 0; value--) if ((small[value] as number) > 0) return value;
    return 0;
  }

  /** Mean in ms, or null when nothing was counted. */
  get mean(): number | null {
    const { count } = this;
    return count === 0 ? null : this.sum / count;
  }

  /** The value at rank ceil(q × count), 0 < q <= 1, in ms; null when nothing was counted. */
  quantile(q: number): number | null {
    return quantileOf(this.read(), q);
  }

  /** All of it at once, for who asks for much of it: each of the above goes through the small values by itself. */
  read(): Distribution {
    const buckets: number[] = [];
    const counts: number[] = [];
    let count = this.#largeCount;
    let sum = this.#largeSum;
    let largestSmall = 0;
    this.#buckets.visit((bucket, page, offset) => {
      const times = page[offset] as number;
      buckets.push(bucket);
      counts.push(times);
      if (bucket >= PAGE_BUCKETS) return undefined;
      count += times;
      sum += bucket * times;
      largestSmall = bucket;
      return undefined;
    });
    const [first = 0] = buckets;
    const min = this.#largeCount > 0 && first >= PAGE_BUCKETS ? this.#largeMin : first;
    const max = this.#largeCount > 0 ? this.#largeMax : largestSmall;
    return { count, interrupted: this.interrupted, sum, min, max, buckets, counts };
  }

  /** How many values are larger than `limit` ms (exact below 2,048 ms, else to the bucket). */
  countAbove(limit: number): number {
    let above = 0;
    this.#buckets.visit((bucket, page, offset) => {
      if (bucketValue(bucket) <= limit) return false;
      above += page[offset] as number;
      return undefined;
    }, true);
    return above;
  }

  toState(): HistogramState {
    const { counts, buckets, ...state } = this.read();
    return { ...state, buckets: buckets.flatMap((bucket, i) => [bucket, counts[i] as number]) };
  }

  merge(other: HistogramState): void {
    this.interrupted += other.interrupted;
    if (other.count === 0) return;
    this.#buckets.addSparse(other.buckets);
    const small = smallPart(other.buckets);
    this.#largeCount += other.count - small.count;
    this.#largeSum += other.sum - small.sum;
    if (other.max < PAGE_BUCKETS) return;
    this.#largeMax = Math.max(this.#largeMax, other.max);
    // The smallest large value matters only when there is no small one.
    if (small.count === 0) this.#largeMin = Math.min(this.#largeMin, other.min);
  }
}

/** Count and sum of what a saved histogram has in its first page. */
function smallPart(buckets: readonly number[]): { count: number; sum: number } {
  let count = 0;
  let sum = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    const value = buckets[at] ?? 0;
    if (value >= PAGE_BUCKETS) break;
    count += buckets[at + 1] ?? 0;
    sum += value * (buckets[at + 1] ?? 0);
  }
  return { count, sum };
}

/**
 * A distribution of whole milliseconds in few buckets, for a picture of many of them: exact below 32 ms, 16 buckets an octave
 * above, so that a value read back is within 3.2 %. Mergeable, and at most COARSE_BUCKETS numbers.
 */

const LINEAR = 32;
const PER_OCTAVE = 16;
const PER_OCTAVE_LOG2 = 4;
const FIRST_OCTAVE = 5;
const LARGEST = 2 ** 32 - 1;
const AT_FIRST = 64;

export const COARSE_BUCKETS = LINEAR + (32 - FIRST_OCTAVE) * PER_OCTAVE;

/** The bucket of a value >= 0; values past 2^32 − 1 share the last bucket. */
export function coarseBucketOf(value: number): number {
  if (value < LINEAR) return value;
  const bounded = value > LARGEST ? LARGEST : value;
  const octave = 31 - Math.clz32(bounded);
  return LINEAR + (octave - FIRST_OCTAVE) * PER_OCTAVE + (bounded >>> (octave - PER_OCTAVE_LOG2)) - PER_OCTAVE;
}

/** The smallest value of a bucket. */
export function coarseBucketStart(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const octave = Math.floor((bucket - LINEAR) / PER_OCTAVE);
  return (PER_OCTAVE + ((bucket - LINEAR) % PER_OCTAVE)) * 2 ** (octave + 1);
}

/** The middle of a bucket, rounded down. */
function coarseBucketValue(bucket: number): number {
  return Math.floor((coarseBucketStart(bucket) + coarseBucketStart(bucket + 1) - 1) / 2);
}

export class CoarseHistogram {
  #counts = new Float64Array(AT_FIRST);

  /** A value below 0 is no time and is not counted. */
  add(value: number, times: number): void {
    if (value < 0) return;
    const bucket = coarseBucketOf(value);
    if (bucket >= this.#counts.length) this.#grow(bucket);
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
  }

  #grow(bucket: number): void {
    const larger = new Float64Array(Math.min(COARSE_BUCKETS, Math.max(bucket + 1, 2 * this.#counts.length)));
    larger.set(this.#counts);
    this.#counts = larger;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** The value at rank ceil(q × count), to its bucket; null when nothing was counted. */
  quantile(q: number): number | null {
    const { count } = this;
    if (count === 0) return null;
    const rank = Math.ceil((Math.round(q * 1e6) * count) / 1e6);
    let seen = 0;
    for (const [bucket, times] of this.#counts.entries()) {
      seen += times;
      if (seen >= rank) return coarseBucketValue(bucket);
    }
    return null;
  }

  /** Bucket and count of each bucket in use, flat. */
  toState(): number[] {
    const sparse: number[] = [];
    for (const [bucket, times] of this.#counts.entries()) if (times !== 0) sparse.push(bucket, times);
    return sparse;
  }

  merge(state: readonly number[]): void {
    for (let i = 0; i + 1 < state.length; i += 2) {
      const bucket = state[i] as number;
      if (bucket >= this.#counts.length) this.#grow(bucket);
      this.#counts[bucket] = (this.#counts[bucket] as number) + (state[i + 1] as number);
    }
  }
}

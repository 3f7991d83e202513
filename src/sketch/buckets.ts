/**
 * Log-linear buckets for non-negative integers: one bucket a value below 2,048, then 1,024 buckets an octave.
 * A value read back from its bucket is exact below 2,048 and within 0.05 % above.
 */

const LINEAR = 2048;
const PER_OCTAVE = 1024;
const PER_OCTAVE_LOG2 = 10;
const FIRST_OCTAVE = 11;
const LARGEST = 2 ** 32 - 1;

export const BUCKET_COUNT = LINEAR + (32 - FIRST_OCTAVE) * PER_OCTAVE;

/** The bucket of a value >= 0; values past 2^32 − 1 share the last bucket. */
export function bucketOf(value: number): number {
  if (value < LINEAR) return value;
  const bounded = value > LARGEST ? LARGEST : value;
  const octave = 31 - Math.clz32(bounded);
  return LINEAR + (octave - FIRST_OCTAVE) * PER_OCTAVE + (bounded >>> (octave - PER_OCTAVE_LOG2)) - PER_OCTAVE;
}

/** The middle of a bucket, rounded down. */
export function bucketValue(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const octave = Math.floor((bucket - LINEAR) / PER_OCTAVE);
  const width = 2 ** (octave + 1);
  return (PER_OCTAVE + ((bucket - LINEAR) % PER_OCTAVE)) * width + width / 2 - 1;
}

/** Buckets below this are in the first page. */
export const PAGE_BUCKETS = 512;
const PAGE_SHIFT = 9;

/**
 * Numbers per bucket, `stride` of them, in pages of 512 buckets: the first is always there, the others when they are
 * first touched. At most BUCKET_COUNT / 512 = 46 pages exist, so memory is bounded.
 */
export class BucketPages {
  readonly stride: number;
  /** Bucket b < 512 is at b × stride: for hot loops, whose values are nearly all here. */
  readonly first: Float64Array;
  readonly #pages: (Float64Array | undefined)[];

  /** @param first the memory of the first page, where the scanner may write to it too */
  constructor(stride: number, first: Float64Array = new Float64Array(PAGE_BUCKETS * stride)) {
    this.stride = stride;
    this.first = first;
    this.#pages = [this.first];
  }

  /** The page that holds a bucket; its numbers start at `offset(bucket)`. */
  page(bucket: number): Float64Array {
    const index = bucket >> PAGE_SHIFT;
    let page = this.#pages[index];
    if (page === undefined) {
      page = new Float64Array(PAGE_BUCKETS * this.stride);
      // Filled with undefined up to the index so that the array never becomes a slow, sparse one.
      while (this.#pages.length < index) this.#pages.push(undefined);
      this.#pages[index] = page;
    }
    return page;
  }

  offset(bucket: number): number {
    return (bucket & (PAGE_BUCKETS - 1)) * this.stride;
  }

  /** Calls `see(bucket, page, offset)` for each bucket whose first number is not 0, ascending; stops on `false`. */
  visit(see: (bucket: number, page: Float64Array, offset: number) => boolean | undefined, descending = false): void {
    const { stride } = this;
    const last = this.#pages.length - 1;
    for (let i = 0; i <= last; i++) {
      const index = descending ? last - i : i;
      const page = this.#pages[index];
      if (page === undefined) continue;
      const end = PAGE_BUCKETS * stride;
      for (let at = 0; at < end; at += stride) {
        const offset = descending ? end - stride - at : at;
        if (page[offset] !== 0 && see(index * PAGE_BUCKETS + offset / stride, page, offset) === false) return;
      }
    }
  }

  /** Flat and sparse: bucket, then its numbers, for each bucket in use. */
  toSparse(): number[] {
    const sparse: number[] = [];
    this.visit((bucket, page, offset) => {
      sparse.push(bucket);
      for (let i = 0; i < this.stride; i++) sparse.push(page[offset + i] ?? 0);
      return undefined;
    });
    return sparse;
  }

  addSparse(sparse: readonly number[]): void {
    for (let at = 0; at < sparse.length; at += this.stride + 1) {
      const bucket = sparse[at] ?? 0;
      const page = this.page(bucket);
      const offset = this.offset(bucket);
      for (let i = 0; i < this.stride; i++) page[offset + i] = (page[offset + i] ?? 0) + (sparse[at + 1 + i] ?? 0);
    }
  }
}

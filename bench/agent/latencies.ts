import { quantileOfSorted } from '../../src/diff/statistics/quantile.ts';

export interface LatencySummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Every latency of a run, in milliseconds: exact quantiles for eight bytes each. */
export class Latencies {
  #values = new Float64Array(1 << 16);
  #count = 0;

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = ms;
  }

  /** Zeros of none. */
  summary(): LatencySummary {
    const sorted = this.#values.slice(0, this.#count).sort();
    const at = (ratio: number) => (sorted.length === 0 ? 0 : quantileOfSorted(sorted, ratio));
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}

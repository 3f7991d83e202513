/** Every latency of a run, in milliseconds: exact quantiles for a few bytes each. */
export class Latencies {
  #values = new Float32Array(1 << 16);
  #count = 0;

  add(ms) {
    if (this.#count === this.#values.length) {
      const larger = new Float32Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = ms;
  }

  summary() {
    const sorted = this.#values.slice(0, this.#count).sort();
    const at = (ratio) => (sorted.length === 0 ? 0 : sorted[Math.floor((sorted.length - 1) * ratio)]);
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}

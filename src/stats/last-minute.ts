/** Counts of the last minute of a log, second by second; the same in whatever order they come. */

export const CELLS = 64;
const MINUTE_S = 60;

export interface SecondCounts {
  /** Epoch ms. */
  readonly fromMs: number;
  readonly count: number;
  readonly errors: number;
}

export class LastMinute {
  readonly #seconds = new Float64Array(CELLS).fill(Number.NEGATIVE_INFINITY);
  readonly #counts = new Float64Array(CELLS);
  readonly #errors = new Float64Array(CELLS);

  add(timeMs: number, count: number, errors: number): void {
    const second = Math.floor(timeMs / 1000);
    const at = ((second % CELLS) + CELLS) % CELLS;
    if (this.#seconds[at] !== second) {
      // A second that is more than a minute older than one that was seen.
      if ((this.#seconds[at] as number) > second) return;
      this.#seconds[at] = second;
      this.#counts[at] = 0;
      this.#errors[at] = 0;
    }
    this.#counts[at] = (this.#counts[at] as number) + count;
    this.#errors[at] = (this.#errors[at] as number) + errors;
  }

  /** Counts of the 60 seconds that end with `toMs`. */
  read(toMs: number): { readonly count: number; readonly errors: number } {
    const last = Math.floor(toMs / 1000);
    let [count, errors] = [0, 0];
    for (const [at, second] of this.#seconds.entries()) {
      if (second <= last - MINUTE_S || second > last) continue;
      count += this.#counts[at] as number;
      errors += this.#errors[at] as number;
    }
    return { count, errors };
  }

  /** The 60 seconds that end with the newest, oldest first; without those in which nothing came. */
  seconds(): readonly SecondCounts[] {
    const newest = this.#seconds.reduce((max, second) => Math.max(max, second), Number.NEGATIVE_INFINITY);
    return [...this.#seconds.entries()]
      .filter(([, second]) => second > newest - MINUTE_S)
      .map(([at, second]) => ({
        fromMs: second * 1000,
        count: this.#counts[at] as number,
        errors: this.#errors[at] as number,
      }))
      .sort((a, b) => a.fromMs - b.fromMs);
  }

  /** Second, count and errors, again and again. */
  toState(): number[] {
    return [...this.#seconds.entries()]
      .filter(([, second]) => Number.isFinite(second))
      .flatMap(([at, second]) => [second, this.#counts[at] as number, this.#errors[at] as number]);
  }

  merge(state: readonly number[]): void {
    for (let i = 0; i + 2 < state.length; i += 3)
      this.add((state[i] as number) * 1000, state[i + 1] as number, state[i + 2] as number);
  }
}

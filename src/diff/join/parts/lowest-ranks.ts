/** The pairs with the lowest ranks: the sample that a ratio of times is made of. */
import type { LatencyPairs } from '../../latency.ts';

export class LowestRanks {
  readonly #most: number;
  #pairs: { production: number; mirror: number; rank: number }[] = [];
  /** Ranks above it are not among the lowest. */
  #limit = Number.POSITIVE_INFINITY;

  /** @param most that are wanted; those that share the last rank are kept as well */
  constructor(most: number) {
    this.#most = most;
  }

  add(production: number, mirror: number, rank: number): void {
    if (rank > this.#limit) return;
    this.#pairs.push({ production, mirror, rank });
    if (this.#pairs.length > 1.25 * this.#most + 64) this.#cut();
  }

  /** @param value of a time, as it is compared */
  list(value: (ms: number) => number): LatencyPairs {
    if (this.#pairs.length > this.#most) this.#cut();
    const pairs = this.#pairs;
    return {
      production: Float64Array.from(pairs, ({ production }) => value(production)),
      mirror: Float64Array.from(pairs, ({ mirror }) => value(mirror)),
      ranks: Float64Array.from(pairs, ({ rank }) => rank),
    };
  }

  #cut(): void {
    const ranks = Float64Array.from(this.#pairs, ({ rank }) => rank).sort();
    const limit = ranks[this.#most - 1] as number;
    this.#limit = limit;
    this.#pairs = this.#pairs.filter(({ rank }) => rank <= limit);
  }
}

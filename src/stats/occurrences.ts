/** Counts how often something came, and when first and last. */

/** Epoch ms, null without times. */
export interface Occurrence {
  readonly count: number;
  readonly first: number | null;
  readonly last: number | null;
}

export class Occurrences {
  count = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** A time that is not known is NaN. */
  add(timeMs: number, times = 1): void {
    this.count += times;
    if (timeMs < this.#first) this.#first = timeMs;
    if (timeMs > this.#last) this.#last = timeMs;
  }

  merge({ count, first, last }: Occurrence): void {
    this.count += count;
    this.#first = Math.min(this.#first, first ?? this.#first);
    this.#last = Math.max(this.#last, last ?? this.#last);
  }

  toState(): Occurrence {
    return { count: this.count, first: finite(this.#first), last: finite(this.#last) };
  }
}

/** An unknown number is infinite or NaN while it is counted, and null in a state: JSON has neither. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

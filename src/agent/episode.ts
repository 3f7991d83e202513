/** Something that should not happen: said when it begins and when it is over, with what it came to, and not between. */

/** It is over when so many observations in a row saw no more of it. */
const QUIET_STEPS = 10;

export interface EpisodeLines {
  /** @param counts by how much each has grown at the first observation */
  began(counts: readonly number[]): void;
  /** @param counts by how much each has grown from the beginning to the end */
  ended(counts: readonly number[], durationMs: number): void;
}

interface Running {
  readonly sinceMs: number;
  readonly before: readonly number[];
  quietSteps: number;
}

export class Episode {
  readonly #lines: EpisodeLines;
  /** The largest counts seen: those of a worker that died may be missing for a moment. */
  #counts: readonly number[] = [];
  #running: Running | undefined;

  constructor(lines: EpisodeLines) {
    this.#lines = lines;
  }

  /**
   * To be called once a second.
   * @param counts what never gets less; when the first grows, it happens
   */
  observe(counts: readonly number[], nowMs: number): void {
    const before = this.#counts;
    this.#counts = counts.map((count, i) => Math.max(count, before[i] ?? 0));
    const grown = (since: readonly number[]) => this.#counts.map((count, i) => count - (since[i] ?? 0));
    const more = grown(before)[0] ?? 0;
    if (this.#running === undefined) {
      if (more === 0) return;
      this.#running = { sinceMs: nowMs, before, quietSteps: 0 };
      this.#lines.began(grown(before));
      return;
    }
    this.#running.quietSteps = more > 0 ? 0 : this.#running.quietSteps + 1;
    if (this.#running.quietSteps < QUIET_STEPS) return;
    this.#lines.ended(grown(this.#running.before), nowMs - this.#running.sinceMs);
    this.#running = undefined;
  }
}

export function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}

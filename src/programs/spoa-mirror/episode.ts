/** Reports of something that should not happen: one when it begins and one with its totals when it is over, none between. */

/** The quiet time after which a state that came back once is over; it doubles each time, up to the second one. */
const FIRST_QUIET_MS = 10_000;
const MAX_QUIET_MS = 160_000;
/** The time after which a state that comes back counts as new. */
const FORGIVE_MS = 300_000;

/** The quiet time before the end of a state is reported, so that one that comes and goes is not reported each time. */
export class Patience {
  readonly #firstMs: number;
  #quietMs: number;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
    this.#quietMs = firstMs;
  }

  begun(nowMs: number): void {
    if (nowMs - this.#endedMs > FORGIVE_MS) this.#quietMs = this.#firstMs;
  }

  ended(nowMs: number): void {
    this.#endedMs = nowMs;
    this.#quietMs = Math.min(MAX_QUIET_MS, Math.max(FIRST_QUIET_MS, 2 * this.#quietMs));
  }

  isOver(calmSinceMs: number, nowMs: number): boolean {
    return nowMs - calmSinceMs >= this.#quietMs;
  }
}

export interface EpisodeLines {
  /** @param counts the growth of each at the first observation */
  began(counts: readonly number[]): void;
  /** @param counts the growth of each from the beginning to the end */
  ended(counts: readonly number[], durationMs: number): void;
}

interface Running {
  readonly sinceMs: number;
  readonly before: readonly number[];
  lastMs: number;
}

export class Episode {
  readonly #lines: EpisodeLines;
  /** The largest counts seen: those of a worker that died may be missing for a moment. */
  #counts: readonly number[] = [];
  #running: Running | undefined;
  readonly #patience = new Patience(FIRST_QUIET_MS);

  constructor(lines: EpisodeLines) {
    this.#lines = lines;
  }

  /**
   * Observes the counters; it is called once a second.
   * @param counts counters; when the first grows, it happens
   */
  observe(counts: readonly number[], nowMs: number): void {
    const before = this.#counts;
    this.#counts = counts.map((count, i) => Math.max(count, before[i] ?? 0));
    const grown = (since: readonly number[]) => this.#counts.map((count, i) => count - (since[i] ?? 0));
    const more = grown(before)[0] ?? 0;
    if (this.#running === undefined) {
      if (more === 0) return;
      this.#running = { sinceMs: nowMs, before, lastMs: nowMs };
      this.#patience.begun(nowMs);
      this.#lines.began(grown(before));
      return;
    }
    if (more > 0) this.#running.lastMs = nowMs;
    if (!this.#patience.isOver(this.#running.lastMs, nowMs)) return;
    this.#patience.ended(nowMs);
    this.#lines.ended(grown(this.#running.before), nowMs - this.#running.sinceMs);
    this.#running = undefined;
  }
}

export function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}

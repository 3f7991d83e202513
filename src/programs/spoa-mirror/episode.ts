/** Something that should not happen: said when it begins and when it is over, with what it came to, and not between. */

/** What comes off and on has to be over for so long when it came back once, twice as long each time, up to here. */
const FIRST_QUIET_MS = 10_000;
const MAX_QUIET_MS = 160_000;
/** After so long without it, it is news again. */
const FORGIVE_MS = 300_000;

/** How long a state has to be over before it is said to be, so that one that comes and goes is not said each time. */
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
  /** @param counts by how much each has grown at the first observation */
  began(counts: readonly number[]): void;
  /** @param counts by how much each has grown from the beginning to the end */
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

/** How finely a log tells times: whole milliseconds, as HAProxy's timers are, whole seconds, or finer. */

const SECOND_MS = 1000;

export class TimeResolution {
  #isWholeMs = true;
  #isWholeSeconds = true;
  #longest = 0;

  add(ms: number): void {
    if (!this.#isWholeMs) return;
    if (!Number.isInteger(ms)) this.#isWholeMs = false;
    else if (ms % SECOND_MS !== 0) this.#isWholeSeconds = false;
    if (ms > this.#longest) this.#longest = ms;
  }

  merge(other: TimeResolution): void {
    this.#isWholeMs &&= other.#isWholeMs;
    this.#isWholeSeconds &&= other.#isWholeSeconds;
    this.#longest = Math.max(this.#longest, other.#longest);
  }

  /** 0 for what is finer than a millisecond. */
  get ms(): number {
    if (!this.#isWholeMs) return 0;
    return this.#isWholeSeconds && this.#longest > 0 ? SECOND_MS : 1;
  }
}

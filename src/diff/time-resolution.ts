/** How finely a log tells times: whole milliseconds, as HAProxy's timers are, whole seconds, or finer. */

const SECOND_MS = 1000;

export class TimeResolution {
  #isWholeMs = true;
  #isWholeSeconds = true;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;

  add(ms: number): void {
    if (!this.#isWholeMs) return;
    if (!Number.isInteger(ms)) this.#isWholeMs = false;
    else if (ms % SECOND_MS !== 0) this.#isWholeSeconds = false;
    if (ms > this.#longest) this.#longest = ms;
    if (ms < this.#shortest) this.#shortest = ms;
  }

  merge(other: TimeResolution): void {
    this.#isWholeMs &&= other.#isWholeMs;
    this.#isWholeSeconds &&= other.#isWholeSeconds;
    this.#shortest = Math.min(this.#shortest, other.#shortest);
    this.#longest = Math.max(this.#longest, other.#longest);
  }

  /** 0 for what is finer than a millisecond. */
  get ms(): number {
    if (!this.#isWholeMs) return 0;
    // One time alone, as of a mirror that always takes its limit of 4 s, says nothing of what others would look like.
    return this.#isWholeSeconds && this.#longest > this.#shortest ? SECOND_MS : 1;
  }
}

const FIRST_MS = 100;
const LONGEST_MS = 1000;

/** Allows one attempt at a time after a failed connect, with longer and longer pauses, until one succeeds. */
export class Backoff {
  #pauseMs = 0;
  #untilMs = 0;

  /** True while the last connect failed. */
  get failing(): boolean {
    return this.#pauseMs > 0;
  }

  mayTry(nowMs: number): boolean {
    return nowMs >= this.#untilMs;
  }

  failed(nowMs: number): void {
    // Several attempts that began together are one failure.
    if (this.failing && !this.mayTry(nowMs)) return;
    this.#pauseMs = this.#pauseMs === 0 ? FIRST_MS : Math.min(LONGEST_MS, this.#pauseMs * 2);
    this.#untilMs = nowMs + this.#pauseMs;
  }

  succeeded(): void {
    this.#pauseMs = 0;
    this.#untilMs = 0;
  }
}

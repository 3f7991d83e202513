/**
 * How much of this process's time goes into reading answers. What arrives is the mirror's choice, and HAProxy waits for its
 * ACK in the same event loop: in each slice of time only a part is spent on answers, and the sockets that would need more
 * of it are read on in the next one.
 */
const SLICE_MS = 5;
const SPEND_MS = 2;

export class ReadingBudget {
  #sliceEndMs = 0;
  #spentMs = 0;
  #paused: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @returns whether there is time left for more, after a read that took from one moment to the other */
  spend(fromMs: number, toMs: number): boolean {
    if (toMs >= this.#sliceEndMs) {
      this.#sliceEndMs = toMs + SLICE_MS;
      this.#spentMs = 0;
    }
    this.#spentMs += toMs - fromMs;
    return this.#spentMs < SPEND_MS;
  }

  /** Calls `resume` when the slice is over, in the order of the requests for it. */
  wait(resume: () => void): void {
    this.#paused.push(resume);
    this.#timer ??= setTimeout(() => this.#next(), SLICE_MS);
  }

  #next(): void {
    this.#timer = undefined;
    const waiting = this.#paused;
    this.#paused = [];
    for (const resume of waiting) resume();
  }
}

/** The budget of all destinations of the process. */
export const READING = new ReadingBudget();

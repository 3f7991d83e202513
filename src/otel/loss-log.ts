/** A line in the log when telemetry begins to get lost, and one when it is over; never one for each batch. */

/** Losses with less between them are one and the same. */
const QUIET_MS = 10_000;

export class LossLog {
  readonly #log: (line: string) => void;
  readonly #what: string;
  readonly #now: () => number;
  #lost = 0;
  #lastMs = 0;

  /** @param what gets lost: `spans` */
  constructor(what: string, log: (line: string) => void, now: () => number) {
    this.#what = what;
    this.#log = log;
    this.#now = now;
  }

  lost(count: number, reason: string): void {
    if (this.#lost === 0) this.#log(`otel: ${this.#what} are lost: ${reason}`);
    this.#lost += count;
    this.#lastMs = this.#now();
  }

  /** Something has got there. */
  delivered(): void {
    if (this.#lost === 0 || this.#now() - this.#lastMs < QUIET_MS) return;
    this.#log(`otel: ${this.#what} get through again, ${this.#lost} were lost`);
    this.#lost = 0;
  }
}

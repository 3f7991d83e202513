import { PIPELINE_DEPTH } from './http1-connection.ts';

/**
 * Lets requests that find the queue empty wait for others, so that they are written, and answered, together: their ACK is out,
 * and below some thousands a second waking up costs more than a request does.
 *
 * It is over when a request comes `gatherMs` after the first, when there are enough to fill a connection, or by a timer after
 * twice that time. A request that comes has woken the process already, which the timer would do only for this.
 */
export class Gathering {
  readonly #gatherMs: number;
  readonly #release: () => void;
  #sinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #releasing = false;

  /** @param release called when it is over, never while a request is being added */
  constructor(gatherMs: number, release: () => void) {
    this.#gatherMs = gatherMs;
    this.#release = release;
  }

  get isOver(): boolean {
    return this.#sinceMs === undefined;
  }

  /** Tells that a request was queued; `waiting` counts it. */
  add(waiting: number, nowMs: number): void {
    if (waiting === 1 && this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      this.#timer ??= setTimeout(() => this.#end(), 2 * this.#gatherMs);
      this.#timer.refresh();
      return;
    }
    const isYoung = this.#sinceMs !== undefined && nowMs - this.#sinceMs < this.#gatherMs;
    if (this.#releasing || (isYoung && waiting < PIPELINE_DEPTH)) return;
    this.#releasing = true;
    // Not in this turn: the ACKs of what has just come go out first.
    queueMicrotask(() => this.#end());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #end(): void {
    this.#releasing = false;
    this.#sinceMs = undefined;
    this.#release();
  }
}

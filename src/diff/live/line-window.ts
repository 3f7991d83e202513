/** Hashes of the lines of the last while: a line that comes again within it is a duplicate. */
export class LineWindow {
  /** Hashes that were dropped before their time, for want of room. */
  forgotten = 0;
  readonly #graceMs: number;
  readonly #limit: number;
  #before = new Set<number>();
  #now = new Set<number>();
  #startedMs = Number.NEGATIVE_INFINITY;

  /** Each hash is kept for `graceMs` at least and twice that at most; `limit` to 2 × `limit` of them. */
  constructor(graceMs: number, limit: number) {
    this.#graceMs = graceMs;
    this.#limit = limit;
  }

  get size(): number {
    return this.#before.size + this.#now.size;
  }

  /** False when the line was there already. */
  add(hash: number, nowMs: number): boolean {
    const isOver = nowMs - this.#startedMs >= this.#graceMs;
    if (isOver || this.#now.size >= this.#limit) {
      if (!isOver) this.forgotten += this.#before.size;
      this.#before = this.#now;
      this.#now = new Set();
      this.#startedMs = nowMs;
    }
    if (this.#now.has(hash) || this.#before.has(hash)) return false;
    this.#now.add(hash);
    return true;
  }
}

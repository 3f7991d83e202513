/** Hashes of the last lines: a line that comes again among them is a duplicate. */
import type { AccessRecord } from '../../../logs/access-record.ts';
import { isUnmistakable } from '../record-values.ts';

export class LineWindow {
  /** Hashes that were dropped before the log had gone on for the grace. */
  forgotten = 0;
  readonly #graceMs: number;
  readonly #limit: number;
  #before = new Set<number>();
  #now = new Set<number>();
  /** How far the log was when the first and the last of `before` came. */
  #beforeMs = Number.NEGATIVE_INFINITY;
  #nowMs = Number.NEGATIVE_INFINITY;

  /** The last `limit` hashes are kept at least, and 2 × `limit` at most. */
  constructor(graceMs: number, limit: number) {
    this.#graceMs = graceMs;
    this.#limit = limit;
  }

  get size(): number {
    return this.#before.size + this.#now.size;
  }

  /** False when the line was there already, and can only be the same. @param progressMs how far the log is */
  addRequest(record: AccessRecord, hash: number, progressMs: number): boolean {
    return !isUnmistakable(record) || this.add(hash, progressMs);
  }

  /** False when the line was there already. */
  add(hash: number, progressMs: number): boolean {
    if (this.#now.size >= this.#limit) this.#turn(progressMs);
    if (this.#now.has(hash) || this.#before.has(hash)) return false;
    this.#now.add(hash);
    this.#nowMs = progressMs;
    return true;
  }

  #turn(progressMs: number): void {
    if (this.#before.size > 0 && !(progressMs - this.#beforeMs >= this.#graceMs)) this.forgotten += this.#before.size;
    this.#before = this.#now;
    this.#beforeMs = this.#nowMs;
    this.#now = new Set();
  }
}

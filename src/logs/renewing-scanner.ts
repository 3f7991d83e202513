/**
 * A fast scanner that is replaced by a new one before its tables of names are full: where every event has to keep its
 * name and origin, `(other)` will not do. Memory stays bounded all the same.
 */

import { FastScanner } from './fast-scanner.ts';
import type { LineEnds } from './line-ends.ts';
import { Names } from './names.ts';
import type { RowBatch } from './row.ts';
import type { BlockScanner } from './scanner.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

/** Sizes from which on the next block goes to a new scanner. */
const FULL = { origins: 4096, keys: 1024 };
/** One block has fewer lines than this above FULL. */
const BOUNDS = { origins: 262_144, keys: 262_144 };

export class RenewingScanner implements BlockScanner {
  #tally: LineTally;
  #ends: LineEnds | undefined;
  readonly #sink: (batch: RowBatch) => void;
  #times: TimeResolver;
  #names = new Names(BOUNDS);
  #scanner: FastScanner;

  constructor(tally: LineTally, times: TimeResolver, sink: (batch: RowBatch) => void) {
    this.#tally = tally;
    this.#times = times;
    this.#sink = sink;
    this.#scanner = new FastScanner(this.#names, tally, times, sink);
  }

  get input(): Buffer {
    return this.#scanner.input;
  }

  scan(start: number, end: number): void {
    this.#scanner.scan(start, end);
    if (this.#names.origins.length > FULL.origins || this.#names.keys.length > FULL.keys) this.#renew();
  }

  /** Counts the next lines in another tally; the end of what they are of is kept there. */
  countIn(tally: LineTally, ends: LineEnds): void {
    this.#tally = tally;
    this.#ends = ends;
    this.#scanner.countIn(tally, ends);
  }

  setTimes(times: TimeResolver): void {
    this.#times = times;
    this.#scanner.setTimes(times);
  }

  #renew(): void {
    this.#names = new Names(BOUNDS);
    this.#scanner = new FastScanner(this.#names, this.#tally, this.#times, this.#sink);
    this.#scanner.setTimes(this.#times);
    if (this.#ends !== undefined) this.#scanner.countIn(this.#tally, this.#ends);
  }
}

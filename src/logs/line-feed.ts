import { MAX_LINE_BYTES } from './interpreter.ts';
import type { BlockScanner } from './scanner/scanner.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

const NEWLINE = 0x0a;

/**
 * Cuts one input into blocks of whole lines for a scanner. What follows the last newline waits here for its rest, so
 * that several inputs can take turns on one scanner. Memory is bounded: of a line that does not end, only the first
 * 64 KiB (NULs removed) are kept.
 */
export class LineFeed {
  readonly #scanner: BlockScanner;
  readonly #tally: LineTally;
  readonly #times: TimeResolver;
  /** The unfinished line. */
  #rest = Buffer.alloc(0);
  /** True while the tail of a line that was cut is skipped up to its newline. */
  #skipping = false;

  constructor(scanner: BlockScanner, tally: LineTally, times: TimeResolver) {
    this.#scanner = scanner;
    this.#tally = tally;
    this.#times = times;
  }

  /** Where the next bytes go; follow with `filled`. No other feed of the scanner may come in between. */
  space(): Buffer {
    this.#rest.copy(this.#scanner.input);
    return this.#scanner.input.subarray(this.#rest.length);
  }

  /** Takes the first `count` bytes of `space()`. */
  filled(count: number): void {
    this.#tally.bytes += count;
    this.#take(this.#rest.length, this.#rest.length + count);
  }

  /** Takes bytes that are somewhere else. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const space = this.space();
      const part = bytes.subarray(at, at + space.length);
      space.set(part);
      this.filled(part.length);
      at += part.length;
    }
  }

  /** The input has ended, or will not go on where it stopped: an unfinished line counts as a line. */
  end(): void {
    if (this.#rest.length === 0 && !this.#skipping) return;
    this.#skipping = false;
    const { input } = this.#scanner;
    this.#rest.copy(input);
    input[this.#rest.length] = NEWLINE;
    this.#scan(0, this.#rest.length + 1);
    this.#rest = Buffer.alloc(0);
  }

  /** input[0, end) holds the rest, then from `fresh` on what is new. */
  #take(fresh: number, end: number): void {
    const { input } = this.#scanner;
    let start = 0;
    if (this.#skipping) {
      const newline = input.subarray(fresh, end).indexOf(NEWLINE);
      if (newline < 0) return;
      // The cut line, then its newline directly behind it.
      const rest = fresh + newline;
      input.copyWithin(rest - fresh, 0, fresh);
      start = rest - fresh;
      this.#skipping = false;
    }
    const last = input.subarray(Math.max(start, fresh), end).lastIndexOf(NEWLINE) + Math.max(start, fresh);
    const scanned = input[last] === NEWLINE && last >= Math.max(start, fresh) ? last + 1 : start;
    if (scanned > start) this.#scan(start, scanned);
    this.#keep(input.subarray(scanned, end));
  }

  #scan(start: number, end: number): void {
    this.#scanner.setTimes(this.#times);
    this.#scanner.scan(start, end);
  }

  #keep(rest: Buffer): void {
    if (rest.length <= MAX_LINE_BYTES) {
      this.#rest = Buffer.from(rest);
      return;
    }
    // One byte more than the bound, so that the interpreter sees that the line was longer.
    const dense = Buffer.from(rest.filter((byte) => byte !== 0));
    this.#skipping = dense.length > MAX_LINE_BYTES;
    this.#rest = Buffer.from(dense.subarray(0, MAX_LINE_BYTES + 1));
  }
}

import { OctetFrames } from './input/octet-frames.ts';
import { MAX_LINE_BYTES } from './interpreter.ts';
import type { BlockScanner } from './scanner.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts one input into blocks of whole lines for a scanner. What follows the last newline waits here for its rest, so
 * that several inputs can take turns on one scanner. Memory is bounded: of a line that does not end, only as much as the
 * scanner reads of a line (NULs removed) is kept.
 */
export class LineFeed {
  readonly #scanner: BlockScanner;
  readonly #tally: LineTally;
  readonly #times: TimeResolver;
  #frames = new OctetFrames();
  /** The unfinished line. */
  #rest = NOTHING;
  /** A few bytes that may become the count of a frame. */
  #undecided = NOTHING;
  /** True while the tail of a line that was cut is skipped up to its newline. */
  #skipping = false;

  constructor(scanner: BlockScanner, tally: LineTally, times: TimeResolver) {
    this.#scanner = scanner;
    this.#tally = tally;
    this.#times = times;
  }

  /** The memory for the next bytes; `filled` has to follow. No other feed of the scanner may come in between. */
  space(): Buffer {
    const { input } = this.#scanner;
    this.#rest.copy(input);
    this.#undecided.copy(input, this.#rest.length);
    return input.subarray(this.#rest.length + this.#undecided.length);
  }

  /** Takes the first `count` bytes of `space()`. */
  filled(count: number): void {
    this.#tally.bytes += count;
    this.#takeFresh(count, false);
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

  /**
   * Ends the input, which will not go on where it stopped: an unfinished line counts as a line. What comes next is
   * the beginning of another input.
   */
  end(): void {
    if (this.#undecided.length > 0) {
      this.space();
      this.#takeFresh(0, true);
    }
    const { input } = this.#scanner;
    if (this.#rest.length > 0) {
      this.#rest.copy(input);
      input[this.#rest.length] = NEWLINE;
      this.#scan(0, this.#rest.length + 1, true);
    }
    this.#tally.endInput();
    this.#rest = NOTHING;
    this.#skipping = false;
    this.#frames = new OctetFrames();
  }

  /** Ends the input where the reading was stopped: what is there of a line is none, its rest was not read. */
  abandon(): void {
    this.#rest = NOTHING;
    this.#undecided = NOTHING;
    this.end();
  }

  /** `input` holds the rest, what was undecided, and `count` new bytes. */
  #takeFresh(count: number, last: boolean): void {
    const { input } = this.#scanner;
    const fresh = this.#rest.length;
    const end = fresh + this.#undecided.length + count;
    this.#undecided = NOTHING;
    if (this.#frames.isPlain) {
      this.#take(fresh, end);
      return;
    }
    const lines = this.#frames.cut(input, fresh, end, last);
    if (lines.undecided < end) this.#undecided = Buffer.from(input.subarray(lines.undecided, end));
    this.#take(fresh, lines.end);
  }

  /** input[0, end) holds the rest, then from `fresh` on what is new. */
  #take(fresh: number, end: number): void {
    const { input } = this.#scanner;
    let start = 0;
    if (this.#skipping) {
      const newline = input.subarray(fresh, end).indexOf(NEWLINE);
      if (newline < 0) return;
      // The cut line, then its newline directly behind it.
      start = newline;
      input.copyWithin(start, 0, fresh);
      this.#skipping = false;
    }
    const scanned = start + input.subarray(start, end).lastIndexOf(NEWLINE) + 1;
    if (scanned > start) this.#scan(start, scanned);
    this.#keep(input.subarray(scanned, end));
  }

  #scan(start: number, end: number, isUnfinished = false): void {
    const scanner = this.#scanner;
    scanner.setTimes(this.#times);
    if (isUnfinished && scanner.scanUnfinished !== undefined) scanner.scanUnfinished(start, end);
    else scanner.scan(start, end);
  }

  /** Keeps the unfinished line without its NULs: a hole, which truncating leaves, is no part of a line's length. */
  #keep(rest: Buffer): void {
    const dense = rest.includes(0) ? withoutNuls(rest) : rest;
    // One byte more than the bound, so that the interpreter sees that the line was longer.
    const { maxLineBytes = MAX_LINE_BYTES } = this.#scanner;
    this.#skipping = dense.length > maxLineBytes;
    this.#rest = dense.length === 0 ? NOTHING : Buffer.from(dense.subarray(0, maxLineBytes + 1));
  }
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Removes NULs in place. Holes are long: bytes that are nothing but NULs are found at once. */
function withoutNuls(bytes: Buffer): Buffer {
  let length = 0;
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (part.equals(ZEROS.subarray(0, part.length))) continue;
    for (const byte of part) if (byte !== 0) bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/**
 * Octet-counted syslog (RFC 6587 section 3.4.1), as a capture of a TCP log connection holds it: `129 <133>…77 <134>…`.
 * Frames may follow each other without a newline; the scanners read lines.
 *
 * The count is a hint, not a promise: lines get cut and rewritten. A newline always ends a line, and a frame ends at
 * its count only where the next one begins. Where it does not, the line goes on to its newline.
 */

const NEWLINE = 0x0a;
const COUNT = /^([1-9]\d{0,9}) </;
const FIRST_FRAME = /^[1-9]\d{0,9} <\d{1,3}>/;
/** The number of bytes that decide whether a frame begins. */
const COUNT_BYTES = 12;
const FIRST_FRAME_BYTES = 16;
/** Bytes that may become a count when more bytes come. */
const PART_OF_COUNT = /^[1-9]\d{0,9} ?$/;
const PART_OF_FIRST_FRAME = /^[1-9]\d{0,9}(?: (?:<\d{0,3})?)?$/;

/** True for the first bytes of an input that consists of frames. */
export function isOctetCounted(head: Uint8Array): boolean {
  const start = head.findIndex((byte) => byte !== 0);
  return start >= 0 && FIRST_FRAME.test(textAt(head, start, start + FIRST_FRAME_BYTES));
}

/** The result of `cut` for some bytes. */
export interface CutFrames {
  /** The end of its lines. */
  readonly end: number;
  /** The position from which nothing could be decided: these bytes have to come again, before those that follow. */
  readonly undecided: number;
}

/** Makes lines of the frames of one input. A frame need not be complete, so memory does not depend on its count. */
export class OctetFrames {
  #kind: 'unknown' | 'plain' | 'framed' = 'unknown';
  /** Bytes of the frame that are still to come; 0 when no count is believed. */
  #left = 0;
  /** True after a newline, or at the end of a frame: another may begin here. */
  #atBoundary = true;
  /** True when the last line has no newline yet. */
  #lineOpen = false;

  /** True once it is clear that the input does not begin with a frame: there is nothing to cut then. */
  get isPlain(): boolean {
    return this.#kind === 'plain';
  }

  /**
   * Rewrites bytes[start, end) in place as lines: counts go, newlines come, so it never grows. With `last` the input
   * has ended, and nothing stays undecided.
   */
  cut(bytes: Buffer, start: number, end: number, last: boolean): CutFrames {
    const from = this.#kind === 'unknown' ? this.#decide(bytes, start, end, last) : start;
    if (this.#kind === 'plain') return { end, undecided: end };
    if (this.#kind === 'unknown') return { end: from, undecided: from };
    let to = start;
    let at = from;
    while (at < end) {
      if (this.#atBoundary) {
        const look = textAt(bytes, at, Math.min(end, at + COUNT_BYTES));
        const count = COUNT.exec(look)?.[1];
        if (count !== undefined) {
          if (this.#lineOpen) bytes[to++] = NEWLINE;
          this.#left = Number(count);
          at += count.length + 1;
        } else if (PART_OF_COUNT.test(look)) {
          // At the very end it is a frame of which nothing came: it must not become a part of the line before.
          return { end: to, undecided: last ? end : at };
        }
        this.#atBoundary = false;
      }
      const stop = this.#lineEnd(bytes, at, end);
      bytes.copyWithin(to, at, stop);
      to += stop - at;
      at = stop;
    }
    return { end: to, undecided: end };
  }

  /** Looks at the beginning of the input; NULs before it are a hole that a truncation left. Returns where it is. */
  #decide(bytes: Buffer, start: number, end: number, last: boolean): number {
    let at = start;
    while (at < end && bytes[at] === 0) at += 1;
    if (at === end) return end;
    const look = textAt(bytes, at, Math.min(end, at + FIRST_FRAME_BYTES));
    if (FIRST_FRAME.test(look)) this.#kind = 'framed';
    else if (last || !PART_OF_FIRST_FRAME.test(look)) this.#kind = 'plain';
    return at;
  }

  /** The end of the line, the frame or the bytes, whatever comes first. */
  #lineEnd(bytes: Buffer, at: number, end: number): number {
    const limit = this.#left > 0 ? Math.min(end, at + this.#left) : end;
    const newline = bytes.subarray(at, limit).indexOf(NEWLINE);
    const stop = newline < 0 ? limit : at + newline + 1;
    const frameEnds = this.#left > 0 && stop - at === this.#left;
    if (this.#left > 0) this.#left -= stop - at;
    this.#lineOpen = newline < 0;
    this.#atBoundary = newline >= 0 || frameEnds;
    return stop;
  }
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end);
}

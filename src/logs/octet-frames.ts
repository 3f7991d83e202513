/**
 * Octet-counted syslog (RFC 6587 section 3.4.1), as a capture of a TCP log connection holds it: `129 <133>…77 <134>…`.
 * Frames may follow each other without a newline; the scanners read lines.
 *
 * The count is a hint, not a promise: lines get cut and rewritten. A newline always ends a line, and a frame ends at
 * its count only where the next one begins. Where it does not, the line goes on to its newline.
 */

const NEWLINE = 0x0a;
/** `1234567890 <`: more can never be needed to see whether a frame begins. */
const LONGEST_COUNT = 12;
const COUNT = /^([1-9]\d{0,9}) </;
const COUNT_BEGINNING = /^(?:[1-9]\d{0,9} ?)?$/;

const State = {
  /** Nothing but NULs was seen. */
  unknown: 'unknown',
  /** After a newline or the end of a frame. */
  between: 'between',
  inFrame: 'inFrame',
  /** In a line without a count that can be believed. */
  inLine: 'inLine',
} as const;
type State = (typeof State)[keyof typeof State];

/** True for the first bytes of an input that is cut into frames. */
export function isOctetCounted(head: Uint8Array): boolean {
  const start = head.findIndex((byte) => byte !== 0);
  return start >= 0 && /^[1-9]\d{0,9} <\d{1,3}>/.test(textAt(head, start, start + LONGEST_COUNT + 4));
}

/** Makes lines of frames. Memory is bounded by LONGEST_COUNT: a frame need not be complete to be passed on. */
export class OctetFrames {
  #state: State = State.unknown;
  /** Bytes of the frame that are still to come. */
  #left = 0;
  /** A frame has ended, and its line only if another begins here. */
  #lineOpen = false;

  /** True once the input has proved to hold lines without counts: `cut` is not needed any more. */
  get isPlain(): boolean {
    return this.#state === State.inLine && !this.#isFramed;
  }

  #isFramed = false;
  /** Where the lines that `cut` made end. */
  end = 0;

  /**
   * Rewrites bytes[start, end) in place: counts go, newlines come, so that it never grows. The lines are then at
   * [start, this.end). Returns from where on bytes are undecided: they have to come again, before those that follow.
   * With `last`, everything is decided.
   */
  cut(bytes: Buffer, start: number, end: number, last = false): number {
    let at = start;
    this.end = start;
    while (at < end) {
      if (this.#state === State.unknown) {
        while (at < end && bytes[at] === 0) at += 1;
        if (at === end) break;
      }
      if (this.#state === State.inFrame || this.#state === State.inLine) {
        at = this.#copyRest(bytes, at, end);
        if (this.isPlain) break;
        continue;
      }
      const count = this.#begin(bytes, at, end, last);
      if (count === undefined) return at;
      at += count;
    }
    return at;
  }
}

/** The latest lines of a log, as they stand there: a ring that is bounded in lines and bytes. */

import { Int } from './row.ts';

const NEWLINE = 0x0a;

export interface RingBounds {
  readonly lines: number;
  readonly bytes: number;
}

/** A line that is kept, without its bytes. */
export interface KeptLine {
  /** The number of the event since the start, from 1. */
  readonly number: number;
  /** Numbers of Names. */
  readonly key: number;
  readonly origin: number;
  readonly status: number;
  /** The line without its newline. */
  readonly bytes: Buffer;
}

/** What each line takes in the table of numbers: key, origin, status. */
const FIELDS = 3;

/**
 * Bytes come in runs of whole lines, which are copied once; then lines are entered that lie in the run. A line is found again
 * as long as its bytes were not written over, and no more lines were entered since than the ring has places for.
 */
export class LineRing {
  readonly bounds: RingBounds;
  readonly #bytes: Buffer;
  /** Where each line begins, as a position that only grows; position modulo the size is the place. */
  readonly #starts: Float64Array;
  readonly #numbers: Float64Array;
  readonly #fields: Int32Array;
  /** The place of the next line, and how many there are. */
  #next = 0;
  #count = 0;
  /** Where the next run begins. */
  #position = 0;

  constructor(bounds: RingBounds) {
    this.bounds = bounds;
    this.#bytes = Buffer.alloc(bounds.bytes);
    this.#starts = new Float64Array(bounds.lines);
    this.#numbers = new Float64Array(bounds.lines);
    this.#fields = new Int32Array(bounds.lines * FIELDS);
  }

  /** Copies a run, input[start, end); of a longer one than the ring only the end. Returns the position of input[0]. */
  copy(input: Buffer, start: number, end: number): number {
    const size = this.#bytes.length;
    const from = Math.max(start, end - size);
    const place = this.#position % size;
    // A run lies in one piece: what is left before the end of the ring is given up.
    if (place + (end - from) > size) this.#position += size - place;
    input.copy(this.#bytes, this.#position % size, from, end);
    const origin = this.#position - from;
    this.#position += end - from;
    return origin;
  }

  /**
   * Enters the lines of rows (by their first words) whose bytes were copied; `position` is that of input[0]. Their numbers
   * begin after `before`.
   */
  enterRows(ints: Int32Array, rows: Int32Array, count: number, position: number, before: number): void {
    const { lines } = this.bounds;
    const fields = this.#fields;
    for (let i = 0; i < count; i++) {
      const at = this.#next;
      this.#next = at + 1 === lines ? 0 : at + 1;
      const int = rows[i] as number;
      this.#starts[at] = position + (ints[int + Int.line] as number);
      this.#numbers[at] = before + i + 1;
      const field = at * FIELDS;
      fields[field] = ints[int + Int.key] as number;
      fields[field + 1] = ints[int + Int.origin] as number;
      fields[field + 2] = ints[int + Int.status] as number;
    }
    this.#count = Math.min(lines, this.#count + count);
  }

  /** The lines that are still there and are wanted, the newest first, until `visit` returns false. */
  visit(wants: (key: number, origin: number, status: number) => boolean, visit: (line: KeptLine) => boolean): void {
    const { lines } = this.bounds;
    const oldest = this.#position - this.#bytes.length;
    for (let i = 1; i <= this.#count; i++) {
      const at = (this.#next - i + lines) % lines;
      const start = this.#starts[at] as number;
      if (start < oldest) return;
      const key = this.#fields[at * FIELDS] as number;
      const origin = this.#fields[at * FIELDS + 1] as number;
      const status = (this.#fields[at * FIELDS + 2] as number) >>> 0;
      if (!wants(key, origin, status)) continue;
      if (!visit({ number: this.#numbers[at] as number, key, origin, status, bytes: this.#cut(start) })) return;
    }
  }

  #cut(start: number): Buffer {
    const place = start % this.#bytes.length;
    const newline = this.#bytes.indexOf(NEWLINE, place);
    return Buffer.from(this.#bytes.subarray(place, newline < 0 ? this.#bytes.length : newline));
  }

  /** The same lines, which stay as they are. */
  snapshot(): LineRing {
    const copy = new LineRing(this.bounds);
    this.#bytes.copy(copy.#bytes);
    copy.#starts.set(this.#starts);
    copy.#numbers.set(this.#numbers);
    copy.#fields.set(this.#fields);
    copy.#next = this.#next;
    copy.#count = this.#count;
    copy.#position = this.#position;
    return copy;
  }
}

export interface ChosenLines {
  /** The newest first. */
  readonly lines: readonly KeptLine[];
  /** True when there are older ones than the most that were asked for. */
  readonly more: boolean;
}

/** The lines of all rings that are wanted, the newest first, each once. @param text that is in them, in small letters */
export function findLines(
  rings: readonly LineRing[],
  wants: (key: number, origin: number, status: number) => boolean,
  text: string | undefined,
  most: number,
): ChosenLines {
  const found = new Map<number, KeptLine>();
  let more = false;
  for (const ring of rings) {
    let kept = 0;
    ring.visit(wants, (line) => {
      if (text !== undefined && !line.bytes.toString('utf8').toLowerCase().includes(text)) return true;
      if (kept >= most) {
        more = true;
        return false;
      }
      kept += 1;
      found.set(line.number, line);
      return true;
    });
  }
  const lines = [...found.values()].sort((a, b) => b.number - a.number);
  return { lines: lines.slice(0, most), more: more || lines.length > most };
}

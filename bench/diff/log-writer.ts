/**
 * Puts lines in the order in which programs write them: a line of a request is written when it ends, among the lines of
 * others. A wheel with a slot for each of the coming milliseconds does that in constant memory.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Random } from '../random.ts';

/** How far ahead a line may be, in milliseconds; a power of two. */
const SLOTS = 32_768;
const BLOCK = 1 << 20;
/** The longest run of lines that is there twice, as with a rotation that overlaps. */
const LONGEST_OVERLAP = 24;
const OVERLAP_RATE = 1 / 4000;
/** Small logs have an overlap too. */
const FIRST_OVERLAP = 150;

/** What takes the text of a log. */
export interface Sink {
  write(text: string): void;
  end(): void;
}

export type LineKind = 'access' | 'spoe' | 'notice' | 'unparsed';

interface Line {
  readonly kind: LineKind;
  readonly text: string;
}

/** Waits for its moment. */
interface ComingLine {
  readonly kind: LineKind;
  readonly text: string | (() => string);
}

/** A file that takes text of ASCII; whole blocks are written. */
export class FileSink implements Sink {
  readonly #fd: number;
  readonly #block = Buffer.allocUnsafe(BLOCK);
  #length = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  write(text: string): void {
    if (this.#length + text.length > BLOCK) this.#flush();
    this.#length += this.#block.write(text, this.#length, 'latin1');
  }

  end(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush(): void {
    for (let at = 0; at < this.#length; ) at += writeSync(this.#fd, this.#block, at, this.#length - at);
    this.#length = 0;
  }
}

/** What was written is counted by kind. */
export class LogWriter {
  readonly lines: Record<LineKind, number> = { access: 0, spoe: 0, notice: 0, unparsed: 0 };
  /** Of them, those that are byte-identical to one before. */
  readonly duplicates: Record<LineKind, number> = { access: 0, spoe: 0, notice: 0, unparsed: 0 };
  readonly #sink: Sink;
  readonly #slots = Array.from({ length: SLOTS }, () => [] as ComingLine[]);
  #now: number;
  readonly #random: Random;
  readonly #withOverlaps: boolean;
  /** The last lines. */
  readonly #recent: Line[] = [];
  #written = 0;

  constructor(
    sink: Sink,
    {
      startMs,
      seed,
      withOverlaps,
    }: { readonly startMs: number; readonly seed: number; readonly withOverlaps: boolean },
  ) {
    this.#sink = sink;
    this.#now = startMs;
    this.#random = new Random(seed);
    this.#withOverlaps = withOverlaps;
  }

  /** `text` is given, or made when it is written: what counts the lines of a program must count in their order. */
  push(atMs: number, kind: LineKind, text: string | (() => string)): void {
    const at = Math.max(Math.floor(atMs), this.#now);
    if (at - this.#now >= SLOTS) throw new Error(`a line ${at - this.#now} ms ahead of the clock`);
    this.#slots[at % SLOTS]?.push({ kind, text });
  }

  /** Writes all that ends before this moment. */
  advance(nowMs: number): void {
    for (; this.#now < nowMs; this.#now++) {
      const slot = this.#slots[this.#now % SLOTS];
      if (slot === undefined || slot.length === 0) continue;
      for (const { kind, text } of slot) this.#write({ kind, text: typeof text === 'function' ? text() : text });
      slot.length = 0;
    }
  }

  end(): void {
    this.advance(this.#now + SLOTS);
    this.#sink.end();
  }

  #write(line: Line): void {
    this.lines[line.kind]++;
    this.#sink.write(`${line.text}\n`);
    if (!this.#withOverlaps) return;
    this.#recent.push(line);
    if (this.#recent.length >= 2 * LONGEST_OVERLAP) this.#recent.splice(0, LONGEST_OVERLAP);
    this.#written++;
    if (this.#written === FIRST_OVERLAP || this.#random.chance(OVERLAP_RATE)) this.#overlap();
  }

  /** The last lines once more, as they were. */
  #overlap(): void {
    const count = 2 + this.#random.below(LONGEST_OVERLAP - 1);
    for (const { kind, text } of this.#recent.slice(-count)) {
      this.lines[kind]++;
      this.duplicates[kind]++;
      this.#sink.write(`${text}\n`);
    }
  }
}

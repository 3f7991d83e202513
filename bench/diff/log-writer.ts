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

/** A file that takes text of ASCII; whole blocks are written. */
export class FileSink {
  #fd;
  #block = Buffer.allocUnsafe(BLOCK);
  #length = 0;

  constructor(path) {
    this.#fd = openSync(path, 'w');
  }

  write(text) {
    if (this.#length + text.length > BLOCK) this.#flush();
    this.#length += this.#block.latin1Write(text, this.#length);
  }

  end() {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush() {
    for (let at = 0; at < this.#length; ) at += writeSync(this.#fd, this.#block, at, this.#length - at);
    this.#length = 0;
  }
}

/** The text itself. */
export class TextSink {
  #parts = [];

  write(text) {
    this.#parts.push(text);
  }

  end() {}

  toString() {
    return this.#parts.join('');
  }
}

/** Lines are of a kind: `access`, `spoe`, `notice`, `unparsed`. What was written is counted by kind. */
export class LogWriter {
  #sink;
  #slots = Array.from({ length: SLOTS }, () => []);
  #now;
  #random;
  #withOverlaps;
  /** The last lines and their kinds, in turn. */
  #recent = [];
  #written = 0;

  constructor(sink, { startMs, seed, withOverlaps }) {
    this.#sink = sink;
    this.#now = startMs;
    this.#random = new Random(seed);
    this.#withOverlaps = withOverlaps;
    this.lines = { access: 0, spoe: 0, notice: 0, unparsed: 0 };
    /** Of them, those that are byte-identical to one before. */
    this.duplicates = { access: 0, spoe: 0, notice: 0, unparsed: 0 };
  }

  /** `line` is a text, or gives one when it is written: what counts the lines of a program must count in their order. */
  push(atMs, kind, line) {
    const at = Math.max(Math.floor(atMs), this.#now);
    if (at - this.#now >= SLOTS) throw new Error(`a line ${at - this.#now} ms ahead of the clock`);
    this.#slots[at % SLOTS].push(kind, line);
  }

  /** Writes all that ends before this moment. */
  advance(nowMs) {
    for (; this.#now < nowMs; this.#now++) {
      const slot = this.#slots[this.#now % SLOTS];
      if (slot.length === 0) continue;
      for (let i = 0; i < slot.length; i += 2) {
        const line = slot[i + 1];
        this.#write(slot[i], typeof line === 'function' ? line() : line);
      }
      slot.length = 0;
    }
  }

  end() {
    this.advance(this.#now + SLOTS);
    this.#sink.end();
  }

  #write(kind, line) {
    this.lines[kind]++;
    this.#sink.write(`${line}\n`);
    if (!this.#withOverlaps) return;
    this.#recent.push(kind, line);
    if (this.#recent.length >= 4 * LONGEST_OVERLAP) this.#recent.splice(0, 2 * LONGEST_OVERLAP);
    this.#written++;
    if (this.#written === FIRST_OVERLAP || this.#random.chance(OVERLAP_RATE)) this.#overlap();
  }

  /** The last lines once more, as they were. */
  #overlap() {
    const run = this.#recent.slice(-2 * (2 + this.#random.below(LONGEST_OVERLAP - 1)));
    for (let i = 0; i < run.length; i += 2) {
      this.lines[run[i]]++;
      this.duplicates[run[i]]++;
      this.#sink.write(`${run[i + 1]}\n`);
    }
  }
}

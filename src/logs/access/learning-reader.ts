/**
 * Reads lines of an input whose format was found, not given. What the first lines were is no more than a guess: one of them
 * may be two that were glued together, or of a log-format that a reload has replaced. So no line decides for the others:
 * the first ones are asked again as more of them come, and lines that the format does not read, or reads without an id,
 * are asked whether another format says more of them. That one then reads the lines which it says more of.
 */
import type { AccessReadOptions } from '../access-options.ts';
import { type AccessRecord, isAnswer, type LoggedAnswer } from '../access-record.ts';
import type { AccessClock } from './clock.ts';
import { type Detection, detectFormat, SAMPLE_BYTES, SAMPLE_LINES } from './detect.ts';
import type { AccessFormat } from './format.ts';
import { AccessLineReader } from './line-reader.ts';
import { isNotice } from './notices.ts';

/** Formats besides the one that reads most lines; each odd line is tried with all of them. */
const MAX_OTHERS = 3;
/** Odd lines that are asked at one time: enough to tell an id by its being another on each line (tails.ts). */
const ODD_LINES = 16;
const ODD_BYTES = 256 * 1024;
/**
 * Odd lines like those that were asked in vain, of which none is asked. That is a matter of milliseconds, so there are more
 * each time: a log full of such lines stays cheap.
 */
const FIRST_PAUSE = 64;
const PAUSE_GROWTH = 8;
const MAX_PAUSE = 16_384;
/** More words at the end of a line, and longer ones, are not told apart. The unit of the length is 16 characters. */
const MAX_WORDS = 31;
const MAX_LENGTH = 7;
/** So many lines in a row read by another format make it the first one to be tried. */
const STREAK = 64;
/** Fewer odd lines than this do not make the input one of another program. */
const MIN_OF_ANOTHER = 8;

type Read = AccessRecord | LoggedAnswer | undefined;

export class LearningReader {
  readonly #clock: AccessClock;
  readonly #options: AccessReadOptions;
  #main: AccessLineReader;
  /** The one that read a line last comes first. */
  readonly #others: AccessLineReader[] = [];
  /** The first lines that were requests, until they are as many as decide about a format. */
  #first: Sample | undefined;
  /** First lines that were asked. */
  #asked: number;
  readonly #odd = new Sample(ODD_LINES, ODD_BYTES);
  /** Those of #odd of which none was asked in vain. */
  readonly #likenesses = new Set<number>();
  /** Lines since the first of #odd that were not odd. */
  #even = 0;
  /** What lines are like (likeness) that were asked in vain. */
  readonly #vain = new Set<number>();
  #pause = FIRST_PAUSE;
  #paused = 0;
  /** Lines in a row that the first of #others read. */
  #streak = 0;

  constructor({ format, parsed }: Detection, clock: AccessClock, options: AccessReadOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#main = new AccessLineReader(format, clock);
    this.#asked = parsed;
    this.#first = parsed < SAMPLE_LINES ? new Sample(SAMPLE_LINES, SAMPLE_BYTES) : undefined;
  }

  /** The format that reads most lines. */
  get format(): AccessFormat {
    return this.#main.format;
  }

  /** Hot. As AccessLineReader.read does. */
  read(line: string): Read {
    const record = this.#main.read(line);
    if (tells(record) < IDENTIFIED) return this.#readOdd(line, record);
    this.#even += 1;
    this.#streak = 0;
    if (this.#first !== undefined) this.#keepFirst(line, this.#first);
    return record;
  }

  /** Hot. As AccessLineReader.readBytes does. */
  readBytes(bytes: Buffer, start: number, end: number): AccessRecord | undefined {
    // The first lines are kept as texts.
    if (this.#first !== undefined) return undefined;
    const record = this.#main.readBytes(bytes, start, end);
    if (record === undefined) return undefined;
    this.#even += 1;
    this.#streak = 0;
    return record;
  }

  #readOdd(line: string, read: Read): Read {
    let record = this.#readByOthers(line, read);
    if (tells(record) < IDENTIFIED && this.#learns(line, record)) {
      record = this.#main.read(line);
      record = this.#readByOthers(line, record);
    }
    if (record !== undefined && this.#first !== undefined) this.#keepFirst(line, this.#first);
    return record;
  }

  /** What says most of the line: of several that say as much, the one that was tried first. */
  #readByOthers(line: string, read: Read): Read {
    let best = read;
    let by = -1;
    for (let index = 0; index < this.#others.length && tells(best) < IDENTIFIED; index += 1) {
      const record = (this.#others[index] as AccessLineReader).read(line);
      if (tells(record) <= tells(best)) continue;
      best = record;
      by = index;
    }
    if (by < 0) return best;
    const [reader] = this.#others.splice(by, 1) as [AccessLineReader];
    this.#others.unshift(reader);
    this.#streak = by === 0 ? this.#streak + 1 : 1;
    if (this.#streak >= STREAK) this.#prefer(reader);
    return best;
  }

  #keepFirst(line: string, first: Sample): void {
    first.add(line);
    const { length } = first.lines;
    if (length < Math.min(2 * this.#asked, SAMPLE_LINES) && !first.isFull) return;
    this.#asked = length;
    const found = detectFormat(first.lines, this.#options)?.format;
    if (first.isFull) this.#first = undefined;
    if (found !== undefined && !this.#isMain(found)) this.#prefer(this.#readerOf(found));
  }

  /** True when this odd line, with those before it, told of a format that was not known. */
  #learns(line: string, record: Read): boolean {
    const like = likeness(line, record);
    const isVain = this.#vain.has(like);
    if (this.#paused > 0) {
      this.#paused -= 1;
      if (isVain) return false;
    }
    if (record === undefined && isNotice(line)) return false;
    const odd = this.#odd;
    if (odd.lines.length === 0) this.#even = 0;
    odd.add(line);
    if (!isVain) this.#likenesses.add(like);
    // As many again each time: the work for a line stays the same.
    const isAsked = this.#likenesses.size > 0 && isPowerOfTwo(odd.lines.length);
    if (!isAsked && !odd.isFull) return false;
    const found = detectFormat(odd.lines, this.#options)?.format;
    const isNew = found !== undefined && this.#take(found, odd.lines.length);
    if (isNew) {
      this.#vain.clear();
      this.#paused = 0;
      this.#pause = FIRST_PAUSE;
    } else if (odd.isFull) {
      for (const each of this.#likenesses) this.#vain.add(each);
      this.#paused = this.#pause;
      this.#pause = Math.min(PAUSE_GROWTH * this.#pause, MAX_PAUSE);
    }
    if (isNew || odd.isFull) {
      odd.clear();
      this.#likenesses.clear();
    }
    return isNew;
  }

  /** Lines of another program among these are not this one's requests, unless hardly any others come. */
  #take(found: AccessFormat, lines: number): boolean {
    if (this.#isMain(found) || this.#others.some(({ format }) => isSame(format, found))) return false;
    if (kindOf(found) === kindOf(this.#main.format)) {
      this.#others.unshift(new AccessLineReader(found, this.#clock));
      this.#others.length = Math.min(this.#others.length, MAX_OTHERS);
      return true;
    }
    if (lines < MIN_OF_ANOTHER || lines <= this.#even) return false;
    this.#prefer(new AccessLineReader(found, this.#clock));
    return true;
  }

  /** The next lines are read by this one before all others. */
  #prefer(reader: AccessLineReader): void {
    const kept = [this.#main, ...this.#others].filter(
      (other) => other !== reader && kindOf(other.format) === kindOf(reader.format),
    );
    this.#main = reader;
    this.#others.splice(0, MAX_OTHERS, ...kept.slice(0, MAX_OTHERS));
    this.#streak = 0;
  }

  #readerOf(format: AccessFormat): AccessLineReader {
    const known = this.#others.find((other) => isSame(other.format, format));
    return known ?? new AccessLineReader(format, this.#clock);
  }

  #isMain(format: AccessFormat): boolean {
    return isSame(this.#main.format, format);
  }
}

/** Lines, up to a number and a length. */
class Sample {
  readonly lines: string[] = [];
  readonly #maxLines: number;
  readonly #maxLength: number;
  #length = 0;

  constructor(maxLines: number, maxLength: number) {
    this.#maxLines = maxLines;
    this.#maxLength = maxLength;
  }

  get isFull(): boolean {
    return this.lines.length >= this.#maxLines || this.#length >= this.#maxLength;
  }

  add(line: string): void {
    this.lines.push(line);
    this.#length += line.length;
  }

  clear(): void {
    this.lines.length = 0;
    this.#length = 0;
  }
}

const UNREAD = 0;
const CUT = 1;
const UNIDENTIFIED = 2;
const IDENTIFIED = 3;

/** How much a record says. */
function tells(record: Read): number {
  if (record === undefined) return UNREAD;
  if (isAnswer(record)) return IDENTIFIED;
  if (record.isCut === true) return CUT;
  return record.uniqueId !== '' || record.traceId !== '' || record.sid >= 0 ? IDENTIFIED : UNIDENTIFIED;
}

/**
 * How much is read of a line, how many words stand behind its last quote, and about how long these are: lines that are
 * alike tell of one format.
 */
function likeness(line: string, record: Read): number {
  const start = line.lastIndexOf('"') + 1;
  let words = 0;
  let at = line.indexOf(' ', start);
  for (; at >= 0 && words < MAX_WORDS; at = line.indexOf(' ', at + 1)) words += 1;
  const length = Math.min((line.length - start) >> 4, MAX_LENGTH);
  return (tells(record) * (MAX_WORDS + 1) + words) * (MAX_LENGTH + 1) + length;
}

function isPowerOfTwo(number: number): boolean {
  return (number & (number - 1)) === 0;
}

function isSame(a: AccessFormat, b: AccessFormat): boolean {
  return a.name === b.name && a.description === b.description && a.layout === b.layout;
}

/** The program that writes lines of a format, as far as that can be told. */
function kindOf({ name }: AccessFormat): string {
  if (name.startsWith('haproxy-http')) return 'haproxy';
  return name === 'clf' || name === 'combined' ? 'web server' : name;
}

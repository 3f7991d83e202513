/**
 * Lines of files → parts of tables, so that every event is there once, whatever happens in between: a file that is loaded twice, a process
 * that is killed, a log that is followed and later loaded whole, a file that is renamed under it.
 *
 * A part is some lines of a file, from one number to another. Before its rows are written, a row of spoe_loads says so ("begun"), with the
 * events that it leaves out because another line told them before; when they are written, another one says "loaded". Who loads the file again
 * reads it from its beginning, makes the same rows of a part that was begun, whose tokens then are the same, and goes on behind the last one.
 * The bounds of parts need not be the same in two runs, for they are read from spoe_loads; that they lie at fixed places of a file as far as
 * the bounds of rows and bytes allow keeps two runs that know nothing of each other from differing.
 */
import type { BlockScanner } from '../logs/scanner.ts';
import { LineTally } from '../logs/tally.ts';
import type { TimeResolver } from '../logs/time.ts';
import { TablesError } from './errors.ts';
import { BEGINNING_BYTES, Fingerprint } from './fingerprint.ts';
import { KnownParts, taskOf } from './known-parts.ts';
import { type LineCounts, noLines, type PartPlace, type PartRows, type PartTask } from './part.ts';
import { type OpenPart, PartWriter } from './part-writer.ts';
import type { TableName } from './schema.ts';
import type { LoadedPart, RowTarget } from './target.ts';

/** The distance of the fixed places at which parts end, in bytes of content. */
const RANGE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
/** Files whose lines are known by number while others are followed: the one that was longest quiet is forgotten. */
const MOST_SOURCES = 64;

export interface LoaderLimits {
  readonly rows: number;
  readonly bytes: number;
  /** The age of a part at which it is written, full or not; only of files that are followed. */
  readonly ageMs: number;
}

/** What reads lines of one kind, and makes rows of them. */
export interface PartReader<Part extends PartRows = PartRows> {
  /** Finds events or requests in blocks; they go to the part that was resumed last. */
  readonly scanner: BlockScanner;
  /** Of lines of the part that was resumed last, so far; `bytes` is not counted. */
  readonly counts: LineCounts;
  readonly tables: readonly TableName[];
  /** The first lines of an input come next. @param input what it is called here and in `resume` */
  beginInput(input: string): void;
  begin(task: PartTask, place: PartPlace): Part;
  /** The next lines are of this part of an input that was begun. */
  resume(part: Part, input: string): void;
  /**
   * Makes rows of what was read of a part and waits still; false when more lines are needed for it, unless it must be now.
   * @param bytes of the file that were read so far, as they are in it
   */
  settle(part: Part, input: string, mustBe: boolean, bytes: number): boolean;
}

export interface LoaderOptions {
  readonly target: RowTarget;
  readonly reader: PartReader;
  /** What is loaded: it begins each load_id. Letters, digits, `.`, `_`. */
  readonly kind: string;
  readonly run: string;
  readonly role: string;
  /** Where it is loaded from. */
  readonly host: string;
  readonly limits: LoaderLimits;
  readonly follow: boolean;
  /** Ends the reading: what waits for its newline then is left for another time. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Called once when a part cannot be written: nothing more will be. */
  readonly onFault: (error: unknown) => void;
  /** What is to be said of a file; the others are loaded. */
  readonly onProblem: (error: TablesError) => void;
}

/** What became of all lines. */
export interface LoadCounts extends LineCounts {
  /** Rows of events or requests that are there now. */
  loaded: number;
  /** Those that were there before. */
  already: number;
  duplicates: number;
  untimed: number;
  /** Rows that could not be written. */
  failed: number;
  /** Writes that were tried again. */
  retried: number;
  parts: number;
  /** Lines without an end, which are left for another time. */
  unfinished: number;
}

/** A file while its lines are read. */
interface Source {
  readonly path: string;
  /** It may grow: a line without an end has none yet. */
  readonly mayGrow: boolean;
  times: TimeResolver | undefined;
  /** Blocks that wait until it is known what is loaded of the file; the last one may have no end. */
  readonly held: { readonly bytes: Buffer; readonly isUnfinished: boolean }[];
  hasEnded: boolean;
  loadId: string | undefined;
  /** The parts that are known, and which of them is next. */
  planned: readonly LoadedPart[];
  next: number;
  /** What the reader calls it. */
  readonly input: string;
  readonly enteredMs: number;
  /** Number of the next line, and of the next byte of content. */
  line: number;
  byte: number;
  /** Bytes that were read of it, also of what is no line yet. */
  read: number;
  part: OpenPart | undefined;
  /** It is not what it was: no more of it is loaded as that. */
  isGivenUp: boolean;
}

export class Loader {
  /** Where blocks of all inputs go. */
  readonly scanner: BlockScanner;
  /** What counts the bytes that are read. */
  readonly reading = new LineTally();
  #noted = 0;
  readonly counts: LoadCounts = {
    ...noLines(),
    ...{ loaded: 0, already: 0, duplicates: 0, untimed: 0, failed: 0, retried: 0, parts: 0, unfinished: 0 },
  };
  readonly #options: LoaderOptions;
  readonly #sources = new Map<object, Source>();
  /** Those whose first blocks wait. */
  #waiting: Source[] = [];
  #current: Source | undefined;
  #entered = 0;
  readonly #known: KnownParts;
  readonly #writer: PartWriter;
  #turning: Promise<void> = Promise.resolve();
  /** Only events of parts that are known are read, to remember them. */
  #isRemembering = false;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#writer = new PartWriter(options, this.counts);
    this.#known = new KnownParts(options.target);
    const { scanner } = options.reader;
    const take = (start: number, end: number, isUnfinished: boolean) => this.#takeBlock(start, end, isUnfinished);
    let times: TimeResolver | undefined;
    this.scanner = {
      // The scanner may be another one tomorrow, and so its memory.
      get input() {
        return scanner.input;
      },
      ...(scanner.maxLineBytes !== undefined && { maxLineBytes: scanner.maxLineBytes }),
      setTimes: (given) => {
        times = given;
        if (this.#current !== undefined) this.#current.times = times;
      },
      scan: (start, end) => take(start, end, false),
      scanUnfinished: (start, end) => take(start, end, true),
    };
  }

  /** The next blocks are of this file; `isAnew` when they are its first ones. `mayGrow`: a line without an end may get one. */
  enter(file: object, path: string, isAnew: boolean, mayGrow: boolean): void {
    this.#noteBytes();
    const known = this.#sources.get(file);
    if (known !== undefined && !isAnew) {
      this.#current = known;
      return;
    }
    if (known !== undefined) this.#end(known);
    this.#sources.delete(file);
    this.#current = {
      ...{ path, mayGrow, times: undefined, held: [], hasEnded: false, loadId: undefined, planned: [] },
      ...{
        enteredMs: this.#options.now(),
        next: 0,
        input: `${this.#entered++}`,
        line: 0,
        byte: 0,
        read: 0,
        part: undefined,
        isGivenUp: false,
      },
    };
    this.#sources.set(file, this.#current);
    this.#forgetQuiet();
  }

  /** What was read since the last time was of this file. */
  #noteBytes(): void {
    const { bytes } = this.reading;
    if (this.#current !== undefined) this.#current.read += bytes - this.#noted;
    this.#noted = bytes;
  }

  #forgetQuiet(): void {
    for (const [file, source] of this.#sources) {
      if (this.#sources.size <= MOST_SOURCES) return;
      this.#end(source);
      this.#sources.delete(file);
    }
  }

  /** Looks up what is loaded of files that were begun, takes their blocks, and waits while too much is on its way. Between blocks only. */
  turn(): Promise<void> {
    this.#turning = this.#turning.then(() => this.#turn());
    return this.#turning;
  }

  async #turn(): Promise<void> {
    await this.#beginWaiting();
    await this.#writer.room();
  }

  async #beginWaiting(): Promise<void> {
    for (const source of [...this.#waiting]) {
      if (!this.#isKnowable(source)) continue;
      await this.#begin(source);
      this.#waiting = this.#waiting.filter((other) => other !== source);
      this.#takeHeld(source);
      if (source.hasEnded) this.#end(source);
    }
  }

  #takeHeld(source: Source): void {
    const { input } = this.scanner;
    const held = source.held.splice(0);
    // The reader of a pipe has put the beginning of its next line there.
    const there = Buffer.from(input.subarray(0, Math.max(...held.map(({ bytes }) => bytes.length))));
    for (const { bytes, isUnfinished } of held) {
      bytes.copy(this.scanner.input);
      this.#take(source, 0, bytes.length, isUnfinished);
    }
    there.copy(input);
  }

  /** Whether there is as much of it as it is known by; of a file that grows slowly, what there is after a while. */
  #isKnowable({ held, hasEnded, enteredMs }: Source): boolean {
    const { follow, now, limits, signal } = this.#options;
    const bytes = held.reduce((sum, block) => sum + block.bytes.length, 0);
    if (bytes >= BEGINNING_BYTES) return true;
    // Where the reading was ended nobody knows what comes next: it is left for another time.
    return !signal.aborted && (hasEnded || (follow && now() - enteredMs >= limits.ageMs));
  }

  async #begin(source: Source): Promise<void> {
    const { kind, reader } = this.#options;
    // A line without an end may go on, and the file would be another one.
    const whole = source.held.filter(({ isUnfinished }) => !isUnfinished);
    const fingerprint = new Fingerprint(kind, Buffer.concat(whole.map(({ bytes }) => bytes)));
    const { loadId, parts } = await this.#known.find(fingerprint, source.path);
    source.loadId = loadId;
    source.planned = parts;
    reader.beginInput(source.input);
  }

  /**
   * The file that was entered last has no more, and will not be entered again.
   * @returns whether it is to be read anew: it began as another one that was loaded
   */
  async leave(): Promise<boolean> {
    this.#noteBytes();
    const source = this.#current;
    this.#current = undefined;
    if (source === undefined) return false;
    source.hasEnded = true;
    if (source.loadId === undefined && source.held.length > 0) await this.turn();
    else this.#end(source);
    for (const [file, other] of this.#sources) if (other === source) this.#sources.delete(file);
    return source.isGivenUp;
  }

  /**
   * Has the events remembered that are loaded of a file, before others are read: who follows several files may have loaded of one
   * what another one says, too. `read` reads it from its beginning, until the signal.
   */
  async remember(path: string, read: (stop: AbortController) => Promise<void>): Promise<void> {
    this.#isRemembering = true;
    try {
      for (let isAnother = true; isAnother; ) {
        const stop = new AbortController();
        this.#onRemembered = () => stop.abort();
        this.enter(stop, path, true, true);
        await read(stop);
        isAnother = await this.leave();
      }
    } finally {
      this.#isRemembering = false;
      this.#onRemembered = () => undefined;
    }
  }

  #onRemembered: () => void = () => undefined;

  /** Writes the parts that are old enough. Between blocks only. */
  async tick(): Promise<void> {
    await this.turn();
    const { now, limits } = this.#options;
    for (const source of this.#sources.values()) {
      const { part } = source;
      if (part?.task.task === 'load' && now() - part.openedMs >= limits.ageMs) this.#close(source, false);
    }
  }

  /** Ends all files, and waits until all is written that can be. */
  async finish(): Promise<void> {
    for (const source of this.#sources.values()) source.hasEnded = true;
    await this.turn();
    for (const source of this.#sources.values()) this.#end(source);
    this.#sources.clear();
    await this.#writer.finish();
  }

  #takeBlock(start: number, end: number, isUnfinished: boolean): void {
    this.#noteBytes();
    const source = this.#current;
    if (source === undefined) return;
    // The reading was ended in the middle of it.
    if (isUnfinished && this.#options.signal.aborted) {
      this.counts.unfinished++;
      return;
    }
    if (source.loadId !== undefined) {
      this.#take(source, start, end, isUnfinished);
      return;
    }
    if (source.held.length === 0) this.#waiting.push(source);
    source.held.push({ bytes: Buffer.from(this.scanner.input.subarray(start, end)), isUnfinished });
  }

  /** Takes lines of a file whose parts are known: each goes to the part that it belongs to. */
  #take(source: Source, start: number, end: number, isUnfinished: boolean): void {
    for (let at = start; at < end && !source.isGivenUp; ) {
      const planned = source.planned[source.next];
      if (planned === undefined) {
        if (this.#isRemembering) {
          this.#onRemembered();
          return;
        }
        // It may go on: but not where a followed file was left for another one, nor where nothing can be added.
        if (isUnfinished && source.mayGrow && !this.#options.follow) {
          this.counts.unfinished++;
          return;
        }
        this.#takeNew(source, at, end);
        return;
      }
      const stop = this.#behindLines(at, end, planned.endLine - source.line);
      source.part ??= this.#open(source, taskOf(planned, this.#options.reader.tables, this.#isRemembering));
      this.#scan(source, source.part, at, stop);
      at = stop;
      if (source.line < planned.endLine) continue;
      this.#close(source, true);
      source.next++;
    }
  }

  #takeNew(source: Source, start: number, end: number): void {
    source.part ??= this.#open(source, { task: 'load' });
    this.#scan(source, source.part, start, end);
    const { rows, range } = source.part;
    const { limits } = this.#options;
    const isLarge = rows.rows >= limits.rows || rows.bytes >= limits.bytes;
    if (isLarge || Math.floor(source.byte / RANGE_BYTES) !== range) this.#close(source, false);
  }

  /** The position behind so many lines, or the end where there are fewer. */
  #behindLines(start: number, end: number, lines: number): number {
    const { input } = this.scanner;
    let at = start;
    for (let left = lines; left > 0 && at < end; left--) {
      const newline = input.indexOf(NEWLINE, at);
      at = newline < 0 || newline >= end ? end : newline + 1;
    }
    return at;
  }

  #open({ line, byte, loadId = '' }: Source, task: PartTask): OpenPart {
    const rows = this.#options.reader.begin(task, { source: loadId, firstLine: line });
    const openedMs = this.#options.now();
    return { rows, task, firstLine: line, counts: noLines(), openedMs, range: Math.floor(byte / RANGE_BYTES) };
  }

  #scan(source: Source, { rows, counts }: OpenPart, start: number, end: number): void {
    const { reader } = this.#options;
    reader.resume(rows, source.input);
    const before = { ...reader.counts };
    if (source.times !== undefined) reader.scanner.setTimes(source.times);
    reader.scanner.scan(start, end);
    const after = reader.counts;
    for (const kind of KINDS) counts[kind] += after[kind] - before[kind];
    counts.bytes += end - start;
    source.line += after.lines - before.lines;
    source.byte += end - start;
  }

  /** Ends the part of a file; one that was planned is at its end. */
  #close(source: Source, isPlanned: boolean): void {
    const { part } = source;
    if (part === undefined || source.loadId === undefined) return;
    const { reader } = this.#options;
    if (!reader.settle(part.rows, source.input, isPlanned || source.hasEnded, source.read)) return;
    source.part = undefined;
    if (part.counts.lines === 0) return;
    if (part.task.task !== 'load' && part.task.before.digest !== part.rows.digest) {
      this.#giveUp(source, source.loadId);
      return;
    }
    part.rows.confirm();
    if (this.#isRemembering) return;
    this.#count(part);
    if (part.task.task === 'remember') return;
    this.#writer.deliver({ ...part, path: source.path, loadId: source.loadId, endLine: source.line });
  }

  /** It is read anew where that is possible, as a variant. */
  #giveUp(source: Source, loadId: string): void {
    source.isGivenUp = true;
    this.#known.isAnother(loadId, source.path);
    if (!this.#options.follow || this.#isRemembering) return;
    this.#options.onProblem(
      new TablesError(
        'another-file',
        `${source.path} begins as a file that was loaded, and goes on as another one`,
        'end this, and begin it again: it is then known',
      ),
    );
  }

  #count({ task, rows, counts }: OpenPart): void {
    const all = this.counts;
    for (const kind of ['bytes', ...KINDS] as const) all[kind] += counts[kind];
    all.duplicates += rows.duplicates;
    all.untimed += rows.untimed;
    if (task.task === 'remember') all.already += rows.rows;
  }

  /** No more comes of a file: writes what was read of it. */
  #end(source: Source): void {
    source.hasEnded = true;
    const { part } = source;
    if (part === undefined) return;
    if (part.task.task === 'load') {
      this.#close(source, false);
      return;
    }
    source.part = undefined;
    if (this.#options.signal.aborted || source.isGivenUp || source.loadId === undefined) return;
    // It has become shorter, or is another one, which then has a right to the id.
    this.#known.release(source.loadId);
    if (this.#isRemembering) return;
    const { firstLine, endLine, state } = part.task.before;
    this.#options.onProblem(
      new TablesError(
        'part-missing',
        `${source.path} ends at line ${source.line}; lines ${firstLine + 1} to ${endLine} were ${state} of a file that begins as it does`,
        'nothing is loaded of its lines from there on; load the file as it was, or what it was renamed to',
      ),
    );
  }
}

const KINDS = ['lines', 'other', 'malformed', 'spoofed', 'unread'] as const;

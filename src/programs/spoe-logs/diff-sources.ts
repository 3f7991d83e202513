/**
 * Logs that are followed together, their lines in the order of their times. What files hold already may be hours of
 * one side before the first line of the other is read: lines take turns as they were written, by clocks that are as far
 * apart as those of the pairs so far. The clock of the comparison goes on only while there is nothing more to read: a
 * line is never given up for one that is in a file already.
 */
import type { Added } from '../../diff/collection.ts';
import type { LiveDiff } from '../../diff/live-diff.ts';
import type { Side, Taker } from '../../diff/sides.ts';
import { FollowedFile } from '../../logs/follow.ts';
import { InputError } from '../../logs/input-errors.ts';
import { type Problem, type TimeOptions, timesFor } from '../../logs/inputs.ts';
import { LineFeed } from '../../logs/line-feed.ts';
import type { LineHeader } from '../../logs/record.ts';
import { LineTally } from '../../logs/tally.ts';
import type { TimeResolver } from '../../logs/time.ts';
import { reportGivenUp } from './report-problem.ts';

/** Of one file at once: no more lines than these wait for those of the other files. */
const POLL_BYTES = 256 * 1024;

/** A line that waits for its turn; it answers whether it was a duplicate. */
type Take = (live: LiveDiff, nowMs: number) => Added;

interface Source {
  readonly side: Side;
  readonly path: string;
  readonly file: FollowedFile;
  /** For SPOE lines, whose times the scanner does not pass on. */
  readonly times: TimeResolver;
  readonly queue: { readonly take: Take; readonly timeMs: number }[];
  /** Of the last line that had a time. */
  timeMs: number;
  /** There may be more to read at once. */
  hasMore: boolean;
}

export class DiffSources {
  readonly problems: Problem[] = [];
  readonly #live: LiveDiff;
  #sources: Source[] = [];
  #current: Source | undefined;
  /** Of lines that were taken from a queue: what the scanner was told was that they are none. */
  readonly #duplicates = new Map<Side, Map<string, number>>();
  /** The clock of the comparison, ms; and when it was looked at last, if everything was read then. */
  #clockMs = 0;
  #readAtMs: number | undefined;

  constructor(live: LiveDiff) {
    this.#live = live;
  }

  /** What scanners give their lines to: they are kept until it is their turn. */
  readonly taker: Taker = {
    addProduction: (record, hash, input) =>
      this.#keep(record.timeMs, (live, nowMs) => live.addProduction(record, hash, input, nowMs)),
    addMirror: (record, hash, input) =>
      this.#keep(record.timeMs, (live, nowMs) => live.addMirror(record, hash, input, nowMs)),
    addSpoe: (event, header, hash) =>
      this.#keep(this.#timeOf(header), (live, nowMs) => live.addSpoe(event, header, hash, nowMs)),
  };

  open(sides: readonly Side[], options: TimeOptions): void {
    this.#sources = sides.flatMap((side) => side.paths.map((path) => this.#openSource(side, path, options)));
  }

  /** Files that are not there yet. */
  get awaited(): readonly string[] {
    return this.#sources.filter(({ file }) => file.isAwaited).map(({ path }) => path);
  }

  /** False when no file can be followed any more. */
  get isOpen(): boolean {
    return this.#sources.length > 0;
  }

  duplicatesOf(side: Side, path: string): number {
    return this.#duplicates.get(side)?.get(path) ?? 0;
  }

  /** Reads what is new and compares it. True when there may be more at once. */
  poll(): boolean {
    for (const source of [...this.#sources]) if (source.queue.length === 0) this.#pollSource(source);
    const { hasMore } = this;
    this.#takeTurns();
    if (hasMore) this.#readAtMs = undefined;
    else this.#advance();
    return hasMore;
  }

  /** There is more in the files than was read. */
  get hasMore(): boolean {
    return this.#sources.some((source) => source.hasMore);
  }

  /** Everything that is there is read, and no file is waited for. */
  get isCaughtUp(): boolean {
    return this.#readAtMs !== undefined && this.awaited.length === 0;
  }

  #advance(): void {
    const now = performance.now();
    this.#clockMs += now - (this.#readAtMs ?? now);
    this.#readAtMs = now;
    const awaited = this.#sources.filter(({ file }) => file.isAwaited);
    this.#live.advance(this.#clockMs, {
      forProduction: awaited.some(({ side }) => side.role !== 'mirror'),
      forMirror: awaited.some(({ side }) => side.role === 'mirror'),
    });
  }

  /** Ends the following: what waits for its turn gets it, and an unfinished line counts as a line. */
  close(): void {
    for (const source of this.#sources) {
      this.#enter(source);
      source.file.close();
      source.side.scanner.settle();
      source.hasMore = false;
    }
    this.#takeTurns();
  }

  #openSource(side: Side, path: string, options: TimeOptions): Source {
    const feedTimes = timesFor(path, options);
    const source: Source = {
      side,
      path,
      file: new FollowedFile(path, () => new LineFeed(side.scanner, new LineTally(), feedTimes), {
        onEnter: () => this.#enter(source),
        onGivenUp: () => reportGivenUp(path),
        pollBytes: POLL_BYTES,
      }),
      times: timesFor(path, options),
      queue: [],
      timeMs: Number.NEGATIVE_INFINITY,
      hasMore: true,
    };
    return source;
  }

  #enter(source: Source): void {
    this.#current = source;
    source.side.enter(source.path);
  }

  /** A file that cannot be followed any more leaves. */
  #pollSource(source: Source): void {
    this.#enter(source);
    try {
      source.hasMore = source.file.poll();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.problems.push({ code: error.code, message: error.message, hint: error.hint });
      this.#sources = this.#sources.filter((other) => other !== source);
    }
    // Lines that wait for their format are this file's: nobody else may be the current one when they come.
    source.side.scanner.settle();
  }

  #keep(timeMs: number, take: Take): Added {
    const source = this.#current as Source;
    if (timeMs > source.timeMs) source.timeMs = timeMs;
    source.queue.push({ take, timeMs: source.timeMs });
    return 'added';
  }

  #timeOf({ time }: LineHeader): number {
    return time === undefined ? Number.NaN : (this.#current as Source).times.resolve(time);
  }

  /** The oldest line of all, until one would be needed of a file that has to be read first. */
  #takeTurns(): void {
    const heads = new Map(this.#sources.map((source) => [source, 0]));
    for (let next = this.#next(heads); next !== undefined; next = this.#next(heads)) {
      const at = heads.get(next) as number;
      const { take } = next.queue[at] as Source['queue'][number];
      heads.set(next, at + 1);
      if (take(this.#live, this.#clockMs) === 'duplicate') this.#countDuplicate(next);
    }
    for (const [{ queue }, taken] of heads) queue.splice(0, taken);
  }

  #next(heads: ReadonlyMap<Source, number>): Source | undefined {
    const { wanted, skewMs } = this.#live;
    let oldest: Source | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    let isWanted = false;
    for (const [source, at] of heads) {
      const line = source.queue[at];
      if (line === undefined && source.hasMore) return undefined;
      if (line === undefined) continue;
      const isMirror = source.side.role === 'mirror';
      const timeMs = isMirror ? line.timeMs - skewMs : line.timeMs;
      const fits = wanted !== undefined && isMirror === (wanted === 'mirror');
      if (oldest === undefined || (fits && !isWanted) || (fits === isWanted && timeMs < oldestMs)) {
        oldest = source;
        oldestMs = timeMs;
        isWanted = fits;
      }
    }
    return oldest;
  }

  #countDuplicate({ side, path }: Source): void {
    const ofSide = this.#duplicates.get(side) ?? new Map<string, number>();
    ofSide.set(path, (ofSide.get(path) ?? 0) + 1);
    this.#duplicates.set(side, ofSide);
  }
}

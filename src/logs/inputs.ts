/** The reading of many inputs: one after the other, or followed together. What cannot be read is kept as a problem. */
import { statSync } from 'node:fs';
import { type FollowedInput, Following } from './input/following.ts';
import { type Problem, toProblem } from './input-errors.ts';
import { LineFeed } from './line-feed.ts';
import { type ByteRange, type ReadControl, readInput, STDIN, startOf } from './read.ts';
import type { BlockScanner } from './scanner.ts';
import type { LineTally } from './tally.ts';
import { checkYear, type ReadingTimes, referenceFromFileName, streamTimes, TimeResolver } from './time.ts';
import { parseZone, type Zone } from './zone.ts';

const SAMPLE_BYTES = 16 * 1024;

/** One input, or a part of it. */
export interface Region {
  readonly path: string;
  /** The part; absent for the whole input, whatever it is. */
  readonly range?: ByteRange;
}

/** The options that decide what a time without year or zone means. */
export interface TimeOptions {
  readonly zone: Zone;
  readonly year?: number;
  readonly nowMs: number;
}

/** The reference of RFC 3164 years: date in the file name, else mtime, else now. */
export function timesFor(path: string, { zone, year, nowMs }: TimeOptions, previousMs?: number): TimeResolver {
  const referenceMs = path === STDIN ? nowMs : (referenceFromFileName(path) ?? modifiedMs(path) ?? nowMs);
  return new TimeResolver({
    zone,
    referenceMs,
    ...(year !== undefined && { year }),
    ...(previousMs !== undefined && { previousMs }),
  });
}

/** The same for readers of a file without the command line. Throws TimeZoneError, RangeError. */
export function fileTimes(path: string, given: ReadingTimes): TimeResolver {
  if (path === STDIN) return streamTimes(given);
  const { tz = 'local', year, nowMs = Date.now() } = given;
  return timesFor(path, { zone: parseZone(tz), nowMs, ...(year !== undefined && { year: checkYear(year) }) });
}

function modifiedMs(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Lines whose header is not known, and what to do about them. */
export interface Unread {
  readonly message: string;
  readonly hint: string;
}

/** The years of RFC 3164 times through a list of regions: its first such time and what was made of it, its last time. */
export interface TimeChain {
  readonly first: TimeResolver['firstLocal'];
  readonly previousMs: number | undefined;
}

/** The callbacks of the reading, and its end. */
export interface ReadTurns extends Pick<ReadControl, 'signal' | 'onTurn' | 'turnBytes' | 'pipeAhead'> {
  /**
   * Called before the lines of an input; `isAnew` when they are its first ones. Where it is followed, several files may
   * have had its path: `file` is one and the same object for each.
   */
  readonly onEnter?: (path: string, isAnew: boolean, file: object) => void;
  /** Called for a followed file that is not there yet. */
  readonly onAwaited?: (path: string) => void;
  /** Called when a followed file was renamed and others after it, faster than they are read on. */
  readonly onGivenUp?: (path: string) => void;
}

export class Inputs {
  readonly problems: Problem[] = [];
  /** The beginning of the first input that is text, for a word about what was found instead of SPOE lines. */
  sample = '';
  readonly #scanner: BlockScanner;
  readonly #tally: LineTally;
  readonly #times: TimeOptions;
  #following: Following<FollowedInput> | undefined;

  constructor(scanner: BlockScanner, tally: LineTally, times: TimeOptions) {
    this.#scanner = scanner;
    this.#tally = tally;
    this.#times = times;
  }

  /** Lines whose header is not known, in words, and what to do about them; undefined without any. */
  get unread(): Unread | undefined {
    const message = this.#tally.describeUnread();
    return message === undefined ? undefined : { message, hint: this.#tally.unreadHint };
  }

  /**
   * Reads regions in order; one that cannot be read is a problem, and the others are still read. `previousMs` is the
   * last time before the first region, where that begins inside a file.
   */
  async read(regions: readonly Region[], turns: ReadTurns, previousMs?: number): Promise<TimeChain> {
    const onSample = (bytes: Uint8Array) => this.#keepSample(bytes);
    const resolvers: TimeResolver[] = [];
    for (const region of regions) {
      const { path, range } = region;
      if (turns.signal.aborted) break;
      const times = timesFor(path, this.#times, resolvers.length === 0 ? previousMs : undefined);
      resolvers.push(times);
      turns.onEnter?.(path, range === undefined || range.start <= startOf(path), region);
      try {
        await readInput(path, new LineFeed(this.#scanner, this.#tally, times), { ...turns, onSample }, range);
      } catch (error) {
        this.problems.push(toProblem(error));
      }
    }
    return { first: resolvers[0]?.firstLocal, previousMs: resolvers.at(-1)?.previousMs };
  }

  /** Followed files that are not there yet. */
  get awaited(): readonly string[] {
    return this.#following?.awaited.map(({ path }) => path) ?? [];
  }

  /** Reads files to their ends, one after the other, or follows them. */
  async readAll(paths: readonly string[], follow: boolean, turns: ReadTurns): Promise<void> {
    if (follow) return await this.follow(paths, turns);
    await this.read(
      paths.map((path) => ({ path })),
      turns,
    );
  }

  /**
   * Follows files until the signal, or until none can be followed. What they hold already is read first: the verdict
   * is about the whole file, and `--since -15m` makes it about less. Standard input alone is read as it comes.
   */
  async follow(paths: readonly string[], turns: ReadTurns): Promise<void> {
    if (paths.includes(STDIN)) return await this.readAll([STDIN], false, turns);
    const following = new Following(paths.map((path) => this.#followedInput(path, turns)));
    this.#following = following;
    let { bytes } = this.#tally;
    await following.run({
      signal: turns.signal,
      onPolled: async () => {
        if (this.#tally.bytes === bytes) return;
        bytes = this.#tally.bytes;
        await turns.onTurn();
      },
      onAwaited: ({ path }) => turns.onAwaited?.(path),
      onProblem: (problem) => this.problems.push(problem),
    });
  }

  #followedInput(path: string, turns: ReadTurns): FollowedInput {
    const times = timesFor(path, this.#times);
    return {
      path,
      createFeed: () => new LineFeed(this.#scanner, this.#tally, times),
      onEnter: (file, isAnew) => turns.onEnter?.(path, isAnew, file),
      onGivenUp: () => turns.onGivenUp?.(path),
      pollBytes: turns.turnBytes,
    };
  }

  #keepSample(bytes: Uint8Array): void {
    if (this.sample === '') this.sample = Buffer.from(bytes.subarray(0, SAMPLE_BYTES)).toString('utf8');
  }
}

/** A summary that grows: the counts of the command, for a program of one's own. */
import { Writable } from 'node:stream';
import { fileTimes } from '../logs/inputs.ts';
import { LineFeed } from '../logs/line-feed.ts';
import { LogIntake } from '../logs/log-intake.ts';
import { readInput, STDIN, silentControl } from '../logs/read.ts';
import type { BlockScanner } from '../logs/scanner.ts';
import type { LogChunk } from '../logs/spoe-lines.ts';
import { LineTally } from '../logs/tally.ts';
import { type ReadingTimes, streamTimes } from '../logs/time.ts';
import { LONGEST_MS } from '../options/duration.ts';
import { ThresholdError } from './errors.ts';
import type { EventFilter } from './filter.ts';
import { DIMENSIONS, type Dimension } from './grouping.ts';
import { LogCount } from './log-count.ts';
import { MirrorRecord } from './mirror-record.ts';
import type { Summary } from './model.ts';
import { summarize as describeCounts } from './summary.ts';
import { parseThreshold, scopeWithoutGroup, type Threshold } from './thresholds.ts';

/** Each is the option of `spoe-logs summarize` of about that name, with its default. */
export interface SummarizeOptions extends ReadingTimes {
  /** The dimensions of groups: agent and event by default. `event` is type and name. */
  readonly by?: readonly Dimension[];
  /** The width of windows in ms, at least 1000; it adds a series. */
  readonly windowMs?: number;
  readonly filter?: EventFilter;
  /** `error-rate>1%`, `p99>50ms`, `mirror:p99>50ms`, `mirror-p99>1s`: see `summary.thresholds`. */
  readonly failOn?: readonly string[];
  /** Fewer events than this cross every threshold; 1 without it. */
  readonly minEvents?: number;
  /** Counts an event each time it is written; false without it. */
  readonly keepDuplicates?: boolean;
}

export interface ReadOptions {
  /** A signal that ends the reading; what was read counts. */
  readonly signal?: AbortSignal;
}

/**
 * Counts the events of logs, in constant memory. A Writable for bytes or text of a log (cut anywhere), for the objects of
 * spoeLines, and for what parseLine returns; `pipeline(process.stdin, summarize())` works. What `write` was given is
 * counted when it returns. Lines that parseLine or spoeLines has read tell neither bytes nor, of spoeLines, other lines:
 * `summary().input` has them from bytes alone.
 */
export class Summarizer extends Writable {
  readonly #options: SummarizeOptions;
  readonly #thresholds: readonly Threshold[] | undefined;
  readonly #count: LogCount;
  readonly #intake: LogIntake;
  readonly #files: string[] = [];
  #mirror: MirrorRecord | undefined;
  readonly #mirrorBytes = new LineTally();

  /** Throws RangeError, TimeZoneError, ThresholdError. */
  constructor(options: SummarizeOptions = {}) {
    super({ objectMode: true });
    const { by = ['agent', 'event'], windowMs, filter, keepDuplicates = false } = options;
    refuseWindow(windowMs);
    refuseMinEvents(options.minEvents);
    this.#options = options;
    this.#thresholds = readThresholds(options.failOn, by);
    const times = streamTimes(options);
    this.#count = new LogCount({
      ...{ by: readDimensions(by), keepDuplicates, times },
      ...(windowMs !== undefined && { windowMs }),
      ...(filter && { filter }),
    });
    const { scanner, tally, names, take } = this.#count;
    this.#intake = new LogIntake({ scanner, tally, times, names: () => names, sink: take });
  }

  /** Begins another input, of this name. */
  begin(name: string): void {
    this.#begin(name);
    this.#intake.begin(streamTimes(this.#options));
  }

  /**
   * Reads a log to its end as the command does, gzip or not; `-` is standard input. One after the other.
   *
   * @throws InputError; what was read before it counts
   */
  async read(path: string, options: ReadOptions = {}): Promise<void> {
    this.#intake.end();
    this.#begin(path);
    await this.#readInto(path, this.#count.scanner, this.#count.tally, options);
  }

  /** The same for the agent's record: from now on the summary tells what the mirror answered. */
  async readMirror(path: string, options: ReadOptions = {}): Promise<void> {
    const mirror = this.#beginMirror(path);
    await this.#readInto(path, mirror.scanner, this.#mirrorBytes, options);
  }

  /** A Writable for bytes or text of an agent's record. One after the other. */
  mirrorInput(name: string): Writable {
    const mirror = this.#beginMirror(name);
    const feed = new LineFeed(mirror.scanner, this.#mirrorBytes, streamTimes(this.#options));
    return new Writable({
      write(chunk: Buffer, _encoding, callback) {
        feed.push(chunk);
        callback();
      },
      final(callback) {
        feed.end();
        callback();
      },
    });
  }

  /** A summary of everything counted so far, as `spoe-logs summarize --format json` writes it. Nothing changes by it. */
  summary(): Summary {
    this.#mirror?.note();
    const { aggregator, tally } = this.#count;
    const isLog = this.#files.length > 0 || this.#mirror !== undefined;
    return describeCounts({
      files: isLog ? [...this.#files] : [STDIN],
      ...{ aggregator, tally, thresholds: this.#thresholds, minEvents: this.#options.minEvents ?? 1 },
      ...(this.#mirror && { mirror: this.#mirror.tally }),
    });
  }

  /** @internal */
  override _write(chunk: LogChunk, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#files.length === 0) this.#begin(STDIN);
    try {
      this.#intake.take(chunk);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback();
  }

  /** @internal */
  override _final(callback: (error?: Error | null) => void): void {
    this.#intake.end();
    callback();
  }

  #begin(name: string): void {
    this.#files.push(name);
    this.#count.beginInput();
  }

  #beginMirror(name: string): MirrorRecord {
    this.#mirror ??= new MirrorRecord(this.#options.filter ?? {});
    this.#mirror.tally.files.push(name);
    this.#mirror.begin(name, true);
    return this.#mirror;
  }

  async #readInto(path: string, scanner: BlockScanner, tally: LineTally, { signal }: ReadOptions): Promise<void> {
    const feed = new LineFeed(scanner, tally, fileTimes(path, this.#options));
    await readInput(path, feed, silentControl(signal));
  }
}

/** A summary that grows. Throws RangeError, TimeZoneError, ThresholdError. */
export function summarize(options: SummarizeOptions = {}): Summarizer {
  return new Summarizer(options);
}

function refuseWindow(windowMs: number | undefined): void {
  if (windowMs === undefined) return;
  if (!Number.isFinite(windowMs) || windowMs < 1000 || windowMs > LONGEST_MS)
    throw new RangeError(`windowMs is not from 1000 to ${LONGEST_MS}: ${windowMs}`);
}

function refuseMinEvents(minEvents: number | undefined): void {
  if (minEvents === undefined || (Number.isSafeInteger(minEvents) && minEvents >= 0)) return;
  throw new RangeError(`minEvents is not a whole number of 0 or more: ${minEvents}`);
}

function readDimensions(by: readonly Dimension[]): readonly Dimension[] {
  const unknown = by.find((name) => !DIMENSIONS.includes(name));
  if (unknown !== undefined || by.length === 0)
    throw new RangeError(`cannot group by ${JSON.stringify(unknown ?? '')}: choose from ${DIMENSIONS.join(', ')}`);
  return DIMENSIONS.filter((name) => by.includes(name));
}

function readThresholds(
  failOn: readonly string[] | undefined,
  by: readonly Dimension[],
): readonly Threshold[] | undefined {
  const thresholds = failOn?.map(parseThreshold);
  const lonely = thresholds && scopeWithoutGroup(thresholds, by);
  if (lonely === undefined) return thresholds;
  throw new ThresholdError(
    `${lonely.expression} is about one agent, but groups do not tell agents apart: add agent to by`,
  );
}

/** Counting: from inputs to counts. */

import { FastScanner } from '../../logs/fast-scanner.ts';
import type { Problem } from '../../logs/input-errors.ts';
import { Inputs, type ReadTurns, type Region, type TimeChain, type TimeOptions, timesFor } from '../../logs/inputs.ts';
import { LineFeed } from '../../logs/line-feed.ts';
import { Names } from '../../logs/names.ts';
import { readInput, STDIN, startOf } from '../../logs/read.ts';
import type { SeenEvents, SeenState } from '../../logs/seen-events.ts';
import { LineTally, type TallyState } from '../../logs/tally.ts';
import type { Aggregator, RowWatcher } from '../../stats/aggregator.ts';
import type { Dimension } from '../../stats/grouping.ts';
import { LogCount } from '../../stats/log-count.ts';
import type { AggregateState } from '../../stats/state.ts';
import { type FilterOptions, toFilter } from './filter-options.ts';

/** The options of the counting as plain data: a worker thread gets the same. */
export interface IngestOptions extends TimeOptions {
  readonly by: readonly Dimension[];
  readonly windowMs?: number;
  /** Whether what happened is also kept step by step, for charts. */
  readonly history: boolean;
  readonly filter: FilterOptions;
  /** Whether each line counts, also one of an event that was counted already. */
  readonly keepDuplicates: boolean;
  /** Whether every line goes through the plain path, which the fast one is compared with. */
  readonly plain: boolean;
}

/** The counts that a worker thread sends back. */
export interface IngestResult {
  readonly aggregate: AggregateState;
  readonly tally: TallyState;
  readonly problems: readonly Problem[];
  /** False where the reading was stopped before its end. */
  readonly isWhole: boolean;
  readonly chain: TimeChain;
  /** The events that were counted; absent with --keep-duplicates. */
  readonly seen?: SeenState;
}

/** The bytes before a part of a file that may be repeated at its beginning: a second log target is never far behind. */
const LEAD_BYTES = 64 * 1024;

export class Ingest {
  readonly options: IngestOptions;
  readonly inputs: Inputs;
  readonly #count: LogCount;
  #lead: SeenState | undefined;
  /** The events that other threads have counted. */
  readonly #others: SeenState[] = [];

  /** @param watcher what looks at each event that is counted here, not in a thread */
  constructor(options: IngestOptions, watcher?: RowWatcher) {
    this.options = options;
    const { by, windowMs, history, keepDuplicates, plain } = options;
    const filter = toFilter(options.filter);
    this.#count = new LogCount({
      ...{ by, history, keepDuplicates, plain, times: timesFor(STDIN, options) },
      ...(windowMs !== undefined && { windowMs }),
      ...(filter && { filter }),
      ...(watcher && { watcher }),
    });
    this.inputs = new Inputs(this.#count.scanner, this.tally, options);
  }

  get aggregator(): Aggregator {
    return this.#count.aggregator;
  }

  get tally(): LineTally {
    return this.#count.tally;
  }

  get seen(): SeenEvents | undefined {
    return this.#count.seen;
  }

  /** The callbacks of the reading, with the one for the beginning of an input. */
  turns(turns: ReadTurns): ReadTurns {
    const onEnter = (path: string, isAnew: boolean, file: object) => {
      if (isAnew) this.#count.beginInput();
      turns.onEnter?.(path, isAnew, file);
    };
    return { ...turns, onEnter };
  }

  /** Remembers the events right before a part of a file: another one counts them. */
  async readLead({ path, range }: Region, signal: AbortSignal): Promise<void> {
    const { seen, options } = this;
    if (seen === undefined || range === undefined || range.start <= startOf(path)) return;
    const start = Math.max(startOf(path), range.start - LEAD_BYTES);
    const times = timesFor(path, options);
    const tally = new LineTally();
    const scanner = new FastScanner(new Names(), tally, times, (batch) => seen.mark(batch), seen.memory);
    const control = { signal, onTurn: () => undefined, onSample: () => undefined };
    await readInput(path, new LineFeed(scanner, tally, times), control, { start, end: range.start });
    this.#lead = seen.toState();
  }

  /** Remembers the events that others have counted: here they are repeated, and none of the result's. */
  know(parts: readonly SeenState[]): void {
    for (const part of parts) this.seen?.add(part);
    this.#lead = this.seen?.toState();
  }

  /** The events counted here, where no part was before, and by other threads, part by part; none with --keep-duplicates. */
  get seenParts(): SeenState[] {
    return this.seen === undefined ? [] : [this.seen.present, ...this.#others];
  }

  /** Appends the counts of another thread; with `goesOn`, those of the rest of the same file. */
  merge({ aggregate, tally, problems, seen }: IngestResult, goesOn: boolean): void {
    if (seen !== undefined) this.#others.push(seen);
    this.aggregator.merge(aggregate, goesOn);
    this.tally.merge(tally);
    this.inputs.problems.push(...problems);
  }

  toResult(chain: TimeChain, { aborted }: AbortSignal): IngestResult {
    const { aggregator, tally, inputs, seen } = this;
    return {
      aggregate: aggregator.toState(),
      tally: tally.toState(),
      problems: inputs.problems,
      isWhole: !aborted,
      chain,
      ...(seen && { seen: seen.toState(this.#lead) }),
    };
  }
}

/** From inputs to counts. */
import { STDIN } from '../logs/input/read.ts';
import { Names } from '../logs/names.ts';
import { FastScanner } from '../logs/scanner/fast-scanner.ts';
import { SeenEvents } from '../logs/seen-events.ts';
import { PlainScanner } from '../logs/scanner/plain-scanner.ts';
import { RowBuffer } from '../logs/scanner/row-buffer.ts';
import type { BlockScanner } from '../logs/scanner/scanner.ts';
import { LineTally, type TallyState } from '../logs/tally.ts';
import { Aggregator } from '../stats/aggregator.ts';
import type { Dimension } from '../stats/grouping.ts';
import type { AggregateState } from '../stats/state.ts';
import { type FilterOptions, toFilter } from './filter-options.ts';
import { Inputs, type Problem, type TimeChain, type TimeOptions, timesFor } from './inputs.ts';

/** Plain data: a worker thread gets the same. */
export interface IngestOptions extends TimeOptions {
  readonly by: readonly Dimension[];
  readonly windowMs?: number;
  readonly filter: FilterOptions;
  /** Counts each line, also of an event that was counted already. */
  readonly keepDuplicates: boolean;
  /** Every line through the plain path: for holding the fast one against it. */
  readonly plain: boolean;
}

/** What a worker thread sends back. */
export interface IngestResult {
  readonly aggregate: AggregateState;
  readonly tally: TallyState;
  readonly problems: readonly Problem[];
  readonly chain: TimeChain;
}

export class Ingest {
  readonly options: IngestOptions;
  readonly aggregator: Aggregator;
  readonly tally = new LineTally();
  readonly inputs: Inputs;

  constructor(options: IngestOptions) {
    this.options = options;
    const filter = toFilter(options.filter);
    this.aggregator = new Aggregator({
      by: options.by,
      ...(options.windowMs !== undefined && { windowMs: options.windowMs }),
      ...(filter && { filter }),
      ...(!options.keepDuplicates && { seen: new SeenEvents() }),
    });
    this.inputs = new Inputs(this.#createScanner(), this.tally, options);
  }

  #createScanner(): BlockScanner {
    const names = new Names();
    const times = timesFor(STDIN, this.options);
    if (!this.options.plain) {
      const memory = this.aggregator.options.seen?.memory;
      return new FastScanner(names, this.tally, times, (batch) => this.aggregator.add(batch), memory);
    }
    const rows = new RowBuffer(names, (batch) => this.aggregator.add(batch));
    return new PlainScanner(this.tally, times, (line) => rows.write(line));
  }

  merge({ aggregate, tally, problems }: IngestResult): void {
    this.aggregator.merge(aggregate);
    this.tally.merge(tally);
    this.inputs.problems.push(...problems);
  }

  toResult(chain: TimeChain): IngestResult {
    return { aggregate: this.aggregator.toState(), tally: this.tally.toState(), problems: this.inputs.problems, chain };
  }
}

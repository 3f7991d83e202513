/** Counts a log, and chooses the scanner for it. */

import { FastScanner } from '../logs/fast-scanner.ts';
import { Names } from '../logs/names.ts';
import { PlainScanner } from '../logs/plain-scanner.ts';
import type { RowBatch } from '../logs/row.ts';
import { RowBuffer } from '../logs/row-buffer.ts';
import type { BlockScanner } from '../logs/scanner.ts';
import { SeenEvents } from '../logs/seen-events.ts';
import { LineTally } from '../logs/tally.ts';
import type { TimeResolver } from '../logs/time.ts';
import { type AggregateOptions, Aggregator } from './aggregator.ts';

export interface LogCountOptions extends Omit<AggregateOptions, 'seen'> {
  /** Counts each line, also of an event that was counted already. */
  readonly keepDuplicates: boolean;
  /** Every line through the plain path: for holding the fast one against it. */
  readonly plain?: boolean;
  readonly times: TimeResolver;
}

export class LogCount {
  readonly aggregator: Aggregator;
  readonly tally = new LineTally();
  /** Names of all rows of the aggregator. */
  readonly names = new Names();
  readonly scanner: BlockScanner;

  constructor({ keepDuplicates, plain = false, times, ...options }: LogCountOptions) {
    this.aggregator = new Aggregator({ ...options, ...(!keepDuplicates && { seen: new SeenEvents() }) });
    const { names, tally, take } = this;
    if (plain) {
      const rows = new RowBuffer(names, take);
      this.scanner = new PlainScanner(tally, times, (line) => rows.write(line));
    } else this.scanner = new FastScanner(names, tally, times, take, this.seen?.memory);
  }

  readonly take = (batch: RowBatch): void => this.aggregator.add(batch);

  get seen(): SeenEvents | undefined {
    return this.aggregator.options.seen;
  }

  /** The next lines are of another input. */
  beginInput(): void {
    this.seen?.beginInput();
    this.aggregator.beginInput();
  }
}

/** The log and the record that `serve` follows, and the summary of them as it stands now. */
import type { ReadTurns } from '../../logs/inputs.ts';
import { Kept, type KeptValue } from '../../serving/kept.ts';
import type { Dimension } from '../../stats/grouping.ts';
import { type HistoryView, viewHistory } from '../../stats/history-view.ts';
import type { Notice, Summary } from '../../stats/model.ts';
import { summarize } from '../../stats/summary.ts';
import { Arrivals } from './arrivals.ts';
import { Ingest } from './ingest.ts';
import type { LogOptions } from './log-options.ts';
import { RecordIngest } from './record-ingest.ts';
import { describeAwaited, reportAwaited, reportGivenUp } from './report-reading.ts';

export interface ServedLogsOptions extends LogOptions {
  readonly files: readonly string[];
  readonly record: readonly string[];
  readonly by: readonly Dimension[];
}

/** A summary for who asks is not older than that, and takes no more than this share of the time. */
const FRESH_MS = 1_000;
const SUMMARY_SHARE = 0.1;
/** Silence shows without anything new. */
const STALE_MS = 2_000;

export class ServedLogs {
  /** Grows with whatever is read. */
  version = 0;
  readonly #options: ServedLogsOptions;
  readonly #ingest: Ingest;
  readonly #record: RecordIngest | undefined;
  readonly #arrivals: Arrivals;
  readonly #kept: Kept<Summary>;

  constructor(options: ServedLogsOptions, now = () => performance.now()) {
    this.#options = options;
    this.#kept = new Kept({
      version: () => this.version,
      make: () => this.#summarize(),
      share: SUMMARY_SHARE,
      staleMs: STALE_MS,
      now,
    });
    this.#ingest = new Ingest({
      ...options,
      history: true,
      plain: false,
      keepDuplicates: false,
    });
    this.#record =
      options.record.length === 0 ? undefined : new RecordIngest(options.record, { ...options, history: true });
    this.#arrivals = new Arrivals({ log: options.files.length > 0 ? this.#ingest : undefined, record: this.#record });
  }

  get problems(): readonly { readonly code: string; readonly message: string; readonly hint?: string | undefined }[] {
    return [...this.#ingest.inputs.problems, ...(this.#record?.inputs.problems ?? [])];
  }

  /** Ms since the last event and the last request of the record came; null before, absent where it is not read. */
  get ages(): Arrivals['ages'] {
    this.#arrivals.note();
    return this.#arrivals.ages;
  }

  /** What happened over time. */
  get history(): HistoryView | undefined {
    return viewHistory(this.#ingest.aggregator.history, this.#record?.tally.history);
  }

  /** Follows both until the signal or until none can be followed. */
  async follow(signal: AbortSignal): Promise<void> {
    const { files, record } = this.#options;
    const turns: ReadTurns = {
      signal,
      onTurn: () => {
        this.#arrivals.note();
        this.version++;
      },
      onAwaited: reportAwaited,
      onGivenUp: reportGivenUp,
    };
    const own = this.#ingest.turns(turns);
    await Promise.all([
      files.length > 0 && this.#ingest.inputs.follow(files, own),
      record.length > 0 && this.#record?.readAll(true, turns),
    ]);
    this.version++;
  }

  /** The summary of everything so far. */
  summary(): Summary {
    return this.made().value;
  }

  /** The same, with the version that it was made of. */
  made(): KeptValue<Summary> {
    return this.#kept.get(FRESH_MS);
  }

  get servedVersion(): number {
    return this.#kept.versionFor(FRESH_MS);
  }

  #summarize(): Summary {
    this.#arrivals.note();
    const { aggregator, tally, inputs } = this.#ingest;
    const inputNotices: Notice[] = this.problems.map(({ code, message }) => ({ code, message }));
    const found = summarize({
      files: this.#options.files,
      aggregator,
      tally,
      minEvents: 1,
      present: this.#arrivals.present,
      inputNotices,
      ...(this.#record && { mirror: this.#record.tally }),
    });
    const waitsFor = [...inputs.awaited, ...(this.#record?.inputs.awaited ?? [])].map(describeAwaited);
    const reasons = [...waitsFor, ...found.verdict.reasons];
    return {
      ...found,
      input: { ...found.input, generatedAt: new Date().toISOString() },
      verdict: { ...found.verdict, reasons },
    };
  }
}

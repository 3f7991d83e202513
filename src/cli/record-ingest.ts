/** The agent's record, read for a summary. */
import { AccessScanner } from '../logs/access/access-scanner.ts';
import { LineTally } from '../logs/tally.ts';
import type { MirrorPresent } from '../stats/handed-over.ts';
import { MirrorRecordTally } from '../stats/mirror-tally.ts';
import type { FilterOptions } from './filter-options.ts';
import { Inputs, type ReadTurns, type TimeOptions } from './inputs.ts';

export interface RecordOptions extends TimeOptions {
  /** Of it, only the times count: the others are about lines of HAProxy. */
  readonly filter: FilterOptions;
}

export class RecordIngest {
  readonly paths: readonly string[];
  readonly tally = new MirrorRecordTally();
  readonly inputs: Inputs;
  readonly #scanner: AccessScanner;
  #lastRequestMs: number | null = null;
  #firstEventMs: number | null | undefined;
  #requests = 0;
  #events = 0;

  constructor(paths: readonly string[], options: RecordOptions) {
    this.paths = paths;
    this.tally.files.push(...paths);
    const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = options.filter;
    const { tally } = this;
    this.#scanner = new AccessScanner(
      {},
      {
        onRequest: (record) => {
          const { timeMs, destination = '', requestBytes = -1, responseBytes = -1 } = record;
          if (timeMs < since || timeMs >= until) tally.filtered += 1;
          else tally.add(destination, { ...record, requestBytes, responseBytes });
        },
      },
    );
    this.inputs = new Inputs(this.#scanner, new LineTally(), options);
  }

  /** Reads all of it; where the log is followed, so is the record. */
  async read(follow: boolean, turns: ReadTurns): Promise<void> {
    const own: ReadTurns = {
      ...turns,
      onEnter: (path) => this.#scanner.begin(path),
      onTurn: () => {
        this.#note();
        return turns.onTurn();
      },
    };
    if (follow) await this.inputs.follow(this.paths, own);
    else
      await this.inputs.read(
        this.paths.map((path) => ({ path })),
        own,
      );
    this.#note();
  }

  /** Something may have come. */
  #note(): void {
    this.#scanner.settle();
    const { tally } = this;
    const counts = this.#scanner.inputs.map((input) => input.counts);
    tally.lines = counts.reduce((sum, { lines }) => sum + lines, 0);
    tally.unread = counts.reduce((sum, { lines, parsed }) => sum + lines - parsed, 0);
    const { requests } = tally;
    if (requests !== this.#requests) {
      this.#lastRequestMs = Date.now();
      if (this.#firstEventMs !== undefined) this.#firstEventMs = null;
    }
    this.#requests = requests;
  }

  /** The log beside the record holds so many events by now. */
  noteEvents(events: number): void {
    this.#firstEventMs ??= events === this.#events ? null : Date.now();
    this.#events = events;
  }

  /** Of a record that is followed. */
  get present(): MirrorPresent {
    const firstEventMs = this.#firstEventMs;
    return {
      nowMs: Date.now(),
      lastRequestMs: this.#lastRequestMs,
      ...(firstEventMs !== undefined && { firstEventMs }),
    };
  }

  /** How long ago the last request came; null before the first. */
  get ageMs(): number | null {
    const { nowMs, lastRequestMs } = this.present;
    return lastRequestMs === null ? null : Math.max(0, nowMs - lastRequestMs);
  }
}

/** The agent's record, read for a summary. */
import { AccessScanner } from '../logs/access/access-scanner.ts';
import { Inputs, type ReadTurns, type TimeOptions } from '../logs/input/inputs.ts';
import { LineTally } from '../logs/tally.ts';
import { acceptsTime } from '../stats/filter.ts';
import { MirrorRecordTally } from '../stats/mirror-tally.ts';
import type { FilterOptions } from './filter-options.ts';

export interface RecordOptions extends TimeOptions {
  /** Of it, only the times count: the others are about lines of HAProxy. */
  readonly filter: FilterOptions;
}

export class RecordIngest {
  readonly paths: readonly string[];
  readonly tally = new MirrorRecordTally();
  /** Its bytes. */
  readonly read = new LineTally();
  readonly inputs: Inputs;
  readonly #scanner: AccessScanner;
  /** Lines of HAProxy's own log. */
  #ofHaproxy = 0;

  constructor(paths: readonly string[], options: RecordOptions) {
    this.paths = paths;
    this.tally.files.push(...paths);
    const { tally } = this;
    this.#scanner = new AccessScanner(
      {},
      {
        onRequest: (record) => {
          const { timeMs, destination = '', requestBytes = -1, responseBytes = -1 } = record;
          // What the clients of production got is no word of the mirror.
          if (record.termination !== '') this.#ofHaproxy += 1;
          else if (acceptsTime(options.filter, timeMs))
            tally.add(destination, { ...record, requestBytes, responseBytes });
          else tally.filtered += 1;
        },
      },
    );
    this.inputs = new Inputs(this.#scanner, this.read, options);
  }

  /** Reads all of it; where the log is followed, so is the record. */
  async readAll(follow: boolean, turns: ReadTurns): Promise<void> {
    const own: ReadTurns = {
      ...turns,
      onEnter: (path, isAnew) => {
        this.#scanner.begin(path);
        if (isAnew) this.tally.beginInput();
      },
      onAwaited: (path) => {
        this.tally.absent = 'is not there yet';
        turns.onAwaited?.(path);
      },
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
    if (this.inputs.problems.length > 0) this.tally.absent = 'could not be read';
    this.#note();
  }

  /** Something may have come. */
  #note(): void {
    this.#scanner.settle();
    const { tally } = this;
    const counts = this.#scanner.inputs.map((input) => input.counts);
    tally.lines = counts.reduce((sum, { lines }) => sum + lines, 0);
    tally.unread = counts.reduce((sum, { lines, parsed }) => sum + lines - parsed, this.#ofHaproxy);
  }
}

/** The agent's record, read for a summary. */
import { Inputs, type ReadTurns, type TimeOptions } from '../../logs/inputs.ts';
import { LineTally } from '../../logs/tally.ts';
import { MirrorRecord, type MirrorRecordOptions } from '../../stats/mirror-record.ts';
import type { MirrorRecordTally } from '../../stats/mirror-tally.ts';
import type { FilterOptions } from './filter-options.ts';

export interface RecordOptions extends TimeOptions, MirrorRecordOptions {
  /** The filter, of which only the times count: the rest is about lines of HAProxy. */
  readonly filter: FilterOptions;
}

export class RecordIngest {
  readonly paths: readonly string[];
  /** The tally of its bytes. */
  readonly read = new LineTally();
  readonly inputs: Inputs;
  readonly #record: MirrorRecord;

  constructor(paths: readonly string[], options: RecordOptions) {
    this.paths = paths;
    this.#record = new MirrorRecord(options.filter, options);
    this.tally.files.push(...paths);
    this.inputs = new Inputs(this.#record.scanner, this.read, options);
  }

  get tally(): MirrorRecordTally {
    return this.#record.tally;
  }

  /** Reads the whole record; where the log is followed, so is the record. */
  async readAll(follow: boolean, turns: ReadTurns): Promise<void> {
    const own: ReadTurns = {
      ...turns,
      onEnter: (path, isAnew) => this.#record.begin(path, isAnew),
      onAwaited: (path) => {
        this.tally.absent = 'is not there yet';
        turns.onAwaited?.(path);
      },
      onTurn: () => {
        this.#record.note();
        return turns.onTurn();
      },
    };
    await this.inputs.readAll(this.paths, follow, own);
    if (this.inputs.problems.length > 0) this.tally.absent = 'could not be read';
    this.#record.note();
  }
}

/** The agent's record, read for a summary. */
import { AccessScanner } from '../logs/access-scanner.ts';
import { acceptsTime, type EventFilter } from './filter.ts';
import { type MirroredRequest, MirrorRecordTally } from './mirror-tally.ts';

/** Told of each request that counts, with the line of the record, which may be part of a larger text: copy what is kept. */
export type RequestWatcher = (request: MirroredRequest, destination: string, line: string) => void;

export interface MirrorRecordOptions {
  /** Whether what the mirror answered is also kept step by step, for charts. */
  readonly history?: boolean;
  readonly watch?: RequestWatcher | undefined;
}

/** Finds the requests of a record in what its scanner is given, and counts them. */
export class MirrorRecord {
  readonly tally: MirrorRecordTally;
  readonly scanner: AccessScanner;
  /** Lines of HAProxy's own log. */
  #ofHaproxy = 0;

  constructor(filter: Pick<EventFilter, 'since' | 'until'>, { history = false, watch }: MirrorRecordOptions = {}) {
    const tally = new MirrorRecordTally({ history });
    this.tally = tally;
    this.scanner = new AccessScanner(
      {},
      {
        onRequest: (record, _hash, line) => {
          const { timeMs, destination = '', requestBytes = -1, responseBytes = -1 } = record;
          // A line with a termination is HAProxy's: what clients of production got says nothing of the mirror.
          if (record.termination !== '') this.#ofHaproxy += 1;
          else if (acceptsTime(filter, timeMs)) {
            const request = { ...record, requestBytes, responseBytes };
            tally.add(destination, request);
            watch?.(request, destination, line());
          } else tally.filtered += 1;
        },
      },
    );
  }

  /** The next bytes are of this input; `isAnew`: they are its first ones. */
  begin(name: string, isAnew: boolean): void {
    this.scanner.begin(name);
    if (isAnew) this.tally.beginInput();
  }

  /** Something may have come: brings the counts of lines up to date. */
  note(): void {
    this.scanner.settle();
    const { tally } = this;
    const counts = this.scanner.inputs.map((input) => input.counts);
    tally.lines = counts.reduce((sum, { lines }) => sum + lines, 0);
    tally.unread = counts.reduce((sum, { lines, parsed, answers }) => sum + lines - parsed - answers, this.#ofHaproxy);
  }
}

/** What is missing of the events that tables should have, in words: nothing is healthy on the rest alone. */
import type { StoredFile, StoredPart } from '../../engines/stored-events.ts';
import type { Notice } from '../../stats/model.ts';
import { formatAmount } from '../../text/numbers.ts';

export class FromGaps {
  /** Parts that were begun and not finished, and the lines between parts. */
  #unfinished = 0;
  #unfinishedLines = 0;
  #firstUnfinished: string | undefined;
  /** Events of which only the counts of minutes are there. */
  minutesAlone = 0;
  /** Events without a time, which are not loaded. */
  untimed = 0;
  /** Rows that were loaded, and are not there; of days that are no longer kept; and of no part. */
  lost = 0;
  expired = 0;
  strays = 0;

  /** Lines of a file that are not loaded. */
  addLines({ path }: StoredFile, from: number, to: number): void {
    this.#unfinished += 1;
    this.#unfinishedLines += to - from;
    this.#firstUnfinished ??= `lines ${from + 1} to ${to} of ${path}`;
  }

  /** A part that was begun. */
  addBegun(file: StoredFile, { firstLine, endLine }: StoredPart): void {
    this.addLines(file, firstLine, endLine);
  }

  /** Reasons why the verdict is about less than all. */
  get reasons(): string[] {
    const reasons: string[] = [];
    if (this.#firstUnfinished !== undefined) {
      const others =
        this.#unfinished === 1
          ? ''
          : `, and ${formatAmount(this.#unfinished - 1, 'other part')}: ${this.#unfinishedLines} lines in all`;
      reasons.push(`${this.#firstUnfinished}${others} are not loaded, or only in part: their events are not counted`);
    }
    if (this.lost > 0)
      reasons.push(
        `${formatAmount(this.lost, 'event')} that ${this.lost === 1 ? 'was' : 'were'} loaded ${this.lost === 1 ? 'is' : 'are'} not in spoe_events`,
      );
    if (this.strays > 0)
      reasons.push(
        `${formatAmount(this.strays, 'event')} in spoe_events are of no part that spoe_loads knows: they are not counted`,
      );
    if (this.minutesAlone > 0)
      reasons.push(
        `${formatAmount(this.minutesAlone, 'event')} are there as counts of minutes alone: they are not counted here`,
      );
    if (this.untimed > 0)
      reasons.push(
        `${formatAmount(this.untimed, 'event')} without a time ${this.untimed === 1 ? 'was' : 'were'} not loaded: how ${this.untimed === 1 ? 'it' : 'they'} ended is not known`,
      );
    return reasons;
  }

  get notices(): Notice[] {
    const notices = this.reasons.map((message) => ({ code: 'not-loaded', message }));
    if (this.expired > 0)
      notices.push({
        code: 'rows-expired',
        message: `${formatAmount(this.expired, 'event')} before the first one in spoe_events are no longer there (--keep): they are not counted`,
      });
    return notices;
  }
}

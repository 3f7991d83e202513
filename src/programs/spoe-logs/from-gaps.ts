/** What is missing of the events that tables should have, in words: nothing is healthy on the rest alone. */
import type { Engine } from '../../engines/engine.ts';

import type { MinutesThere, StoredFile, StoredPart } from '../../engines/stored-events.ts';
import type { Notice } from '../../stats/model.ts';
import { formatAmount } from '../../text/numbers.ts';
import { CliError } from './errors.ts';

export class FromGaps {
  /** Parts that were begun and not finished, and the lines between parts. */
  #unfinished = 0;
  #unfinishedLines = 0;
  #firstUnfinished: string | undefined;
  #isBegun = false;
  /** Counts of minutes alone are read: those of a part that was begun may be among them. */
  areMinutes = false;
  /** Events of which only the counts of minutes are there. */
  minutesAlone = 0;
  /** Events without a time, which are not loaded. */
  untimed = 0;
  /** Rows that were loaded, and are not there; of days that are no longer kept; and of no part. */
  #lost = 0;
  readonly #losers = new Map<string, StoredFile>();
  expired = 0;
  strays = 0;
  /** Counts of minutes know no part: of which log these are is not known. */
  #minutesLost = 0;
  #minutesMore = 0;

  /** Lines of a file that are not loaded. */
  addLines({ path }: StoredFile, from: number, to: number): void {
    this.#unfinished += 1;
    this.#unfinishedLines += to - from;
    this.#firstUnfinished ??= `lines ${from + 1} to ${to} of ${path}`;
  }

  /** A part that was begun. */
  addBegun(file: StoredFile, { firstLine, endLine }: StoredPart): void {
    this.#isBegun = true;
    this.addLines(file, firstLine, endLine);
  }

  /** Events of a file that were loaded, and are not there. */
  addLost(file: StoredFile, events: number): void {
    this.#lost += events;
    this.#losers.set(file.loadId, file);
  }

  /** Compares the minutes with what was loaded. @param files all that were loaded */
  addMinutes({ loaded, found, areSomeExpired }: MinutesThere, files: readonly StoredFile[]): void {
    if (found > loaded) this.#minutesMore = found - loaded;
    else if (areSomeExpired) this.expired += loaded - found;
    else if (found > 0) this.#minutesLost = loaded - found;
    else for (const file of files) if (file.rows > 0) this.addLost(file, file.rows);
  }

  get #table(): string {
    return this.areMinutes ? 'spoe_minutes' : 'spoe_events';
  }

  /** Nothing is there. Throws CliError where something was, for a log that is loaded again is said to be there. */
  requireSome({ shown, dialect }: Engine): void {
    if (this.#lost + this.strays === 0) return;
    const what =
      this.#lost > 0
        ? `${formatAmount(this.#lost, 'event')} ${wereLoaded(this.#lost)} into ${shown} and ${this.#lost === 1 ? 'is' : 'are'} gone from ${this.#table}`
        : `${formatAmount(this.strays, 'event')} in ${shown} ${this.strays === 1 ? 'is' : 'are'} of no part that spoe_loads knows`;
    const again =
      this.#lost > 0
        ? `delete ${this.#whatToDelete(dialect)}, then load again`
        : 'load the logs that they are of again';
    throw new CliError('events-gone', what, again);
  }

  #whatToDelete(dialect?: Engine['dialect']): string {
    const [first] = this.#losers.keys();
    const others =
      this.#losers.size === 1
        ? ''
        : ` and those of ${formatAmount(this.#losers.size - 1, 'other file')} (docs/scale.md)`;
    if (dialect === 'duckdb') return `all its files ${first}.*${others}`;
    return `what spoe_loads has of load_id ${first}${others}`;
  }

  /** Reasons why the verdict is about less than all. */
  get reasons(): string[] {
    const reasons: string[] = [];
    if (this.#firstUnfinished !== undefined) {
      const others =
        this.#unfinished === 1
          ? ''
          : `, and ${formatAmount(this.#unfinished - 1, 'other part')}: ${this.#unfinishedLines} lines in all`;
      const counted = this.areMinutes && this.#isBegun ? 'may be counted or not' : 'are not counted';
      reasons.push(`${this.#firstUnfinished}${others} are not loaded, or only in part: their events ${counted}`);
    }
    if (this.#lost > 0) {
      const [first] = this.#losers.values();
      reasons.push(
        `${formatAmount(this.#lost, 'event')} that ${wereLoaded(this.#lost)} ${this.#lost === 1 ? 'is' : 'are'} not in ${this.#table} (${first?.path}): to load them again, delete ${this.#whatToDelete()}`,
      );
    }
    if (this.#minutesLost > 0)
      reasons.push(
        `${formatAmount(this.#minutesLost, 'event')} that ${wereLoaded(this.#minutesLost)} ${this.#minutesLost === 1 ? 'is' : 'are'} not in spoe_minutes: of which logs is not known`,
      );
    if (this.#minutesMore > 0)
      reasons.push(
        `${formatAmount(this.#minutesMore, 'event')} more ${this.#minutesMore === 1 ? 'is' : 'are'} in spoe_minutes than were loaded: they are there twice, or of no part that spoe_loads knows, and are counted`,
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
        message: `${formatAmount(this.expired, 'event')} of days before those in ${this.#table} are no longer kept: they are not counted`,
      });
    return notices;
  }
}

function wereLoaded(events: number): string {
  return events === 1 ? 'was loaded' : 'were loaded';
}

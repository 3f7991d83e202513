/** Reads logs for the SPOE events in them. */
import { RenewingScanner } from '../logs/renewing-scanner.ts';
import type { BlockScanner } from '../logs/scanner.ts';
import { SeenEvents } from '../logs/seen-events.ts';
import { LineTally } from '../logs/tally.ts';
import type { TimeResolver } from '../logs/time.ts';
import { EventPart, type EventTable } from './event-part.ts';
import { TextsOfNames } from './event-rows.ts';
import type { PartReader } from './loader.ts';
import type { LineCounts, PartTask } from './part.ts';

export class EventReader implements PartReader<EventPart> {
  readonly tally = new LineTally();
  readonly scanner: BlockScanner;
  readonly tables: readonly EventTable[];
  readonly #seen = new SeenEvents();
  readonly #texts: TextsOfNames;
  #part: EventPart | undefined;

  /** @param times of the first input, until another one is told @param defaultHost of lines that name none */
  constructor(times: TimeResolver, tables: readonly EventTable[], defaultHost: string) {
    this.tables = tables;
    this.#texts = new TextsOfNames(defaultHost);
    this.scanner = new RenewingScanner(this.tally, times, (batch) => this.#part?.take(batch));
  }

  get counts(): LineCounts {
    const { lines, bytes, other, malformed, spoofed, headerNotRead } = this.tally;
    return { lines, bytes, other, malformed, spoofed, unread: headerNotRead };
  }

  /** Events that could not be looked up, because what was read when they happened has been forgotten. */
  get unchecked(): number {
    return this.#seen.unchecked;
  }

  beginInput(): void {
    this.#seen.beginInput();
  }

  begin(task: PartTask): EventPart {
    return new EventPart(task, this.tables, this.#texts, this.#seen);
  }

  resume(part: EventPart): void {
    this.#part = part;
  }

  settle(): boolean {
    return true;
  }
}

/** Reads logs for the SPOE events in them. */
import { LineEnds } from '../logs/line-ends.ts';
import { RenewingScanner } from '../logs/renewing-scanner.ts';
import type { BlockScanner } from '../logs/scanner.ts';
import { SeenEvents } from '../logs/seen-events.ts';
import { LineTally } from '../logs/tally.ts';
import type { TimeResolver } from '../logs/time.ts';
import { EventPart, type EventTable } from './event-part.ts';
import { TextsOfNames } from './event-rows.ts';
import type { PartReader } from './loader.ts';
import { type LineCounts, noLines, type PartPlace, type PartTask } from './part.ts';
import type { PartLines } from './part-lines.ts';

/** Inputs whose ends are kept at one time; of the one that was read least lately it is known from its next lines on. */
const MOST_INPUTS = 64;

export class EventReader implements PartReader<EventPart> {
  readonly scanner: BlockScanner;
  readonly tables: readonly EventTable[];
  readonly #scanner: RenewingScanner;
  readonly #seen = new SeenEvents();
  readonly #texts: TextsOfNames;
  readonly #ends = new Map<string, LineEnds>();
  #part: EventPart | undefined;

  /** @param times of the first input, until another one is told @param defaultHost of lines that name none */
  constructor(times: TimeResolver, tables: readonly EventTable[], defaultHost: string) {
    this.tables = tables;
    this.#texts = new TextsOfNames(defaultHost);
    this.#scanner = new RenewingScanner(new LineTally(), times, (batch) => this.#part?.take(batch));
    this.scanner = this.#scanner;
  }

  get counts(): LineCounts {
    if (this.#part === undefined) return noLines();
    const { lines, bytes, other, malformed, spoofed, headerNotRead } = this.#part.tally;
    return { lines, bytes, other, malformed, spoofed, unread: headerNotRead };
  }

  beginInput(input: string): void {
    this.#seen.beginInput();
    this.#ends.delete(input);
  }

  begin(task: PartTask, place: PartPlace): EventPart {
    return new EventPart(task, this.tables, place, this.#texts, this.#seen);
  }

  resume(part: EventPart, input: string): void {
    if (part === this.#part) return;
    this.#part = part;
    this.#scanner.countIn(part.tally, this.#endsOf(input));
  }

  settle(part: EventPart, input: string, _mustBe: boolean, bytes: number): boolean {
    const end = new LineTally();
    this.#endsOf(input).lookInto(end);
    end.bytes = bytes;
    const lines: PartLines = { lines: part.tally.toState(), end: end.toState(), unchecked: part.unchecked };
    part.details = JSON.stringify(lines);
    return true;
  }

  #endsOf(input: string): LineEnds {
    const ends = this.#ends.get(input) ?? new LineEnds(new LineTally());
    this.#ends.delete(input);
    this.#ends.set(input, ends);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MOST_INPUTS && oldest !== undefined) this.#ends.delete(oldest);
    return ends;
  }
}

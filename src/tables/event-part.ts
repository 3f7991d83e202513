/** The events of some lines of a file: rows of spoe_events and spoe_minutes. */
import { Float, Int, NO_TIME, ROW_BYTES, ROW_INTS, type RowBatch, RowFlag } from '../logs/row.ts';
import type { SeenEvents } from '../logs/seen-events.ts';
import { LineTally } from '../logs/tally.ts';
import { FIRST_MOMENT_MS, LAST_MOMENT_MS } from './day-rows.ts';
import { EventRows, type TextsOfNames } from './event-rows.ts';
import { LeftOut } from './left-out.ts';
import { MinuteRows } from './minute-rows.ts';
import type { PartPlace, PartRows, PartTask } from './part.ts';
import type { TablePart } from './target.ts';

/** What the counts of a minute take, about. */
const MINUTE_BYTES = 2048;

/** The tables of events; minutes alone for fleets. */
export const EVENT_TABLES = ['spoe_events', 'spoe_minutes'] as const;
export type EventTable = (typeof EVENT_TABLES)[number];

export class EventPart implements PartRows {
  rows = 0;
  duplicates = 0;
  untimed = 0;
  timeFrom = Number.POSITIVE_INFINITY;
  timeTo = Number.NEGATIVE_INFINITY;
  digest = 0;
  /** PartLines as JSON. */
  details = '';
  /** Counts of its lines. */
  readonly tally = new LineTally();
  /** Events that could not be looked up. */
  unchecked = 0;
  readonly #texts: TextsOfNames;
  readonly #seen: SeenEvents;
  /** Of lines that were decided about before: which of their events count. */
  readonly #decided: LeftOut | undefined;
  readonly #leftOut: LeftOut;
  /** Events of lines that were decided about, until it is known that they are the same lines. */
  readonly #kept: RowBatch[] = [];
  readonly #events: EventRows | undefined;
  readonly #minutes: MinuteRows | undefined;
  /** Events so far, with those that are left out. */
  #number = 0;

  /** @throws RangeError for a part whose row says what cannot be */
  constructor(
    task: PartTask,
    tables: readonly EventTable[],
    { source, firstLine }: PartPlace,
    texts: TextsOfNames,
    seen: SeenEvents,
  ) {
    this.#texts = texts;
    this.#seen = seen;
    this.#decided = task.task === 'load' ? undefined : LeftOut.fromText(task.before.leftOut);
    this.#leftOut = this.#decided ?? new LeftOut();
    const writes = task.task === 'load' ? tables : task.task === 'finish' ? task.tables : [];
    if (writes.includes('spoe_events')) this.#events = new EventRows(source, firstLine);
    if (writes.includes('spoe_minutes')) this.#minutes = new MinuteRows();
  }

  get bytes(): number {
    return (this.#events?.bytes ?? 0) + (this.#minutes?.rows ?? 0) * MINUTE_BYTES;
  }

  get leftOut(): string {
    return this.#leftOut.toText();
  }

  /** Takes the rows of a batch, one after another. A hot loop: each event of a log comes here. */
  take(batch: RowBatch): void {
    const { ints, floats, start, count, names } = batch;
    const decided = this.#decided;
    if (decided === undefined) this.#mark(batch);
    else this.#keep(batch, decided);
    for (let i = 0; i < count; i++) {
      const int = (start >> 2) + i * ROW_INTS;
      const float = int >> 1;
      const number = this.#number++;
      const timeMs = floats[float + Float.time] as number;
      const times = ints[int + Int.repeat] as number;
      this.#digest(ints[int + Int.sid] as number, floats[float + Float.processed] as number);
      if (timeMs === NO_TIME || timeMs < FIRST_MOMENT_MS || timeMs >= LAST_MOMENT_MS) {
        this.untimed += times;
        continue;
      }
      const isLeftOut =
        decided === undefined ? ((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0 : decided.has(number);
      if (isLeftOut) {
        if (decided === undefined) this.#leftOut.add(number);
        this.duplicates += times;
        continue;
      }
      // The same counters again and again are one event, however often the line came.
      this.duplicates += times - 1;
      this.rows++;
      if (timeMs < this.timeFrom) this.timeFrom = timeMs;
      if (timeMs > this.timeTo) this.timeTo = timeMs;
      const texts = this.#texts.of(names, ints[int + Int.origin] as number, ints[int + Int.key] as number);
      this.#events?.add(ints, floats, int, texts, timeMs, number);
      this.#minutes?.add(ints, int, texts, timeMs);
    }
  }

  #mark(batch: RowBatch): void {
    const before = this.#seen.unchecked;
    this.#seen.mark(batch);
    this.unchecked += this.#seen.unchecked - before;
  }

  #digest(sid: number, processed: number): void {
    this.digest = (Math.imul(this.digest ^ sid, 0x9e37_79b1) + (processed | 0)) >>> 0;
  }

  /** Keeps the events that count. What is left out was told by a line that may not be loaded: it is not remembered. */
  #keep(batch: RowBatch, decided: LeftOut): void {
    for (let from = 0; from < batch.count; ) {
      let to = from;
      while (to < batch.count && !decided.has(this.#number + to)) to++;
      if (to > from) this.#kept.push(copyOf(batch, from, to));
      from = to + 1;
    }
  }

  confirm(): void {
    for (const batch of this.#kept.splice(0)) this.#seen.mark(batch);
  }

  *parts(name: string): Iterable<TablePart> {
    if (this.#events !== undefined) yield* this.#events.parts(name, '');
    if (this.#minutes !== undefined) yield* this.#minutes.toRows().parts(name, '');
  }
}

/** The rows of a batch from one to another. */
function copyOf({ ints, start, names }: RowBatch, from: number, to: number): RowBatch {
  const copy = ints.slice((start + from * ROW_BYTES) >> 2, (start + to * ROW_BYTES) >> 2);
  return { ints: copy, floats: new Float64Array(copy.buffer), names, start: 0, count: to - from };
}

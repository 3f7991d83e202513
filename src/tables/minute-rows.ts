/** Events counted by minute, agent, name and host: rows of spoe_minutes. */
import { Int } from '../logs/row.ts';
import { bucketOf } from '../sketch/buckets.ts';
import { DayRows } from './day-rows.ts';
import type { EventTexts } from './event-rows.ts';

const MINUTE_MS = 60_000;
const NO_LOWEST = 2 ** 32 - 1;
const NUMBERS_BYTES = 96;
const ENTRY_BYTES = 12;

/** What one row counts. */
class Minute {
  readonly startMs: number;
  readonly texts: EventTexts;
  count = 0;
  errors = 0;
  interrupted = 0;
  sum = 0;
  lowest = NO_LOWEST;
  highest = 0;
  readonly status = new Map<number, number>();
  readonly pT = new Map<number, number>();

  constructor(startMs: number, texts: EventTexts) {
    this.startMs = startMs;
    this.texts = texts;
  }

  add(status: number, pT: number): void {
    this.count++;
    if (status !== 0) this.errors++;
    this.status.set(status, (this.status.get(status) ?? 0) + 1);
    if (pT < 0) {
      this.interrupted++;
      return;
    }
    this.sum += pT;
    if (pT < this.lowest) this.lowest = pT;
    if (pT > this.highest) this.highest = pT;
    const bucket = bucketOf(pT);
    this.pT.set(bucket, (this.pT.get(bucket) ?? 0) + 1);
  }
}

/** The minutes of one agent, name and host, of whatever process. */
interface Group {
  last: Minute;
  readonly minutes: Map<number, Minute>;
}

export class MinuteRows {
  readonly #groups = new Map<string, Group>();
  /** The same by the texts' own object: most events are of a few. */
  readonly #byTexts = new Map<EventTexts, Group>();
  #lastTexts: EventTexts | undefined;
  #lastGroup: Group | undefined;
  /** Rows so far. */
  rows = 0;

  /** The row at word `int`, of an event with this time. */
  add(ints: Int32Array, int: number, texts: EventTexts, timeMs: number): void {
    const group = texts === this.#lastTexts ? (this.#lastGroup as Group) : this.#groupOf(texts);
    const startMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const minute = group.last.startMs === startMs ? group.last : this.#minuteOf(group, startMs, texts);
    minute.add((ints[int + Int.status] as number) >>> 0, ints[int + Int.pT] as number);
  }

  #groupOf(texts: EventTexts): Group {
    let group = this.#byTexts.get(texts);
    if (group === undefined) {
      const key = Buffer.from(texts.inMinutes).toString('latin1');
      group = this.#groups.get(key) ?? { last: new Minute(Number.NaN, texts), minutes: new Map() };
      this.#groups.set(key, group);
      this.#byTexts.set(texts, group);
    }
    this.#lastTexts = texts;
    this.#lastGroup = group;
    return group;
  }

  #minuteOf(group: Group, startMs: number, texts: EventTexts): Minute {
    let minute = group.minutes.get(startMs);
    if (minute === undefined) {
      minute = new Minute(startMs, texts);
      group.minutes.set(startMs, minute);
      this.rows++;
    }
    group.last = minute;
    return minute;
  }

  toRows(): DayRows {
    const rows = new DayRows('spoe_minutes');
    for (const { minutes } of this.#groups.values()) for (const minute of minutes.values()) writeMinute(rows, minute);
    return rows;
  }
}

function writeMinute(rows: DayRows, minute: Minute): void {
  const { texts, startMs, status, pT } = minute;
  const writer = rows.at(startMs, texts.host);
  writer.room(texts.inMinutes.length + NUMBERS_BYTES + (status.size + pT.size) * ENTRY_BYTES);
  writer.i64(startMs);
  writer.raw(texts.inMinutes);
  writer.i64(minute.count);
  writer.i64(minute.errors);
  writer.i64(minute.interrupted);
  writer.i64(minute.sum);
  writer.i32(minute.lowest);
  writer.i32(minute.highest);
  writer.map(status);
  writer.map(pT);
  writer.end();
}

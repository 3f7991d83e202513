/** Rows of the scanner → rows of spoe_events. No object is made for an event. */
import type { EventKey, Names, Origin } from '../logs/names.ts';
import { Float, Int, RowFlag } from '../logs/row.ts';
import { DayRows } from './day-rows.ts';
import { mostTextBytes, RowWriter } from './row-writer.ts';

/** Bytes of a row besides its texts: each value, and a byte or two for a length. */
const NUMBERS_BYTES = 128;
/** The bits of nb_error, then nb_processed above the 53 of a float, 11 each (Int.high). */
const HIGH_BITS = 11;
const HIGH_SHIFT = 21;
const ALL_TIMERS = 5;
const NO_PID = -1;
const MOST_PID = 2 ** 31 - 1;

/** Who has written an event, and which one it is: its texts, as they stand in a row. */
export interface EventTexts {
  readonly host: string;
  /** host, named, process, pid, agent, type, event. */
  readonly inEvents: Uint8Array;
  /** agent, type, event, host. */
  readonly inMinutes: Uint8Array;
}

const UNKNOWN: EventKey = { agent: '', type: 'EVENT', name: '' };

/** Texts by the numbers of names, which are those of one table of names at a time. */
export class TextsOfNames {
  readonly #defaultHost: string;
  #names: Names | undefined;
  #byOrigin: EventTexts[][] = [];

  /** @param defaultHost of lines that name none */
  constructor(defaultHost: string) {
    this.#defaultHost = defaultHost;
  }

  of(names: Names, origin: number, key: number): EventTexts {
    if (names !== this.#names) {
      this.#names = names;
      this.#byOrigin = [];
    }
    return this.#byOrigin[origin]?.[key] ?? this.#learn(names, origin, key);
  }

  #learn(names: Names, origin: number, key: number): EventTexts {
    const texts = this.#write(names.origins[origin], names.keys[key] ?? UNKNOWN);
    const ofOrigin = this.#byOrigin[origin] ?? [];
    while (this.#byOrigin.length <= origin) this.#byOrigin.push([]);
    this.#byOrigin[origin] = ofOrigin;
    ofOrigin[key] = texts;
    return texts;
  }

  #write(origin: Origin | undefined, { agent, type, name }: EventKey): EventTexts {
    const host = origin?.host ?? this.#defaultHost;
    const pid = origin?.pid ?? NO_PID;
    const inEvents = new RowWriter();
    inEvents.room((host.length + (origin?.process?.length ?? 0) + agent.length + name.length) * 3 + NUMBERS_BYTES);
    inEvents.text(host);
    inEvents.u8(origin?.host === undefined ? 0 : 1);
    inEvents.text(origin?.process ?? '');
    inEvents.i32(pid > MOST_PID ? NO_PID : pid);
    inEvents.text(agent);
    inEvents.text(type);
    inEvents.text(name);
    const inMinutes = new RowWriter();
    inMinutes.room((host.length + agent.length + name.length) * 3 + NUMBERS_BYTES);
    inMinutes.text(agent);
    inMinutes.text(type);
    inMinutes.text(name);
    inMinutes.text(host);
    return { host, inEvents: contentOf(inEvents), inMinutes: contentOf(inMinutes) };
  }
}

function contentOf(writer: RowWriter): Uint8Array {
  return Buffer.concat(writer.toBatch().chunks);
}

export class EventRows extends DayRows {
  /** source and part, as they stand in each row. */
  readonly #part: Uint8Array;

  /** @param source the load_id of the file @param firstLine of the part */
  constructor(source: string, firstLine: number) {
    super('spoe_events');
    const part = new RowWriter();
    part.room(mostTextBytes(source) + NUMBERS_BYTES);
    part.text(source);
    part.i64(firstLine);
    this.#part = contentOf(part);
  }

  /** The row at word `int`, of an event with this time, that is number `number` of its part. */
  add(ints: Int32Array, floats: Float64Array, int: number, texts: EventTexts, timeMs: number, number: number): void {
    const { inEvents } = texts;
    const writer = this.at(timeMs, texts.host);
    const flags = ints[int + Int.flags] as number;
    writer.room(inEvents.length + this.#part.length + NUMBERS_BYTES);
    writer.i64(timeMs);
    writer.raw(inEvents);
    writer.i32(ints[int + Int.sid] as number);
    writer.i32(ints[int + Int.status] as number);
    writer.i32(ints[int + Int.pT] as number);
    if ((flags & RowFlag.phases) === 0) writer.raw(WITHOUT_PHASES);
    else {
      writer.u8(ALL_TIMERS);
      writer.i32(ints[int + Int.reqT] as number);
      writer.i32(ints[int + Int.qT] as number);
      writer.i32(ints[int + Int.wT] as number);
      writer.i32(ints[int + Int.resT] as number);
      writer.i32(ints[int + Int.idles] as number);
      writer.i32(ints[int + Int.applets] as number);
      writer.i32(ints[int + Int.sending] as number);
      writer.i32(ints[int + Int.waiting] as number);
    }
    const high = (flags & RowFlag.wide) === 0 ? 0 : (ints[int + Int.high] as number);
    const float = int >> 1;
    writer.i64(floats[float + Float.errors] as number, (high >>> HIGH_BITS) << HIGH_SHIFT);
    writer.i64(floats[float + Float.processed] as number, (high & ((1 << HIGH_BITS) - 1)) << HIGH_SHIFT);
    writer.i32(1);
    writer.raw(this.#part);
    writer.i32(number);
    writer.end();
  }
}

/** timers 1, four absent phases, four gauges of 0. */
const WITHOUT_PHASES = withoutPhases();

function withoutPhases(): Uint8Array {
  const writer = new RowWriter();
  writer.u8(1);
  for (let i = 0; i < 4; i++) writer.i32(-2);
  for (let i = 0; i < 4; i++) writer.i32(0);
  return contentOf(writer);
}

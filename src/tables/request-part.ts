/** The requests of some lines of a log, and the SPOE events among them: rows for a comparison. */
import { mirrorError, productionFlags, requestRank, requestValues, shapeOf } from '../diff/request-values.ts';
import type { AccessRecord, LoggedAnswer } from '../logs/access-record.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { DayRows, FIRST_MOMENT_MS, LAST_MOMENT_MS } from './day-rows.ts';
import type { PartRows, PartTask } from './part.ts';
import { mostTextBytes, type RowWriter } from './row-writer.ts';
import type { TablePart } from './target.ts';

/** The tables of each role, and its lines. */
export const REQUEST_TABLES = {
  production: ['prod_requests', 'prod_answers', 'spoe_streams'],
  spoe: ['spoe_streams'],
  mirror: ['mirror_answers', 'prod_answers'],
} as const;
export type RequestRole = keyof typeof REQUEST_TABLES;

const NUMBERS_BYTES = 160;
const MOST_PID = 2 ** 31 - 1;
/** Targets come again and again. */
const MOST_SHAPES = 20_000;

/** Texts that each row has, and where it is from. */
export interface RequestPlace {
  readonly run: string;
  /** Where lines are from that name no host. */
  readonly host: string;
}

/** Shapes of targets by the target, as many as are remembered. */
export class Shapes {
  readonly #shapes = new Map<string, string>();

  of(target: string): string {
    let shape = this.#shapes.get(target);
    if (shape === undefined) {
      shape = shapeOf(target);
      if (this.#shapes.size >= MOST_SHAPES) this.#shapes.clear();
      this.#shapes.set(target, shape);
    }
    return shape;
  }
}

export class RequestPart implements PartRows {
  rows = 0;
  readonly duplicates = 0;
  untimed = 0;
  timeFrom = Number.POSITIVE_INFINITY;
  timeTo = Number.NEGATIVE_INFINITY;
  digest = 0;
  readonly leftOut = '';
  details = '';
  readonly #place: RequestPlace;
  readonly #source: string;
  readonly #shapes: Shapes;
  readonly #tables: ReadonlyMap<string, DayRows>;

  constructor(task: PartTask, role: RequestRole, source: string, place: RequestPlace, shapes: Shapes) {
    this.#place = place;
    this.#source = source;
    this.#shapes = shapes;
    const writes: readonly string[] = task.task === 'finish' ? task.tables : [];
    const tables = REQUEST_TABLES[role].filter((table) => task.task === 'load' || writes.includes(table));
    this.#tables = new Map(tables.map((table) => [table, new DayRows(table)]));
  }

  get bytes(): number {
    let bytes = 0;
    for (const rows of this.#tables.values()) bytes += rows.bytes;
    return bytes;
  }

  addProduction(record: AccessRecord, lineHash: number, number: number): void {
    const row = this.#request('prod_requests', record, lineHash);
    if (row === undefined) return;
    const { writer, target } = row;
    writer.text(this.#shapes.of(target));
    writer.u8(productionFlags(record));
    writer.text(record.termination);
    writer.f64(requestRank(record.uniqueId));
    this.#standing(writer, lineHash, row.isUnmistakable, number);
  }

  addMirror(record: AccessRecord, lineHash: number, number: number): void {
    const row = this.#request('mirror_answers', record, lineHash);
    if (row === undefined) return;
    const { writer } = row;
    writer.text(mirrorError(record));
    writer.text(record.destination ?? '');
    writer.text(record.answer ?? '');
    this.#standing(writer, lineHash, row.isUnmistakable, number);
  }

  addAnswer({ timeMs, uniqueId, answer }: LoggedAnswer, number: number): void {
    this.#digest(number);
    const time = this.#moment(timeMs);
    const writer = this.#tables.get('prod_answers')?.at(time, '');
    if (writer === undefined) return;
    writer.room(NUMBERS_BYTES + this.#fixedBytes() + mostTextBytes(uniqueId) + mostTextBytes(answer));
    writer.i64(time);
    writer.text(uniqueId);
    writer.text(answer);
    writer.text(this.#source);
    writer.i64(number);
    writer.text(this.#place.run);
    writer.end();
  }

  addEvent(event: SpoeEvent, header: LineHeader, timeMs: number | undefined, lineHash: number, number: number): void {
    this.#digest(lineHash);
    this.rows++;
    const time = this.#moment(timeMs ?? Number.NaN);
    const host = header.host ?? '';
    const writer = this.#tables.get('spoe_streams')?.at(time, host || this.#place.host);
    if (writer === undefined) return;
    const { agent, type, name } = event;
    writer.room(NUMBERS_BYTES + this.#fixedBytes() + mostTextBytes(host) + mostTextBytes(agent) + mostTextBytes(name));
    writer.i64(time);
    writer.text(host);
    writer.i32(boundedPid(header.pid ?? -1));
    writer.i64(event.sid);
    writer.text(agent);
    writer.text(type);
    writer.text(name);
    writer.i32(event.st);
    writer.i32(Math.min(event.pT, MOST_PID));
    writer.i64(lineHash);
    writer.text(this.#source);
    writer.i64(number);
    writer.text(this.#place.run);
    writer.end();
  }

  /** The columns that both sides have; undefined where the rows are there already. */
  #request(table: string, record: AccessRecord, lineHash: number) {
    this.#digest(lineHash);
    this.rows++;
    const values = requestValues(record);
    const time = this.#moment(values.timeMs);
    const { host } = record;
    const writer = this.#tables.get(table)?.at(time, host || this.#place.host);
    if (writer === undefined) return undefined;
    const { uniqueId, traceId, spanId = '', method } = record;
    writer.room(this.#mostBytes(record) + mostTextBytes(host));
    writer.i64(time);
    writer.text(host);
    writer.i32(boundedPid(record.pid));
    writer.i64(record.sid);
    writer.text(uniqueId);
    writer.text(traceId);
    writer.text(spanId);
    writer.text(method);
    writer.text(values.target);
    writer.i16(values.status);
    writer.f64(values.firstByteMs);
    writer.f64(values.totalMs);
    writer.i32(values.bodyBytes);
    writer.i32(values.sentBytes);
    writer.text(values.contentType);
    return { writer, target: values.target, isUnmistakable: values.isUnmistakable };
  }

  #standing(writer: RowWriter, lineHash: number, isUnmistakable: boolean, number: number): void {
    writer.i64(lineHash);
    writer.u8(isUnmistakable ? 1 : 0);
    writer.text(this.#source);
    writer.i64(number);
    writer.text(this.#place.run);
    writer.end();
  }

  #mostBytes({
    uniqueId,
    traceId,
    spanId,
    method,
    target,
    termination,
    error,
    destination,
    answer,
    contentType,
  }: AccessRecord) {
    const texts = [
      uniqueId,
      traceId,
      spanId,
      method,
      target,
      target,
      termination,
      error,
      destination,
      answer,
      contentType,
    ];
    // An error may be made of the termination.
    return texts.reduce((sum, text = '') => sum + text.length * 3 + 32, NUMBERS_BYTES + this.#fixedBytes());
  }

  #fixedBytes(): number {
    return (this.#source.length + this.#place.run.length) * 3;
  }

  /** The moment of a row: 1970 for a line that says none that a table can hold. */
  #moment(timeMs: number): number {
    if (!(timeMs >= FIRST_MOMENT_MS && timeMs < LAST_MOMENT_MS)) return 0;
    if (timeMs < this.timeFrom) this.timeFrom = timeMs;
    if (timeMs > this.timeTo) this.timeTo = timeMs;
    return Math.floor(timeMs);
  }

  #digest(hash: number): void {
    this.digest = (Math.imul(this.digest ^ (hash | 0), 0x9e37_79b1) + hash / 0x1_0000_0000) >>> 0;
  }

  confirm(): void {
    // Nothing is remembered: which lines are one request is asked of the tables.
  }

  *parts(name: string): Iterable<TablePart> {
    for (const rows of this.#tables.values()) yield* rows.parts(name, this.#place.run);
  }
}

function boundedPid(pid: number): number {
  return pid > MOST_PID ? -1 : pid;
}

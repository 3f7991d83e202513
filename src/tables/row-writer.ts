/** Rows in RowBinary, as bytes: https://clickhouse.com/docs/interfaces/formats/RowBinary. */
import type { Column, ColumnType } from './schema.ts';
import type { RowBatch } from './target.ts';

const FIRST_BYTES = 16 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const TWO_32 = 2 ** 32;

/** What a column of a record holds, by its type. */
export type CellValue = number | string | ReadonlyMap<number, number>;
export interface TableRecord {
  readonly [column: string]: CellValue;
}

/** Rows one after another in chunks, none of which cuts a row. `room` comes before the values of each row, `end` behind them. */
export class RowWriter {
  rows = 0;
  readonly #chunks: Uint8Array[] = [];
  #full = 0;
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;

  /** Bytes of all rows. */
  get bytes(): number {
    return this.#full + this.#at;
  }

  /** The next row takes so many bytes at most. */
  room(bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) this.#next(bytes);
  }

  end(): void {
    this.rows++;
  }

  u8(value: number): void {
    this.#buffer[this.#at++] = value;
  }

  i16(value: number): void {
    const buffer = this.#buffer;
    buffer[this.#at++] = value;
    buffer[this.#at++] = value >> 8;
  }

  /** Signed or unsigned: the bits are the same. */
  i32(value: number): void {
    const buffer = this.#buffer;
    const at = this.#at;
    buffer[at] = value;
    buffer[at + 1] = value >> 8;
    buffer[at + 2] = value >> 16;
    buffer[at + 3] = value >> 24;
    this.#at = at + 4;
  }

  /** A safe integer, signed or not. `high`: what is to be added to its upper half. */
  i64(value: number, high = 0): void {
    this.i32(value | 0);
    this.i32(Math.floor(value / TWO_32) | high);
  }

  f64(value: number): void {
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** A text takes three bytes a UTF-16 unit at most, and its length five. */
  text(value: string): void {
    const buffer = this.#buffer;
    // A short one has a length of one byte, whatever its letters are.
    if (value.length <= 42) {
      const bytes = buffer.write(value, this.#at + 1);
      buffer[this.#at] = bytes;
      this.#at += bytes + 1;
      return;
    }
    this.varint(Buffer.byteLength(value));
    this.#at += buffer.write(value, this.#at);
  }

  raw(value: Uint8Array): void {
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
    this.#buffer[this.#at++] = rest;
  }

  /** In the order of keys, so that the same counts are the same bytes. */
  map(value: ReadonlyMap<number, number>): void {
    this.varint(value.size);
    for (const key of [...value.keys()].sort((a, b) => a - b)) {
      this.i32(key);
      this.i64(value.get(key) as number);
    }
  }

  /** A row of a few. Absent columns are 0 or empty. */
  record(columns: readonly Column[], record: TableRecord): void {
    this.room(columns.reduce((sum, { name }) => sum + mostBytes(record[name]), 0));
    for (const { name, type } of columns) this.#cell(type, record[name]);
    this.end();
  }

  #cell(type: ColumnType, value: CellValue | undefined): void {
    if (type === 'map') this.map(value instanceof Map ? value : new Map());
    else if (type === 'text' || type === 'lowtext') this.text(typeof value === 'string' ? value : '');
    else this.#number(type, typeof value === 'number' ? value : 0);
  }

  #number(type: ColumnType, value: number): void {
    if (type === 'u8') this.u8(value);
    else if (type === 'u16' || type === 'i16') this.i16(value);
    else if (type === 'u32' || type === 'i32') this.i32(value);
    else if (type === 'f64') this.f64(value);
    else this.i64(value);
  }

  /** What was written. The writer takes no more rows. */
  toBatch(): RowBatch {
    return { rows: this.rows, chunks: [...this.#chunks, this.#buffer.subarray(0, this.#at)] };
  }

  #next(bytes: number): void {
    if (this.#at > 0) this.#chunks.push(this.#buffer.subarray(0, this.#at));
    this.#full += this.#at;
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes));
    this.#at = 0;
  }
}

/** Bytes that a value takes at most, of whatever type. */
function mostBytes(value: CellValue | undefined): number {
  if (typeof value === 'string') return mostTextBytes(value);
  return value instanceof Map ? 5 + value.size * 12 : 8;
}

/** Bytes that a text takes at most. */
export function mostTextBytes(value: string): number {
  return value.length * 3 + 5;
}

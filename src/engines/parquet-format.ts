/** Rows in RowBinary as a Parquet file, and back. Absent values are NULL: NaN is not told from a number by every engine. */
import { parquetReadObjects } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import type { Column, ColumnType, Table } from '../tables/schema.ts';
import type { RowBatch } from '../tables/target.ts';
import type { EngineObject, EngineValue } from './engine.ts';

type SchemaElement = NonNullable<ConstructorParameters<typeof ParquetWriter>[0]['schema']>[number];

/** Rows that are held as values: with more of them the memory grows, with fewer the files do. */
const ROW_GROUP = 5000;
const REQUIRED = { repetition_type: 'REQUIRED' } as const;

/** Signed types alone: every reader has these. A u64 is below 2^63 here. */
const ELEMENTS: { readonly [type in Exclude<ColumnType, 'map'>]: Omit<SchemaElement, 'name'> } = {
  u8: { type: 'INT32' },
  u16: { type: 'INT32' },
  u32: { type: 'INT64' },
  u64: { type: 'INT64' },
  i16: { type: 'INT32' },
  i32: { type: 'INT32' },
  i64: { type: 'INT64' },
  f64: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  lowtext: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  moment: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
};

function elements({ name, type, absent }: Column): SchemaElement[] {
  if (type !== 'map')
    return [{ name, ...ELEMENTS[type], repetition_type: absent === undefined ? 'REQUIRED' : 'OPTIONAL' }];
  return [
    { name, converted_type: 'MAP', num_children: 1, ...REQUIRED },
    { name: 'key_value', num_children: 2, repetition_type: 'REPEATED' },
    { name: 'key', type: 'INT64', ...REQUIRED },
    { name: 'value', type: 'INT64', ...REQUIRED },
  ];
}

/** The file. Its bytes depend on the rows alone. */
export function encodeParquet({ columns }: Table, { rows, chunks }: RowBatch): Uint8Array {
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elements)];
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'spoe-logs' });
  const group = new RowGroup(columns);
  let written = 0;
  const end = () => {
    written += group.rows;
    if (group.rows > 0) parquet.write({ columnData: group.take(), rowGroupSize: ROW_GROUP });
  };
  for (const chunk of chunks) {
    const cursor = { bytes: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), at: 0 };
    while (cursor.at < chunk.length) {
      group.read(cursor);
      if (group.rows === ROW_GROUP) end();
    }
  }
  end();
  if (written !== rows) throw new Error(`${written} rows where ${rows} were announced`);
  parquet.finish();
  return writer.getBytes();
}

/** All rows of a file. */
export async function readParquet(file: Uint8Array): Promise<EngineObject[]> {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  return (await parquetReadObjects({ file: buffer })) as { readonly [name: string]: EngineValue }[];
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

type Read = (cursor: Cursor) => unknown;

const READERS: { readonly [type in ColumnType]: Read } = {
  u8: (cursor) => cursor.bytes[cursor.at++],
  u16: fixed(2, (bytes, at) => bytes.readUInt16LE(at)),
  u32: fixed(4, (bytes, at) => BigInt(bytes.readUInt32LE(at))),
  u64: fixed(8, (bytes, at) => bytes.readBigInt64LE(at)),
  i16: fixed(2, (bytes, at) => bytes.readInt16LE(at)),
  i32: fixed(4, (bytes, at) => bytes.readInt32LE(at)),
  i64: fixed(8, (bytes, at) => bytes.readBigInt64LE(at)),
  f64: fixed(8, (bytes, at) => bytes.readDoubleLE(at)),
  text: readText,
  lowtext: readText,
  moment: fixed(8, (bytes, at) => bytes.readBigInt64LE(at)),
  map: readMap,
};

function fixed(size: number, read: (bytes: Buffer, at: number) => unknown): Read {
  return (cursor) => {
    cursor.at += size;
    return read(cursor.bytes, cursor.at - size);
  };
}

function readLength(cursor: Cursor): number {
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.bytes[cursor.at++] as number;
    length += (byte & 127) * scale;
    if (byte < 128) return length;
  }
}

function readText(cursor: Cursor): string {
  const length = readLength(cursor);
  cursor.at += length;
  return cursor.bytes.toString('utf8', cursor.at - length, cursor.at);
}

function readMap(cursor: Cursor): { key: bigint; value: bigint }[] {
  const length = readLength(cursor);
  const { bytes } = cursor;
  return Array.from({ length }, () => {
    cursor.at += 12;
    return { key: BigInt(bytes.readUInt32LE(cursor.at - 12)), value: bytes.readBigInt64LE(cursor.at - 8) };
  });
}

/** What reads a column, with its absent value as null. */
function reader({ type, absent }: Column): Read {
  const read = READERS[type];
  if (absent === undefined) return read;
  if (Number.isNaN(absent)) return (cursor) => nullIf(read(cursor), Number.isNaN);
  return (cursor) => nullIf(read(cursor), (value) => value === absent);
}

function nullIf(value: unknown, isAbsent: (value: number) => boolean): unknown {
  return isAbsent(Number(value)) ? null : value;
}

/** Values of a column, without an object for each where that can be. */
function valuesOf({ type, absent }: Column, rows: number): Values {
  if (absent !== undefined || type === 'text' || type === 'lowtext' || type === 'map') return [];
  if (type === 'f64') return new Float64Array(rows);
  return ELEMENTS[type].type === 'INT32' ? new Int32Array(rows) : new BigInt64Array(rows);
}

type Values = unknown[] | Int32Array | BigInt64Array | Float64Array;

/** Some rows as columns. Few at a time: a value takes many times the bytes here that it takes in a row. */
class RowGroup {
  rows = 0;
  readonly #columns: readonly { readonly name: string; readonly read: Read; readonly values: Values }[];

  constructor(columns: readonly Column[]) {
    this.#columns = columns.map((column) => ({
      name: column.name,
      read: reader(column),
      values: valuesOf(column, ROW_GROUP),
    }));
  }

  read(cursor: Cursor): void {
    for (const { read, values } of this.#columns) (values as unknown[])[this.rows] = read(cursor);
    this.rows++;
  }

  /** The rows so far, and begins anew. */
  take(): ColumnSource[] {
    const { rows } = this;
    this.rows = 0;
    return this.#columns.map(({ name, values }) => ({ name, data: values.slice(0, rows) as ColumnSource['data'] }));
  }
}

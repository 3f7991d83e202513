/** A store of rows in memory, which can fail at any write, before or after the rows are there. */
import { type Column, TABLES, type TableName } from '../../src/tables/schema.ts';
import type { LoadedPart, RowTarget, TablePart } from '../../src/tables/target.ts';

export interface Row {
  readonly [column: string]: unknown;
}

/** Reads RowBinary. */
function readRows(columns: readonly Column[], chunks: readonly Uint8Array[]): Row[] {
  const bytes = Buffer.concat(chunks);
  const rows: Row[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const take = <Value>(size: number, read: (from: number) => Value) => {
    const value = read(at);
    at += size;
    return value;
  };
  const text = () => {
    const length = varint();
    return take(length, (from) => bytes.toString('utf8', from, from + length));
  };
  const plain = (value: bigint) => (BigInt(Number(value)) === value ? Number(value) : value);
  const cell = ({ type }: Column): unknown => {
    if (type === 'text' || type === 'lowtext') return text();
    if (type === 'map') {
      const entries: [number, unknown][] = [];
      for (let left = varint(); left > 0; left--)
        entries.push([
          take(4, (from) => bytes.readUInt32LE(from)),
          take(8, (from) => plain(bytes.readBigUInt64LE(from))),
        ]);
      return Object.fromEntries(entries);
    }
    if (type === 'u8') return take(1, (from) => bytes.readUInt8(from));
    if (type === 'u16') return take(2, (from) => bytes.readUInt16LE(from));
    if (type === 'i16') return take(2, (from) => bytes.readInt16LE(from));
    if (type === 'u32') return take(4, (from) => bytes.readUInt32LE(from));
    if (type === 'i32') return take(4, (from) => bytes.readInt32LE(from));
    if (type === 'f64') return take(8, (from) => bytes.readDoubleLE(from));
    if (type === 'u64') return take(8, (from) => plain(bytes.readBigUInt64LE(from)));
    return take(8, (from) => plain(bytes.readBigInt64LE(from)));
  };
  while (at < bytes.length) rows.push(Object.fromEntries(columns.map((column) => [column.name, cell(column)])));
  return rows;
}

export class MemoryTarget implements RowTarget {
  readonly shown = 'memory';
  readonly isElsewhere = true;
  /** By table and token. */
  readonly #parts = new Map<string, Row[]>();
  /** A part with a token that was written keeps its rows, as in ClickHouse, or has them replaced, as a file. */
  readonly #replaces: boolean;
  writes = 0;
  /** The write that fails, and those behind it: counted from 1. */
  failsAt = Number.POSITIVE_INFINITY;
  /** Whether the rows of that one are there all the same. */
  failsAfter = false;

  constructor(replaces = false) {
    this.#replaces = replaces;
  }

  async write({ table, token, body }: TablePart) {
    this.writes++;
    const isFailure = this.writes >= this.failsAt;
    if (!isFailure || (this.failsAfter && this.writes === this.failsAt)) this.#keep(table, token, body.chunks);
    await Promise.resolve();
    if (isFailure) throw Object.assign(new Error('killed'), { code: 'killed' });
    return { retries: 0 };
  }

  #keep(table: TableName, token: string, chunks: readonly Uint8Array[]): void {
    if (!/^[\w.-]{1,160}$/.test(token)) throw new Error(`bad token ${token}`);
    const key = `${table} ${token}`;
    const rows = readRows(TABLES[table].columns, chunks);
    if (this.#replaces || !this.#parts.has(key)) this.#parts.set(key, rows);
  }

  rows(table: TableName): Row[] {
    return [...this.#parts].filter(([key]) => key.startsWith(`${table} `)).flatMap(([, rows]) => rows);
  }

  async loaded(prefix: string): Promise<readonly LoadedPart[]> {
    const latest = new Map<string, Row>();
    for (const row of this.rows('spoe_loads')) {
      const key = `${row.load_id} ${row.first_line}`;
      const before = latest.get(key);
      if (before === undefined || Number(before.version) < Number(row.version)) latest.set(key, row);
    }
    return [...latest.values()]
      .filter(({ load_id }) => String(load_id).startsWith(prefix))
      .map((row) => ({
        ...{ loadId: String(row.load_id), firstLine: Number(row.first_line), endLine: Number(row.end_line) },
        ...{ version: Number(row.version), state: String(row.state), tables: String(row.tables) },
        ...{ leftOut: String(row.left_out), digest: Number(row.digest) },
      }))
      .sort((a, b) => (a.loadId < b.loadId ? -1 : a.loadId > b.loadId ? 1 : a.firstLine - b.firstLine));
  }

  async close(): Promise<void> {}
}

/** What both engines are for those who ask them. */

/** A whole number past 2^53 is a bigint, a moment a text as `2026-11-22 06:56:47.524` (UTC), a list or map JSON. */
export type EngineValue = string | number | bigint | boolean | null | readonly EngineValue[] | EngineObject;
export interface EngineObject {
  readonly [name: string]: EngineValue;
}

export type EngineRow = readonly EngineValue[];

export interface EngineColumn {
  readonly name: string;
  /** In the engine's own words. */
  readonly type: string;
}

export interface EngineRows {
  readonly columns: readonly EngineColumn[];
  /** To be read once, and to its end or closed: rows come as they are taken. Throws EngineError. */
  readonly rows: AsyncIterable<EngineRow>;
}

/** Columns of an answer whose types are known before: whole numbers of 8 and 32 bits, doubles, and texts. */
export type PlainType = 'u8' | 'i32' | 'u32' | 'f64' | 'text';

/** Some rows, column by column. */
export interface EngineBlock {
  readonly count: number;
  readonly columns: readonly (ArrayLike<number> | readonly string[])[];
}

/** Named values of a statement: `{name:String}` of ClickHouse, `$name` of DuckDB. */
export interface Parameters {
  readonly [name: string]: string | number;
}

/** An engine that answers SQL. Each method throws EngineError. */
export interface Engine {
  readonly dialect: 'clickhouse' | 'duckdb';
  /** As messages name it: without a secret. */
  readonly shown: string;
  /** The rows of one statement that changes nothing: it may be sent again. */
  query(sql: string, parameters?: Parameters): Promise<EngineRows>;
  /**
   * The same where each column has the type that is said, and no value is absent: many rows at little cost. An answer that
   * breaks is asked for again where that can be.
   */
  blocks(sql: string, types: readonly PlainType[], parameters?: Parameters): AsyncGenerator<EngineBlock, void>;
  /**
   * A statement without rows, as of tables that a question needs. It must do no harm when it runs twice. Nothing of a session
   * stays: no SET, and no TEMP table. With DuckDB a table of its own is gone at the end.
   */
  run(sql: string, parameters?: Parameters): Promise<void>;
  close(): Promise<void>;
}

/** All rows as objects by name of column, for answers that are known to be small. */
export async function readObjects(engine: Engine, sql: string, parameters?: Parameters): Promise<EngineObject[]> {
  const { columns, rows } = await engine.query(sql, parameters);
  const objects: EngineObject[] = [];
  for await (const row of rows) objects.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
  return objects;
}

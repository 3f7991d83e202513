/** What the two engines write in their own way. */
import type { Engine, PlainType } from './engine.ts';
import { quotePlainText, quoteText } from './quoting.ts';

export interface Dialect {
  /** The rows of spoe_loads: the newest one of each part. */
  readonly loads: string;
  /** The value of the lowest. */
  readonly first: string;
  readonly leftJoin: string;
  readonly settings: string;
  parameter(name: string, type: 'text' | 'number'): string;
  /** The moment of a number in epoch ms. */
  moment(ms: string): string;
  /** The epoch ms of a moment, as a whole number. */
  ms(moment: string): string;
  double(value: string): string;
  text(value: string): string;
  cast(value: string, type: PlainType): string;
  either(condition: string, one: string, other: string): string;
  /** The lowest 53 bits of a number, which a double holds. */
  low53(column: string): string;
  /** A number from 0 below so many, by the hash of a value. */
  hashed(value: string, below: number): string;
  /** Where a value is in a list, from 1 on; 0 where it is not. */
  indexOf(values: readonly string[], column: string): string;
  isText(column: string, value: string): string;
}

export function dialectOf({ dialect }: Pick<Engine, 'dialect'>): Dialect {
  return dialect === 'clickhouse' ? CLICKHOUSE : DUCKDB;
}

const LOW_53_BITS = '9007199254740991';
/** What ClickHouse sorts and groups in memory; the rest goes to its disk. */
const SORT_BYTES = 1_000_000_000;

const CLICKHOUSE_TYPES = { u8: 'UInt8', i32: 'Int32', u32: 'UInt32', f64: 'Float64', text: 'String' } as const;
const DUCKDB_TYPES = { u8: 'UTINYINT', i32: 'INTEGER', u32: 'UINTEGER', f64: 'DOUBLE', text: 'VARCHAR' } as const;

const CLICKHOUSE: Dialect = {
  // The newest row of a part, merged or not.
  loads: '(SELECT * FROM spoe_loads FINAL)',
  first: 'argMin',
  leftJoin: 'GLOBAL LEFT JOIN',
  settings: ` SETTINGS join_use_nulls = 0, join_algorithm = 'full_sorting_merge', max_bytes_before_external_sort = ${SORT_BYTES}, max_bytes_before_external_group_by = ${SORT_BYTES}`,
  parameter: (name, type) => `{${name}:${type === 'text' ? 'String' : 'Int64'}}`,
  moment: (ms) => `fromUnixTimestamp64Milli(${ms}, 'UTC')`,
  ms: (moment) => `toUnixTimestamp64Milli(${moment})`,
  double: (value) => `toFloat64(${value})`,
  text: (value) => `toString(${value})`,
  cast: (value, type) => `CAST(${value} AS ${CLICKHOUSE_TYPES[type]})`,
  either: (condition, one, other) => `if(${condition}, ${one}, ${other})`,
  low53: (column) => `bitAnd(${column}, ${LOW_53_BITS})`,
  hashed: (value, below) => `toUInt32(cityHash64(${value}) % ${below})`,
  indexOf: (values, column) => `toUInt32(indexOf([${values.map(quoteText).join(', ')}], toString(${column})))`,
  isText: (column, value) => `${column} = ${quoteText(value)}`,
};

const DUCKDB: Dialect = {
  loads: 'spoe_loads',
  first: 'arg_min',
  leftJoin: 'LEFT JOIN',
  settings: '',
  parameter: (name) => `$${name}`,
  moment: (ms) => `epoch_ms(CAST(${ms} AS BIGINT))`,
  ms: (moment) => `epoch_ms(${moment})`,
  double: (value) => `CAST(${value} AS DOUBLE)`,
  text: (value) => `CAST(${value} AS VARCHAR)`,
  cast: (value, type) => `CAST(${value} AS ${DUCKDB_TYPES[type]})`,
  either: (condition, one, other) => `CASE WHEN ${condition} THEN ${one} ELSE ${other} END`,
  low53: (column) => `${column} & ${LOW_53_BITS}`,
  hashed: (value, below) => `CAST(hash(${value}) % ${below} AS INTEGER)`,
  indexOf: (values, column) => `coalesce(list_position([${values.map(quotePlainText).join(', ')}], ${column}), 0)`,
  isText: (column, value) => `${column} = ${quotePlainText(value)}`,
};

/** What the two engines write in their own way. */

import { MINUTE_FILES, minutesOfFiles } from './duckdb-schema.ts';
import type { Engine, PlainType } from './engine.ts';
import { quotePlainText, quoteText } from './quoting.ts';

type Named = readonly (readonly [name: string, sql: string])[];

/** Rows that are added up by keys. */
interface AddedUp {
  /** A table, with its conditions. */
  readonly from: string;
  /** Each row counts once as each of these: `kind` is one of them, in keys and maps. */
  readonly kinds: readonly number[];
  readonly keys: Named;
  /** What of a group each is. */
  readonly values: Named;
  /** Counts by number, which are added up number by number. */
  readonly maps: Named;
}

interface FixedMinutes {
  /** Asks for the files that there are. */
  readonly files: string;
  /** Makes the table of these files, of which there is one at least. */
  of(files: readonly string[]): string;
  readonly table: string;
}

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
  /** A map of counts without any. */
  readonly noCounts: string;
  /** The statement for rows that are added up, in no order: kind, keys, values, maps. A map without any may be null. */
  addUp(asked: AddedUp): string;
  /** Where a table is files, which are listed anew each time that a statement names it: what keeps spoe_minutes as it is while others load. */
  readonly fixedMinutes: FixedMinutes | undefined;
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
  moment: (ms) => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`,
  ms: (moment) => `toUnixTimestamp64Milli(${moment})`,
  double: (value) => `toFloat64(${value})`,
  text: (value) => `toString(${value})`,
  cast: (value, type) => `CAST(${value} AS ${CLICKHOUSE_TYPES[type]})`,
  either: (condition, one, other) => `if(${condition}, ${one}, ${other})`,
  low53: (column) => `bitAnd(${column}, ${LOW_53_BITS})`,
  hashed: (value, below) => `toUInt32(cityHash64(${value}) % ${below})`,
  indexOf: (values, column) => `toUInt32(indexOf([${values.map(quoteText).join(', ')}], toString(${column})))`,
  isText: (column, value) => `${column} = ${quoteText(value)}`,
  noCounts: 'CAST(map() AS Map(UInt32, UInt64))',
  // Of the table itself, not of a subquery: only so each shard adds up its own rows.
  addUp: ({ from, kinds, keys, values, maps }) => {
    const sums = maps.map(([name, column]) => [name, `sumMap(${column})`] as const);
    return `SELECT arrayJoin([${kinds.join(', ')}]) AS kind, ${namedAs([...keys, ...values, ...sums])} FROM ${from}
      GROUP BY ${['kind', ...namesOf(keys)].join(', ')}`;
  },
  fixedMinutes: undefined,
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
  noCounts: 'MAP {}',
  // It has no sum of maps: each is cut into its numbers, which are added up and put together again.
  addUp: ({ from, kinds, keys, values, maps }) => {
    const rows = `(SELECT *, ${namedAs(keys)} FROM (SELECT *, unnest([${kinds.join(', ')}]) AS kind FROM ${from}) AS t) AS r`;
    const key = ['kind', ...namesOf(keys)].join(', ');
    const sums = maps.map(
      ([name, sql]) => `${name}_of AS (SELECT ${key}, map_from_entries(list((number, n) ORDER BY number)) AS ${name}
        FROM (SELECT ${key}, cell.key AS number, CAST(sum(cell.value) AS BIGINT) AS n
          FROM (SELECT ${key}, unnest(map_entries(${sql})) AS cell FROM ${rows}) AS c GROUP BY ${key}, number) AS s
        GROUP BY ${key})`,
    );
    const names = [key, ...namesOf(values), ...namesOf(maps)];
    return `WITH all_of AS (SELECT ${key}, ${namedAs(values)} FROM ${rows} GROUP BY ${key}), ${sums.join(', ')}
      SELECT ${names.join(', ')} FROM all_of ${namesOf(maps)
        .map((name) => `LEFT JOIN ${name}_of USING (${key})`)
        .join(' ')}`;
  },
  fixedMinutes: {
    files: `SELECT file FROM ${MINUTE_FILES}()`,
    of: (files) => minutesOfFiles('spoe_fixed_minutes', files),
    table: 'spoe_fixed_minutes',
  },
};

function namedAs(columns: Named): string {
  return columns.map(([name, sql]) => `${sql} AS ${name}`).join(', ');
}

function namesOf(columns: Named): string[] {
  return columns.map(([name]) => name);
}

/**
 * The tables as ClickHouse has them: on one server, or on a cluster, where each table is a local, replicated one on every
 * shard and a Distributed one over these. Statements can be run again: what is there stays.
 */
import { type Column, type ColumnType, SCHEMA_VERSION, TABLES, type Table } from '../tables/schema.ts';
import { CLICKHOUSE_VIEWS } from './clickhouse-views.ts';
import { quoteName, quoteText } from './quoting.ts';

export interface SchemaOptions {
  /** Its name in remote_servers. Absent: one server. */
  readonly cluster?: string | undefined;
  /** How long rows are kept by their time, in whole days; absent: for ever. */
  readonly keepDays?: number | undefined;
  /** The same of spoe_minutes; absent: as the others. */
  readonly keepMinutesDays?: number | undefined;
}

/** Statements that lead from the version before to this one, without the cluster: `ON CLUSTER` is put in. */
export interface Migration {
  readonly version: number;
  statements(options: SchemaOptions): readonly string[];
}

/** There is one version so far. A step names tables by `localName`, and alters the Distributed one as well. */
const MIGRATIONS: readonly Migration[] = [];

const TYPES: { readonly [type in ColumnType]: string } = {
  u8: 'UInt8',
  u16: 'UInt16',
  u32: 'UInt32',
  u64: 'UInt64',
  i16: 'Int16',
  i32: 'Int32',
  i64: 'Int64',
  f64: 'Float64',
  text: 'String',
  lowtext: 'LowCardinality(String)',
  moment: "DateTime64(3, 'UTC')",
  map: 'Map(UInt32, UInt64)',
};

/** So many inserts are known again by their tokens: some hours of three hundred hosts, each inserting every ten seconds, are more. */
const WINDOW = 100_000;
/** The same in Keeper, which has an entry for each. */
const REPLICATED_WINDOW = 10_000;
const REPLICATED_WINDOW_SECONDS = 604_800;

/** All statements that make the tables and views, in order, without an end. */
export function clickhouseSchema(options: SchemaOptions = {}): string[] {
  const tables: readonly Table[] = Object.values(TABLES);
  return [
    ...tables.flatMap((table) => tableStatements(table, options)),
    ...CLICKHOUSE_VIEWS.map(({ name, select }) => `CREATE OR REPLACE VIEW ${name}${onCluster(options)} AS\n${select}`),
    noteVersion(SCHEMA_VERSION),
  ];
}

/** The statements that lead from a version to the present one; none where it is that already. @param migrations for tests */
export function clickhouseMigration(
  from: number,
  options: SchemaOptions = {},
  migrations: readonly Migration[] = MIGRATIONS,
): string[] {
  const steps = migrations.filter(({ version }) => version > from).sort((a, b) => a.version - b.version);
  return steps.flatMap((step) => [...step.statements(options), noteVersion(step.version)]);
}

function noteVersion(version: number): string {
  return `INSERT INTO spoe_schema (version, applied_at) SELECT ${version}, now64(3) WHERE ${version} NOT IN (SELECT version FROM spoe_schema)`;
}

function onCluster({ cluster }: SchemaOptions): string {
  return cluster === undefined ? '' : ` ON CLUSTER ${quoteName(cluster)}`;
}

/** The table that holds the rows: on a cluster the one that a Distributed table stands before. */
function localName({ name, shardBy }: Table, { cluster }: SchemaOptions): string {
  return cluster === undefined || shardBy === undefined ? name : `${name}_local`;
}

function tableStatements(table: Table, options: SchemaOptions): string[] {
  const columns = table.columns.map((column) => `  ${columnDefinition(table, column)}`).join(',\n');
  const local = localName(table, options);
  const statement = [
    `CREATE TABLE IF NOT EXISTS ${local}${onCluster(options)}\n(\n${columns}\n)`,
    `ENGINE = ${engineOf(table, options)}`,
    ...partition(table),
    `ORDER BY (${table.orderBy.join(', ')})`,
    ...retention(table, options),
    `SETTINGS ${settings(table, options).join(', ')}`,
  ].join('\n');
  return local === table.name ? [statement] : [statement, distributed(table, local, options)];
}

function distributed({ name, shardBy }: Table, local: string, options: SchemaOptions): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${name}${onCluster(options)} AS ${local}`,
    `ENGINE = Distributed(${quoteText(options.cluster ?? '')}, currentDatabase(), ${quoteText(local)}, cityHash64(${shardBy}))`,
  ].join('\n');
}

function columnDefinition(table: Table, { name, type, combine, codec, help }: Column): string {
  const plain = TYPES[type];
  const combined = combine === undefined ? plain : `SimpleAggregateFunction(${combine}, ${plain})`;
  // LowCardinality is compressed by its dictionary; a key is compressed by its order.
  const compression = type === 'lowtext' || combine !== undefined ? '' : ` CODEC(${codec ?? 'ZSTD(1)'})`;
  return `${name} ${table.keeps === 'sums' ? combined : plain} COMMENT ${quoteText(help)}${compression}`;
}

function engineOf({ name, keeps, shardBy }: Table, { cluster }: SchemaOptions): string {
  const kind = keeps === 'rows' ? '' : keeps === 'latest' ? 'Replacing' : 'Aggregating';
  const version = keeps === 'latest' ? ['version'] : [];
  if (cluster === undefined) return `${kind}MergeTree${version.length > 0 ? `(${version.join()})` : ''}`;
  // A table that is not cut has a copy on every server: all shards are replicas of one another.
  const [path, replica] =
    shardBy === undefined
      ? [`/clickhouse/tables/all/{database}/${name}`, '{shard}-{replica}']
      : [`/clickhouse/tables/{shard}/{database}/${name}`, '{replica}'];
  return `Replicated${kind}MergeTree(${[quoteText(path), quoteText(replica), ...version].join(', ')})`;
}

function partition({ partitionBy }: Table): string[] {
  if (partitionBy.length === 0) return [];
  const parts = partitionBy.map(({ column, by }) =>
    by === 'value' ? column : by === 'day' ? `toDate(${column})` : `toYYYYMM(${column})`,
  );
  return [`PARTITION BY ${parts.length === 1 ? parts[0] : `(${parts.join(', ')})`}`];
}

/** A DateTime, which a TTL is, ends in 2106: what is beyond would be past already. */
const NEVER = "toDateTime64('2106-01-01 00:00:00', 3, 'UTC')";

/** By the moment that a table is cut by. Rows without a time, of 1970, are not the oldest ones: they stay. */
function retention(table: Table, options: SchemaOptions): string[] {
  const days = keptDays(table, options);
  const moment = momentOf(table);
  if (days === undefined || moment === undefined) return [];
  const end = `if(toUnixTimestamp64Milli(${moment}) <= 0, ${NEVER}, least(${moment} + INTERVAL ${days} DAY, ${NEVER}))`;
  return [`TTL toDateTime(${end}, 'UTC')`];
}

function keptDays(table: Table, { keepDays, keepMinutesDays = keepDays }: SchemaOptions): number | undefined {
  if (momentOf(table) === undefined) return undefined;
  return table.name === 'spoe_minutes' ? keepMinutesDays : keepDays;
}

function momentOf({ partitionBy }: Table): string | undefined {
  return partitionBy.find(({ by }) => by !== 'value')?.column;
}

function settings(table: Table, options: SchemaOptions): string[] {
  const known =
    options.cluster === undefined
      ? [`non_replicated_deduplication_window = ${WINDOW}`]
      : [
          `replicated_deduplication_window = ${REPLICATED_WINDOW}`,
          `replicated_deduplication_window_seconds = ${REPLICATED_WINDOW_SECONDS}`,
        ];
  // Days that are over go as whole parts, which costs nothing.
  return keptDays(table, options) === undefined ? known : [...known, 'ttl_only_drop_parts = 1'];
}

/**
 * The tables as DuckDB has them: views over the Parquet files of a folder. A table without a file is an empty view of the same
 * columns, so that a question is answered and does not fail.
 */
import { type ColumnType, TABLES, type Table } from '../tables/schema.ts';
import { DUCKDB_VIEWS } from './duckdb-views.ts';
import { quotePlainText } from './quoting.ts';

/** Signed, as they are in Parquet: the difference of two is then no error. */
const TYPES: { readonly [type in ColumnType]: string } = {
  u8: 'INTEGER',
  u16: 'INTEGER',
  u32: 'BIGINT',
  u64: 'BIGINT',
  i16: 'INTEGER',
  i32: 'INTEGER',
  i64: 'BIGINT',
  f64: 'DOUBLE',
  text: 'VARCHAR',
  lowtext: 'VARCHAR',
  moment: 'TIMESTAMP',
  map: 'MAP(BIGINT, BIGINT)',
};

/** Lists the files of spoe_minutes. */
export const MINUTE_FILES = 'spoe_minute_files';

/** The statements that make the views. @param hasFiles of which tables there is a file in the folder */
export function duckdbSchema(folder: string, hasFiles: (table: string) => boolean): string[] {
  const tables: readonly Table[] = Object.values(TABLES);
  return [
    ...tables.map((table) => tableView(table, folder, hasFiles(table.name))),
    `CREATE OR REPLACE MACRO ${MINUTE_FILES}() AS TABLE\nSELECT file FROM glob(${patternOf(TABLES.spoe_minutes, folder)})`,
    ...DUCKDB_VIEWS.map(({ name, select }) => `CREATE OR REPLACE VIEW ${name} AS\n${select}`),
  ];
}

/** Makes a view of the rows of these files of spoe_minutes alone. */
export function minutesOfFiles(name: string, files: readonly string[]): string {
  const list = files.map((file) => quotePlainText(globbed(file))).join(', ');
  return `CREATE OR REPLACE VIEW ${name} AS\nSELECT ${namesOf(TABLES.spoe_minutes)} FROM ${reading(`[${list}]`)}`;
}

function tableView(table: Table, folder: string, hasFiles: boolean): string {
  const head = `CREATE OR REPLACE VIEW ${table.name} AS`;
  if (!hasFiles) {
    const columns = table.columns.map(({ name, type }) => `CAST(NULL AS ${TYPES[type]}) AS ${name}`);
    return `${head}\nSELECT ${columns.join(', ')} WHERE false`;
  }
  const files = reading(patternOf(table, folder));
  const columns = namesOf(table);
  if (table.keeps !== 'latest') return `${head}\nSELECT ${columns} FROM ${files}`;
  return `${head}\nSELECT ${columns} FROM ${files}\nQUALIFY row_number() OVER (PARTITION BY ${table.orderBy.join(', ')} ORDER BY version DESC) = 1`;
}

function patternOf({ name }: Table, folder: string): string {
  return quotePlainText(`${globbed(folder)}/${name}/**/*.parquet`);
}

/** What stands in the names of folders is escaped, and stands in the rows as it is. */
function reading(files: string): string {
  return `read_parquet(${files}, hive_partitioning = false)`;
}

function namesOf({ columns }: Table): string {
  return columns.map(({ name }) => name).join(', ');
}

/** A folder or file whose name holds what a pattern is made of. */
function globbed(folder: string): string {
  return folder.replace(/[*?[\]]/g, '[$&]').replace(/(?<=.)\/+$/, '');
}

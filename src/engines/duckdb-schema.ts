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

/** The statements that make the views. @param hasFiles of which tables there is a file in the folder */
export function duckdbSchema(folder: string, hasFiles: (table: string) => boolean): string[] {
  const tables: readonly Table[] = Object.values(TABLES);
  return [
    ...tables.map((table) => tableView(table, folder, hasFiles(table.name))),
    ...DUCKDB_VIEWS.map(({ name, select }) => `CREATE OR REPLACE VIEW ${name} AS\n${select}`),
  ];
}

function tableView(table: Table, folder: string, hasFiles: boolean): string {
  const head = `CREATE OR REPLACE VIEW ${table.name} AS`;
  if (!hasFiles) {
    const columns = table.columns.map(({ name, type }) => `CAST(NULL AS ${TYPES[type]}) AS ${name}`);
    return `${head}\nSELECT ${columns.join(', ')} WHERE false`;
  }
  // What stands in the names of folders is escaped, and stands in the rows as it is.
  const files = `read_parquet(${quotePlainText(`${globbed(folder)}/${table.name}/**/*.parquet`)}, hive_partitioning = false)`;
  const columns = table.columns.map(({ name }) => name).join(', ');
  if (table.keeps !== 'latest') return `${head}\nSELECT ${columns} FROM ${files}`;
  return `${head}\nSELECT ${columns} FROM ${files}\nQUALIFY row_number() OVER (PARTITION BY ${table.orderBy.join(', ')} ORDER BY version DESC) = 1`;
}

/** A folder whose name holds what a pattern is made of. */
function globbed(folder: string): string {
  return folder.replace(/[*?[\]]/g, '[$&]').replace(/(?<=.)\/+$/, '');
}

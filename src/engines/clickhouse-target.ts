/** Parts of logs into the tables of ClickHouse. */
import { SCHEMA_VERSION, TABLES, type Table } from '../tables/schema.ts';
import type { LoadedPart, RowTarget, TablePart, Written } from '../tables/target.ts';
import { ClickHouse, type ClickHouseOptions } from './clickhouse.ts';
import { readObjects } from './engine.ts';
import { EngineError } from './errors.ts';
import { toLoadedPart } from './loaded-part.ts';

/** Opens the tables of a database. Throws EngineError, `no-schema` where they are not there or of another version. */
export async function openClickHouseTarget(options: ClickHouseOptions): Promise<RowTarget> {
  const target = new ClickHouseTarget(options);
  try {
    await checkSchema(target.engine);
  } catch (error) {
    await target.close();
    throw error;
  }
  return target;
}

/** Throws EngineError `no-schema` unless the tables are those of this version. */
export async function checkSchema(engine: ClickHouse): Promise<void> {
  const version = await readSchemaVersion(engine);
  if (version === SCHEMA_VERSION) return;
  const hint =
    version > SCHEMA_VERSION
      ? 'take the spoe-logs that made them, or a newer one'
      : `change them: spoe-logs sql --schema clickhouse --since-version ${version} | clickhouse-client -mn`;
  throw new EngineError(
    'no-schema',
    `${engine.shown}: its tables are of version ${version}, not of ${SCHEMA_VERSION}`,
    version === 0 ? 'create them: spoe-logs sql --schema clickhouse | clickhouse-client -mn' : hint,
  );
}

/** The version of the tables there; 0 where they were begun and not finished. Throws EngineError. */
export async function readSchemaVersion(engine: ClickHouse): Promise<number> {
  const [row] = await readObjects(engine, 'SELECT max(version) AS version FROM spoe_schema');
  return Number(row?.version ?? 0);
}

class ClickHouseTarget implements RowTarget {
  readonly isElsewhere = true;
  readonly engine: ClickHouse;

  constructor(options: ClickHouseOptions) {
    this.engine = new ClickHouse(options);
  }

  get shown(): string {
    return this.engine.shown;
  }

  async write({ table: name, token, body }: TablePart, signal?: AbortSignal): Promise<Written> {
    const table: Table = TABLES[name];
    return await this.engine.insert(
      {
        table: name,
        columns: table.columns.map((column) => column.name),
        body: body.chunks,
        // Of the latest row each is to be taken, not the first.
        ...(table.keeps !== 'latest' && { token: `${name}:${token}` }),
      },
      signal,
    );
  }

  async loaded(prefix: string): Promise<readonly LoadedPart[]> {
    const rows = await readObjects(
      this.engine,
      `SELECT load_id, first_line, end_line, version, state, tables, left_out, digest
      FROM spoe_loads FINAL WHERE startsWith(load_id, {prefix:String}) ORDER BY load_id, first_line`,
      { prefix },
    );
    return rows.map(toLoadedPart);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

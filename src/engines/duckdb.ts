/**
 * DuckDB over the Parquet files of a folder. It is no part of this program: 70 MB that few need. What there is at run time is
 * taken: the package `@duckdb/node-api`, installed beside spoe-logs, or the program `duckdb`.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbProgram, findProgram, namedProgram, spillInto } from './duckdb-program.ts';
import { duckdbSchema } from './duckdb-schema.ts';
import type {
  Engine,
  EngineBlock,
  EngineColumn,
  EngineRow,
  EngineRows,
  EngineValue,
  Parameters,
  PlainType,
} from './engine.ts';
import { EngineError, shortenWords } from './errors.ts';
import type { ParquetLocation } from './location.ts';
import { checkParquetVersion, hasFiles } from './parquet-version.ts';
import { quotePlainText } from './quoting.ts';
import { momentText, wholeNumber } from './row-lines.ts';

export interface DuckDbOptions {
  readonly location: ParquetLocation;
  /** The environment: PATH, and SPOE_LOGS_DUCKDB, which is a folder where the package was installed, or the program. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Of its own, as DuckDB writes it; what does not fit goes to the disk where it can. */
  readonly memory?: string | undefined;
  readonly threads?: number | undefined;
  /** Ends the statement that is under way. */
  readonly signal?: AbortSignal | undefined;
}

const DUCKDB_PACKAGE = '@duckdb/node-api';

/** Opens it, with views for all tables. Throws EngineError: `engine-missing` where it is not installed. */
export async function openDuckDb(options: DuckDbOptions): Promise<Engine> {
  const { location, env } = options;
  requireFolder(location);
  if (!checkParquetVersion(location))
    throw new EngineError(
      'no-schema',
      `${location.shown}: nothing was loaded into it`,
      'name the folder that was loaded into',
    );
  const named = namedProgram(env);
  const found = named === undefined ? loadPackage(env.SPOE_LOGS_DUCKDB) : undefined;
  const work = mkdtempSync(join(tmpdir(), 'spoe-logs-duckdb-'));
  const release = () => rmSync(work, { recursive: true, force: true });
  const views = duckdbSchema(location.folder, (table) => hasFiles(location.folder, table));
  const { shown } = location;
  const { signal } = options;
  try {
    if (found !== undefined) {
      const setup = [...settings(options), spillInto(work), ...views];
      return await DuckDbPackage.open(found, shown, setup, release, signal);
    }
    const program = named ?? findProgram(env);
    if (program !== undefined)
      return await DuckDbProgram.open({ program, shown, folder: work, release, signal }, settings(options), views);
  } catch (error) {
    release();
    throw error;
  }
  release();
  throw new EngineError(
    'engine-missing',
    `DuckDB, which reads ${location.shown}, is not installed`,
    `npm install ${DUCKDB_PACKAGE} beside spoe-logs, or put the program duckdb on PATH`,
  );
}

function requireFolder({ folder }: ParquetLocation): void {
  try {
    readdirSync(folder);
  } catch (error) {
    throw new EngineError(
      'no-schema',
      `${folder}: ${(error as NodeJS.ErrnoException).code}`,
      'name the folder that was loaded into',
    );
  }
}

function settings({ memory = '1GB', threads = 2 }: DuckDbOptions): string[] {
  return [
    `SET memory_limit = ${quotePlainText(memory)}`,
    `SET threads = ${threads}`,
    // Nothing is fetched from anywhere because a question names a function.
    'SET autoinstall_known_extensions = false',
    "SET TimeZone = 'UTC'",
  ];
}

/** What this file uses of the package; its own types are where it is. */
interface DuckDbModule {
  readonly DuckDBInstance: {
    create(path: string): Promise<Instance>;
  };
}

interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

interface Connection {
  run(sql: string, values?: Parameters): Promise<unknown>;
  stream(sql: string, values?: Parameters): Promise<Result>;
  interrupt(): void;
  closeSync(): void;
}

interface Result {
  columnNames(): string[];
  columnTypes(): { toString(): string }[];
  fetchChunk(): Promise<{ readonly rowCount: number; getRows(): unknown[][]; getColumns(): unknown[][] } | null>;
}

function loadPackage(folder: string | undefined): DuckDbModule | undefined {
  const places = [import.meta.url, ...(folder === undefined ? [] : [join(folder, 'here.cjs')])];
  for (const place of places.reverse()) {
    try {
      return createRequire(place)(DUCKDB_PACKAGE) as DuckDbModule;
    } catch {
      // It is not there, or not for this machine: the next place, or the program.
    }
  }
  return undefined;
}

class DuckDbPackage implements Engine {
  readonly dialect = 'duckdb';
  readonly shown: string;
  readonly #instance: Instance;
  readonly #connections = new Set<Connection>();
  readonly #release: () => void;

  private constructor(shown: string, instance: Instance, release: () => void) {
    this.shown = shown;
    this.#instance = instance;
    this.#release = release;
  }

  static async open(
    module: DuckDbModule,
    shown: string,
    setup: readonly string[],
    release: () => void,
    signal: AbortSignal | undefined,
  ): Promise<Engine> {
    const instance = await module.DuckDBInstance.create(':memory:');
    const interrupt = () => {
      for (const connection of engine.#connections) connection.interrupt();
    };
    const engine = new DuckDbPackage(shown, instance, () => {
      signal?.removeEventListener('abort', interrupt);
      release();
    });
    signal?.addEventListener('abort', interrupt);
    try {
      for (const statement of setup) await engine.run(statement);
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  async query(sql: string, parameters?: Parameters): Promise<EngineRows> {
    // Rows that come as they are taken end without a word when their connection is asked something else.
    const connection = await this.#connect();
    try {
      const result = await connection.stream(sql, parameters);
      const types = result.columnTypes().map(String);
      const columns: EngineColumn[] = result.columnNames().map((name, i) => ({ name, type: types[i] ?? '' }));
      return { columns, rows: this.#rows(connection, result, columns) };
    } catch (error) {
      this.#disconnect(connection);
      throw readDuckDbError(this.shown, (error as Error).message);
    }
  }

  async *#rows(
    connection: Connection,
    result: Result,
    columns: readonly EngineColumn[],
  ): AsyncGenerator<EngineRow, void> {
    const isMoment = columns.map(({ type }) => type === 'TIMESTAMP');
    try {
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        for (const row of chunk.getRows())
          yield row.map((value, i) => (isMoment[i] && value !== null ? momentText(String(value)) : toValue(value)));
      }
    } catch (error) {
      throw readDuckDbError(this.shown, (error as Error).message);
    } finally {
      this.#disconnect(connection);
    }
  }

  async *blocks(sql: string, _types: readonly PlainType[], parameters?: Parameters): AsyncGenerator<EngineBlock, void> {
    const connection = await this.#connect();
    try {
      const result = await connection.stream(sql, parameters);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield { count: chunk.rowCount, columns: chunk.getColumns() as EngineBlock['columns'] };
      }
    } catch (error) {
      throw readDuckDbError(this.shown, (error as Error).message);
    } finally {
      this.#disconnect(connection);
    }
  }

  async run(sql: string, parameters?: Parameters): Promise<void> {
    const connection = await this.#connect();
    try {
      await connection.run(sql, parameters);
    } catch (error) {
      throw readDuckDbError(this.shown, (error as Error).message);
    } finally {
      this.#disconnect(connection);
    }
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) this.#disconnect(connection);
    this.#instance.closeSync();
    this.#release();
  }

  async #connect(): Promise<Connection> {
    const connection = await this.#instance.connect();
    this.#connections.add(connection);
    // Of a connection, not of the instance.
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  }

  #disconnect(connection: Connection): void {
    if (this.#connections.delete(connection)) connection.closeSync();
  }
}

/** An error of either form. DuckDB shows the statement below a blank line. */
export function readDuckDbError(shown: string, message: string): EngineError {
  const words = shortenWords(message.split(/\n\s*\n/)[0] ?? message);
  if (/^Out of Memory Error/i.test(words))
    return new EngineError('engine-refused', `${shown}: ${words}`, 'give DuckDB more memory: --memory 4GB');
  return new EngineError('engine-refused', `${shown}: ${words}`);
}

function toValue(value: unknown): EngineValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return wholeNumber(String(value));
  if (typeof value !== 'object') return value as string | number | boolean;
  const { items, entries, scale } = value as { items?: unknown; entries?: unknown; scale?: unknown };
  if (Array.isArray(items)) return items.map(toValue);
  if (Array.isArray(entries))
    return Object.fromEntries(
      entries.map(({ key, value: each }: { key: unknown; value: unknown }) => [String(key), toValue(each)]),
    );
  if (typeof entries === 'object' && entries !== null)
    return Object.fromEntries(Object.entries(entries).map(([name, each]) => [name, toValue(each)]));
  return scale === undefined ? String(value) : Number(String(value));
}

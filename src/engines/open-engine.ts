/** Opens what a location names: for questions, or for rows. */
import type { RowTarget } from '../tables/target.ts';
import type { Clock } from '../text/retry.ts';
import { ClickHouse, type EngineTls } from './clickhouse.ts';
import { checkSchema, openClickHouseTarget } from './clickhouse-target.ts';
import { openDuckDb } from './duckdb.ts';
import type { Engine } from './engine.ts';
import type { EngineLocation } from './location.ts';

/** How an engine is reached, and what it may take. */
export interface EngineAccess {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: EngineTls | undefined;
  readonly retryForMs: number;
  /** Of DuckDB, as it writes it: 1GB. */
  readonly memory?: string | undefined;
  /** Of DuckDB: where its package or program is (duckdb.ts). */
  readonly env: { readonly [name: string]: string | undefined };
  readonly clock: Clock;
  readonly onRetry?: (reason: string, waitMs: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Opens the tables for questions. Throws EngineError, `no-schema` where they are not there or of another version. */
export async function openEngine(location: EngineLocation, access: EngineAccess): Promise<Engine> {
  if (location.engine === 'parquet') return await openDuckDb({ ...access, location });
  const engine = new ClickHouse({ ...access, location });
  try {
    await checkSchema(engine);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Opens the tables for rows. Throws EngineError likewise; a folder is made. */
export async function openTarget(location: EngineLocation, access: EngineAccess): Promise<RowTarget> {
  if (location.engine === 'clickhouse') return await openClickHouseTarget({ ...access, location });
  const { openParquetTarget } = await import('./parquet.ts');
  return await openParquetTarget(location);
}

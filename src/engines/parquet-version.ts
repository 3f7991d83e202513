/** Which version the files of a folder are of. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMA_VERSION, TABLES } from '../tables/schema.ts';
import { EngineError } from './errors.ts';
import type { ParquetLocation } from './location.ts';

/** Whether there are tables of this version; false where there are none. Throws EngineError `no-schema` for another one. */
export function checkParquetVersion({ folder, shown }: ParquetLocation): boolean {
  if (!Object.keys(TABLES).some((table) => hasFiles(folder, table))) return false;
  const written = hasFiles(folder, 'spoe_schema') ? readdirSync(join(folder, 'spoe_schema')) : [];
  const versions = written.flatMap((name) => /^(\d+)\.parquet$/.exec(name)?.[1] ?? []);
  const version = Math.max(0, ...versions.map(Number));
  if (version === SCHEMA_VERSION) return true;
  const which = version === 0 ? 'of a version that is not written there' : `of version ${version}`;
  throw new EngineError(
    'no-schema',
    `${shown}: its tables are ${which}, not of ${SCHEMA_VERSION}`,
    'take the spoe-logs that wrote them, or load the logs into another folder',
  );
}

/** Whether a table has a file. Its folders are looked into one after another, up to the first. */
export function hasFiles(folder: string, table: string): boolean {
  const look = (at: string, depth: number): boolean => {
    let entries: Dirent[];
    try {
      entries = readdirSync(at, { withFileTypes: true });
    } catch {
      return false;
    }
    if (entries.some((entry) => entry.isFile() && entry.name.endsWith('.parquet'))) return true;
    return depth > 0 && entries.some((entry) => entry.isDirectory() && look(join(at, entry.name), depth - 1));
  };
  return look(join(folder, table), 4);
}

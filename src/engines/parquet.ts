/**
 * Parts of logs as Parquet files in a folder: TABLE/run=…/dt=…/host=…/TOKEN.parquet. A file appears whole, by its name, or not
 * at all, and a part that is written again takes the place of the file it was. A bundle of its own brings the format.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RowWriter } from '../tables/row-writer.ts';
import { SCHEMA_VERSION, TABLES } from '../tables/schema.ts';
import type { LoadedPart, Partition, RowTarget, TablePart, Written } from '../tables/target.ts';
import { EngineError } from './errors.ts';
import { toLoadedPart } from './loaded-part.ts';
import type { ParquetLocation } from './location.ts';
import { encodeParquet, readParquet } from './parquet-format.ts';
import { checkParquetVersion } from './parquet-version.ts';

/** What a killed load left behind, when it is that old. */
const FORGOTTEN_MS = 3_600_000;
const UNFINISHED = /^\.[\w.-]+\.tmp$/;
/** A name of a folder, before what stands for the rest of it: file systems take 255 bytes. */
const NAME_CHARACTERS = 120;
const TOKEN = /^[\w.-]{1,200}$/;

/** Throws EngineError `cannot-write-parquet` where the folder cannot be made. */
export async function openParquetTarget(location: ParquetLocation): Promise<RowTarget> {
  const target = new ParquetTarget(location);
  await target.open();
  return target;
}

class ParquetTarget implements RowTarget {
  readonly shown: string;
  readonly isElsewhere = false;
  readonly #folder: string;
  /** Folders where unfinished files were looked for. */
  readonly #known = new Set<string>();

  constructor({ folder, shown }: ParquetLocation) {
    this.#folder = folder;
    this.shown = shown;
  }

  async open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
    } catch (error) {
      throw cannotWrite(this.#folder, error);
    }
    await this.#noteVersion();
  }

  /** Throws EngineError `no-schema` where the files are of another version. */
  async #noteVersion(): Promise<void> {
    if (checkParquetVersion({ engine: 'parquet', folder: this.#folder, shown: this.shown })) return;
    const writer = new RowWriter();
    writer.record(TABLES.spoe_schema.columns, { version: SCHEMA_VERSION, applied_at: Date.now() });
    const token = String(SCHEMA_VERSION);
    await this.write({ table: 'spoe_schema', token, partition: { dt: '', host: '' }, body: writer.toBatch() });
  }

  async write({ table, token, partition, body }: TablePart): Promise<Written> {
    if (!TOKEN.test(token)) throw new Error(`'${token}' is no name of a part`);
    const folder = join(this.#folder, table, ...folderNames(partition));
    try {
      await this.#prepare(folder);
      await writeWhole(folder, `${token}.parquet`, encodeParquet(TABLES[table], body));
    } catch (error) {
      throw cannotWrite(folder, error);
    }
    return { retries: 0 };
  }

  async loaded(prefix: string): Promise<readonly LoadedPart[]> {
    const folder = join(this.#folder, 'spoe_loads');
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw cannotWrite(folder, error);
    });
    const parts = new Map<string, LoadedPart>();
    for (const name of names) {
      if (!name.endsWith('.parquet')) continue;
      for (const row of await this.#read(join(folder, name))) {
        const part = toLoadedPart(row);
        const key = `${part.loadId} ${part.firstLine}`;
        if (part.loadId.startsWith(prefix) && part.version >= (parts.get(key)?.version ?? 0)) parts.set(key, part);
      }
    }
    const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return [...parts.values()].sort((a, b) => byText(a.loadId, b.loadId) || a.firstLine - b.firstLine);
  }

  async close(): Promise<void> {}

  async #read(file: string) {
    try {
      return await readParquet(await readFile(file));
    } catch (error) {
      throw new EngineError('engine-answer', `${file}: ${(error as Error).message}`, 'remove it, and load again');
    }
  }

  async #prepare(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    // What is forgotten is only looked through once more.
    if (this.#known.size >= 10_000) this.#known.clear();
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (!UNFINISHED.test(name)) continue;
      const file = join(folder, name);
      const age = await stat(file).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > FORGOTTEN_MS) await rm(file, { force: true });
    }
    this.#known.add(folder);
  }
}

/** Names that no text of a log can leave the folder with, nor meet another's. */
function folderNames({ run, dt, host }: Partition): string[] {
  const named = [
    ['run', run],
    ['dt', dt],
    ['host', host],
  ] as const;
  return named.flatMap(([name, value]) =>
    value === undefined || (value === '' && name !== 'run') ? [] : [`${name}=${folderName(value)}`],
  );
}

/** As Hive and Spark escape a value, and where it is too long, its beginning and a hash. */
function folderName(value: string): string {
  if (value === '') return '__HIVE_DEFAULT_PARTITION__';
  const escaped = encodeURIComponent(Buffer.from(value).toString()).replace(/[!'()*~]|^\.+/g, (found) =>
    [...found].map((each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
  );
  if (escaped.length <= NAME_CHARACTERS) return escaped;
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 16);
  return `${escaped.slice(0, NAME_CHARACTERS).replace(/%.?$/, '')}-${hash}`;
}

/** On the disk before it has its name: what a power cut leaves is whole, too. */
async function writeWhole(folder: string, name: string, content: Uint8Array): Promise<void> {
  const unfinished = join(folder, `.${name.slice(0, 150)}.${randomBytes(6).toString('hex')}.tmp`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(unfinished, 'wx', 0o644);
    await handle.writeFile(content);
    await handle.datasync();
    await handle.close();
    handle = undefined;
    await rename(unfinished, join(folder, name));
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

function cannotWrite(folder: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new EngineError(
    'cannot-write-parquet',
    `${folder}: ${code ?? message}`,
    'check the folder, its rights, and the disk',
  );
}

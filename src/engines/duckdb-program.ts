/**
 * The program `duckdb`, for where the package is not: it is started for each statement, on a file that keeps what statements
 * have made. Rows come as CSV with their types asked for before, lists and maps as JSON.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CsvReader } from './csv-reader.ts';
import { readDuckDbError } from './duckdb.ts';
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
import { EngineError } from './errors.ts';
import { quotePlainText } from './quoting.ts';
import { momentText, wholeNumber } from './row-lines.ts';

const MAX_ERROR_CHARACTERS = 8192;
const BLOCK_ROWS = 2048;

/** The one that SPOE_LOGS_DUCKDB names, where that is a program. */
export function namedProgram(env: Environment): string | undefined {
  const named = env.SPOE_LOGS_DUCKDB;
  return named !== undefined && isProgram(named) ? named : undefined;
}

/** The first `duckdb` on PATH. */
export function findProgram(env: Environment): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'duckdb')).find(isProgram);
}

interface Environment {
  readonly [name: string]: string | undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

interface ProgramOptions {
  /** Its path. */
  readonly program: string;
  readonly shown: string;
  /** For the file that keeps what statements have made, and for what does not fit into memory. */
  readonly folder: string;
  /** Called at the end. */
  readonly release: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Several questions at one time may then read the views. */
const READS = ['-readonly'];

export class DuckDbProgram implements Engine {
  readonly dialect = 'duckdb';
  readonly shown: string;
  readonly #options: ProgramOptions;
  /** Settings hold for one run of the program. */
  readonly #settings: readonly string[];

  private constructor(options: ProgramOptions, settings: readonly string[]) {
    this.shown = options.shown;
    this.#options = options;
    this.#settings = settings;
  }

  static async open(options: ProgramOptions, settings: readonly string[], setup: readonly string[]): Promise<Engine> {
    const engine = new DuckDbProgram(options, settings);
    for await (const _ of engine.#lines(setup));
    return engine;
  }

  async query(sql: string, parameters: Parameters = {}): Promise<EngineRows> {
    const statement = bound(sql, parameters);
    const described: EngineColumn[] = [];
    for await (const [name, type] of this.#lines([`DESCRIBE ${statement}`], READS))
      described.push({ name: name ?? '', type: type ?? '' });
    const nested = described.filter(({ type }) => isNested(type)).map(({ name }) => `"${name.replaceAll('"', '""')}"`);
    const asJson = nested.map((name) => `CAST(to_json(${name}) AS VARCHAR) AS ${name}`);
    const asked = nested.length === 0 ? statement : `SELECT * REPLACE (${asJson.join(', ')}) FROM (${statement}\n)`;
    return { columns: described, rows: this.#rows(asked, described) };
  }

  async *blocks(
    sql: string,
    types: readonly PlainType[],
    parameters: Parameters = {},
  ): AsyncGenerator<EngineBlock, void> {
    let rows: (string | null)[][] = [];
    const take = () => {
      const taken = rows;
      rows = [];
      const columns = types.map((type, i) =>
        type === 'text' ? taken.map((row) => row[i] ?? '') : Float64Array.from(taken, (row) => Number(row[i])),
      );
      return { count: taken.length, columns };
    };
    for await (const row of this.#lines([bound(sql, parameters)])) {
      if (row.length !== types.length)
        throw new EngineError('engine-answer', `${this.shown}: the program duckdb gave a row of ${row.length} values`);
      rows.push(row);
      if (rows.length === BLOCK_ROWS) yield take();
    }
    if (rows.length > 0) yield take();
  }

  async run(sql: string, parameters: Parameters = {}): Promise<void> {
    for await (const _ of this.#lines([bound(sql, parameters)]));
  }

  async close(): Promise<void> {
    this.#options.release();
  }

  async *#rows(sql: string, columns: readonly EngineColumn[]): AsyncGenerator<EngineRow, void> {
    for await (const cells of this.#lines([sql], READS)) {
      if (cells.length !== columns.length)
        throw new EngineError(
          'engine-answer',
          `${this.shown}: the program duckdb gave a row of ${cells.length} values`,
        );
      yield cells.map((cell, i) => toValue(cell, (columns[i] as EngineColumn).type));
    }
  }

  /** The rows of the last statement, as texts; null is null. Throws EngineError. */
  async *#lines(statements: readonly string[], reads: readonly string[] = []): AsyncGenerator<(string | null)[], void> {
    const { program, folder, signal } = this.#options;
    const spill = mkdtempSync(join(folder, 'spill-'));
    // A word that no value is: texts may be anything else.
    const absent = `null-${randomBytes(9).toString('hex')}`;
    const args = ['-batch', '-bail', '-noheader', '-csv', '-nullvalue', absent, ...reads, join(folder, 'views.duckdb')];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(signal && { signal }) });
    const ended = new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, killedBy) => resolve(code ?? killedBy ?? ''));
    });
    ended.catch(() => undefined);
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = `${words}${text}`.slice(0, MAX_ERROR_CHARACTERS);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${[...this.#settings, spillInto(spill), ...statements].join(';\n')};\n`);
    try {
      const reader = new CsvReader();
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        for (const cells of reader.read(chunk)) yield cells.map((cell) => (cell === absent ? null : cell));
      }
      const code = await ended;
      if (code !== 0 || words.trim() !== '')
        throw readDuckDbError(this.shown, words.replace(/^Error: /, '') || `duckdb ended with ${code}`);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw new EngineError('engine-missing', `${program}: ${(error as Error).message}`);
    } finally {
      child.kill();
      rmSync(spill, { recursive: true, force: true });
    }
  }
}

/** What does not fit into memory goes there. Two processes that share a folder write into each other's files. */
export function spillInto(folder: string): string {
  return `SET temp_directory = ${quotePlainText(folder)}`;
}

/** The program takes no parameters: they are written in, as literals. */
function bound(sql: string, parameters: Parameters): string {
  const plain = sql.trim().replace(/;\s*$/, '');
  return plain.replace(/\$([a-z_]\w*)/gi, (whole, name: string) => {
    const value = parameters[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? String(value) : quotePlainText(value);
  });
}

function isNested(type: string): boolean {
  return /^(MAP|STRUCT|UNION)\(|\[\d*\]$/.test(type);
}

function toValue(cell: string | null, type: string): EngineValue {
  if (cell === null) return null;
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return wholeNumber(cell);
  if (/^(DOUBLE|FLOAT|DECIMAL\(.*)$/.test(type)) return floatingNumber(cell);
  if (type === 'BOOLEAN') return cell === 'true';
  if (type === 'TIMESTAMP') return momentText(cell);
  return isNested(type) ? (JSON.parse(cell) as EngineValue) : cell;
}

function floatingNumber(cell: string): number {
  if (/inf/i.test(cell)) return cell.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(cell);
}

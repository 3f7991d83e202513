/**
 * What tables of logs cost: storage a row, CPU a million, memory. node --import tsx bench/scale.ts [options]
 *   --events 1m,10m          sizes of a log of events (a request's line beside each), of 20 hosts
 *   --pairs 1m               sizes of a comparison
 *   --engines DIR            where chdb and @duckdb/node-api are installed (SPOE_LOGS_ENGINES); what is not there is left out
 *   --dir DIR                where the data is made (default: the system's temporary folder); some 350 bytes an event, 900 a pair
 *
 * CPU seconds are those of all processes of a command, user and system, and of ClickHouse what its process took meanwhile: they hold on a
 * machine that does other things, too. Needs GNU time, and Linux for ClickHouse.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateFiles, pathsOf } from './diff/generate.ts';
import { settle } from './diff/settings.ts';
import { bytesOf, makeLog } from './make-log.ts';
import {
  describeMachine,
  fixed,
  formatTable,
  gnuTimeNote,
  measure,
  messageOf,
  ROOT,
  requireBuilt,
  shellQuote,
  spoeLogs,
  temporaryFolder,
} from './measure.ts';

/** Of a generated pair of lines. */
const EVENT_BYTES = 308.9;
const HOSTS = '20';
const TIMES = '--tz UTC --year 2026';
/** Of Linux: ticks of the clock that processes are accounted by. */
const TICKS_PER_SECOND = 100;

interface Row {
  readonly what: string;
  readonly size: number;
  readonly cpuSeconds: number | undefined;
  /** Of the engine's own process, where it has one. */
  readonly serverSeconds?: number;
  readonly megabytes: number | undefined;
}

interface Stored {
  readonly what: string;
  readonly size: number;
  readonly bytes: number;
}

class Bench {
  readonly rows: Row[] = [];
  readonly stored: Stored[] = [];
  readonly folder: string;
  readonly #engines: string;

  constructor(folder: string, engines: string) {
    this.folder = folder;
    this.#engines = engines;
  }

  /** @param args of spoe-logs @param server whose CPU is told apart */
  run(what: string, size: number, args: string, server?: ClickHouseServer): void {
    console.error(`${what}, ${size} …`);
    const before = server?.cpuSeconds() ?? 0;
    const engines = this.#engines === '' ? '' : `SPOE_LOGS_DUCKDB=${shellQuote(this.#engines)} `;
    const { cpuSeconds, megabytes } = measure(
      // Of a comparison the verdict is none of this.
      `${engines}TZ=UTC ${spoeLogs(args)} > /dev/null || [ $? = 1 ] || [ $? = 3 ]`,
      join(this.folder, 'time'),
    );
    const serverSeconds = server === undefined ? undefined : server.cpuSeconds() - before;
    console.error(
      `  ${fixed(cpuSeconds, 2)} CPU s${server === undefined ? '' : `, and ${fixed(serverSeconds, 2)} of the engine`}`,
    );
    this.rows.push({ what, size, cpuSeconds, megabytes, ...(serverSeconds !== undefined && { serverSeconds }) });
  }

  store(what: string, size: number, bytes: number): void {
    this.stored.push({ what, size, bytes });
  }

  get hasDuckDb(): boolean {
    return existsSync(join(this.#engines, 'node_modules/@duckdb/node-api'));
  }

  async startClickHouse(): Promise<ClickHouseServer | undefined> {
    if (!existsSync(join(this.#engines, 'node_modules/chdb'))) return undefined;
    return await ClickHouseServer.start(this.#engines, join(this.folder, 'chdb'));
  }
}

/** ClickHouse in a process of its own, behind HTTP (scripts/chdb-server.mjs). */
class ClickHouseServer {
  readonly location: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, port: string) {
    this.#child = child;
    this.#folder = folder;
    this.location = `clickhouse://127.0.0.1:${port}/default`;
  }

  static async start(engines: string, folder: string): Promise<ClickHouseServer> {
    const child = spawn(process.execPath, [join(ROOT, 'scripts/chdb-server.mjs'), engines, '0', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    let said = '';
    for await (const part of child.stdout.setEncoding('utf8')) {
      said += part;
      const port = /listening on (\d+)/.exec(said)?.[1];
      if (port !== undefined) return new ClickHouseServer(child, folder, port);
    }
    throw new Error('chdb-server ended before it listened');
  }

  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** On the disk, once what was merged is removed. */
  bytesOf(table: string): number {
    const sql = `SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND table = '${table}'`;
    const { stdout } = measure(
      spoeLogs(`sql --from ${this.location} --format csv ${shellQuote(sql)}`),
      join(tmpdir(), `spoe-logs-scale-${process.pid}`),
    );
    return Number(stdout.trim().split('\n').at(-1));
  }

  end(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function measureEvents(bench: Bench, size: number): Promise<void> {
  const log = join(bench.folder, 'events.log');
  console.error(`making ${size} events …`);
  makeLog(log, { bytes: String(Math.round(size * EVENT_BYTES)), hosts: HOSTS });
  bench.store('the log, with a line of each request', size, statSync(log).size);
  bench.run('summarize of the log, one thread', size, `summarize --threads 1 --format json ${TIMES} ${log}`);
  const parquet = join(bench.folder, 'parquet');
  const minutes = join(bench.folder, 'minutes');
  bench.run('load --minutes-only', size, `load --to parquet:${minutes} --minutes-only ${TIMES} ${log}`);
  bench.run('load, Parquet', size, `load --to parquet:${parquet} ${TIMES} ${log}`);
  bench.store('Parquet: spoe_events', size, sizeOf(join(parquet, 'spoe_events')));
  bench.store('Parquet: spoe_minutes, spoe_loads', size, sizeOf(parquet) - sizeOf(join(parquet, 'spoe_events')));
  if (bench.hasDuckDb) {
    bench.run('spoe_summary, DuckDB', size, `sql --from parquet:${parquet} 'SELECT * FROM spoe_summary'`);
    bench.run(
      'spoe_summary_of_minutes, DuckDB',
      size,
      `sql --from parquet:${parquet} 'SELECT * FROM spoe_summary_of_minutes'`,
    );
  }
  for (const folder of [parquet, minutes]) rmSync(folder, { recursive: true, force: true });
  const server = await bench.startClickHouse();
  if (server !== undefined) {
    measure(spoeLogs(`sql --schema clickhouse --apply --from ${server.location}`), join(bench.folder, 'time'));
    bench.run('load, ClickHouse', size, `load --to ${server.location} ${TIMES} ${log}`, server);
    bench.store('ClickHouse: spoe_events', size, server.bytesOf('spoe_events'));
    bench.store('ClickHouse: spoe_minutes', size, server.bytesOf('spoe_minutes'));
    for (const view of ['spoe_summary', 'spoe_summary_of_minutes'])
      bench.run(`${view}, ClickHouse`, size, `sql --from ${server.location} 'SELECT * FROM ${view}'`, server);
    server.end();
  }
  rmSync(log, { force: true });
}

async function measurePairs(bench: Bench, size: number): Promise<void> {
  const folder = join(bench.folder, 'pairs');
  console.error(`making ${size} pairs …`);
  generateFiles(folder, settle({ requests: size, seed: 7, traps: true, broken: 'GET /orders/{id}', brokenRate: 0.3 }));
  const { production, mirror } = pathsOf(folder, 'inline');
  bench.store('both logs', size, statSync(production).size + statSync(mirror).size);
  bench.run('diff of the logs', size, `diff --production ${production} --mirror ${mirror} --format json`);
  const parquet = join(bench.folder, 'parquet');
  const sides = [
    ['production', production],
    ['mirror', mirror],
  ] as const;
  const load = (to: string, server?: ClickHouseServer) => {
    for (const [side, file] of sides) {
      const engine = server === undefined ? 'Parquet' : 'ClickHouse';
      bench.run(`load --${side}, ${engine}`, size, `load --to ${to} --run r1 --${side} ${file} ${TIMES}`, server);
    }
  };
  const compareFrom = (from: string, engine: string, server?: ClickHouseServer) =>
    bench.run(`diff --from, ${engine}`, size, `diff --from ${from} --run r1 --format json`, server);
  load(`parquet:${parquet}`);
  for (const table of ['prod_requests', 'mirror_answers', 'spoe_streams'])
    bench.store(`Parquet: ${table}`, size, sizeOf(join(parquet, table)));
  if (bench.hasDuckDb) compareFrom(`parquet:${parquet}`, 'DuckDB in the same process');
  rmSync(parquet, { recursive: true, force: true });
  const server = await bench.startClickHouse();
  if (server !== undefined) {
    measure(spoeLogs(`sql --schema clickhouse --apply --from ${server.location}`), join(bench.folder, 'time'));
    load(server.location, server);
    for (const table of ['prod_requests', 'mirror_answers', 'spoe_streams'])
      bench.store(`ClickHouse: ${table}`, size, server.bytesOf(table));
    compareFrom(server.location, 'ClickHouse', server);
    server.end();
  }
  rmSync(folder, { recursive: true, force: true });
}

function sizeText(size: number): string {
  return size >= 1e6 ? `${size / 1e6} M` : String(size);
}

function report({ rows, stored }: Bench, unit: string): string {
  const perMillion = (seconds: number | undefined, size: number) =>
    seconds === undefined ? '–' : fixed((seconds * 1e6) / size, 2);
  return [
    formatTable(
      [`${unit}: what`, 'rows', 'CPU s a million', "of the engine's process", 'CPU s', 'MB'],
      rows.map(({ what, size, cpuSeconds, serverSeconds, megabytes }) => [
        what,
        sizeText(size),
        perMillion(cpuSeconds, size),
        perMillion(serverSeconds, size),
        fixed((cpuSeconds ?? Number.NaN) + (serverSeconds ?? 0), 1),
        fixed(megabytes, 0),
      ]),
    ),
    '',
    formatTable(
      [`${unit}: stored`, 'rows', 'MB', `bytes each`],
      stored.map(({ what, size, bytes }) => [what, sizeText(size), fixed(bytes / 1e6, 1), fixed(bytes / size, 2)]),
    ),
  ].join('\n');
}

async function main(): Promise<void> {
  requireBuilt();
  if (gnuTimeNote !== undefined) throw new Error(gnuTimeNote);
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1m,10m' },
      pairs: { type: 'string', default: '1m' },
      engines: { type: 'string', default: process.env.SPOE_LOGS_ENGINES ?? '' },
      dir: { type: 'string' },
    },
  });
  const sizes = (list: string) => list.split(',').filter(Boolean).map(bytesOf);
  const folder = temporaryFolder(values.dir);
  console.log(`${describeMachine()}\n`);
  for (const [unit, list, take] of [
    ['events', values.events, measureEvents],
    ['pairs', values.pairs, measurePairs],
  ] as const) {
    const bench = new Bench(folder, values.engines);
    for (const size of sizes(list)) await take(bench, size);
    console.log(`${report(bench, unit)}\n`);
  }
}

main().catch((error: unknown) => {
  console.error(`scale: ${messageOf(error)}`);
  process.exitCode = 2;
});

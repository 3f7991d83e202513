/**
 * `npm start -- scale`: beyond one machine, shown small on one. The logs of three load balancers are loaded where each would be, into
 * Parquet files here; questions are asked in one place. Each command is printed as it is run. Nothing is fetched: where DuckDB is missing, it
 * says how it is installed, and shows what goes without it.
 */
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { generateFiles } from '../bench/diff/generate.ts';
import { settle } from '../bench/diff/settings.ts';
import { makeLog } from '../bench/make-log.ts';
import { Cleanup } from './demo/cleanup.ts';
import { Ending } from './demo/ending.ts';
import { isMain, main, ROOT, ScriptError } from './project.mjs';

const PROGRAM = join(ROOT, 'bin/spoe-logs.js');
const HOSTS = ['lb1', 'lb2', 'lb3'];
/** Some ten thousand events. */
const LOG_BYTES = '3m';
const PAIRS = 2000;
/** The logs that are made have no year, and times of UTC. */
const TIMES = ['--year', '2026', '--tz', 'UTC'];

const say = (line: string) => process.stdout.write(`${line}\n`);

class Show {
  readonly #folder: string;
  readonly #cleanup: Cleanup;
  readonly #ending: Ending;

  constructor(folder: string, cleanup: Cleanup, ending: Ending) {
    this.#folder = folder;
    this.#cleanup = cleanup;
    this.#ending = ending;
  }

  /** Prints a command and what it prints. @param shows which of its lines @returns its exit code, and what it said of problems */
  async run(args: readonly string[], shows: (line: string) => boolean = () => true) {
    say(`\n$ spoe-logs ${args.map(shellWord).join(' ')}`);
    const child = this.#cleanup.start(process.execPath, [PROGRAM, ...args], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.stdout === null || child.stderr === null) throw new Error('spoe-logs has no output');
    const [printed, problems, [code]] = await this.#ending.until(
      Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]),
    );
    for (const line of `${printed}${problems}`.split('\n')) if (line !== '' && shows(line)) say(line);
    return { code: Number(code), problems };
  }

  /** The same of what has to go well. */
  async expect(args: readonly string[], shows?: (line: string) => boolean, codes: readonly number[] = [0]) {
    const { code } = await this.run(args, shows);
    if (!codes.includes(code)) throw new ScriptError(`spoe-logs ${args[0]} ended with ${code} (scale-failed)`);
  }
}

function shellWord(word: string): string {
  if (/^[\w./:=,@%+-]+$/.test(word)) return word;
  // SQL has texts in single quotes: easier to read in double ones.
  return /^[^"$`\\!]+$/.test(word) ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A log for each host, as its HAProxy would have written it. */
async function makeLogs(folder: string): Promise<number> {
  const all = join(folder, 'all.log');
  makeLog(all, { bytes: LOG_BYTES, hosts: String(HOSTS.length), errors: '0.01' });
  const lines = readFileSync(all, 'utf8').split('\n').slice(0, -1);
  rmSync(all);
  for (const host of HOSTS) {
    const file = createWriteStream(join(folder, `${host}.log`));
    for (const line of lines) if (line.includes(` ${host} haproxy[`)) file.write(`${line}\n`);
    file.end();
    await once(file, 'finish');
  }
  return lines.length;
}

/** Of the files whose path in the folder begins so. */
function sizeOf(folder: string, which: RegExp): { readonly files: number; readonly bytes: number } {
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => which.test(name))
    .map((name) => statSync(join(folder, name)))
    .filter((file) => file.isFile());
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

async function play(cleanup: Cleanup, ending: Ending): Promise<number> {
  const folder = cleanup.makeFolder();
  const show = new Show(folder, cleanup, ending);
  const to = 'parquet:spoe';
  const lines = await makeLogs(folder);
  say(`Three load balancers have written ${lines} lines: ${HOSTS.map((host) => `${host}.log`).join(', ')}.`);
  say('Each loads its own log where it is. Raw lines go nowhere.');
  for (const host of HOSTS) await show.expect(['load', '--to', to, ...TIMES, `${host}.log`]);
  say('\nOnce more, after a rotation: a file is known by its content, and nothing is there twice.');
  renameSync(join(folder, 'lb1.log'), join(folder, 'lb1.log.1'));
  await show.expect(['load', '--to', to, ...TIMES, 'lb1.log.1']);
  const logs = sizeOf(folder, /^lb/).bytes;
  const { files, bytes } = sizeOf(folder, /^spoe/);
  say(`\n${kilobytes(logs)} of logs are ${kilobytes(bytes)} in ${files} files now.`);

  say('\nA comparison: production and the mirror each load their own side, too.');
  generateFiles(folder, settle({ requests: PAIRS, seed: 7, broken: 'GET /orders/{id}', brokenRate: 0.3 }));
  await show.expect(['load', '--to', to, ...TIMES, '--run', 'v2', '--production', 'production.log']);
  await show.expect(['load', '--to', to, ...TIMES, '--run', 'v2', '--mirror', 'mirror.log']);

  say('\nQuestions are asked in one place, here by DuckDB:');
  const byHost = 'SELECT host, count, errors, pT_p50, pT_p99, pT_max FROM spoe_summary_by_host ORDER BY host';
  const { code, problems } = await show.run(['sql', '--from', to, byHost]);
  if (code === 0) await askMore(show, to);
  else if (problems.includes('(engine-missing)')) {
    say('\nThe files are whole all the same: ClickHouse and Spark read them as well. With DuckDB this goes on:');
    say('  npm install --prefix ~/engines @duckdb/node-api && SPOE_LOGS_DUCKDB=~/engines npm start -- scale');
  } else throw new ScriptError(`spoe-logs sql ended with ${code} (scale-failed)`);

  say('\nThe same tables on a ClickHouse of several machines (by what each is cut):');
  await show.expect(
    ['sql', '--schema', 'clickhouse', '--cluster', 'prod', '--keep', '30d', '--keep-minutes', '400d'],
    (line) => line.includes('Distributed('),
  );
  say('\nspoe-logs sql --schema clickhouse --cluster prod --apply --from clickhouse://ch:8123/spoe makes them;');
  say(
    'spoe-logs load --to clickhouse://ch:8123/spoe --follow LOG fills them from each load balancer. docs/scale.md goes on.',
  );
  return 0;
}

/** What the rows say, beyond the first question. */
async function askMore(show: Show, to: string): Promise<void> {
  await show.expect([
    'sql',
    '--from',
    to,
    'SELECT event, count, errors, pT_p50, pT_p99 FROM spoe_summary_of_minutes ORDER BY event',
  ]);
  await show.expect([
    'sql',
    '--from',
    to,
    `SELECT p.shape, count(*) AS pairs, count(*) FILTER (WHERE m.status >= 500 AND p.status < 500) AS new_5xx
FROM prod_requests p JOIN mirror_answers m USING (run, unique_id) WHERE run = 'v2' GROUP BY p.shape ORDER BY new_5xx DESC, pairs DESC LIMIT 3`,
  ]);
}

/** @returns the exit code */
export async function playScale(): Promise<number> {
  const cleanup = new Cleanup();
  const ending = new Ending();
  process.stdout.on('error', () => {}); // `npm start -- scale | head`
  try {
    return await play(cleanup, ending);
  } catch (error) {
    if (ending.exitCode === undefined) throw error;
    return ending.exitCode;
  } finally {
    await cleanup.run();
    ending.release();
  }
}

if (isMain(import.meta)) await main(playScale);

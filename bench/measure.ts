/** What the benches share: run a command, take its time, CPU and memory, and print a table of medians. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const CLI = join(ROOT, 'bin/spoe-logs.js');
const GNU_TIME = '/usr/bin/time';

// A certificate file in the environment is read by every Node at its start: it would be measured too.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/** The full path of a program, or undefined when it is not installed. */
export function findProgram(name) {
  const folders = name.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export function shellQuote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The shell command that runs spoe-logs with these arguments, on the Node that runs the bench. */
export function spoeLogs(args) {
  return `${shellQuote(process.execPath)} ${shellQuote(CLI)} ${args}`;
}

/** A new folder; it is removed when the bench ends. */
export function temporaryFolder(parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, 'spoe-logs-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  return folder;
}

const hasGnuTime = (() => {
  const { status, stdout } = spawnSync(GNU_TIME, ['--version'], { encoding: 'utf8' });
  return status === 0 && /GNU/.test(stdout);
})();

/**
 * Runs a shell command to its end. CPU (user and system) and the largest resident set cover all its processes and are
 * read from GNU time; without it they are undefined.
 */
export function measure(command, report) {
  const shell = ['sh', '-c', command];
  const [program, ...args] = hasGnuTime ? [GNU_TIME, '-f', '%U %S %M', '-o', report, ...shell] : shell;
  const started = performance.now();
  const { status, stdout, stderr, signal } = spawnSync(program, args, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = (performance.now() - started) / 1000;
  if (signal === 'SIGINT') process.exit(130);
  if (status !== 0) throw new Error(`exit code ${status}: ${command}\n${stderr}`);
  if (!hasGnuTime) return { seconds, cpuSeconds: undefined, megabytes: undefined, stdout };
  const [user, system, kilobytes] = readFileSync(report, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  return { seconds, cpuSeconds: user + system, megabytes: kilobytes / 1024, stdout };
}

/** Runs the contenders in turn (A B C A B C …), after one round that is not counted. */
export function runRounds(contenders, rounds, folder, say = console.error) {
  const report = join(folder, 'time');
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warming up …' : `round ${round} of ${rounds} …`);
    for (const { name, command } of contenders) {
      const result = measure(command, report);
      if (round > 0) results.get(name).push(result);
    }
  }
  return new Map([...results].map(([name, runs]) => [name, medians(runs)]));
}

function medians(runs) {
  const of = (field) => (runs[0][field] === undefined ? undefined : median(runs.map((run) => run[field])));
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), megabytes: of('megabytes'), stdout: runs[0].stdout };
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function fixed(number, digits) {
  return number === undefined ? '–' : number.toFixed(digits);
}

/** A Markdown table that is also readable as it is: first column left, the others right. */
export function formatTable(head, rows) {
  const cells = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** One line about the machine, for the head of a result. */
export function describeMachine() {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `Node ${process.versions.node}, ${process.platform}-${process.arch}, ${availableParallelism()} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

/** Throws when the program was not built. */
export function requireBuilt() {
  if (!existsSync(join(ROOT, 'dist/spoe-logs.cjs'))) throw new Error('not built: run npm run build');
}

export const gnuTimeNote = hasGnuTime ? undefined : 'GNU time is not installed: no CPU and memory figures.';

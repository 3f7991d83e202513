/** What the benches share: run a command, take its time, CPU and memory, and print a table of medians. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const CLI = join(ROOT, 'bin/spoe-logs.js');
const GNU_TIME = '/usr/bin/time';

// A certificate file in the environment is read by every Node at its start: it would be measured too.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/** The full path of a program, or undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
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

export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The shell command that runs spoe-logs with these arguments, on the Node that runs the bench. */
export function spoeLogs(args: string): string {
  return `${shellQuote(process.execPath)} ${shellQuote(CLI)} ${args}`;
}

/** A new folder; it is removed when the bench ends. */
export function temporaryFolder(parent: string = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'spoe-logs-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  return folder;
}

const hasGnuTime = (() => {
  const { status, stdout } = spawnSync(GNU_TIME, ['--version'], { encoding: 'utf8' });
  return status === 0 && /GNU/.test(stdout);
})();

/** What one command took. */
export interface Measured {
  readonly seconds: number;
  /** User and system time of all its processes. */
  readonly cpuSeconds: number | undefined;
  /** The largest resident set. */
  readonly megabytes: number | undefined;
  readonly stdout: string;
}

export interface Contender {
  readonly name: string;
  /** For the shell. */
  readonly command: string;
}

/**
 * Runs a shell command to its end. CPU (user and system) and the largest resident set cover all its processes and are
 * read from GNU time; without it they are undefined.
 */
export function measure(command: string, report: string): Measured {
  const shell = ['-c', command];
  const [program, args] = hasGnuTime ? [GNU_TIME, ['-f', '%U %S %M', '-o', report, 'sh', ...shell]] : ['sh', shell];
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
  const [user = 0, system = 0, kilobytes = 0] = (readFileSync(report, 'utf8').trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  return { seconds, cpuSeconds: user + system, megabytes: kilobytes / 1024, stdout };
}

/** What a contender took in each counted round, and the medians of that. */
export interface Rounds extends Measured {
  readonly runs: readonly Measured[];
}

/** Runs the contenders in turn (A B C A B C …), after one round that is not counted. */
export function runRounds(contenders: readonly Contender[], rounds: number, folder: string): (name: string) => Rounds {
  const report = join(folder, 'time');
  const results = contenders.map(({ name, command }) => ({ name, command, runs: [] as Measured[] }));
  for (let round = 0; round <= rounds; round++) {
    console.error(round === 0 ? 'warming up …' : `round ${round} of ${rounds} …`);
    for (const { command, runs } of results) {
      const result = measure(command, report);
      if (round > 0) runs.push(result);
    }
  }
  const summaries = new Map(results.map(({ name, runs }) => [name, { ...medians(runs), runs }]));
  return (name) => {
    const summary = summaries.get(name);
    if (summary === undefined) throw new Error(`${name} was not measured`);
    return summary;
  };
}

function medians(runs: readonly Measured[]): Measured {
  return {
    seconds: median(runs.map(({ seconds }) => seconds)),
    cpuSeconds: medianOfKnown(runs.map(({ cpuSeconds }) => cpuSeconds)),
    megabytes: medianOfKnown(runs.map(({ megabytes }) => megabytes)),
    stdout: runs[0]?.stdout ?? '',
  };
}

/** NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

/** Of the numbers that are known, undefined where none is. */
export function medianOfKnown(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : median(known);
}

/** `0.51 (0.49–0.60)`: the median, the least and the most of what the rounds gave. */
export function formatSpread(numbers: readonly (number | undefined)[], digits: number): string {
  const known = numbers.filter((number) => number !== undefined);
  if (known.length === 0) return fixed(undefined, digits);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return `${fixed(median(known), digits)} (${fixed(least, digits)}–${fixed(most, digits)})`;
}

/** What one contender took over what another one did, round by round: both met the same machine. */
export function ratios(
  of: Rounds,
  reference: Rounds | undefined,
  figure: (run: Measured) => number | undefined,
): (number | undefined)[] {
  return of.runs.map((run, round) => {
    const [own, other] = [figure(run), reference?.runs[round] && figure(reference.runs[round])];
    return own === undefined || other === undefined ? undefined : own / other;
  });
}

/** The reason of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function fixed(number: number | undefined, digits: number): string {
  return number === undefined ? '–' : number.toFixed(digits);
}

/** A Markdown table that is also readable as it is: first column left, the others right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const padded = (cell: string, i: number) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0));
  const line = (row: readonly string[]) => `| ${row.map(padded).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** One line about the machine, for the head of a result. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `Node ${process.versions.node}, ${process.platform}-${process.arch}, ${availableParallelism()} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

/** What else the machine does, `load average 0.42`: other figures of the same run are to be read with it. */
export function describeLoad(): string {
  return `load average ${fixed(loadavg()[0], 2)}`;
}

/** Throws when the program was not built. */
export function requireBuilt(): void {
  if (!existsSync(join(ROOT, 'dist/spoe-logs.cjs'))) throw new Error('not built: run npm run build');
}

export const gnuTimeNote = hasGnuTime ? undefined : 'GNU time is not installed: no CPU and memory figures.';

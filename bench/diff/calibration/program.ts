/**
 * The program as the bench runs it: `diff` of two logs on disk. A process for each of thousands of runs would be most of
 * the time, so the same bundle is run in this one, through what the command line itself calls.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import yargs from 'yargs';
import type { DiffReport } from '../../../src/diff/model.ts';
import type * as DiffBundle from '../../../src/programs/spoe-logs/commands/diff.ts';
import { CLI, ROOT, requireBuilt } from '../../measure.ts';
import type { Logs } from './simulation.ts';

/** What `--plan` promises, by the error rate of production: pairs for a PASS, and the rise that so many pairs show. */
export type Plan = ReadonlyMap<string, { readonly pairs: number; readonly rise: number }>;

/** A verdict, not a failure of the program. */
const VERDICTS: ReadonlySet<number> = new Set([0, 1, 3]);

interface Written {
  readonly code: number;
  readonly stdout: string;
}

export class Program {
  readonly #folder: string;
  readonly #diff: typeof DiffBundle.command;
  #compared = 0;

  /** @param folder where logs are written */
  constructor(folder: string) {
    requireBuilt();
    this.#folder = folder;
    const bundle: typeof DiffBundle = createRequire(import.meta.url)(join(ROOT, 'dist/spoe-logs-diff.cjs'));
    this.#diff = bundle.command;
    // Whatever the machine's zone is: the logs are in UTC.
    process.env.TZ = 'UTC';
  }

  /** How many reports a real process had to write, too; each of them was the same to the byte. */
  get compared(): number {
    return this.#compared;
  }

  /** @returns the path */
  write(name: string, content: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  /**
   * The report on two logs.
   * @param args more arguments
   * @param isCompared a process is run besides, and must write the same
   */
  async report({ production, mirror }: Logs, args: readonly string[] = [], isCompared = false): Promise<DiffReport> {
    const sides = [
      '--production',
      this.write('production.log', production),
      '--mirror',
      this.write('mirror.log', mirror),
    ];
    const command = [...sides, '--format', 'json', ...args];
    const own = await this.#run(command);
    if (isCompared) this.#compare(command, own);
    return JSON.parse(own.stdout);
  }

  async plan(): Promise<Plan> {
    const { stdout } = await this.#run(['--plan']);
    const rows = stdout.matchAll(/^ +(nothing fails|[\d.]+ %) +(\d+) +([\d.]+) pp /gm);
    return new Map(
      Array.from(rows, ([, base = '', pairs, rise]) => [base, { pairs: Number(pairs), rise: Number(rise) / 100 }]),
    );
  }

  async #run(command: readonly string[]): Promise<Written> {
    const given = await this.#diff.addTo(yargs(command)).strict().exitProcess(false).parse();
    const { written, release } = capture();
    try {
      await this.#diff.run(given);
    } finally {
      release();
    }
    const code = Number(process.exitCode ?? 0);
    process.exitCode = 0;
    if (!VERDICTS.has(code) || written.stderr !== '')
      throw new Error(`diff ${command.join(' ')} ended with ${code}: ${written.stderr}`);
    return { code, stdout: written.stdout };
  }

  #compare(command: readonly string[], { code, stdout }: Written): void {
    const other = spawnSync(process.execPath, [CLI, 'diff', ...command], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (other.status !== code || other.stdout !== stdout)
      throw new Error(
        `a process writes another report (exit code ${other.status}, not ${code}): diff ${command.join(' ')}`,
      );
    this.#compared++;
  }
}

/** Takes what the program writes, until it is released. */
function capture() {
  const written = { stdout: '', stderr: '' };
  const { stdout, stderr } = process;
  const originals = { stdout: stdout.write, stderr: stderr.write };
  stdout.write = (chunk: string | Uint8Array) => {
    written.stdout += chunk;
    return true;
  };
  stderr.write = (chunk: string | Uint8Array) => {
    written.stderr += chunk;
    return true;
  };
  const release = () => {
    stdout.write = originals.stdout;
    stderr.write = originals.stderr;
  };
  return { written, release };
}

/**
 * The program as the bench runs it: `diff` of two logs on disk. A process for each of thousands of runs would be most of
 * the time, so the same bundle is run in this one, through what the command line itself calls.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import yargs from 'yargs';
import { CLI, ROOT, requireBuilt } from '../../measure.ts';

/** A verdict, not a failure of the program. */
const VERDICTS = new Set([0, 1, 3]);

export class Program {
  #folder;
  #diff;
  #compared = 0;

  /** @param folder where logs are written */
  constructor(folder) {
    requireBuilt();
    this.#folder = folder;
    this.#diff = createRequire(import.meta.url)(join(ROOT, 'dist/spoe-logs-diff.cjs')).command;
    // Whatever the machine's zone is: the logs are in UTC.
    process.env.TZ = 'UTC';
  }

  /** How many reports a real process had to write, too; each of them was the same to the byte. */
  get compared() {
    return this.#compared;
  }

  write(name, content) {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  /**
   * The report on two logs.
   * @param logs `{ production, mirror }` as texts
   * @param args more arguments
   * @param isCompared a process is run besides, and must write the same
   */
  async report({ production, mirror }, args = [], isCompared = false) {
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

  /** What `--plan` promises, by the error rate of production: pairs for a PASS, and the rise that so many pairs show. */
  async plan() {
    const { stdout } = await this.#run(['--plan']);
    const rows = stdout.matchAll(/^ +(nothing fails|[\d.]+ %) +(\d+) +([\d.]+) pp /gm);
    return new Map(
      Array.from(rows, ([, base, pairs, rise]) => [base, { pairs: Number(pairs), rise: Number(rise) / 100 }]),
    );
  }

  async #run(command) {
    const given = this.#diff.addTo(yargs(command)).strict().exitProcess(false).parse();
    const written = capture();
    try {
      await this.#diff.run(given);
    } finally {
      written.release();
    }
    const code = Number(process.exitCode ?? 0);
    process.exitCode = 0;
    if (!VERDICTS.has(code) || written.stderr !== '')
      throw new Error(`diff ${command.join(' ')} ended with ${code}: ${written.stderr}`);
    return { code, stdout: written.stdout };
  }

  #compare(command, { code, stdout }) {
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
  const streams = { stdout: process.stdout, stderr: process.stderr };
  const written = { stdout: '', stderr: '', release: () => undefined };
  const originals = Object.entries(streams).map(([name, stream]) => {
    const original = stream.write;
    stream.write = (chunk) => {
      written[name] += chunk;
      return true;
    };
    return () => {
      stream.write = original;
    };
  });
  written.release = () => {
    for (const restore of originals) restore();
  };
  return written;
}

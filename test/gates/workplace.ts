/** A folder in which the steps of a recipe run as its tool runs them, and logs of every verdict to put there. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { Child } from '../child.ts';
import { environment, fixture, type Outcome } from '../programs/spoe-logs/run.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const BROKEN = readFileSync(fixture('diff/3.0.11--broken-orders--mirror.jsonl'), 'utf8');
const FINE = BROKEN.replaceAll(/"status":(?:500|404)/g, '"status":200');
const FEW = `${FINE.split('\n').slice(0, 50).join('\n')}\n`;

export type Verdict = 'PASS' | 'FAIL' | 'INCONCLUSIVE';
export const VERDICTS = ['PASS', 'FAIL', 'INCONCLUSIVE'] as const;
export const EXIT_CODES = { PASS: 0, FAIL: 1, INCONCLUSIVE: 3 } as const;

const MIRRORS: { readonly [verdict in Verdict]: string } = { PASS: FINE, FAIL: BROKEN, INCONCLUSIVE: FEW };

/** The documents of a file of gates/. */
export function recipe(name: string): unknown[] {
  return parseAllDocuments(readFileSync(join(ROOT, 'gates', name), 'utf8')).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
}

export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'spoe-logs-gates-'));
  readonly #bin = join(this.folder, '.bin');

  constructor() {
    mkdirSync(this.#bin);
    this.program('spoe-logs', `exec '${process.execPath}' '${join(ROOT, 'bin/spoe-logs.js')}' "$@"`);
    // Nothing is installed by a test.
    this.program('npm', 'echo "npm $*"');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** A program that the steps find before one of the machine. */
  program(name: string, script: string): void {
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** The logs of a comparison with this verdict, under the names of the recipes. */
  placeLogs(verdict: Verdict): void {
    copyFileSync(PRODUCTION, this.path('lb-access.log'));
    this.write('mirror.jsonl', MIRRORS[verdict]);
  }

  /** The same of twice as many requests: a look that is one of many needs more of them. */
  placeManyLogs(verdict: Verdict): void {
    const twice = (text: string) => text + text.replaceAll('7F000001:A755', '7F000001:A756');
    this.write('lb-access.log', twice(readFileSync(PRODUCTION, 'utf8')));
    this.write('mirror.jsonl', twice(MIRRORS[verdict]));
  }

  async run(command: readonly [string, ...string[]], env: { readonly [name: string]: string } = {}): Promise<Outcome> {
    const [program, ...args] = command;
    const path = `${this.#bin}${delimiter}${process.env.PATH}`;
    const child = new Child(program, args, {
      cwd: this.folder,
      // A file that bash reads first would be of the machine, and not of the recipe.
      env: environment({ ...env, PATH: path, BASH_ENV: undefined, ENV: undefined }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const code = await child.exit;
    return { code, stdout: child.stdout, stderr: child.stderr };
  }
}

/** Runs the built command line as a user does: arguments, standard input, then exact output and exit code. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../bin/spoe-logs.js', import.meta.url));
const FIXTURES = new URL('../../../fixtures/', import.meta.url);

/** Real lines of HAProxy 2.6.12: 20 events, 5 of them failed. */
export const STALL = fixture('demo/2.6.12--stall-some.log');

export function fixture(name: string): string {
  return fileURLToPath(new URL(name, FIXTURES));
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Text for a pipe, a file to read from, or nothing (/dev/null). */
  readonly stdin?: string | Uint8Array | { readonly file: string };
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string | undefined };
}

const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** The environment of the tests, without what changes the output. */
export function environment(env: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const { NO_COLOR: _1, FORCE_COLOR: _2, NODE_OPTIONS: _3, COLUMNS: _4, ...inherited } = process.env;
  return { ...inherited, TZ: 'UTC', LC_ALL: 'C.UTF-8', ...env };
}

/** Starts a program that ends with the tests at the latest. */
function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

function collect(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** `spoe-logs ARGS` to its end. */
export async function spoeLogs(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { stdin, cwd, env } = options;
  const isText = typeof stdin === 'string' || stdin instanceof Uint8Array;
  const fd = stdin !== undefined && !isText ? openSync(stdin.file, 'r') : undefined;
  const input = fd ?? (isText ? 'pipe' : 'ignore');
  const child = start(process.execPath, [CLI, ...args], {
    stdio: [input, 'pipe', 'pipe'],
    env: environment(env),
    ...(cwd !== undefined && { cwd }),
  });
  if (fd !== undefined) closeSync(fd);
  if (isText) child.stdin?.on('error', () => undefined).end(stdin);
  return await collect(child);
}

/** A shell command in which `$SPOE_LOGS` is the program. */
export async function shell(command: string, options: RunOptions = {}): Promise<Outcome> {
  const child = start('/bin/sh', ['-c', command.replaceAll('$SPOE_LOGS', `"${process.execPath}" "${CLI}"`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(options.env),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  return await collect(child);
}

/** A run that is watched while it goes on. */
export class LiveRun {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  #output = '';
  #listeners: (() => void)[] = [];

  constructor(args: readonly string[], options: RunOptions = {}) {
    this.child = start(process.execPath, [CLI, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environment(options.env),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    this.child.stdin?.on('error', () => undefined);
    this.ended = collect(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text: string) => {
        this.#output += text;
        for (const listener of this.#listeners) listener();
      });
    }
    this.child.once('close', () => {
      for (const listener of this.#listeners) listener();
    });
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Waits until standard output and standard error together hold this; fails when the program ends before. */
  async sees(wanted: string | RegExp): Promise<void> {
    const isSeen = () => (typeof wanted === 'string' ? this.#output.includes(wanted) : wanted.test(this.#output));
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (isSeen()) resolve();
        else if (this.child.exitCode !== null || this.child.signalCode !== null)
          reject(new Error(`ended without ${wanted}; its output: ${this.#output}`));
      };
      this.#listeners.push(look);
      look();
    });
  }
}

/** True for text with a character that may move the cursor or hide other text. Line ends are none. */
export function hasRawControl(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text.replaceAll('\n', ''));
}

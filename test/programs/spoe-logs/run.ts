/** Runs the built command line as a user does: arguments, standard input, then exact output and exit code. */
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Child } from '../../child.ts';

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

/** The environment of the tests, without what changes the output. */
export function environment(env: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const { NO_COLOR: _1, FORCE_COLOR: _2, NODE_OPTIONS: _3, COLUMNS: _4, ...others } = process.env;
  // A job of GitHub's that runs the tests has a summary of its own.
  const { GITHUB_STEP_SUMMARY: _5, ...inherited } = others;
  return { ...inherited, TZ: 'UTC', LC_ALL: 'C.UTF-8', ...env };
}

async function outcomeOf(child: Child): Promise<Outcome> {
  const code = await child.exit;
  const { stdout, stderr } = child;
  return { code, stdout, stderr };
}

/** `spoe-logs ARGS` to its end. */
export async function spoeLogs(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { stdin, cwd, env } = options;
  const isText = typeof stdin === 'string' || stdin instanceof Uint8Array;
  const fd = stdin !== undefined && !isText ? openSync(stdin.file, 'r') : undefined;
  const input = fd ?? (isText ? 'pipe' : 'ignore');
  const run = new Child(process.execPath, [CLI, ...args], {
    stdio: [input, 'pipe', 'pipe'],
    env: environment(env),
    ...(cwd !== undefined && { cwd }),
  });
  if (fd !== undefined) closeSync(fd);
  if (isText) run.child.stdin?.on('error', () => undefined).end(stdin);
  return await outcomeOf(run);
}

/** A shell command in which `$SPOE_LOGS` is the program. */
export async function shell(command: string, options: RunOptions = {}): Promise<Outcome> {
  const run = new Child('/bin/sh', ['-c', command.replaceAll('$SPOE_LOGS', `"${process.execPath}" "${CLI}"`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(options.env),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  return await outcomeOf(run);
}

/** A run that is watched while it goes on. */
export class LiveRun extends Child {
  readonly ended: Promise<Outcome>;

  constructor(args: readonly string[], options: RunOptions = {}) {
    super(process.execPath, [CLI, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environment(options.env),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    this.child.stdin?.on('error', () => undefined);
    this.ended = outcomeOf(this);
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }
}

/** True for text with a character that may move the cursor or hide other text. Line ends are none. */
export function hasRawControl(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text.replaceAll('\n', ''));
}

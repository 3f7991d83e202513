/**
 * `spoe-logs ARGS` as run.ts has it, with the built bundle, but all runs of a test file after each other in one process: for
 * tests that compare many outputs, where the start of a process would be nearly all of the time. Whatever has to do with the
 * process itself (standard input, pipes, terminals, signals, its end) is tested with a process of its own, by run.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environment, type Outcome, type RunOptions, spoeLogs as spoeLogsAlone } from './run.ts';

const PROGRAM = fileURLToPath(new URL('one-process.mjs', import.meta.url));
let child: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();
after(() => child?.kill('SIGKILL'));

/**
 * The outcome of `spoe-logs ARGS`; runs that are asked for at once take place one after another. One with a standard input
 * has a process of its own.
 */
export function spoeLogs(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  if (options.stdin !== undefined) return spoeLogsAlone(args, options);
  const run = last.then(() => runNext(args, options));
  last = run.catch(() => undefined);
  return run;
}

async function runNext(args: readonly string[], { cwd = process.cwd(), env }: RunOptions): Promise<Outcome> {
  child ??= fork(PROGRAM, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new AbortController();
  try {
    const answer = once(child, 'message', { signal: ended.signal });
    const early = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`the process of all runs ended (${signal ?? code}) in spoe-logs ${args.join(' ')}`);
    });
    child.send({ args, cwd, env: environment(env) });
    const [outcome] = await Promise.race([answer, early]);
    return outcome as Outcome;
  } finally {
    ended.abort();
  }
}

/**
 * -D. Node cannot fork, so the program is started a second time in a session of its own, and this one waits until the
 * other listens: whoever started it knows that it works, or gets the reason and the exit code.
 */
import { spawn } from 'node:child_process';
import { EX_SOFTWARE } from './exit-codes.ts';

/** In the environment of the second one. */
const MARK = 'SPOA_MIRROR_DAEMON';

export type FromDaemon =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number };

export function isDaemon(): boolean {
  return process.env[MARK] === '1' && process.send !== undefined;
}

/** Gives the exit code. */
export async function startDaemon(fail: (message: string) => void): Promise<number> {
  const [node, script, ...args] = process.argv;
  const child = spawn(node as string, [...process.execArgv, script as string, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  return await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      fail(`cannot start the daemon: ${error.message}`);
      resolve(EX_SOFTWARE);
    });
    child.on('exit', (code, signal) => {
      fail(`the daemon ended with ${signal ?? code}`);
      resolve(code || EX_SOFTWARE);
    });
    child.on('message', (message: FromDaemon) => {
      child.removeAllListeners('exit');
      if (message.type === 'failed') fail(message.message);
      if (child.connected) child.disconnect();
      child.unref();
      resolve(message.type === 'ready' ? 0 : message.exitCode);
    });
  });
}

/** Tells the first process, which ends then. */
export async function tellStarter(message: FromDaemon): Promise<void> {
  await new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  delete process.env[MARK];
  if (process.connected) process.disconnect();
  process.chdir('/');
}

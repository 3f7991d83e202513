/**
 * The start of a daemon, -D. Node cannot fork, so the program is started a second time in a session of its own, and this one
 * waits until the other listens: whoever started it knows that it works, or gets the reason and the exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve as resolvePath } from 'node:path';
import { EX_SOFTWARE } from './exit-codes.ts';
import type { MirrorAgentOptions } from './options.ts';

/** The variable that is set in the environment of the second one. */
const MARK = 'SPOA_MIRROR_DAEMON';

interface ToDaemon {
  readonly options: MirrorAgentOptions;
}

export type FromDaemon =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string; readonly exitCode: number };

export function isDaemon(): boolean {
  return process.env[MARK] === '1' && process.send !== undefined;
}

/** Variables with names of files that Node or OpenTelemetry read later, when the daemon is in another folder. */
const FILES = /^(OTEL_EXPORTER_OTLP_.*(CERTIFICATE|CLIENT_KEY)|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/;

/**
 * Starts the daemon and returns the exit code.
 * @param options with absolute names of files: the daemon and its workers live in /, so that no file system is kept from
 * being unmounted
 * @param args the arguments that it shows; it does not read them
 */
export async function startDaemon(
  options: MirrorAgentOptions,
  args: readonly string[],
  fail: (message: string) => void,
): Promise<number> {
  const [node, script] = process.argv;
  const child = spawn(node as string, [...process.execArgv, script as string, ...args], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...absoluteFiles(process.env), [MARK]: '1' },
  });
  child.send({ options } satisfies ToDaemon);
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

/** Sends the result to the first process, which ends then. */
export async function tellStarter(message: FromDaemon): Promise<void> {
  await new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  delete process.env[MARK];
  if (process.connected) process.disconnect();
}

/** The options that the first process found on its command line; called in the daemon. */
export async function optionsOfStarter(): Promise<MirrorAgentOptions> {
  const [message] = (await once(process, 'message')) as [ToDaemon];
  return message.options;
}

function absoluteFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const files = Object.entries(env).filter(([name, value]) => FILES.test(name) && value);
  return Object.fromEntries(files.map(([name, value]) => [name, resolvePath(value as string)]));
}

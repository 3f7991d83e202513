/**
 * The processes of a bench. Each has a group of its own, and all of them end with the bench, however that ends: nothing
 * is left behind that would disturb the next measurement.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { portOf } from '../../scripts/port.ts';
import { ROOT } from '../measure.ts';
import { isOfType, type Order, type Report, type ReportOf, type Reports } from './messages.ts';

/** What is kept of a process's output, for the error message and for the agent's last line. */
const MAX_OUTPUT = 64 * 1024;
const STOP_MS = 15_000;

// A certificate file in the environment is read by every Node at its start: it would be measured too.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

const running = new Set<BenchProcess>();
process.on('exit', () => {
  for (const each of running) each.kill();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

export class BenchProcess {
  output = '';
  ended = false;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<string>;

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    stdio: StdioOptions,
    env: NodeJS.ProcessEnv = {},
  ) {
    this.#name = name;
    this.#child = spawn(command, args, { cwd: ROOT, env: { ...environment, ...env }, detached: true, stdio });
    this.#exit = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(error.message, resolve));
      this.#child.once('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`, resolve));
    });
    running.add(this);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-MAX_OUTPUT);
      });
    }
  }

  #end(how: string, resolve: (how: string) => void): void {
    this.ended = true;
    running.delete(this);
    resolve(how);
  }

  /** Throws for a program that could not be started. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} was not started`);
    return this.#child.pid;
  }

  /** How it ended. */
  get exit(): Promise<string> {
    return this.#exit;
  }

  /** Ends the whole group at once. */
  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has ended already, or was never there.
    }
  }

  /** Lets it end in its own way, and waits for that. */
  async stop(): Promise<void> {
    if (!this.ended) this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_MS);
    await this.#exit;
    clearTimeout(timer);
    this.kill();
  }

  send(order: Order): void {
    this.#child.send(order);
  }

  /** The next message of this type; throws when the process ends instead. */
  async message<T extends keyof Reports>(type: T): Promise<ReportOf<T>> {
    const controller = new AbortController();
    const { signal } = controller;
    const heard = (async (): Promise<ReportOf<T>> => {
      for (;;) {
        // Scripts send nothing but what `report` makes.
        const [message]: Report[] = await once(this.#child, 'message', { signal });
        if (message !== undefined && isOfType(message, type)) return message;
      }
    })();
    heard.catch(() => {});
    try {
      return await Promise.race([heard, this.#exit.then((how) => this.#fail(how))]);
    } finally {
      controller.abort();
    }
  }

  /** Resolves when `check` holds; throws when the process ends first, or when it takes too long. */
  async until(what: string, check: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!(await check())) {
      if (this.ended) this.#fail(await this.#exit);
      if (performance.now() > deadline) this.#fail(`not ${what} in ${limitMs / 1000} s`);
      await pause(20);
    }
  }

  #fail(how: string): never {
    throw new Error(`${this.#name}: ${how}\n${this.output.trimEnd().split('\n').slice(-5).join('\n')}`.trimEnd());
  }
}

/** A program whose output is kept. */
export function startProgram(
  name: string,
  command: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): BenchProcess {
  return new BenchProcess(name, command, args, ['ignore', 'pipe', 'pipe'], env);
}

/** A script of this folder that talks to the bench. */
export function startScript(name: string, args: readonly string[]): BenchProcess {
  const script = new URL(`${name}.ts`, import.meta.url).pathname;
  const command = ['--import', 'tsx', script, ...args];
  return new BenchProcess(name, process.execPath, command, ['ignore', 'pipe', 'pipe', 'ipc']);
}

/** For programs that cannot choose a port themselves, or do not tell which they chose. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

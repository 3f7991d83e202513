/** The agent: spoa-mirror as it was built, with the options of docs/agent.md. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TotalStats } from '../../src/programs/spoa-mirror/metrics.ts';
import { portOf } from '../port.ts';
import { ROOT, ScriptError } from '../project.mjs';
import type { Cleanup } from './cleanup.ts';
import type { Ending } from './ending.ts';

/** Where an agent listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** For the agent and for its admin pages. */
export interface Ports {
  readonly agent: number;
  readonly admin: number;
}

export interface AgentOptions {
  readonly folder: string;
  readonly ports: Ports;
  readonly mirrorUrl: string;
  readonly cleanup: Cleanup;
  readonly ending: Ending;
}

const HOST = '127.0.0.1';
const PROGRAM = join(ROOT, 'bin/spoa-mirror.js');
const LOOK_MS = 10;

export class Agent {
  /** Where HAProxy finds it. */
  readonly address: Address;
  readonly recordFile: string;
  readonly #admin: Address;
  readonly #args: readonly string[];
  readonly #cleanup: Cleanup;
  readonly #ending: Ending;
  #child: ChildProcess | undefined;
  #output = '';
  #stopping = false;

  /**
   * The ports are chosen here because the second start needs the address of
   * the first. A unix socket would not do: while nobody listens there, HAProxy up to 3.0 tries again without a pause,
   * where a refused TCP connection makes it wait.
   */
  constructor({ folder, ports, mirrorUrl, cleanup, ending }: AgentOptions) {
    this.address = { host: HOST, port: ports.agent };
    this.recordFile = join(folder, 'record.jsonl');
    this.#admin = { host: HOST, port: ports.admin };
    this.#cleanup = cleanup;
    this.#ending = ending;
    // One worker: its start is sooner done, and a few hundred requests a second are nothing to it.
    const serving = ['-r0', '-n1', '-c', 'pipelining', '-a', HOST, '-p', String(ports.agent), '-u', mirrorUrl];
    this.#args = [...serving, '--record', this.recordFile, '--answers', 'body', '--admin', `${HOST}:${ports.admin}`];
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.#stopping = false;
    this.#output = '';
    const child = this.#cleanup.start(process.execPath, [PROGRAM, ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (output: string) => {
          this.#output += output;
          if (/ ready on /.test(this.#output)) resolve();
        });
      }
    });
    child.once('close', (code, signal) => {
      if (this.#stopping) return;
      const last = this.#output.trimEnd().split('\n').at(-1);
      this.#ending.fail(new ScriptError(`spoa-mirror ended with ${signal ?? code}: ${last} (agent-ended)`));
    });
    await this.#ending.until(ready);
  }

  /** As a service manager stops it: what it has taken is still mirrored. Resolves when it has ended. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#stopping = true;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const [code] = await this.#ending.until(closed);
    if (code !== 0) throw new ScriptError(`spoa-mirror ended with ${code} on SIGTERM (agent-ended)`);
  }

  /** What it says of itself since its start, once nothing waits to be mirrored any more. */
  async settledStats(): Promise<TotalStats> {
    for (;;) {
      const stats = await this.#ending.until(this.#stats());
      if (stats.mirror?.queued === 0 && stats.mirror.inFlight === 0) return stats;
      await this.#ending.sleep(LOOK_MS);
    }
  }

  async #stats(): Promise<TotalStats> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ ...this.#admin, path: '/stats', agent: false }, resolve)
        .on('error', reject)
        .end();
    });
    return JSON.parse(await text(response));
  }
}

/** Two ports that are free now. */
export async function findFreePorts(): Promise<Ports> {
  const [agent, admin] = [createServer(), createServer()];
  await Promise.all([agent, admin].map((server) => once(server.listen(0, HOST), 'listening')));
  const ports = { agent: portOf(agent), admin: portOf(admin) };
  await Promise.all([agent, admin].map((server) => once(server.close(), 'close')));
  return ports;
}

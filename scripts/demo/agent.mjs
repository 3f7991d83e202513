/** The agent: spoa-mirror as it was built, with the options of docs/agent.md. */
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT, ScriptError } from '../project.mjs';

const HOST = '127.0.0.1';
const PROGRAM = join(ROOT, 'bin/spoa-mirror.js');

export class Agent {
  /** Where HAProxy finds it. */
  address;
  recordFile;
  #admin;
  #args;
  #cleanup;
  #ending;
  #child;
  #output = '';
  #stopping = false;

  /**
   * `ports`: for the agent and for its admin pages. They are chosen here because the second start needs the address of
   * the first. A unix socket would not do: while nobody listens there, HAProxy up to 3.0 tries again without a pause,
   * where a refused TCP connection makes it wait.
   */
  constructor({ folder, ports, mirrorUrl, cleanup, ending }) {
    const [port, adminPort] = ports;
    this.address = { host: HOST, port };
    this.recordFile = join(folder, 'record.jsonl');
    this.#admin = { host: HOST, port: adminPort };
    this.#cleanup = cleanup;
    this.#ending = ending;
    // One worker: its start is sooner done, and a few hundred requests a second are nothing to it.
    this.#args = ['-r0', '-n1', '-c', 'pipelining', '-a', HOST, '-p', String(port), '-u', mirrorUrl];
    this.#args.push('--record', this.recordFile, '--admin', `${HOST}:${adminPort}`);
  }

  /** Resolves when it listens. */
  async start() {
    this.#stopping = false;
    this.#output = '';
    const child = this.#cleanup.start(process.execPath, [PROGRAM, ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const ready = new Promise((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (output) => {
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
  async stop() {
    this.#stopping = true;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const [code] = await this.#ending.until(closed);
    if (code !== 0) throw new ScriptError(`spoa-mirror ended with ${code} on SIGTERM (agent-ended)`);
  }

  /** What it says of itself since its start, once nothing waits to be mirrored any more. */
  async settledStats() {
    let stats;
    await this.#ending.untilTrue(async () => {
      stats = await this.#stats();
      return stats.mirror.queued === 0 && stats.mirror.inFlight === 0;
    });
    return stats;
  }

  async #stats() {
    const response = await new Promise((resolve, reject) => {
      request({ ...this.#admin, path: '/stats', agent: false }, resolve)
        .on('error', reject)
        .end();
    });
    return JSON.parse(await text(response));
  }
}

/** Two ports that are free now. */
export async function findFreePorts() {
  const servers = [createServer(), createServer()];
  const listening = servers.map((server) => once(server.listen(0, HOST), 'listening'));
  await Promise.all(listening);
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

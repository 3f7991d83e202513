/** A real HAProxy: its configuration, its clients, the production server behind it, and its log, which comes by UDP. */
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { run } from '../child.mjs';
import { ScriptError } from '../project.mjs';
import type { Address } from './agent.ts';
import type { Cleanup } from './cleanup.ts';
import type { Ending } from './ending.ts';
import { renderHaproxyConfig, renderSpoeConfig } from './haproxy-config.ts';
import type { LiveLog } from './live-log.ts';
import type { ClientRequest } from './requests.ts';
import { answerOf, headersOf } from './shop.ts';

/** A burst of lines waits here rather than being lost. */
const LOG_BUFFER_BYTES = 1024 * 1024;
/** How long the last lines may take. */
const LAST_LINES_MS = 1000;

export interface HaproxyOptions {
  readonly folder: string;
  readonly agentAddress: Address;
  readonly checkMs: number;
  readonly log: LiveLog;
  readonly cleanup: Cleanup;
  readonly ending: Ending;
}

export class RealHaproxy {
  readonly #frontend: string;
  readonly #log: LiveLog;
  readonly #ending: Ending;
  readonly #clients = new HttpAgent({ keepAlive: true });
  #started = 0;
  #ended = 0;
  #answered = 0;

  /** `refusal`: why it does not take the configuration. */
  static async start(
    command: string,
    { folder, agentAddress, checkMs, log, cleanup, ending }: HaproxyOptions,
  ): Promise<{ readonly haproxy: RealHaproxy } | { readonly refusal: string }> {
    const sockets = { frontend: join(folder, 'front.sock'), server: join(folder, 'server.sock'), agent: agentAddress };
    const [config, spoe] = [join(folder, 'haproxy.cfg'), join(folder, 'spoe.cfg')];
    const haproxy = new RealHaproxy(sockets.frontend, log, ending, cleanup);
    const logPort = await receiveLog(log, cleanup);
    writeFileSync(config, renderHaproxyConfig({ ...sockets, spoe, logPort, checkMs }));
    writeFileSync(spoe, renderSpoeConfig());
    const check = await run(command, ['-c', '-f', config], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (check.code !== 0) return { refusal: /\[ALERT\].*/.exec(check.output)?.[0] ?? check.output.trim() };
    await serveProduction(sockets.server, cleanup);
    // -db: in the foreground, as a child of ours.
    const child = cleanup.start(command, ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    haproxy.#watch(child);
    await ending.untilTrue(() => accepts(sockets.frontend));
    return { haproxy };
  }

  constructor(frontend: string, log: LiveLog, ending: Ending, cleanup: Cleanup) {
    this.#frontend = frontend;
    this.#log = log;
    this.#ending = ending;
    cleanup.add(() => this.#clients.destroy());
  }

  #watch(child: ChildProcess): void {
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4096);
    });
    child.once('close', (code, signal) => {
      const last = output.trimEnd().split('\n').at(-1) || 'without a word';
      this.#ending.fail(new ScriptError(`HAProxy ended with ${signal ?? code}: ${last} (haproxy-ended)`));
    });
  }

  /** A client sends this request. */
  handle({ method, path, headers, body }: ClientRequest): void {
    this.#started++;
    const options = { socketPath: this.#frontend, agent: this.#clients, method, path, headers: headers.flat() };
    const request = httpRequest(options, (response) => {
      if (response.statusCode === answerOf({ method, path }, false).status) this.#answered++;
      response.resume().on('end', () => this.#ended++);
    });
    request.on('error', () => this.#ended++);
    request.end(body);
  }

  /** Resolves when each request has its answer and, as far as they come, its line. */
  async settle(): Promise<void> {
    await this.#ending.untilTrue(() => this.#ended === this.#started);
    const latestMs = performance.now() + LAST_LINES_MS;
    const isComplete = () => this.#log.events.length >= this.#started || performance.now() > latestMs;
    await this.#ending.untilTrue(isComplete);
  }

  /** What all this was to those for whom production is there. */
  describeClients(): string[] {
    const all = this.#answered === this.#started ? `all ${this.#started}` : `${this.#answered} of ${this.#started}`;
    return [`Production answered ${all} requests of clients as ever.`];
  }
}

/** @returns the port to which HAProxy shall log */
async function receiveLog(log: LiveLog, cleanup: Cleanup): Promise<number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: LOG_BUFFER_BYTES });
  socket.on('message', (message) => log.write(message.toString('utf8').trimEnd()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanup.add(() => socket.close());
  return socket.address().port;
}

async function serveProduction(path: string, cleanup: Cleanup): Promise<void> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const shop = answerOf({ method: request.method ?? '', path: request.url ?? '' }, false);
      response.writeHead(shop.status, headersOf(shop).flat()).end(shop.body);
    });
  });
  // A machine that is busy otherwise does not turn anybody away.
  server.listen({ path, backlog: 4096 });
  await once(server, 'listening');
  cleanup.add(() => {
    server.close();
    server.closeAllConnections();
  });
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.end());
  });
}

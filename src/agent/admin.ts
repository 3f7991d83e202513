/** The HTTP server of --admin. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { escapeJson } from '../text/json.ts';
import { AgentError } from './errors.ts';
import { printable } from './log-file.ts';
import { makingAtMost } from './privileges.ts';
import { claimSocketPath, type SocketRights, settleSocket } from './socket-path.ts';

export interface AdminPages {
  /** True while the agent listens and a worker runs. */
  healthy(): boolean;
  /** Why not everything that HAProxy sends is answered by the mirror, one line each; none when all is well. */
  unready(): Promise<readonly string[]>;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** The same as an object for JSON. */
  stats(): Promise<unknown>;
}

const PATHS = ['/healthz', '/readyz', '/metrics', '/stats'];
const TEXT = 'text/plain; charset=utf-8';
/** Whoever connects has this long for a request, and some more until that is looked at. */
const REQUEST_MS = 5_000;
const CHECK_MS = 1_000;
const MAX_CONNECTIONS = 64;

/** @throws AgentError `listen` */
export async function startAdmin(
  address: { host?: string; port: number } | { path: string },
  pages: AdminPages,
  rights: SocketRights = {},
): Promise<Server> {
  if ('path' in address) await claimSocketPath(address.path, rights);
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS };
  const server = createServer(limits, (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === undefined || !PATHS.includes(path)) answer(response, 404, TEXT, `not found: ${PATHS.join(', ')}\n`);
    else if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, TEXT, 'GET only\n');
    else void respond(path, pages, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  // Requests one behind the other would all be worked on before the first answer is read.
  server.maxRequestsPerSocket = 1;
  server.on('dropRequest', (_request, socket) => socket.destroy());
  try {
    makingAtMost(rights.mode, () => server.listen(address));
    await once(server, 'listening');
    if ('path' in address) settleSocket(address.path, rights);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = 'path' in address ? address.path : `${address.host ?? '*'}:${address.port}`;
    throw new AgentError('listen', `cannot listen on ${where} for --admin: ${code}`, { cause: error });
  }
  server.on('error', () => {});
  return server;
}

async function respond(path: string, pages: AdminPages, response: ServerResponse): Promise<void> {
  try {
    if (path === '/metrics') answer(response, 200, `text/plain; version=0.0.4; charset=utf-8`, await pages.metrics());
    else if (path === '/stats')
      answer(response, 200, 'application/json', `${escapeJson(JSON.stringify(await pages.stats()))}\n`);
    else if (path === '/readyz') answerReady(response, await pages.unready());
    else if (pages.healthy()) answer(response, 200, TEXT, 'ok\n');
    else answer(response, 503, TEXT, 'stopping\n');
  } catch {
    answer(response, 500, TEXT, 'the workers do not answer\n');
  }
}

function answerReady(response: ServerResponse, reasons: readonly string[]): void {
  if (reasons.length === 0) answer(response, 200, TEXT, 'ok\n');
  else answer(response, 503, TEXT, reasons.map((reason) => `not ready: ${printable(reason)}\n`).join(''));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  const length = Buffer.byteLength(body);
  // One request is all a connection gets, so it ends with the answer.
  response.writeHead(status, { 'content-type': type, 'content-length': length, connection: 'close' });
  response.end(body);
}

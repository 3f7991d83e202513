/** The HTTP server of --admin. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { joined } from '../../serving/joined.ts';
import { knownHosts, shownHost } from '../../serving/known-hosts.ts';
import { type PlaceCounts, Places } from '../../serving/places.ts';
import { AgentError } from '../../spoa/errors.ts';
import { describeListenError } from '../../spoa/listener.ts';
import { makingAtMost } from '../../spoa/ownership.ts';
import { claimSocketPath, handOverSocket, type SocketRights } from '../../spoa/socket-path.ts';
import { answerScrape, type MetricFamily } from '../../text/exposition.ts';
import { escapeJson } from '../../text/json.ts';
import { escapeLogLine } from '../../text/terminal.ts';
import type { VerdictAnswer } from './verdict.ts';

export interface AdminPages {
  /** True while the agent listens and a worker runs. */
  healthy(): boolean;
  /** Reasons why not everything that HAProxy sends is answered by the mirror, one line each; none when all is well. */
  unready(): Promise<readonly string[]>;
  /** The figures as metrics. */
  metrics(): Promise<readonly MetricFamily[]>;
  /** The figures as an object for JSON. */
  stats(): Promise<unknown>;
  /** Asks for the verdict, with the query of the address; absent where none is served. */
  verdict?: ((path: string, search: string) => Promise<VerdictAnswer>) | undefined;
}

export interface AdminOptions {
  /** Host names that are served, in lower case, beside addresses, localhost and the name it listens on. */
  readonly hosts?: readonly string[];
  /** The most open connections; for one more another one ends. */
  readonly maxConnections?: number;
  /** The counters that the server increases. */
  readonly stats?: AdminStats;
  /** The rights of the file of a unix socket. */
  readonly rights?: SocketRights;
}

export interface AdminStats extends PlaceCounts {
  /** Requests for a host that is not served here. */
  hostsRefused: number;
}

export function newAdminStats(): AdminStats {
  return { connectionsCut: 0, hostsRefused: 0 };
}

const PATHS = ['/healthz', '/readyz', '/metrics', '/stats'];
/** The gates, which take POST as well: Flagger knows nothing else. */
const GATES = ['/verdict/promote', '/verdict/rollback'];
const RETRY_SECONDS = 10;
const TEXT = 'text/plain; charset=utf-8';
/** The time a client has for its request, and some more until that is looked at. */
const REQUEST_MS = 5_000;
const CHECK_MS = 1_000;
const MAX_CONNECTIONS = 64;

/**
 * @param address without a host it is this machine alone, `*` are all addresses
 * @throws AgentError `listen`
 */
export async function startAdmin(
  address: { host?: string; port: number } | { path: string },
  pages: AdminPages,
  { hosts = [], maxConnections = MAX_CONNECTIONS, stats = newAdminStats(), rights = {} }: AdminOptions = {},
): Promise<Server> {
  if ('path' in address) await claimSocketPath(address.path, rights);
  // Whoever can open a unix socket is no web page that a browser was led to.
  const isServed = 'path' in address ? () => true : knownHosts([...hosts, (address.host ?? '').toLowerCase()]);
  const shared = gatheredOnce(pages);
  const paths = pages.verdict === undefined ? PATHS : [...PATHS, '/verdict', ...GATES];
  const places = new Places(maxConnections, stats);
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS };
  const server = createServer(limits, (request, response) => {
    const path = request.url?.split('?')[0];
    const { host } = request.headers;
    if (!isServed(host)) {
      stats.hostsRefused++;
      answer(response, 421, TEXT, refusal(host));
    } else if (path === undefined || !paths.includes(path)) {
      answer(response, 404, TEXT, `not found: ${paths.join(', ')}\n`);
    } else if (!takes(path, request.method))
      answer(response, 405, TEXT, GATES.includes(path) ? 'GET, HEAD and POST only\n' : 'GET only\n');
    else if (path.startsWith('/verdict'))
      void respondVerdict(path, request.url?.slice(path.length) ?? '', shared, response, places.working(request));
    else void respond(path, request.headers.accept, shared, response, places.working(request));
  });
  server.on('connection', (socket) => places.take(socket));
  // Requests one behind the other would all be worked on before the first answer is read.
  server.maxRequestsPerSocket = 1;
  server.on('dropRequest', (_request, socket) => socket.destroy());
  try {
    makingAtMost(rights.mode, () => server.listen('path' in address ? address : whereTo(address)));
    await once(server, 'listening');
    if ('path' in address) handOverSocket(address.path, rights);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = 'path' in address ? address.path : `${address.host ?? LOOPBACK}:${address.port}`;
    throw new AgentError(
      'listen',
      `cannot listen on ${where} for --admin: ${describeListenError(code, 'path' in address ? address.path : undefined)}`,
      { cause: error },
    );
  }
  server.on('error', () => {});
  return server;
}

const LOOPBACK = '127.0.0.1';

function whereTo({ host = LOOPBACK, port }: { host?: string; port: number }): { host?: string; port: number } {
  return host === '*' ? { port } : { host, port };
}

function refusal(host: string | undefined): string {
  return `host ${escapeLogLine(shownHost(host))} is not served here: ask by address or as localhost, or start with --admin-host NAME\n`;
}

function takes(path: string, method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && GATES.includes(path));
}

/** The pages with one question to the workers for all who ask at the same time. */
function gatheredOnce(pages: AdminPages): AdminPages {
  return {
    healthy: () => pages.healthy(),
    unready: joined(() => pages.unready()),
    metrics: joined(() => pages.metrics()),
    stats: joined(() => pages.stats()),
    verdict: pages.verdict,
  };
}

async function respond(
  path: string,
  accept: string | undefined,
  pages: AdminPages,
  response: ServerResponse,
  done: () => void,
): Promise<void> {
  try {
    if (path === '/metrics') {
      const { contentType, body } = answerScrape(accept, await pages.metrics());
      answer(response, 200, contentType, body);
    } else if (path === '/stats')
      answer(response, 200, 'application/json', `${escapeJson(JSON.stringify(await pages.stats()))}\n`);
    else if (path === '/readyz') answerReady(response, await pages.unready());
    else if (pages.healthy()) answer(response, 200, TEXT, 'ok\n');
    else answer(response, 503, TEXT, 'stopping\n');
  } catch {
    answer(response, 500, TEXT, 'the workers do not answer\n');
  } finally {
    done();
  }
}

async function respondVerdict(
  path: string,
  search: string,
  pages: AdminPages,
  response: ServerResponse,
  done: () => void,
): Promise<void> {
  try {
    const { status, type, body } = (await pages.verdict?.(path, search)) ?? { status: 404, type: TEXT, body: '' };
    if (status === 503) response.setHeader('retry-after', RETRY_SECONDS);
    answer(response, status, type, body);
  } catch {
    answer(response, 503, TEXT, 'INCONCLUSIVE: not known\n');
  } finally {
    done();
  }
}

function answerReady(response: ServerResponse, reasons: readonly string[]): void {
  if (reasons.length === 0) answer(response, 200, TEXT, 'ok\n');
  else answer(response, 503, TEXT, reasons.map((reason) => `not ready: ${escapeLogLine(reason)}\n`).join(''));
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  const length = Buffer.byteLength(body);
  // One request is all a connection gets, so it ends with the answer.
  response.writeHead(status, { 'content-type': type, 'content-length': length, connection: 'close' });
  response.end(body);
}

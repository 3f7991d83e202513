/**
 * An HTTP server for people and machines that only ask: bounded in connections and in the time of a request, closed to
 * pages of other sites, and, beyond this machine, to whoever has no token. Nothing that is sent to it changes anything.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeLogLine } from '../text/terminal.ts';
import { type Answer, send, textAnswer } from './answers.ts';
import { knownHosts, shownHost } from './known-hosts.ts';
import { type PlaceCounts, Places } from './places.ts';

export interface WebCounts extends PlaceCounts {
  /** Requests for a host that is not served here. */
  hostsRefused: number;
  /** Requests without the token. */
  unauthorized: number;
  requests: number;
}

export interface Page {
  /** POST is one more way to ask: for clients that know no other, whose text nobody reads. */
  readonly takesPost?: boolean;
  /** Whether it is shown without the token. */
  readonly isOpen?: boolean;
  /** The answer; undefined where the page answers by itself, and calls `done` when that is over. */
  readonly answer: (asked: Asked) => Answer | undefined | Promise<Answer | undefined>;
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly done: () => void;
}

export interface WebServerOptions {
  readonly host: string;
  readonly port: number;
  /** Names that are served, in lower case, beside addresses, localhost and `host`. */
  readonly hosts: readonly string[];
  /** Whether a header `Authorization` lets in; all are without it. */
  readonly isLetIn?: (authorization: string | undefined) => boolean;
  /** By path. */
  readonly pages: ReadonlyMap<string, Page>;
  readonly counts: WebCounts;
  readonly maxConnections?: number;
  /** What a client can do whose host is not served. */
  readonly hostHint: string;
}

const MAX_CONNECTIONS = 64;
/** The time a client has for its request, and some more until that is looked at. */
const REQUEST_MS = 5_000;
const CHECK_MS = 1_000;
/** The time in which nothing moves, after which a client is left: it does not read. */
const IDLE_MS = 60_000;
/** The most bytes of a POST that are read and thrown away. */
const MAX_BODY = 64 * 1024;

export interface WebServer {
  readonly port: number;
  /** Takes no more connections and ends those there are. */
  close(): Promise<void>;
}

/** Throws what Node throws when the address cannot be listened on. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { host, port, hosts, counts, maxConnections = MAX_CONNECTIONS } = options;
  const isServed = knownHosts([...hosts, host.toLowerCase()]);
  const places = new Places(maxConnections, counts);
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS };
  const server = createServer(limits, (request, response) => {
    counts.requests++;
    response.on('error', () => undefined);
    void respond(request, response, isServed, places, options);
  });
  server.on('connection', (socket) => {
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    places.take(socket);
  });
  // Requests one behind the other would all be worked on before the first answer is read.
  server.maxRequestsPerSocket = 1;
  server.on('dropRequest', (_request, socket) => socket.destroy());
  server.listen({ host, port });
  await once(server, 'listening');
  server.on('error', () => undefined);
  return { port: (server.address() as AddressInfo).port, close: () => close(server, places) };
}

/** A moment for answers that are on their way, and not more than that. */
const CLOSE_MS = 500;

async function close(server: Server, places: Places): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const timer = setTimeout(() => places.end(), CLOSE_MS);
  await closed;
  clearTimeout(timer);
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  isServed: (host: string | undefined) => boolean,
  places: Places,
  options: WebServerOptions,
): Promise<void> {
  const done = places.working(request);
  // A client that is gone is not worked for; one that was answered gives its place away first.
  response.once('close', done);
  let answer: Answer | undefined;
  try {
    answer = await answerTo(request, response, done, isServed, options);
  } catch (error) {
    answer = textAnswer(500, `it could not be answered: ${escapeLogLine((error as Error).message)}\n`);
  }
  if (answer === undefined || response.headersSent) return;
  send(request, response, answer);
  done();
}

async function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  done: () => void,
  isServed: (host: string | undefined) => boolean,
  { pages, counts, isLetIn, hostHint }: WebServerOptions,
): Promise<Answer | undefined> {
  const { authorization } = request.headers;
  // One of them would be looked at here, and the other by a proxy in front.
  if ((request.headersDistinct.host?.length ?? 0) > 1) return textAnswer(400, 'more than one Host\n');
  const target = splitTarget(request.url ?? '');
  if (target === undefined) return textAnswer(400, 'the target of the request cannot be read\n');
  const { path, search, host = request.headers.host } = target;
  if (!isServed(host)) {
    counts.hostsRefused++;
    return textAnswer(421, `host ${escapeLogLine(shownHost(host))} is not served here: ${hostHint}\n`);
  }
  const page = pages.get(path);
  if (isLetIn !== undefined && page?.isOpen !== true && !isLetIn(authorization)) {
    counts.unauthorized++;
    return textAnswer(401, 'a token is needed: Authorization: Bearer TOKEN\n', { 'www-authenticate': 'Bearer' });
  }
  if (page === undefined) return textAnswer(404, `not found: ${[...pages.keys()].join(', ')}\n`);
  const isPost = request.method === 'POST' && page.takesPost === true;
  if (!isPost && request.method !== 'GET' && request.method !== 'HEAD')
    return textAnswer(405, `${page.takesPost ? 'GET or POST' : 'GET'} only\n`, {
      allow: page.takesPost ? 'GET, HEAD, POST' : 'GET, HEAD',
    });
  if (isPost && !(await isShort(request))) return textAnswer(413, `more than ${MAX_BODY} bytes\n`);
  return await page.answer({ request, response, query: new URLSearchParams(search), done });
}

interface Target {
  readonly path: string;
  readonly search: string;
  /** Of an absolute target its authority, which counts instead of the header Host (RFC 9112, 3.2.2). */
  readonly host?: string;
}

/** Undefined for an absolute target without a host, or with a user in it: of those two readers may see different hosts. */
function splitTarget(target: string): Target | undefined {
  const [, host, local = target] = /^https?:\/\/([^/?]*)(.*)$/is.exec(target) ?? [];
  if (host !== undefined && (host === '' || /[@\\]/.test(host))) return undefined;
  const at = local.indexOf('?');
  const [path, search] = at < 0 ? [local, ''] : [local.slice(0, at), local.slice(at + 1)];
  return host === undefined ? { path, search } : { path: path === '' ? '/' : path, search, host };
}

/** Reads the text of a POST away; false when it is longer than anybody's. */
async function isShort(request: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY) return false;
  }
  return true;
}

/** Answers that are not the usual one: what a server sends, when, and what its client does meanwhile. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RawClient } from './raw-client.ts';
import type { Arrived } from './recorder.ts';

export interface Conversation {
  readonly request: Arrived;
  /** To HAProxy, at the server. */
  readonly socket: Socket;
  /** Who asks, on the other side of HAProxy: a server that waits for it goes on when the client has seen what was sent. */
  readonly client: RawClient;
}

/** A request for the path of an answer, with a header that tells the server whose it is. */
export type Ask = (how?: {
  readonly method?: string;
  readonly version?: string;
  readonly query?: string;
  /** Its lines. */
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Another one follows. */
  readonly stays?: boolean;
}) => string;

export interface OddAnswer {
  readonly name: string;
  /** Its own, or one that a rule of HAProxy knows. */
  readonly path: string;
  readonly serve: (conversation: Conversation) => Promise<void> | void;
  /** A GET, the last one of its connection, without it. */
  readonly request?: (ask: Ask) => string;
  /** What the client does besides waiting for the end. */
  readonly client?: (client: RawClient, ask: Ask) => Promise<void>;
  /** What of it can be compared. */
  readonly comparable?: (text: string) => string;
  /** With bodies that are waited for the client gets a 504 in its place, and the agent nothing. */
  readonly breaksWaiting?: true;
  /** The client of HAProxy 3.0 and 3.2 may get nothing in the place of what there was: with events, or with rules as well. */
  readonly mayVanish?: 'event' | 'both';
  /** Messages that the agent gets, with their statuses; as they are with rules, where those get others. */
  readonly heard: string;
  readonly heardByRules?: string;
}

export const JSON_TYPE = 'application/json';

/** JSON of exactly so many bytes. */
function jsonOf(length: number): string {
  return `{"a":"${'x'.repeat(length - 8)}"}`;
}

function head(status: string, headers: { readonly [name: string]: string | number }): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

export function whole(status: string, type: string, body: string, more = {}): string {
  return `${head(status, { 'content-type': type, 'content-length': body.length, ...more })}${body}`;
}

/** Half of what it announces. */
function cut(type: string): string {
  return `${head('200 OK', { 'content-type': type, 'content-length': 600 })}${jsonOf(300)}`;
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

const CHUNKED = { 'transfer-encoding': 'chunked' };
const LAST_CHUNK = '0\r\n\r\n';

function sends(...parts: readonly string[]): OddAnswer['serve'] {
  return ({ socket }) => {
    for (const part of parts) socket.write(part, 'latin1');
  };
}

/** Each part when the client has the one before; `ends` closes the connection then. */
function sendsSeen(parts: readonly string[], ends = false): OddAnswer['serve'] {
  return async ({ socket, client }) => {
    let isSeen = true;
    for (const [i, part] of parts.entries()) {
      // A head is changed on its way: its end is seen by the body behind it.
      if (i > 1) isSeen &&= await client.sees(marked(parts[i - 1] as string));
      else if (i === 1) isSeen &&= await client.sees('\r\n\r\n');
      if (!isSeen) return;
      socket.write(part, 'latin1');
    }
    if (ends && (await client.sees(marked(parts.at(-1) as string)))) socket.end();
  };
}

/** The part without the framing of a chunk. */
function marked(part: string): string {
  return part.includes('\r\n') ? (part.split('\r\n')[1] ?? part) : part;
}

const nothing: OddAnswer['serve'] = () => {};

const GZIPPED = gzipSync(JSON.stringify({ items: Array.from({ length: 200 }, (_, i) => ({ id: i })) })).toString(
  'latin1',
);

export const ODD_ANSWERS: readonly OddAnswer[] = [
  // Bodies with a length.
  { name: 'short JSON', path: '/json', heard: 'body 200', serve: sends(whole('200 OK', JSON_TYPE, jsonOf(500))) },
  {
    name: 'JSON of another kind',
    path: '/problem',
    heard: 'body 404',
    serve: sends(whole('404 Not Found', 'application/problem+json; charset=utf-8', jsonOf(90))),
  },
  { name: 'no body', path: '/empty', heard: 'head 200', serve: sends(whole('200 OK', JSON_TYPE, '')) },
  {
    name: 'JSON as long as it may be',
    path: '/12000',
    heard: 'body 200',
    serve: sends(whole('200 OK', JSON_TYPE, jsonOf(12_000))),
  },
  {
    name: 'JSON a byte longer than that',
    path: '/12001',
    heard: 'head 200',
    serve: sends(whole('200 OK', JSON_TYPE, jsonOf(12_001))),
  },
  {
    name: 'JSON longer than the buffer',
    path: '/40000',
    heard: 'head 200',
    serve: sends(whole('200 OK', JSON_TYPE, jsonOf(40_000))),
  },
  {
    name: 'a page longer than the buffer',
    path: '/page',
    heard: 'head 200',
    serve: sends(whole('200 OK', 'text/html', 'y'.repeat(100_000))),
  },
  {
    name: 'a part of a body',
    path: '/part',
    heard: 'body 206',
    serve: sends(whole('206 Partial Content', JSON_TYPE, '{"a"', { 'content-range': 'bytes 0-3/20' })),
  },
  {
    name: 'headers twice, and empty ones',
    path: '/headers',
    heard: 'body 200',
    serve: sends(
      `HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-empty:\r\ncontent-length: 2\r\n\r\n{}`,
    ),
  },
  {
    name: 'headers of 12 kB',
    path: '/12k-head',
    heard: 'body 200',
    serve: sends(whole('200 OK', JSON_TYPE, '{}', { 'x-long': 'h'.repeat(12_000) })),
  },
  {
    name: 'headers that are too long (502)',
    path: '/17k-head',
    heard: '',
    serve: sends(whole('200 OK', JSON_TYPE, '{}', { 'x-long': 'h'.repeat(17_000) })),
  },
  {
    name: 'gzip of the server',
    path: '/gzip',
    heard: 'body 200',
    serve: sends(whole('200 OK', JSON_TYPE, GZIPPED, { 'content-encoding': 'gzip' })),
  },
  {
    name: 'gzip of HAProxy',
    path: '/compressed',
    heard: 'head 200',
    request: (ask) => ask({ headers: ['accept-encoding: gzip'] }),
    serve: sends(whole('200 OK', 'text/plain', 'words '.repeat(500))),
  },
  // Bodies without one.
  {
    name: 'chunked at once',
    path: '/chunked',
    heard: 'head 200',
    serve: sends(`${head('200 OK', { 'content-type': JSON_TYPE, ...CHUNKED })}${chunk(jsonOf(600))}${LAST_CHUNK}`),
  },
  {
    name: 'chunked, longer than the buffer',
    path: '/chunked-long',
    heard: 'head 200',
    // Where its chunks end is HAProxy's.
    comparable: (text) => text.replaceAll(/\r\n[0-9A-F]+\r\n/g, ''),
    serve: sends(head('200 OK', { 'content-type': JSON_TYPE, ...CHUNKED }), chunk(jsonOf(40_000)), LAST_CHUNK),
  },
  {
    name: 'chunked with trailers',
    path: '/trailers',
    heard: 'head 200',
    serve: sends(
      `${head('200 OK', { 'content-type': JSON_TYPE, ...CHUNKED, trailer: 'x-sum' })}${chunk('{}')}0\r\nx-sum: 1\r\n\r\n`,
    ),
  },
  {
    name: 'chunked, slowly',
    path: '/chunked-slow',
    heard: 'head 200',
    serve: sendsSeen([
      head('200 OK', { 'content-type': JSON_TYPE, ...CHUNKED }),
      chunk('{"first":1,'),
      chunk('"second":2}'),
      LAST_CHUNK,
    ]),
  },
  {
    name: 'an event stream',
    path: '/events',
    heard: 'head 200',
    serve: sendsSeen([
      head('200 OK', { 'content-type': 'text/event-stream', ...CHUNKED }),
      chunk('data: one\n\n'),
      chunk('data: two\n\n'),
      chunk('data: three\n\n'),
      LAST_CHUNK,
    ]),
  },
  {
    name: 'until the connection closes',
    path: '/until-closed',
    heard: 'head 200',
    serve: ({ socket }) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\n\r\n${jsonOf(30_000)}`),
  },
  {
    name: 'HTTP/1.0 of the server',
    path: '/http10',
    heard: 'head 200',
    serve: ({ socket }) => void socket.end(`HTTP/1.0 200 OK\r\ncontent-type: ${JSON_TYPE}\r\n\r\n${jsonOf(300)}`),
  },
  // Bodies that come later than the head, or not at all.
  {
    name: 'a page that drips',
    path: '/drip',
    heard: 'head 200',
    serve: sendsSeen([head('200 OK', { 'content-type': 'text/html', 'content-length': 9 }), 'abc', 'def', 'ghi']),
  },
  {
    name: 'long JSON that comes later',
    path: '/later-long',
    heard: 'head 200',
    serve: sendsSeen([head('200 OK', { 'content-type': JSON_TYPE, 'content-length': 20_000 }), jsonOf(20_000)]),
  },
  {
    name: 'short JSON that comes when the client has the head',
    path: '/later',
    heard: 'body 200',
    heardByRules: '',
    breaksWaiting: true,
    serve: sendsSeen([head('200 OK', { 'content-type': JSON_TYPE, 'content-length': 600 }), jsonOf(600)]),
  },
  {
    name: 'half of a short JSON body, then silence',
    path: '/half',
    heard: 'body 200',
    heardByRules: '',
    breaksWaiting: true,
    serve: sends(cut(JSON_TYPE)),
  },
  {
    name: 'half of a page, then silence',
    path: '/half-page',
    heard: 'head 200',
    serve: sends(cut('text/html')),
  },
  {
    name: 'half of a page, then the end',
    path: '/cut-page',
    heard: 'head 200',
    serve: sendsSeen([head('200 OK', { 'content-type': 'text/html', 'content-length': 600 }), 'half of it'], true),
  },
  {
    name: 'chunks that end in the middle',
    path: '/cut-chunks',
    heard: 'head 200',
    serve: sendsSeen([head('200 OK', { 'content-type': JSON_TYPE, ...CHUNKED }), chunk('{"half":1,')], true),
  },
  {
    name: 'half of a short JSON body and the end at once',
    path: '/cut-json-at-once',
    heard: 'body 200',
    heardByRules: '',
    mayVanish: 'event',
    serve: ({ socket }) => void socket.end(cut(JSON_TYPE)),
  },
  {
    name: 'half of a page and the end at once',
    path: '/cut-page-at-once',
    heard: 'head 200',
    mayVanish: 'both',
    serve: ({ socket }) => void socket.end(cut('text/html')),
  },
  // Answers without a body, and before the answer.
  {
    name: 'HEAD',
    path: '/head',
    heard: 'body 200',
    request: (ask) => ask({ method: 'HEAD' }),
    serve: sends(head('200 OK', { 'content-type': JSON_TYPE, 'content-length': 600 })),
  },
  { name: '204', path: '/204', heard: 'head 204', serve: sends(head('204 No Content', { 'x-a': 'b' })) },
  {
    name: '304',
    path: '/304',
    heard: 'body 304',
    serve: sends(head('304 Not Modified', { etag: '"a"', 'content-type': JSON_TYPE, 'content-length': 600 })),
  },
  {
    name: '302',
    path: '/302',
    heard: 'body 302',
    serve: sends(whole('302 Found', JSON_TYPE, '{"to":1}', { location: '/there' })),
  },
  {
    name: '103, then 200',
    path: '/103',
    heard: 'body 200',
    serve: sendsSeen([
      head('103 Early Hints', { link: '</a.css>; rel=preload' }),
      whole('200 OK', JSON_TYPE, jsonOf(80)),
    ]),
  },
  {
    name: '103, 103, then 200 at once',
    path: '/103s',
    heard: 'body 200',
    serve: sends(
      head('103 Early Hints', { link: '</a.css>' }),
      head('103 Early Hints', { link: '</b.css>' }),
      whole('200 OK', JSON_TYPE, jsonOf(80)),
    ),
  },
  {
    name: '101 and a tunnel',
    path: '/websocket',
    heard: 'head 101',
    request: (ask) =>
      ask({
        headers: ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='],
        stays: true,
      }),
    async serve({ socket }) {
      socket.write(
        head('101 Switching Protocols', { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-accept': 'x' }),
      );
      const [said] = await once(socket, 'data');
      socket.end(`you said ${said}`);
    },
    async client(client) {
      if (await client.sees('\r\n\r\n')) client.send('hello');
    },
  },
  {
    name: '100, then 200',
    path: '/100',
    heard: 'body 201',
    request: (ask) => ask({ method: 'POST', headers: ['expect: 100-continue', 'content-length: 4'] }),
    serve: sends(whole('201 Created', JSON_TYPE, '{"id":7}')),
    async client(client) {
      if (await client.sees('100 Continue')) client.send('body');
    },
  },
  // Errors of the server, and HAProxy's own.
  {
    name: '500 of the server',
    path: '/500',
    heard: 'body 500',
    serve: sends(whole('500 Internal Server Error', JSON_TYPE, '{"error":"of the server"}')),
  },
  {
    name: '503 of the server',
    path: '/503',
    heard: 'head 503',
    serve: sends(whole('503 Service Unavailable', 'text/html', 'of the server', { 'retry-after': 1 })),
  },
  { name: '503 of HAProxy', path: '/down', heard: '', serve: nothing },
  { name: '502: the server closes', path: '/closes', heard: '', serve: ({ socket }) => void socket.end() },
  { name: '502: garbage', path: '/garbage', heard: '', serve: sends('this is no HTTP\r\n\r\n') },
  {
    name: '502: two lengths',
    path: '/lengths',
    heard: '',
    serve: sends('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
  },
  { name: '504: silence', path: '/silent', heard: '', serve: nothing },
  // Rules of HAProxy.
  { name: 'http-request return', path: '/returned', heard: '', serve: nothing },
  { name: 'http-request deny', path: '/denied', heard: '', serve: nothing },
  { name: 'http-request tarpit', path: '/tarpit', heard: '', serve: nothing },
  { name: 'http-request redirect', path: '/redirected', heard: '', serve: nothing },
  {
    name: 'http-response deny',
    path: '/answer-denied',
    heard: 'body 404',
    serve: sends(whole('404 Not Found', JSON_TYPE, '{"not":"seen"}')),
  },
  {
    name: 'http-response set-header',
    path: '/changed',
    heard: 'body 200',
    serve: sends(whole('200 OK', JSON_TYPE, '{}')),
  },
  {
    name: 'the page of statistics',
    path: '/stats',
    heard: 'head 200',
    heardByRules: '',
    serve: nothing,
    comparable: (text) => text.split('\r\n\r\n')[0] ?? '',
  },
  // Of the second request the server hears nothing: what it would send is another answer.
  {
    name: 'the cache',
    path: '/cached',
    heard: 'body 200, body 200',
    request: (ask) => ask({ stays: true }),
    serve: ({ socket, client }) => {
      const isSecond = client.text !== '';
      socket.write(whole('200 OK', JSON_TYPE, isSecond ? '{"n":2}' : '{"n":1}', { 'cache-control': 'max-age=60' }));
    },
    async client(client, ask) {
      if (await client.sees('{"n":1}')) client.send(ask());
    },
    comparable: (text) => text.replaceAll(/age: \d+/g, 'age'),
  },
  // Connections and clients.
  {
    name: 'HTTP/1.0 of the client',
    path: '/http10-client',
    heard: 'body 200',
    request: (ask) => ask({ version: 'HTTP/1.0' }),
    serve: sends(whole('200 OK', JSON_TYPE, jsonOf(700))),
  },
  {
    name: 'pipelined requests',
    path: '/pipelined',
    heard: 'body 200, body 200, body 200',
    request: (ask) => ask({ query: '?1', stays: true }) + ask({ query: '?2', stays: true }) + ask({ query: '?3' }),
    serve: ({ socket, request }) =>
      void socket.write(whole('200 OK', JSON_TYPE, JSON.stringify({ to: request.target }))),
  },
  {
    name: 'requests one after the other',
    path: '/kept',
    heard: 'body 200, body 200, body 200',
    request: (ask) => ask({ query: '?1', stays: true }),
    serve: ({ socket, request }) =>
      void socket.write(whole('200 OK', JSON_TYPE, JSON.stringify({ to: request.target }))),
    async client(client, ask) {
      for (const n of [1, 2]) {
        if (!(await client.sees(`?${n}"`))) return;
        client.send(ask({ query: `?${n + 1}`, stays: n < 2 }));
      }
    },
  },
  {
    name: 'POST',
    path: '/post',
    heard: 'body 201',
    request: (ask) => ask({ method: 'POST', headers: ['content-length: 4'], body: 'body' }),
    serve: sends(whole('201 Created', JSON_TYPE, jsonOf(100), { location: '/post/1' })),
  },
];

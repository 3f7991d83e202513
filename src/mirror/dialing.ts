/** Sockets whose other end is a mirror: over TCP, TLS, or through a proxy's tunnel. */
import { constants } from 'node:crypto';
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type LocalEnd, tlsCodeOf } from './network.ts';
import type { TlsOptions } from './options.ts';
import type { Target } from './target.ts';
import type { TlsBackoff } from './tls-backoff.ts';
import { TLS_WATCH } from './tls-watch.ts';
import { openTunnel, type TunnelOptions } from './tunnel.ts';

/** The way to the peer that requests are written to. */
export interface Way {
  readonly hostname: string;
  readonly port: number;
  /** The TLS of the connection; undefined is plain text. */
  readonly secure: SecureWay | undefined;
  /** The tunnel through a proxy, which is opened for TLS alone. */
  readonly tunnel: { readonly proxy: URL; readonly target: Target; readonly headers: string } | undefined;
  readonly tls: TlsOptions;
  /** The pauses before TLS handshakes. */
  readonly tlsBackoff: TlsBackoff;
}

export interface SecureWay {
  /** The name its certificate has to have, whatever Host says; empty for an address (RFC 6066, section 3). */
  readonly serverName: string;
  /** The TLS session of the last connection, with which the next handshake is shorter. */
  session: Buffer | undefined;
}

/** A way that begins with a TLS handshake. */
export interface TlsWay extends Way {
  readonly secure: SecureWay;
}

/** Receives the events of a socket. `read` may be given the same memory each time; false stops the reading. */
export interface Dialling {
  ready(): void;
  read(bytes: Buffer, count: number): boolean;
  failed(error: unknown): void;
  ended(): void;
  closed(): void;
}

export interface Dialled {
  write(text: string, encoding: 'latin1'): void;
  write(bytes: Buffer): void;
  cork(): void;
  uncork(): void;
  /** Goes on with the reading after `read` returned false. */
  resume(): void;
  destroy(): void;
}

const HTTP1 = ['http/1.1'];
const HTTP2 = ['h2', ...HTTP1];

/** All sockets read into the same memory: what they read is used before the next one reads. */
const READ_BUFFER = Buffer.alloc(64 * 1024);

/** Opens a connection. No method of `dialling` is called before this returns. */
export function dial(way: Way, local: LocalEnd, timeoutMs: number, dialling: Dialling): Dialled {
  const { secure } = way;
  if (secure !== undefined && way.tunnel !== undefined)
    return new Tunnelled({ ...way.tunnel, local }, { ...way, secure }, timeoutMs, dialling);
  const onread: OnReadOpts = {
    buffer: READ_BUFFER,
    callback: (count, bytes) => dialling.read(bytes as Buffer, count),
  };
  const place = { host: way.hostname, port: way.port, ...local, onread };
  const socket =
    secure === undefined
      ? connectTcp({ ...place, noDelay: true })
      : openTls({ ...place, ...tlsOptions(secure, way.tls, HTTP1) }, secure, way.tlsBackoff);
  watch(socket, secure === undefined ? 'connect' : 'secureConnect', dialling);
  return socket;
}

function watch(socket: Socket, readyEvent: 'connect' | 'secureConnect', dialling: Dialling): void {
  socket.on(readyEvent, () => dialling.ready());
  socket.on('error', (error) => dialling.failed(error));
  socket.on('end', () => dialling.ended());
  socket.on('close', () => dialling.closed());
}

function openTls(options: ConnectionOptions, secure: SecureWay, tlsBackoff: TlsBackoff): TLSSocket {
  const socket = connectTls(options);
  TLS_WATCH.watch(socket, tlsBackoff);
  socket.on('error', (error) => {
    const code = tlsCodeOf(error);
    if (code !== undefined) tlsBackoff.failed(code);
  });
  socket.setNoDelay(true);
  socket.on('session', (session: Buffer) => {
    secure.session = session;
  });
  return socket;
}

/**
 * A TLS socket on which HTTP/2 was offered: its `alpnProtocol` says what the peer chose. Rejects where none can be opened in
 * time, which counts from when a handshake may begin; an abort of the signal destroys what is on its way.
 */
export async function dialHttp2(
  { hostname, port, secure, tunnel, tls, tlsBackoff }: TlsWay,
  local: LocalEnd,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TLSSocket> {
  if (tlsBackoff.waitMs > 0) await pause(tlsBackoff.waitMs, undefined, { signal });
  // AbortSignal.any would leave something behind in a signal that lives as long as the agent.
  const patience = new AbortController();
  const giveUp = () => patience.abort();
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    const opened = tunnel && (await openTunnel({ ...tunnel, local, signal: patience.signal }));
    const place = opened === undefined ? { host: hostname, port, ...local } : { socket: opened };
    return await secured(openTls({ ...place, ...tlsOptions(secure, tls, HTTP2) }, secure, tlsBackoff), patience.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** Resolves when the handshake is done. */
function secured(socket: TLSSocket, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    const late = () => fail(Object.assign(new Error('given up'), { code: 'ETIMEDOUT' }));
    signal.addEventListener('abort', late);
    if (signal.aborted) late();
    socket.on('error', fail);
    socket.once('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', late);
      resolve(socket);
    });
  });
}

/** Options of a TLS connection. A peer may not renegotiate again and again: each handshake costs more than the request. */
function tlsOptions({ serverName, session }: SecureWay, tls: TlsOptions, protocols: string[]): ConnectionOptions {
  const { insecure, ca, cert, key } = tls;
  return {
    servername: serverName,
    ALPNProtocols: protocols,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    rejectUnauthorized: insecure !== true,
    ...(session !== undefined && { session }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** A socket that is there once the proxy has opened its tunnel; until then nobody writes to it. */
class Tunnelled implements Dialled {
  #socket: Socket | undefined;
  readonly #opening = new AbortController();

  constructor(
    tunnel: Omit<TunnelOptions, 'signal'>,
    { secure, tls, tlsBackoff }: TlsWay,
    timeoutMs: number,
    dialling: Dialling,
  ) {
    const { signal } = this.#opening;
    const timer = setTimeout(() => this.#opening.abort(), timeoutMs);
    openTunnel({ ...tunnel, signal }).then(
      (opened) => {
        clearTimeout(timer);
        if (signal.aborted) {
          opened.destroy();
          return;
        }
        const socket = openTls({ socket: opened, ...tlsOptions(secure, tls, HTTP1) }, secure, tlsBackoff);
        this.#socket = socket;
        watch(socket, 'secureConnect', dialling);
        socket.on('data', (chunk: Buffer) => {
          if (!dialling.read(chunk, chunk.length)) socket.pause();
        });
      },
      (error) => {
        clearTimeout(timer);
        dialling.failed(error);
      },
    );
  }

  write(data: string | Buffer, encoding?: 'latin1'): void {
    if (typeof data === 'string') this.#socket?.write(data, encoding);
    else this.#socket?.write(data);
  }

  cork(): void {
    this.#socket?.cork();
  }

  uncork(): void {
    this.#socket?.uncork();
  }

  resume(): void {
    this.#socket?.resume();
  }

  destroy(): void {
    this.#opening.abort();
    this.#socket?.destroy();
  }
}

/** Sockets on one side, sessions on the other. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  type AddressInfo,
  createServer,
  Socket as NetSocket,
  type OnReadOpts,
  type Server,
  type Socket,
  type SocketConstructorOpts,
} from 'node:net';
import { dirname } from 'node:path';
import { AgentError } from './errors.ts';
import { makingAtMost } from './ownership.ts';
import type { Handshaking, SessionTransport } from './session-host.ts';
import { claimSocketPath, handOverSocket, type SocketRights } from './socket-path.ts';

/** A TCP port or the path of a unix socket. */
export interface ListenOptions extends SocketRights {
  /** All addresses by default. */
  readonly host?: string;
  /** 0, the default, takes any that is free. */
  readonly port?: number;
  readonly path?: string;
  /** A socket that is listened on already, which was handed over by whoever started this process. */
  readonly fd?: number;
  /** Connections the system may hold until they are accepted. */
  readonly backlog?: number;
}

/** The events of a socket, as its reader sees them. */
export interface SocketHandler {
  /** The chunk is used, or copied, before this returns. */
  receive(chunk: Buffer): void;
  drained(): void;
  ended(): void;
  closed(): void;
}

/** Probes a connection that is silent, so that a peer that vanished is noticed. */
const KEEP_ALIVE_MS = 30_000;

/** Memory that sockets of other processes read into: what one reads is used or copied before the next one reads. */
const READ_BUFFER = Buffer.alloc(64 * 1024);

/** @param pauseOnConnect nothing is read here: the sockets are for another process */
export async function listen(
  options: ListenOptions,
  onSocket: (socket: Socket) => void,
  pauseOnConnect = false,
): Promise<Server> {
  const { path } = options;
  if (path !== undefined) await claimSocketPath(path, options);
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, pauseOnConnect },
    onSocket,
  );
  const address = addressToListen(options);
  try {
    const backlog = options.backlog !== undefined && { backlog: options.backlog };
    makingAtMost(options.mode, () => server.listen({ ...address, ...backlog }));
    await once(server, 'listening');
    if (path !== undefined) handOverSocket(path, options);
  } catch (error) {
    server.close();
    const where =
      path ?? (options.fd === undefined ? `${options.host ?? '*'}:${options.port ?? 0}` : `descriptor ${options.fd}`);
    const { code } = error as NodeJS.ErrnoException;
    throw new AgentError('listen', `cannot listen on ${where}: ${describeListenError(code, path)}`, { cause: error });
  }
  // An accept that fails concerns that connection alone.
  server.on('error', () => {});
  return server;
}

function addressToListen({
  fd,
  path,
  host,
  port = 0,
}: ListenOptions): { fd: number } | { path: string } | { host?: string; port: number } {
  if (fd !== undefined) return { fd };
  return path === undefined ? { port, ...(host && { host }) } : { path };
}

export function describeListenError(code: string | undefined, path?: string): string {
  if (code === 'EADDRINUSE') return 'the address is in use';
  // The system says that it is not permitted where a folder is missing.
  if (path !== undefined && !existsSync(dirname(path))) return `there is no folder ${dirname(path)}`;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EADDRNOTAVAIL') return 'this machine does not have that address';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name cannot be resolved';
  return code ?? 'unknown reason';
}

/** Ties a socket to its session. A socket that is closing is still read; its session knows what for. */
export function attach(socket: Socket, makeHandler: (transport: SessionTransport) => SocketHandler): void {
  follow(socket, makeHandler(new SocketTransport(socket)));
}

/**
 * Takes an open socket that is not paused from its session, for another process to go on with: nothing more of it is read here,
 * and what has been read its session has had.
 * @returns what `process.send` takes; whoever has sent it closes it. undefined when the socket has ended
 */
export function detach(socket: Socket): SystemSocket | undefined {
  for (const event of ['data', 'drain', 'end', 'close'] as const) socket.removeAllListeners(event);
  const handle = systemSocketOf(socket);
  if (handle === undefined) return undefined;
  handle.readStop();
  // A socket of this process would else think that it is read already.
  handle.reading = false;
  return handle;
}

/** A socket of what another process has accepted or detached. */
export function socketOf(handle: SystemSocket, onread?: OnReadOpts): Socket {
  return new NetSocket({ handle, readable: true, writable: true, onread } as SocketConstructorOpts);
}

/** As `attach`, for what another process has accepted or detached, and without a buffer and a stream's work for each read. */
export function attachSystemSocket(
  handle: SystemSocket,
  makeHandler: (socket: Socket, transport: SessionTransport) => SocketHandler,
): void {
  let handler: SocketHandler | undefined;
  const socket = socketOf(handle, {
    buffer: READ_BUFFER,
    callback: (count, bytes) => {
      handler?.receive((bytes as Buffer).subarray(0, count));
      return true;
    },
  });
  handler = makeHandler(socket, new SocketTransport(socket));
  watch(socket, handler);
}

/** The socket as it is sent to another process; undefined when it has ended. */
export function systemSocketOf(socket: Socket): SystemSocket | undefined {
  return (socket as unknown as { readonly _handle: SystemSocket | null })._handle ?? undefined;
}

/**
 * A socket as the system has it, which is not read unless somebody says so. Node has no public name for it; a `Socket` that is
 * sent is read by the process it comes to, and what that has read it cannot pass on.
 */
export interface SystemSocket {
  reading?: boolean;
  readStop(): number;
  close(): void;
}

/**
 * As `attach`, behind a TLS handshake: the session exists from the beginning, and until the handshake is done it only learns of
 * its end.
 */
export function attachSecured(
  raw: Socket,
  handshakes: Handshaking,
  name: string,
  nowMs: number,
  makeHandler: (transport: SessionTransport) => SocketHandler,
): void {
  const transport = new SocketTransport(raw, true);
  const handler = makeHandler(transport);
  const closed = () => {
    // The handshake finds out why it failed, perhaps only after this.
    transport.giveUp = undefined;
    handler.closed();
  };
  raw.on('error', () => {}).on('close', closed);
  // The agent may have had no place for the connection.
  if (raw.destroyed) return;
  transport.giveUp = handshakes.add(raw, name, nowMs, (socket) => {
    raw.off('close', closed);
    transport.secured(socket);
    follow(socket, handler);
  });
}

function follow(socket: Socket, handler: SocketHandler): void {
  socket.on('data', (chunk) => handler.receive(chunk));
  watch(socket, handler);
}

function watch(socket: Socket, handler: SocketHandler): void {
  socket.on('drain', () => handler.drained());
  socket.on('end', () => handler.ended());
  // `close` follows, which is all there is to know.
  socket.on('error', () => {});
  socket.on('close', () => handler.closed());
}

class SocketTransport implements SessionTransport {
  #socket: Socket;
  isSecuring: boolean;
  /** Abandons the handshake. */
  giveUp: (() => void) | undefined;
  #isPaused = false;
  #isHeld = false;

  constructor(socket: Socket, isSecuring = false) {
    this.#socket = socket;
    this.isSecuring = isSecuring;
  }

  secured(socket: Socket): void {
    this.#socket = socket;
    this.isSecuring = false;
    this.giveUp = undefined;
  }

  get unread(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  end(): void {
    if (this.isSecuring) this.destroy();
    else this.#socket.end();
  }

  destroy(): void {
    this.giveUp?.();
    this.#socket.destroy();
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isHeld) this.#socket.resume();
  }

  hold(): void {
    this.#isHeld = true;
    this.#socket.pause();
  }

  release(): void {
    this.#isHeld = false;
    if (!this.#isPaused) this.#socket.resume();
  }
}

export function addressOf(server: Server | undefined): AddressInfo | string | null {
  return server?.address() ?? null;
}

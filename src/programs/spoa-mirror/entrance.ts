/** Where HAProxy's connections come in: the socket that listens, and who may pass it. */
import type { AddressInfo, Server, Socket } from 'node:net';
import { addressOf, type ListenOptions, listen } from '../../spoa/listener.ts';
import { LOCAL_PEER, peerOf } from '../../spoa/peers.ts';
import { Allowance, type Network } from './allowance.ts';
import type { MirrorAgentOptions } from './options.ts';

/** Takes a connection; `peer` is whose it is. */
export type OnConnection = (socket: Socket, peer: string) => void;

export class Entrance {
  readonly #allowance: Allowance | undefined;
  readonly #onConnection: OnConnection;
  #server: Server | undefined;
  /** Only programs of this machine come in. */
  #isLocal = false;
  /** Turned away because no network of --allow has their address, and the latest of them. */
  notAllowed = 0;
  lastNotAllowed = '';

  /** @param networks who may pass; everybody without one. Unix sockets have permissions for that. */
  constructor(networks: readonly Network[], onConnection: OnConnection) {
    this.#allowance = networks.length === 0 ? undefined : new Allowance(networks);
    this.#onConnection = onConnection;
  }

  /**
   * @param isHandedOn another process will read what comes
   * @throws AgentError `listen`
   */
  async open(options: ListenOptions, isHandedOn = false): Promise<void> {
    this.#server = await listen(options, (socket) => this.#enter(socket), isHandedOn);
    // A unix socket has a path, also one that was open already.
    this.#isLocal = typeof addressOf(this.#server) === 'string';
  }

  /** Whether everybody who can reach this host may come in. */
  get isOpenToAll(): boolean {
    const address = addressOf(this.#server) as AddressInfo | string | null;
    const isOfAll = typeof address === 'object' && (address?.address === '0.0.0.0' || address?.address === '::');
    return isOfAll && this.#allowance === undefined;
  }

  #enter(socket: Socket): void {
    const isLocal = this.#isLocal;
    const { remoteAddress } = socket;
    if (isLocal || this.#allowance === undefined || this.#allowance.has(remoteAddress)) {
      this.#onConnection(socket, isLocal ? LOCAL_PEER : peerOf(remoteAddress));
      return;
    }
    this.notAllowed++;
    this.lastNotAllowed = remoteAddress ?? 'a peer that is gone';
    socket.destroy();
  }

  /** Nobody comes in any more; those who did stay. */
  close(): void {
    if (this.#server?.listening === true) this.#server.close();
  }
}

export function listenOptions({
  address,
  port,
  backlog,
  socketMode,
  account,
  listenFd,
}: MirrorAgentOptions): ListenOptions {
  if (listenFd !== undefined) return { fd: listenFd, backlog };
  if (!address.startsWith('unix:')) return { host: address, port, backlog };
  return { path: address.slice(5), backlog, mode: socketMode, owner: account };
}

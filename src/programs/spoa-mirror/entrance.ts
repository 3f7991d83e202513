/** The entrance of HAProxy's connections: the socket that listens, and the check of --allow. */
import type { AddressInfo, Server, Socket } from 'node:net';
import { addressOf, type ListenOptions, listen } from '../../spoa/listener.ts';
import { LOCAL_PEER, peerOf } from '../../spoa/peers.ts';
import { Allowance, type Network } from './allowance.ts';
import type { MirrorAgentOptions } from './options.ts';

/** Receives a connection of `peer`. */
export type OnConnection = (socket: Socket, peer: string) => void;

export class Entrance {
  readonly #allowance: Allowance | undefined;
  readonly #onConnection: OnConnection;
  #server: Server | undefined;
  /** True when only programs of this machine can connect. */
  #isLocal = false;
  /** The number of connections that were closed because no network of --allow has their address, and the latest of them. */
  notAllowed = 0;
  lastNotAllowed = '';

  /** @param networks the addresses that may connect; all without one. Unix sockets have permissions for that. */
  constructor(networks: readonly Network[], onConnection: OnConnection) {
    this.#allowance = networks.length === 0 ? undefined : new Allowance(networks);
    this.#onConnection = onConnection;
  }

  /**
   * @param isHandedOn whether another process reads the connections
   * @throws AgentError `listen`
   */
  async open(options: ListenOptions, isHandedOn = false): Promise<void> {
    this.#server = await listen(options, (socket) => this.#enter(socket), isHandedOn);
    // A unix socket has a path, also one that was open already.
    this.#isLocal = typeof addressOf(this.#server) === 'string';
  }

  /** True when everybody who can reach this host may connect. */
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

  /** Stops listening; open connections stay. */
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

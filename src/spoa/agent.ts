/** A Stream Processing Offload Agent: the server HAProxy's SPOE talks to. */
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ByteWriter } from '../spop/byte-writer.ts';
import { SpopStatus } from '../spop/errors.ts';
import { MIN_MAX_FRAME_SIZE, type Offer } from '../spop/negotiation.ts';
import { Admission } from './admission.ts';
import { type AgentStats, newAgentStats } from './counters.ts';
import { EngineTable } from './engines.ts';
import { AgentError } from './errors.ts';
import { Dispatcher, type MessageHandlers, type OnError } from './handlers.ts';
import { type AgentLimits, DEFAULT_LIMITS } from './limits.ts';
import {
  addressOf,
  attach,
  attachSecured,
  attachSystemSocket,
  detach,
  type ListenOptions,
  listen,
  type SocketHandler,
  type SystemSocket,
  socketOf,
} from './listener.ts';
import { peerOf } from './peers.ts';
import { type OpenSession, Session } from './session.ts';
import type { FrameTrace, Handshaking, SessionHost, SessionTransport } from './session-host.ts';
import { type Inlet, Turns } from './turns.ts';

export type Capability = 'pipelining' | 'async' | 'fragmentation';

export interface AgentOptions {
  /** Handlers by message name; `*` stands for all others. A message without a handler is acknowledged without actions. */
  readonly handlers: MessageHandlers;
  /** Capabilities offered to HAProxy; `pipelining` alone by default. */
  readonly capabilities?: readonly Capability[];
  /** Bytes of a frame without its length; 16384 by default, at least 256. HAProxy may ask for less. */
  readonly maxFrameSize?: number;
  readonly limits?: Partial<AgentLimits>;
  readonly onError?: OnError;
  /** A connection of HAProxy, no health check, has agreed on how to go on. */
  readonly onHello?: (sizes: HelloSizes) => void;
  /** A connection ends with a status other than 0, said by either side; `reason` is for people. */
  readonly onDisconnect?: (by: 'agent' | 'haproxy', statusCode: number, reason: string) => void;
  /** Called once for each second in which there was no time to read all that came; most of it was spent on connections of this peer. */
  readonly onBehind?: (peer: string) => void;
  /** Monotonic milliseconds, for the timeouts. */
  readonly clock?: () => number;
}

/** Bytes of a frame: what HAProxy would send at most, and what both will. */
export interface HelloSizes {
  readonly theirs: number;
  readonly agreed: number;
}

export interface CloseOptions {
  /** Milliseconds for handlers that are busy; 5000 by default. */
  readonly graceMs?: number;
}

export interface Agent {
  /** @throws AgentError `listen` when the address cannot be listened on, `already-listening`, `closed` */
  listen(options: ListenOptions): Promise<AddressInfo | string>;
  /** Serves a connection that another process accepted. `peer` is its peer, for the shares; by default its address tells. */
  accept(socket: Socket, peer?: string): void;
  /** Accepts nothing more, answers what has come, says AGENT-DISCONNECT 0 to everybody. Joins a close under way. */
  close(options?: CloseOptions): Promise<void>;
  address(): AddressInfo | string | null;
  /** A copy. */
  stats(): AgentStats;
  /** Applies the timeouts now; it happens by itself, four times a second or, while only idle connections are there, once. */
  sweep(): void;
}

/** The agent of one of several processes, which can pass connections on to each other while these are used. */
export interface SharingAgent extends Agent {
  /** Connections that have been used within the last second and can be given away: those without TLS. */
  readonly busyConnections: number;
  /**
   * Gives busy connections away, those of which nothing waits here; another process calls `take` with what `give` gets.
   * @returns how many were given, `most` or fewer
   */
  giveAway(most: number, give: (handle: SystemSocket, peer: string, open: OpenSession) => void): number;
  /** Serves a connection of `peer` that another process has accepted or, with `open`, given away. */
  take(handle: SystemSocket, peer: string, open?: OpenSession): void;
}

/** Bytes of a frame. */
export const DEFAULT_MAX_FRAME_SIZE = 16_384;
/** Milliseconds for what is under way when the agent stops. */
export const DEFAULT_GRACE_MS = 5_000;
/** The intervals of sweeps: while something is about to run out, and while connections are only there, so that an idle agent sleeps. */
const SWEEP_MS = 250;
const QUIET_SWEEP_MS = 1_000;
/** A connection that has been used within this time is busy. */
const BUSY_MS = 1_000;

/** @throws AgentError `bad-limit` for a max-frame-size below 256 or a limit that is not a number */
export function createAgent(options: AgentOptions): Agent {
  return createSecuredAgent(options, undefined);
}

/**
 * @param handshakes makes connections TLS; without it they are in the clear
 * @param trace sees every frame
 * @throws AgentError as createAgent
 */
export function createSecuredAgent(
  options: AgentOptions,
  handshakes: Handshaking | undefined,
  trace?: FrameTrace | undefined,
): SharingAgent {
  return new SpopAgent(options, handshakes, trace);
}

class SpopAgent implements SharingAgent {
  readonly #host: SessionHost<Session>;
  readonly #stats = newAgentStats();
  readonly #sessions = new Set<Session>();
  /** The connections that can be given away. */
  readonly #plain = new Map<Session, { readonly socket: Socket; readonly inlet: Inlet }>();
  readonly #admission = new Admission();
  readonly #engines = new EngineTable();
  readonly #writers: ByteWriter[] = [];
  readonly #turns: Turns;
  readonly #handshakes: Handshaking | undefined;
  #server: Server | undefined;
  #isListening = false;
  #sweeper: NodeJS.Timeout | undefined;
  #sweepMs = 0;
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: AgentOptions, handshakes: Handshaking | undefined, trace: FrameTrace | undefined) {
    this.#handshakes = handshakes;
    this.#turns = new Turns(() => performance.now(), options.onBehind ?? (() => {}));
    this.#host = {
      offer: makeOffer(options),
      limits: makeLimits(options.limits),
      stats: this.#stats,
      dispatcher: new Dispatcher(options.handlers, this.#stats, options.onError),
      trace,
      clock: options.clock ?? (() => performance.now()),
      borrowWriter: () => this.#writers.pop() ?? new ByteWriter(),
      returnWriter: (writer) => this.#writers.push(writer),
      joined: (session) => {
        this.#admission.joined(session);
        this.#engines.add(session);
      },
      leaves: (session) => this.#admission.leaves(session),
      sibling: (session) => this.#engines.sibling(session),
      idle: (session) => this.#becameIdle(session),
      onHello: options.onHello ?? (() => {}),
      onDisconnect: options.onDisconnect ?? (() => {}),
    };
  }

  async listen(options: ListenOptions): Promise<AddressInfo | string> {
    if (this.#closing !== undefined) throw new AgentError('closed', 'the agent is closed');
    if (this.#isListening) throw new AgentError('already-listening', 'the agent listens already');
    this.#isListening = true;
    try {
      this.#server = await listen(options, (socket) => this.accept(socket));
    } catch (error) {
      this.#isListening = false;
      throw error;
    }
    return this.address() as AddressInfo | string;
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.graceMs ?? DEFAULT_GRACE_MS);
    return this.#closing;
  }

  address(): AddressInfo | string | null {
    return addressOf(this.#server);
  }

  stats(): AgentStats {
    const { disconnects, haproxyDisconnects } = this.#stats;
    return {
      ...this.#stats,
      connectionsMax: this.#host.limits.maxConnections,
      readsDeferred: this.#turns.deferred,
      disconnects: { ...disconnects },
      haproxyDisconnects: { ...haproxyDisconnects },
      tlsHandshakesFailed: { ...this.#handshakes?.failures },
    };
  }

  sweep(): void {
    const now = this.#host.clock();
    this.#admission.refresh();
    this.#handshakes?.sweep(now, this.#host.limits.helloTimeoutMs);
    let isTimed = false;
    for (const session of this.#sessions) {
      session.sweep(now);
      isTimed ||= session.isTimed;
    }
    if (this.#sweeper !== undefined) this.#sweepEvery(isTimed ? SWEEP_MS : QUIET_SWEEP_MS);
  }

  #sweepEvery(ms: number): void {
    if (this.#sweeper !== undefined && ms === this.#sweepMs) return;
    clearInterval(this.#sweeper);
    this.#sweepMs = ms;
    this.#sweeper = setInterval(() => this.sweep(), ms).unref();
  }

  accept(socket: Socket, peer: string = peerOf(socket.remoteAddress)): void {
    this.#stats.connectionsTotal++;
    this.#admit(socket, peer);
  }

  get busyConnections(): number {
    return this.#busy().length;
  }

  giveAway(most: number, give: (handle: SystemSocket, peer: string, open: OpenSession) => void): number {
    let given = 0;
    for (const session of this.#busy()) {
      if (given === most) break;
      const { socket, inlet } = this.#plain.get(session) as { socket: Socket; inlet: Inlet };
      if (inlet.isWaiting || socket.readableLength > 0 || socket.readableEnded || socket.destroyed) continue;
      const open = session.giveAway();
      if (open === undefined) continue;
      const handle = detach(socket);
      this.#left(session);
      if (handle !== undefined) give(handle, session.peer, open);
      given++;
    }
    return given;
  }

  take(handle: SystemSocket, peer: string, open?: OpenSession): void {
    if (open === undefined) this.#stats.connectionsTotal++;
    if (this.#handshakes !== undefined) this.#admit(socketOf(handle), peer);
    else attachSystemSocket(handle, (socket, transport) => this.#open(socket, transport, peer, open));
  }

  #busy(): Session[] {
    const sinceMs = this.#host.clock() - BUSY_MS;
    return [...this.#plain.keys()].filter((session) => session.isOpen && session.activeAt >= sinceMs);
  }

  #admit(socket: Socket, peer: string): void {
    const open = (transport: SessionTransport) => this.#open(socket, transport, peer);
    if (this.#handshakes === undefined) attach(socket, open);
    else attachSecured(socket, this.#handshakes, peer, this.#host.clock(), open);
  }

  /** @param open what was agreed on, for a connection that another process has given away */
  #open(socket: Socket, transport: SessionTransport, peer: string, open?: OpenSession): SocketHandler {
    const { limits } = this.#host;
    const stats = this.#stats;
    this.#sweepEvery(SWEEP_MS);
    const hasPlace = this.#admission.staying < limits.maxConnections || this.#makePlace(peer);
    this.#cutOffLeaving();
    const session = new Session(this.#host, transport, peer);
    this.#sessions.add(session);
    this.#admission.add(session);
    stats.connections = this.#sessions.size;
    const inlet = this.#turns.inlet(peer, transport, {
      receive: (chunk, isOver) => session.receive(chunk, isOver),
      drained: () => session.drained(),
      ended: () => session.ended(),
      closed: () => this.#left(session),
    });
    if (this.#handshakes === undefined) this.#plain.set(session, { socket, inlet });
    if (open !== undefined) session.goOn(open);
    if (!hasPlace) {
      stats.connectionsRefused++;
      session.disconnect(SpopStatus.resourceAllocation, `more than ${limits.maxConnections} connections`);
    } else if (this.#closing !== undefined) {
      goodbye(session);
    }
    return inlet;
  }

  #makePlace(peer: string): boolean {
    const session = this.#admission.whoGivesWayTo(peer, this.#host.clock());
    if (session === undefined) return false;
    this.#stats.connectionsGaveWay++;
    session.giveWay(`more than ${this.#host.limits.maxConnections} connections, another one needs the place`);
    return true;
  }

  /** Makes room for the next connection by cutting off those that were told to end and have not yet. */
  #cutOffLeaving(): void {
    const { maxConnections, maxLeaving } = this.#host.limits;
    while (this.#admission.staying + this.#admission.leaving >= maxConnections + maxLeaving) {
      const session = this.#admission.takeLeaving();
      if (session === undefined) return;
      session.cutOff();
    }
  }

  #left(session: Session): void {
    session.closed();
    this.#admission.remove(session);
    this.#engines.remove(session);
    this.#sessions.delete(session);
    this.#plain.delete(session);
    if (this.#sessions.size === 0) this.#stopSweeping();
    this.#stats.connections = this.#sessions.size;
    if (this.#sessions.size === 0) this.#emptied?.();
  }

  async #close(graceMs: number): Promise<void> {
    const server = this.#server;
    const closed = server === undefined ? undefined : once(server, 'close');
    server?.close();
    // Two turns of the event loop, so that what the system has received already is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of this.#sessions) if (session.inFlight === 0) goodbye(session);
    if (this.#sessions.size > 0) {
      const timer = setTimeout(() => this.#sessions.forEach(goodbye), graceMs);
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
      clearTimeout(timer);
    }
    await closed;
    this.#stopSweeping();
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** While the agent closes, a connection ends as soon as it has had its answers. */
  #becameIdle(session: Session): void {
    if (this.#closing !== undefined) goodbye(session);
  }
}

function goodbye(session: Session): void {
  session.goodbye();
}

function makeOffer({ capabilities = ['pipelining'], maxFrameSize = DEFAULT_MAX_FRAME_SIZE }: AgentOptions): Offer {
  if (!(Number.isInteger(maxFrameSize) && maxFrameSize >= MIN_MAX_FRAME_SIZE && maxFrameSize < 2 ** 32)) {
    throw new AgentError('bad-limit', `maxFrameSize is at least ${MIN_MAX_FRAME_SIZE}, not ${maxFrameSize}`);
  }
  return {
    maxFrameSize,
    pipelining: capabilities.includes('pipelining'),
    async: capabilities.includes('async'),
    fragmentation: capabilities.includes('fragmentation'),
  };
}

function makeLimits(given: Partial<AgentLimits> = {}): AgentLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value !== 'number' || !(value >= 0))
      throw new AgentError('bad-limit', `${name} is not a number: ${value}`);
  }
  return limits;
}

/**
 * Who is read when. HAProxy waits for its ACK in the event loop in which everybody is read: a connection that sends more than
 * is read in a moment waits for its next turn, and between two turns those that have little to say are heard. Nobody waits as
 * long as there is time for all.
 */
import type { SocketHandler } from './listener.ts';
import type { SessionTransport } from './session-host.ts';

/** How long reading may take before the event loop looks at the other sockets again. */
const TURN_MS = 2;
/** How much of a turn one connection may take at a time. */
const SHARE_MS = 0.5;
/** Bytes that are held for waiting connections; beyond this a connection is read at once. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** How long turns go on without an end before that is reported: a burst is shorter. */
const BEHIND_MS = 1_000;

/** A connection that is read. */
export interface Reader extends Omit<SocketHandler, 'receive'> {
  /** @returns bytes it has read; less than all when `isOver` says so */
  receive(chunk: Buffer, isOver: () => boolean): number;
}

export class Turns {
  /** Chunks that had to wait for a turn. */
  deferred = 0;
  heldBytes = 0;
  readonly #clock: () => number;
  readonly #onBehind: (peer: string) => void;
  /** Connections that were not read yet, which go before those that have had a share. */
  readonly #fresh = new Rotation();
  readonly #greedy = new Rotation();
  #isScheduled = false;
  #turnEndMs = 0;
  #spentMs = 0;
  #shareEndMs = 0;
  /** Since when some connection has always been waiting, and how long each peer was read meanwhile. */
  #behindSinceMs: number | undefined;
  readonly #spentBy = new Map<string, number>();
  readonly #isOver = () => this.#clock() >= this.#shareEndMs;

  /**
   * @param clock milliseconds that never go back
   * @param onBehind called, once a second, with the peer that was read most while there was no time for all
   */
  constructor(clock: () => number, onBehind: (peer: string) => void) {
    this.#clock = clock;
    this.#onBehind = onBehind;
  }

  /** @param peer the peer of the connection */
  inlet(peer: string, transport: SessionTransport, reader: Reader): Inlet {
    return new Inlet(this, peer, transport, reader);
  }

  /** Whether there is time to read a connection now. */
  mayRead(): boolean {
    const now = this.#clock();
    // Without turns nobody waits, so what was spent in an earlier turn does not count.
    if (!this.#isScheduled && now >= this.#turnEndMs) this.#begin(now);
    return this.#spentMs < TURN_MS || this.heldBytes > MAX_HELD_BYTES;
  }

  /** @returns bytes that were read */
  read(peer: string, reader: Reader, chunk: Buffer): number {
    const fromMs = this.#clock();
    this.#shareEndMs = fromMs + SHARE_MS;
    const length = reader.receive(chunk, this.#isOver);
    const tookMs = this.#clock() - fromMs;
    this.#spentMs += tookMs;
    if (this.#behindSinceMs !== undefined) this.#spentBy.set(peer, (this.#spentBy.get(peer) ?? 0) + tookMs);
    return length;
  }

  wait(inlet: Inlet, isFresh: boolean): void {
    if (isFresh) this.#fresh.add(inlet);
    else this.#greedy.add(inlet);
    this.deferred++;
    this.#behindSinceMs ??= this.#clock();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#serve());
  }

  #begin(now: number): void {
    this.#turnEndMs = now + TURN_MS;
    this.#spentMs = 0;
  }

  #serve(): void {
    this.#isScheduled = false;
    this.#begin(this.#clock());
    let inlet = this.#next();
    while (inlet !== undefined) {
      if (!inlet.read()) this.wait(inlet, false);
      inlet = this.#clock() < this.#turnEndMs ? this.#next() : undefined;
    }
    const isAnybodyLeft = this.#fresh.size + this.#greedy.size > 0;
    this.#look(isAnybodyLeft);
    if (!isAnybodyLeft || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#serve());
  }

  #next(): Inlet | undefined {
    return this.#fresh.take() ?? this.#greedy.take();
  }

  #look(isAnybodyLeft: boolean): void {
    if (isAnybodyLeft && this.#clock() - (this.#behindSinceMs ?? 0) < BEHIND_MS) return;
    if (isAnybodyLeft) {
      const [most] = [...this.#spentBy].sort(([, a], [, b]) => b - a);
      if (most !== undefined) this.#onBehind(most[0]);
    }
    this.#spentBy.clear();
    this.#behindSinceMs = isAnybodyLeft ? this.#clock() : undefined;
  }
}

/** Stands between the socket and its reader. Events that come after held bytes wait with them. */
export class Inlet implements SocketHandler {
  readonly peer: string;
  readonly #turns: Turns;
  readonly #transport: SessionTransport;
  readonly #reader: Reader;
  #isWaiting = false;
  #held: Buffer[] = [];
  readonly #behind: (() => void)[] = [];

  constructor(turns: Turns, peer: string, transport: SessionTransport, reader: Reader) {
    this.peer = peer;
    this.#turns = turns;
    this.#transport = transport;
    this.#reader = reader;
  }

  /** True while bytes are held that were not read yet. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  receive(chunk: Buffer): void {
    if (this.#isWaiting) {
      this.#hold(chunk);
      return;
    }
    const mayRead = this.#turns.mayRead();
    const length = mayRead ? this.#turns.read(this.peer, this.#reader, chunk) : 0;
    if (length === chunk.length) return;
    this.#isWaiting = true;
    this.#hold(chunk.subarray(length));
    this.#transport.hold();
    this.#turns.wait(this, !mayRead);
  }

  drained(): void {
    this.#reader.drained();
  }

  ended(): void {
    this.#inOrder(() => this.#reader.ended());
  }

  closed(): void {
    this.#inOrder(() => this.#reader.closed());
  }

  /** @returns whether all is read that was held */
  read(): boolean {
    const [chunk] = this.#held;
    if (chunk !== undefined) {
      const length = this.#turns.read(this.peer, this.#reader, chunk);
      this.#turns.heldBytes -= length;
      if (length < chunk.length) this.#held[0] = chunk.subarray(length);
      else this.#held.shift();
    }
    if (this.#held.length > 0) return false;
    this.#isWaiting = false;
    for (const happen of this.#behind.splice(0)) happen();
    this.#transport.release();
    return true;
  }

  #hold(chunk: Buffer): void {
    // The socket reads into the same memory again.
    this.#held.push(Buffer.from(chunk));
    this.#turns.heldBytes += chunk.length;
  }

  #inOrder(happen: () => void): void {
    if (this.#isWaiting) this.#behind.push(happen);
    else happen();
  }
}

/** Takes one connection of each peer after the other. */
class Rotation {
  readonly #lines = new Map<string, Inlet[]>();
  size = 0;

  add(inlet: Inlet): void {
    this.size++;
    const line = this.#lines.get(inlet.peer);
    if (line === undefined) this.#lines.set(inlet.peer, [inlet]);
    else line.push(inlet);
  }

  take(): Inlet | undefined {
    const [first] = this.#lines;
    if (first === undefined) return undefined;
    const [peer, line] = first;
    const inlet = line.shift();
    this.size--;
    // The peer moves to the end.
    this.#lines.delete(peer);
    if (line.length > 0) this.#lines.set(peer, line);
    return inlet;
  }
}

/**
 * Connections on their way from the process that accepts them to those that serve them, one at a time to each worker, in turn.
 *
 * Not by node:cluster: it keeps what it has accepted without a bound, and a worker that was sent a socket it has no file
 * descriptor for never says so, which cluster waits for until the end.
 */
import type { Socket } from 'node:net';
import { oldestOfMost } from '../../spoa/peers.ts';

/** One that serves connections. */
export interface Taker {
  /** Its process gets a copy of the socket; `done` is told when it could not be sent. It answers with `HandingOut.taken`. */
  give(socket: Socket, peer: string, done: (error: Error | null) => void): void;
  /** It answers whatever it is asked: a connection it says nothing of did not reach it. */
  readonly isAnswering: boolean;
}

interface Connection {
  readonly socket: Socket;
  readonly peer: string;
}

/** A worker that answers other questions has had its connection, or never will, after so many checks. */
const MAX_CHECKS = 2;

export class HandingOut {
  readonly #most: number;
  /** Accepted and not sent yet, oldest first. */
  readonly #waiting: Connection[] = [];
  /** Those who can be given one, the next one first. */
  readonly #free: Taker[] = [];
  /** What each of the others was sent. */
  readonly #given = new Map<Taker, Connection & { checks: number }>();
  /** Closed: there were too many, or they did not reach the worker. */
  refused = 0;

  /** @param most connections that may be here at a time */
  constructor(most: number) {
    this.#most = most;
  }

  add(taker: Taker): void {
    this.#free.push(taker);
    this.#next();
  }

  /** It is gone, and what it was given last with it: nobody knows what it has read of it. */
  remove(taker: Taker): void {
    const at = this.#free.indexOf(taker);
    if (at >= 0) this.#free.splice(at, 1);
    this.#given.get(taker)?.socket.destroy();
    this.#given.delete(taker);
  }

  offer(socket: Socket, peer: string): void {
    // It may be gone before it is handed on, which whoever gets it will see.
    socket.on('error', () => {});
    this.#waiting.push({ socket, peer });
    this.#next();
    const isTooMany = this.#waiting.length > 0 && this.#waiting.length + this.#given.size > this.#most;
    if (isTooMany) this.#refuse(this.#waiting.splice(oldestOfMost(this.#waiting), 1)[0]);
  }

  /** The worker has the connection. */
  taken(taker: Taker): void {
    const connection = this.#given.get(taker);
    if (connection === undefined) return;
    connection.socket.destroy();
    this.#given.delete(taker);
    this.add(taker);
  }

  /** To be called once a second. */
  check(): void {
    for (const [taker, connection] of [...this.#given]) {
      if (!taker.isAnswering || ++connection.checks <= MAX_CHECKS) continue;
      this.#refuse(connection);
      this.#given.delete(taker);
      this.add(taker);
    }
  }

  /** Nobody is served any more. */
  close(): void {
    for (const { socket } of [...this.#waiting.splice(0), ...this.#given.values()]) socket.destroy();
    this.#free.length = 0;
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const taker = this.#free.shift();
      if (taker === undefined) return;
      this.#give(taker, this.#waiting.shift() as Connection);
    }
  }

  #give(taker: Taker, connection: Connection): void {
    this.#given.set(taker, { ...connection, checks: 0 });
    taker.give(connection.socket, connection.peer, (error) => {
      // It is ending, which is for somebody else to notice; the connection is as it was.
      if (error === null || this.#given.get(taker)?.socket !== connection.socket) return;
      this.#given.delete(taker);
      this.#waiting.unshift(connection);
      this.#next();
    });
  }

  #refuse(connection: Connection | undefined): void {
    if (connection === undefined) return;
    this.refused++;
    connection.socket.destroy();
  }
}

/**
 * Connections on their way from the process that accepts them to those that serve them, one at a time to each worker, in turn.
 *
 * Not by node:cluster: it keeps what it has accepted without a bound, and a worker that was sent a socket it has no file
 * descriptor for never says so, which cluster waits for until the end.
 */
import type { Socket } from 'node:net';
import { oldestOfMost } from '../../spoa/peers.ts';

/** A process that serves connections, as far as connections are handed to it. */
export interface Taker {
  /** Sends a copy of the socket to the process; `done` gets the error when that fails. It is confirmed with `HandingOut.accepted`. */
  give(socket: Socket, peer: string, done: (error: Error | null) => void): void;
  /** True while the process answers other questions: a connection that it does not confirm then did not reach it. */
  readonly isAnswering: boolean;
}

interface Connection {
  readonly socket: Socket;
  readonly peer: string;
}

/** The number of checks after which a worker that answers other questions has had its connection, or never will. */
const MAX_CHECKS = 2;

export class HandingOut {
  readonly #most: number;
  /** Connections that were accepted and not sent yet, oldest first. */
  readonly #waiting: Connection[] = [];
  /** Workers that can be sent a connection, the next one first. */
  readonly #free: Taker[] = [];
  /** The connection that each of the others was sent and has not confirmed. */
  readonly #given = new Map<Taker, Connection & { checks: number }>();
  /** Connections that were closed: there were too many, or they did not reach the worker. */
  refused = 0;

  /** @param most connections that may be here at a time */
  constructor(most: number) {
    this.#most = most;
  }

  add(taker: Taker): void {
    this.#free.push(taker);
    this.#next();
  }

  /** Removes a worker that has ended, and closes the connection it was sent last: nobody knows what it has read of it. */
  remove(taker: Taker): void {
    const at = this.#free.indexOf(taker);
    if (at >= 0) this.#free.splice(at, 1);
    this.#given.get(taker)?.socket.destroy();
    this.#given.delete(taker);
  }

  offer(socket: Socket, peer: string): void {
    // The connection may end before it is handed on, which the worker will see.
    socket.on('error', () => {});
    this.#waiting.push({ socket, peer });
    this.#next();
    const isTooMany = this.#waiting.length > 0 && this.#waiting.length + this.#given.size > this.#most;
    if (isTooMany) this.#refuse(this.#waiting.splice(oldestOfMost(this.#waiting), 1)[0]);
  }

  /** Tells that the worker has confirmed its connection. */
  taken(taker: Taker): void {
    const connection = this.#given.get(taker);
    if (connection === undefined) return;
    connection.socket.destroy();
    this.#given.delete(taker);
    this.add(taker);
  }

  /** Looks for connections that were not confirmed; it is called once a second. */
  check(): void {
    for (const [taker, connection] of [...this.#given]) {
      if (!taker.isAnswering || ++connection.checks <= MAX_CHECKS) continue;
      this.#refuse(connection);
      this.#given.delete(taker);
      this.add(taker);
    }
  }

  /** Closes every connection that is still here. */
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
      // The worker is ending, which its `exit` tells; the connection is as it was.
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

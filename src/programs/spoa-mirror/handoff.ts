/**
 * Connections on their way from the process that accepts them to those that serve them, one at a time to each worker, in turn.
 *
 * Not by node:cluster: it keeps what it has accepted without a bound, and a worker that was sent a socket it has no file
 * descriptor for never says so, which cluster waits for until the end.
 */
import type { Socket } from 'node:net';
import { oldestOfMost } from '../../spoa/peers.ts';

/** A process that serves connections, as far as connections are handed to it. */
export interface Receiver {
  /** Sends a copy of the socket to the process; `done` gets the error when that fails. It is confirmed with `Handoff.accepted`. */
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

export class Handoff {
  readonly #most: number;
  /** Connections that were accepted and not sent yet, oldest first. */
  readonly #waiting: Connection[] = [];
  /** Workers that can be sent a connection, the next one first. */
  readonly #free: Receiver[] = [];
  /** The connection that each of the others was sent and has not confirmed. */
  readonly #given = new Map<Receiver, Connection & { checks: number }>();
  /** Connections that were closed: there were too many, or they did not reach the worker. */
  refused = 0;

  /** @param most connections that may be here at a time */
  constructor(most: number) {
    this.#most = most;
  }

  add(receiver: Receiver): void {
    this.#free.push(receiver);
    this.#next();
  }

  /** Removes a worker that has ended, and closes the connection it was sent last: nobody knows what it has read of it. */
  remove(receiver: Receiver): void {
    const at = this.#free.indexOf(receiver);
    if (at >= 0) this.#free.splice(at, 1);
    this.#given.get(receiver)?.socket.destroy();
    this.#given.delete(receiver);
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
  accepted(receiver: Receiver): void {
    const connection = this.#given.get(receiver);
    if (connection === undefined) return;
    connection.socket.destroy();
    this.#given.delete(receiver);
    this.add(receiver);
  }

  /** Looks for connections that were not confirmed; it is called once a second. */
  check(): void {
    for (const [receiver, connection] of [...this.#given]) {
      if (!receiver.isAnswering || ++connection.checks <= MAX_CHECKS) continue;
      this.#refuse(connection);
      this.#given.delete(receiver);
      this.add(receiver);
    }
  }

  /** Closes every connection that is still here. */
  close(): void {
    for (const { socket } of [...this.#waiting.splice(0), ...this.#given.values()]) socket.destroy();
    this.#free.length = 0;
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const receiver = this.#free.shift();
      if (receiver === undefined) return;
      this.#give(receiver, this.#waiting.shift() as Connection);
    }
  }

  #give(receiver: Receiver, connection: Connection): void {
    this.#given.set(receiver, { ...connection, checks: 0 });
    receiver.give(connection.socket, connection.peer, (error) => {
      // The worker is ending, which its `exit` tells; the connection is as it was.
      if (error === null || this.#given.get(receiver)?.socket !== connection.socket) return;
      this.#given.delete(receiver);
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

/**
 * The connections of a server, bounded: for one more than there are places for, the one that waits longest for its request to
 * come or its answer to be read ends, and when all are being worked on, the first of them. So a new request never waits for
 * old ones.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface PlaceCounts {
  /** Connections that ended because others needed their places. */
  connectionsCut: number;
}

export class Places {
  readonly #most: number;
  readonly #counts: PlaceCounts;
  /** The connections in order of arrival; true while the answer is being made. */
  readonly #sockets = new Map<Socket, boolean>();

  constructor(most: number, counts: PlaceCounts) {
    this.#most = most;
    this.#counts = counts;
  }

  get size(): number {
    return this.#sockets.size;
  }

  take(socket: Socket): void {
    if (this.#sockets.size >= this.#most) this.#cut();
    this.#sockets.set(socket, false);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** @returns the function to call when the answer is written */
  working({ socket }: Pick<IncomingMessage, 'socket'>): () => void {
    const mark = (isWorking: boolean) => {
      if (this.#sockets.has(socket)) this.#sockets.set(socket, isWorking);
    };
    mark(true);
    return () => mark(false);
  }

  /** Ends all of them. */
  end(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #cut(): void {
    let oldest: Socket | undefined;
    for (const [socket, isWorking] of this.#sockets) {
      oldest ??= socket;
      if (isWorking) continue;
      oldest = socket;
      break;
    }
    if (oldest === undefined) return;
    this.#counts.connectionsCut++;
    this.#sockets.delete(oldest);
    oldest.destroy();
  }
}

/** Connections on their way from one worker to another, while HAProxy uses them. */

import type { SystemSocket } from '../../spoa/listener.ts';
import type { OpenSession } from '../../spoa/session.ts';

export interface MovingConnection {
  readonly peer: string;
  readonly open: OpenSession;
}

/** A worker, as far as connections are moved to it. */
export interface Mover {
  /** Sends a copy of the socket; `done` gets the error when that fails. It is confirmed with `Moves.confirmed`. */
  move(id: number, handle: SystemSocket, connection: MovingConnection, done: (error: Error | null) => void): void;
}

/** Checks, one a second, after which a worker has had its connection, or never will. */
const MAX_CHECKS = 5;

export class Moves {
  readonly #underWay = new Map<number, { readonly handle: SystemSocket; readonly to: Mover; checks: number }>();
  #last = 0;
  /** Connections that came nowhere and were closed. */
  lost = 0;

  /**
   * @param handle undefined where it ended on its way, or there was no file descriptor for it
   * @param workers where it may go, in order of preference; without one it is closed
   */
  begin(handle: SystemSocket | undefined, connection: MovingConnection, workers: readonly Mover[]): void {
    const [to, ...others] = workers;
    if (handle === undefined || to === undefined) {
      this.lost++;
      handle?.close();
      return;
    }
    const id = ++this.#last;
    this.#underWay.set(id, { handle, to, checks: 0 });
    to.move(id, handle, connection, (error) => {
      // It is ending: the connection is as it was.
      if (error !== null && this.#underWay.delete(id)) this.begin(handle, connection, others);
    });
  }

  /** The worker has the connection, or says that it never will. */
  confirmed(id: number, isThere = true): void {
    const move = this.#underWay.get(id);
    if (move === undefined) return;
    this.#underWay.delete(id);
    move.handle.close();
    if (!isThere) this.lost++;
  }

  /** Closes what a worker was sent that has ended: nobody knows what it has read of it. */
  ended(worker: Mover): void {
    for (const [id, { to }] of [...this.#underWay]) if (to === worker) this.confirmed(id, false);
  }

  /** Looks for connections that were not confirmed; it is called once a second. */
  check(): void {
    for (const [id, move] of [...this.#underWay]) if (++move.checks > MAX_CHECKS) this.confirmed(id, false);
  }
}

/** When a further worker is worth its memory: where those there are have too much to do and it could take some of it, or no room. */

/** The load of one worker since it was asked last. */
export interface Load {
  /** The part of the time in which its event loop did something: 0 to 1. */
  readonly busy: number;
  /** Connections that are used, and could go to another worker. */
  readonly connections: number;
  /** The part of its places for connections that are taken: 0 to 1. */
  readonly filled: number;
}

/** A worker that is busy for a larger part of the time keeps HAProxy's ACKs waiting. */
const MUCH = 0.6;
/** A worker so full shares the connections that still come with another one. */
const FULL = 0.5;
/** Looks in a row, once a second, at which all workers are that busy: less is a burst. */
const LOOKS = 2;

export class Growth {
  #looks = 0;

  /** Looks at all workers, once a second; true when there should be one more. */
  look(loads: readonly Load[]): boolean {
    const areBusy = loads.length > 0 && loads.every(({ busy }) => busy >= MUCH) && forOneMore(loads) > 0;
    this.#looks = areBusy || loads.some(({ filled }) => filled >= FULL) ? this.#looks + 1 : 0;
    return this.#looks >= LOOKS;
  }
}

/** How many connections of these workers one more would get. */
function forOneMore(loads: readonly Load[]): number {
  return loads.reduce((sum, { connections }) => sum + partOf(connections, loads.length + 1), 0);
}

/** How many of its connections a worker leaves to the last of so many workers. */
export function partOf(connections: number, workers: number): number {
  return Math.floor(connections / workers);
}

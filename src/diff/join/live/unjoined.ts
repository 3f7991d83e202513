/** Lines of both sides while it is not known what they have in common, in the order in which they came. */

import { Queue, type Queued } from '../queue.ts';
import type { Keys } from './keys.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';

export interface Arrival<L> extends Queued<Arrival<L>> {
  readonly line: L;
  readonly atMs: number;
}

class Arrivals<L extends { readonly keys: Keys }> {
  readonly #arrivals = new Queue<Arrival<L>>();

  get size(): number {
    return this.#arrivals.size;
  }

  add(line: L, atMs: number): void {
    this.#arrivals.add({ line, atMs, before: undefined, after: undefined });
  }

  get oldest(): Arrival<L> | undefined {
    return this.#arrivals.first;
  }

  shift(): Arrival<L> {
    const oldest = this.oldest as Arrival<L>;
    this.#arrivals.remove(oldest);
    return oldest;
  }

  arrivals(): Iterable<Arrival<L>> {
    return this.#arrivals;
  }

  *keys(): Generator<Keys> {
    for (const { line } of this.#arrivals) yield line.keys;
  }
}

export class Unjoined {
  readonly requests = new Arrivals<WaitingRequest>();
  readonly answers = new Arrivals<WaitingAnswer>();

  get size(): number {
    return this.requests.size + this.answers.size;
  }

  /** When the oldest line came. */
  get sinceMs(): number {
    return Math.min(this.requests.oldest?.atMs ?? INFINITY, this.answers.oldest?.atMs ?? INFINITY);
  }

  /** Whether the older one of the two oldest lines is a request; it goes before an answer of the same moment. */
  get isRequestNext(): boolean {
    return (
      (this.requests.oldest?.atMs ?? INFINITY) <= (this.answers.oldest?.atMs ?? INFINITY) && this.requests.size > 0
    );
  }
}

const INFINITY = Number.POSITIVE_INFINITY;

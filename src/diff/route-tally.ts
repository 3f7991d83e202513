/** What the pairs of one route, or of all, add up to. */
import { comparePairs } from './comparison.ts';
import { ErrorTally } from './error-tally.ts';
import type { ErrorComparison, LatencyComparison, Transition } from './model.ts';
import type { RequestKind } from './request-line.ts';
import { Transitions } from './transitions.ts';

/** What a route is compared by, before the routes are compared with each other. */
export interface RouteCounts {
  readonly errors: ErrorComparison;
  readonly latency: LatencyComparison | null;
  readonly transitions: readonly Transition[];
  readonly notForwardCompatible: { readonly [status: string]: number } | undefined;
}

const ROUTE_TRANSITIONS = 5;
/** Production knows the route, the mirror does not, or not with this method or length. */
const INCOMPATIBLE = [404, 405, 414];

export class RouteTally {
  readonly errors = new ErrorTally();
  readonly transitions: Transitions;
  readonly #notForwardCompatible = new Map<number, number>();

  /** @param maxTransitions that are told apart */
  constructor(maxTransitions?: number) {
    this.transitions = new Transitions(maxTransitions);
  }

  /** @param before,after status or error of each side @param status of the mirror */
  add(kind: RequestKind, before: string, after: string, status: number): void {
    this.errors.add(kind);
    this.transitions.add(before, after);
    if (kind !== 'ignored' && INCOMPATIBLE.includes(status) && Number(before) < 400) this.#countIncompatible(status, 1);
  }

  merge(other: RouteTally): void {
    this.errors.merge(other.errors);
    this.transitions.merge(other.transitions);
    for (const [status, count] of other.#notForwardCompatible) this.#countIncompatible(status, count);
  }

  counts(latency: LatencyComparison | null, alpha: number): RouteCounts {
    const incompatible = [...this.#notForwardCompatible].sort(([a], [b]) => a - b);
    return {
      errors: comparePairs(this.errors, alpha),
      latency,
      transitions: this.transitions.list((before, after) => before !== after).slice(0, ROUTE_TRANSITIONS),
      notForwardCompatible: incompatible.length === 0 ? undefined : Object.fromEntries(incompatible),
    };
  }

  #countIncompatible(status: number, times: number): void {
    this.#notForwardCompatible.set(status, (this.#notForwardCompatible.get(status) ?? 0) + times);
  }
}

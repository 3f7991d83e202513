/** What the pairs of one route, or of all, add up to. */
import { ErrorTally } from './error-tally.ts';
import type { Bucket, Transition } from './model.ts';
import type { RequestKind } from './request-line.ts';
import { StatusTally } from './status-tally.ts';
import { TimeProfile } from './time-profile.ts';
import { Transitions } from './transitions.ts';

/** Two answers to the same request. */
export interface AnsweredPair {
  readonly kind: RequestKind;
  /** Status or error of each side, as it is shown. */
  readonly before: string;
  readonly after: string;
  /** -1 without one. */
  readonly productionStatus: number;
  readonly mirrorStatus: number;
  /** When production's request was; NaN when that is not known. */
  readonly timeMs: number;
  /** The lines are of different requests. */
  readonly isOther: boolean;
  /** Nobody asked for a body. */
  readonly isBodiless: boolean;
}

const ROUTE_TRANSITIONS = 5;
/** Production knows the route, the mirror does not, or not with this method or length. */
const INCOMPATIBLE = [404, 405, 414];

export class PairTally {
  readonly errors = new ErrorTally();
  readonly statuses: StatusTally;
  readonly transitions: Transitions;
  readonly profile = new TimeProfile();
  /** Pairs that production answered below 400. */
  working = 0;
  /** Pairs whose lines are of different requests: they were joined by what is no id of theirs. */
  strangers = 0;
  readonly #unanswered = new Map<Bucket, number>();
  readonly #notForwardCompatible = new Map<number, number>();

  /** @param maxTransitions that are told apart */
  constructor(maxTransitions?: number) {
    this.transitions = new Transitions(maxTransitions);
    this.statuses = new StatusTally(maxTransitions);
  }

  add({ kind, before, after, productionStatus, mirrorStatus, timeMs, isOther, isBodiless }: AnsweredPair): void {
    if (isOther) this.strangers++;
    this.errors.add(kind);
    this.transitions.add(before, after);
    if (kind === 'ignored') return;
    if (productionStatus >= 0 && productionStatus < 400) this.working++;
    this.profile.add('pairs', timeMs);
    if (kind === 'both_error') return;
    if (kind === 'new_error') this.profile.add('newErrors', timeMs);
    else if (kind === 'fixed_error') this.profile.add('fixedErrors', timeMs);
    else {
      const change = this.statuses.add(productionStatus, mirrorStatus, isBodiless);
      if (change !== 'even') this.profile.add(change, timeMs);
    }
    if (INCOMPATIBLE.includes(mirrorStatus) && productionStatus >= 0 && productionStatus < 400)
      this.#countIncompatible(mirrorStatus, 1);
  }

  /** A request that could have been compared and was not paired. */
  addUnanswered(bucket: Bucket, timeMs: number): void {
    this.#countUnanswered(bucket, 1);
    this.profile.add(bucket === 'not_mirrored' ? 'notMirrored' : 'unanswered', timeMs);
  }

  /** Requests of a bucket that could have been compared. */
  unanswered(bucket: Bucket): number {
    return this.#unanswered.get(bucket) ?? 0;
  }

  /** Pairs, wanted changes included, and what could have become one. */
  get comparable(): number {
    return this.errors.n + this.errors.ignored + this.lacking;
  }

  /** What could have become a pair and did not. */
  get lacking(): number {
    return [...this.#unanswered.values()].reduce((sum, count) => sum + count, 0);
  }

  merge(other: PairTally): void {
    this.errors.merge(other.errors);
    this.transitions.merge(other.transitions);
    this.statuses.merge(other.statuses);
    this.profile.merge(other.profile);
    this.working += other.working;
    this.strangers += other.strangers;
    for (const [bucket, count] of other.#unanswered) this.#countUnanswered(bucket, count);
    for (const [status, count] of other.#notForwardCompatible) this.#countIncompatible(status, count);
  }

  /** Changes of a status, most frequent first. */
  changes(): Transition[] {
    return this.transitions.list((before, after) => before !== after).slice(0, ROUTE_TRANSITIONS);
  }

  /** Undefined where the mirror knows everything. */
  notForwardCompatible(): { readonly [status: string]: number } | undefined {
    const incompatible = [...this.#notForwardCompatible].sort(([a], [b]) => a - b);
    return incompatible.length === 0 ? undefined : Object.fromEntries(incompatible);
  }

  #countUnanswered(bucket: Bucket, times: number): void {
    this.#unanswered.set(bucket, this.unanswered(bucket) + times);
  }

  #countIncompatible(status: number, times: number): void {
    this.#notForwardCompatible.set(status, (this.#notForwardCompatible.get(status) ?? 0) + times);
  }
}

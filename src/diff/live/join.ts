/**
 * Requests and answers that wait for each other, or, once they have met, for a retry of the mirror. Every one of them is
 * handed over exactly once: when its time is over, or earlier when there are too many.
 */

import type { DuplicatePolicy } from '../model.ts';
import { isPreferred } from '../pairing.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';

/** What is known of a request when its time is over. */
export interface Outcome {
  readonly hasKey: boolean;
  /** Other requests have its key. */
  readonly isAmbiguous: boolean;
  readonly answer: WaitingAnswer | undefined;
  /** Lines of the mirror. */
  readonly attempts: number;
}

/** Where joined lines go. */
export interface Settling {
  settleRequest(request: WaitingRequest, outcome: Outcome): void;
  /** Answers to a request that did not come; `counted` of them are of the compared time. */
  settleUnknown(counted: number): void;
  /** An id that the mirror answered more than once. */
  settleRetried(): void;
}

/** Given up for want of room. */
export interface Evictions {
  /** Requests without an answer. */
  production: number;
  /** Lines of the mirror without their request. */
  mirror: number;
  /** Pairs: only a later retry of the mirror could have changed them. */
  pairs: number;
}

class Entry {
  /** Since when it waits for what it waits for now. */
  sinceMs: number;
  request: WaitingRequest | undefined;
  isAmbiguous = false;
  answer: WaitingAnswer | undefined;
  attempts = 0;
  counted = 0;

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }
}

/** By key, the oldest first. */
type Waiting = Map<string, Entry>;

export class Join {
  readonly evicted: Evictions = { production: 0, mirror: 0, pairs: 0 };
  readonly #settling: Settling;
  readonly #limit: number;
  readonly #policy: DuplicatePolicy;
  readonly #requests: Waiting = new Map();
  readonly #answers: Waiting = new Map();
  readonly #pairs: Waiting = new Map();

  /** @param limit of ids that wait, on each side */
  constructor(settling: Settling, limit: number, policy: DuplicatePolicy) {
    this.#settling = settling;
    this.#limit = limit;
    this.#policy = policy;
  }

  get waiting(): { readonly requests: number; readonly answers: number; readonly pairs: number } {
    return { requests: this.#requests.size, answers: this.#answers.size, pairs: this.#pairs.size };
  }

  addRequest(key: string, request: WaitingRequest, nowMs: number): void {
    const rival = this.#pairs.get(key) ?? this.#requests.get(key);
    if (rival !== undefined) {
      rival.isAmbiguous = true;
      this.#settling.settleRequest(request, { hasKey: true, isAmbiguous: true, answer: undefined, attempts: 0 });
      return;
    }
    const entry = take(this.#answers, key) ?? new Entry(nowMs);
    entry.request = request;
    entry.sinceMs = nowMs;
    (entry.answer === undefined ? this.#requests : this.#pairs).set(key, entry);
    this.#makeRoom(this.#requests);
  }

  /** @param isCounted its time is one that is compared */
  addAnswer(key: string, answer: WaitingAnswer, isCounted: boolean, nowMs: number): void {
    let entry = this.#pairs.get(key) ?? this.#answers.get(key);
    if (entry === undefined) {
      entry = take(this.#requests, key) ?? new Entry(nowMs);
      entry.sinceMs = nowMs;
      (entry.request === undefined ? this.#answers : this.#pairs).set(key, entry);
    }
    entry.attempts++;
    if (isCounted) entry.counted++;
    if (entry.answer === undefined || isPreferred(answer, entry.answer, this.#policy)) entry.answer = answer;
    this.#makeRoom(this.#answers);
  }

  /** Hands over what waits since that time or longer. */
  settleUntil(timeMs: number): void {
    for (const waiting of [this.#requests, this.#answers, this.#pairs]) {
      for (const [key, entry] of waiting) {
        if (entry.sinceMs > timeMs) break;
        waiting.delete(key);
        this.#settle(entry);
      }
    }
  }

  /** The oldest goes, of those that wait alone on this side and of the pairs; of two as old the pair, which loses less. */
  #makeRoom(alone: Waiting): void {
    while (alone.size + this.#pairs.size > this.#limit) {
      const [key, entry] = [...first(this.#pairs), ...first(alone)].sort(
        ([, a], [, b]) => a.sinceMs - b.sinceMs,
      )[0] as [string, Entry];
      alone.delete(key);
      this.#pairs.delete(key);
      if (entry.answer === undefined) this.evicted.production++;
      else if (entry.request === undefined) this.evicted.mirror += entry.attempts;
      else this.evicted.pairs++;
      this.#settle(entry);
    }
  }

  #settle({ request, answer, attempts, counted, isAmbiguous }: Entry): void {
    if (attempts > 1) this.#settling.settleRetried();
    if (request === undefined) this.#settling.settleUnknown(counted);
    else this.#settling.settleRequest(request, { hasKey: true, isAmbiguous, answer, attempts });
  }
}

function take(waiting: Waiting, key: string): Entry | undefined {
  const entry = waiting.get(key);
  waiting.delete(key);
  return entry;
}

/** At most one. */
function first(waiting: Waiting): [string, Entry][] {
  const { value } = waiting.entries().next();
  return value === undefined ? [] : [value];
}

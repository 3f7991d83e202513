/**
 * Requests and answers that wait for each other, or, once they have met, for a retry of the mirror. Every one of them is
 * handed over exactly once: when its time is over, or earlier when there are too many.
 */

import type { DuplicatePolicy } from '../model.ts';
import { isPreferred } from '../pairing.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';
import { Queue, type Queued } from './queue.ts';

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

class Entry implements Queued<Entry> {
  readonly key: string;
  /** Since when it waits for what it waits for now. */
  sinceMs: number;
  request: WaitingRequest | undefined;
  isAmbiguous = false;
  answer: WaitingAnswer | undefined;
  attempts = 0;
  counted = 0;
  before: Entry | undefined;
  after: Entry | undefined;

  constructor(key: string, sinceMs: number) {
    this.key = key;
    this.sinceMs = sinceMs;
  }
}

export class Join {
  readonly evicted: Evictions = { production: 0, mirror: 0, pairs: 0 };
  readonly #settling: Settling;
  readonly #limit: number;
  readonly #policy: DuplicatePolicy;
  readonly #entries = new Map<string, Entry>();
  /** Each entry is in one of them, the oldest first. */
  readonly #requests = new Queue<Entry>();
  readonly #answers = new Queue<Entry>();
  readonly #pairs = new Queue<Entry>();

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
    const entry = this.#entries.get(key) ?? this.#open(key, nowMs);
    if (entry.request !== undefined) {
      entry.isAmbiguous = true;
      this.#settling.settleRequest(request, { hasKey: true, isAmbiguous: true, answer: undefined, attempts: 0 });
      return;
    }
    if (entry.answer !== undefined) this.#answers.remove(entry);
    entry.request = request;
    entry.sinceMs = nowMs;
    this.#queueOf(entry).add(entry);
    this.#makeRoom(this.#requests);
  }

  /** @param isCounted its time is one that is compared */
  addAnswer(key: string, answer: WaitingAnswer, isCounted: boolean, nowMs: number): void {
    const entry = this.#entries.get(key) ?? this.#open(key, nowMs);
    entry.attempts++;
    if (isCounted) entry.counted++;
    if (entry.answer !== undefined) {
      if (isPreferred(answer, entry.answer, this.#policy)) entry.answer = answer;
      return;
    }
    if (entry.request !== undefined) this.#requests.remove(entry);
    entry.answer = answer;
    entry.sinceMs = nowMs;
    this.#queueOf(entry).add(entry);
    this.#makeRoom(this.#answers);
  }

  /** Hands over what waits since that time or longer. */
  settleUntil(timeMs: number): void {
    for (const queue of [this.#requests, this.#answers]) this.#settleQueue(queue, timeMs);
    this.settlePairsUntil(timeMs);
  }

  settlePairsUntil(timeMs: number): void {
    this.#settleQueue(this.#pairs, timeMs);
  }

  #settleQueue(queue: Queue<Entry>, timeMs: number): void {
    while (queue.first !== undefined && queue.first.sinceMs <= timeMs) this.#settle(queue.first);
  }

  #open(key: string, nowMs: number): Entry {
    const entry = new Entry(key, nowMs);
    this.#entries.set(key, entry);
    return entry;
  }

  #queueOf({ request, answer }: Entry): Queue<Entry> {
    return answer === undefined ? this.#requests : request === undefined ? this.#answers : this.#pairs;
  }

  /** The oldest goes, of those that wait alone on this side and of the pairs; of two as old the pair, which loses less. */
  #makeRoom(alone: Queue<Entry>): void {
    while (alone.size + this.#pairs.size > this.#limit) {
      const [lonely, pair] = [alone.first, this.#pairs.first];
      const isPair = lonely === undefined || (pair !== undefined && pair.sinceMs <= lonely.sinceMs);
      const entry = (isPair ? pair : lonely) as Entry;
      if (isPair) this.evicted.pairs++;
      else if (entry.answer === undefined) this.evicted.production++;
      else this.evicted.mirror += entry.attempts;
      this.#settle(entry);
    }
  }

  #settle(entry: Entry): void {
    const { key, request, answer, attempts, counted, isAmbiguous } = entry;
    this.#entries.delete(key);
    this.#queueOf(entry).remove(entry);
    if (attempts > 1) this.#settling.settleRetried();
    if (request === undefined) this.#settling.settleUnknown(counted);
    else this.#settling.settleRequest(request, { hasKey: true, isAmbiguous, answer, attempts });
  }
}

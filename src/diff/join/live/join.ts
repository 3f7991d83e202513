/**
 * Requests and answers that wait for each other, or, once they have met, for a retry of the mirror. Every one of them is
 * handed over exactly once: when its time is over, or earlier when there are too many.
 */

import type { DuplicatePolicy } from '../../model.ts';
import { Queue, type Queued } from '../queue.ts';
import { Answers } from './answers.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';

/** What is known of a request when its time is over. */
export interface JoinResult {
  readonly hasKey: boolean;
  /** Other requests have its key. */
  readonly isAmbiguous: boolean;
  /** By number of the destination. */
  readonly answers: readonly (Answers | undefined)[];
}

/** What the join hands over, each once. */
export interface JoinOutput {
  /** A pair that is about to be settled: pairs tell which event mirrors, which others are counted by. */
  announcePair(request: WaitingRequest, answers: JoinResult['answers']): void;
  settleRequest(request: WaitingRequest, result: JoinResult): void;
  /** Answers to a request that did not come. */
  settleUnknown(answers: JoinResult['answers']): void;
  /** Answers to none, or to one of several requests, so that they are compared with nothing. */
  settleStrays(answers: JoinResult['answers']): void;
  /** What came of an id; some destination may have been asked more than once. */
  settleAttempts(answers: JoinResult['answers']): void;
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

const NO_ANSWERS: JoinResult['answers'] = [];

/** A request that no answer can change. It waits all the same: destinations may come that have to count it. */
interface Decided extends Queued<Decided> {
  readonly request: WaitingRequest;
  readonly result: JoinResult;
  readonly sinceMs: number;
}

export class Entry implements Queued<Entry> {
  readonly key: string;
  /** Since when it waits for what it waits for now; and its number, in the order in which that began. */
  sinceMs: number;
  order = 0;
  request: WaitingRequest | undefined;
  isAmbiguous = false;
  isAnnounced = false;
  readonly answers: (Answers | undefined)[] = [];
  /** The last line of the mirror. */
  lastAnswer: WaitingAnswer | undefined;
  before: Entry | undefined;
  after: Entry | undefined;

  constructor(key: string, sinceMs: number) {
    this.key = key;
    this.sinceMs = sinceMs;
  }
}

export interface JoinOptions {
  /** How many ids may wait on each side. */
  readonly limit: number;
  readonly policy: DuplicatePolicy;
  /** The logs themselves have gone on for so long that nothing more is to be expected. */
  readonly isOver: (entry: Entry) => boolean;
  /** Request and answer have met. */
  readonly onMeet: (request: WaitingRequest, answer: WaitingAnswer) => void;
}

export class Join {
  readonly evicted: Evictions = { production: 0, mirror: 0, pairs: 0 };
  readonly #output: JoinOutput;
  readonly #options: JoinOptions;
  readonly #entries = new Map<string, Entry>();
  /** Each entry is in one of them, the oldest first. */
  readonly #requests = new Queue<Entry>();
  readonly #answers = new Queue<Entry>();
  readonly #pairs = new Queue<Entry>();
  readonly #decided = new Queue<Decided>();
  #order = 0;

  constructor(output: JoinOutput, options: JoinOptions) {
    this.#output = output;
    this.#options = options;
  }

  get waiting(): { readonly requests: number; readonly answers: number; readonly pairs: number } {
    return { requests: this.#requests.size, answers: this.#answers.size, pairs: this.#pairs.size };
  }

  /** How many of the answers that wait have no line that is of the compared time. */
  answersOfOtherTimes(): number {
    let others = 0;
    for (const { answers } of this.#answers) if (answers.every((each) => (each?.counted ?? 0) === 0)) others++;
    return others;
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  addRequest(key: string, request: WaitingRequest, nowMs: number): void {
    const entry = this.#entries.get(key) ?? this.#open(key, nowMs);
    if (entry.request !== undefined) {
      entry.isAmbiguous = true;
      this.#decide(request, { hasKey: true, isAmbiguous: true, answers: NO_ANSWERS }, nowMs);
      return;
    }
    if (entry.lastAnswer !== undefined) {
      this.#answers.remove(entry);
      this.#options.onMeet(request, entry.lastAnswer);
    }
    entry.request = request;
    this.#enqueue(entry, nowMs);
    this.#makeRoom(this.#requests);
  }

  addRequestWithoutKey(request: WaitingRequest, nowMs: number): void {
    this.#decide(request, { hasKey: false, isAmbiguous: false, answers: NO_ANSWERS }, nowMs);
  }

  /** @param isCounted its time is one that is compared */
  addAnswer(key: string, answer: WaitingAnswer, isCounted: boolean, nowMs: number): void {
    const entry = this.#entries.get(key) ?? this.#open(key, nowMs);
    const isFirst = entry.lastAnswer === undefined;
    let answers = entry.answers[answer.destination];
    if (answers === undefined) {
      answers = new Answers();
      entry.answers[answer.destination] = answers;
    }
    answers.add(answer, isCounted, this.#options.policy);
    if (isFirst && entry.request !== undefined) {
      this.#requests.remove(entry);
      this.#options.onMeet(entry.request, answer);
    }
    entry.lastAnswer = answer;
    if (!isFirst) return;
    this.#enqueue(entry, nowMs);
    this.#makeRoom(this.#answers);
  }

  /** Hands over what waits since that time or longer: pairs first, which tell which event mirrors. */
  settleUntil(timeMs: number, waits: SideWaits = NO_WAITS): void {
    this.settlePairsUntil(timeMs);
    if (!waits.forMirror) this.#settleQueue(this.#requests, timeMs);
    if (!waits.forProduction) this.#settleQueue(this.#answers, timeMs);
  }

  settlePairsUntil(timeMs: number): void {
    while (this.#decided.first !== undefined && this.#decided.first.sinceMs <= timeMs) this.#settleDecided();
    for (const entry of this.#pairs) {
      if (entry.sinceMs > timeMs) break;
      this.#announce(entry);
    }
    this.#settleQueue(this.#pairs, timeMs);
  }

  #announce(entry: Entry): void {
    const { request, isAmbiguous, isAnnounced, answers } = entry;
    if (request === undefined || isAmbiguous || isAnnounced) return;
    entry.isAnnounced = true;
    this.#output.announcePair(request, answers);
  }

  /** Hands over what waits alone and is older than that by its own log, whose clock is that of the wall. */
  settleLoggedBefore(timeMs: number): void {
    for (const entry of [...this.#requests]) if ((entry.request?.time ?? Number.NaN) < timeMs) this.#settle(entry);
    for (const entry of [...this.#answers]) if ((entry.lastAnswer?.time ?? Number.NaN) < timeMs) this.#settle(entry);
  }

  #decide(request: WaitingRequest, result: JoinResult, sinceMs: number): void {
    this.#decided.add({ request, result, sinceMs, before: undefined, after: undefined });
    if (this.#decided.size > this.#options.limit) this.#settleDecided();
  }

  #settleDecided(): void {
    const decided = this.#decided.first as Decided;
    this.#decided.remove(decided);
    this.#output.settleRequest(decided.request, decided.result);
  }

  #settleQueue(queue: Queue<Entry>, timeMs: number): void {
    while (queue.first !== undefined && queue.first.sinceMs <= timeMs) this.#settle(queue.first);
  }

  #open(key: string, nowMs: number): Entry {
    const entry = new Entry(key, nowMs);
    this.#entries.set(key, entry);
    return entry;
  }

  #enqueue(entry: Entry, nowMs: number): void {
    entry.sinceMs = nowMs;
    entry.order = this.#order++;
    this.#queueOf(entry).add(entry);
  }

  #queueOf({ request, lastAnswer }: Entry): Queue<Entry> {
    return lastAnswer === undefined ? this.#requests : request === undefined ? this.#answers : this.#pairs;
  }

  /** The oldest goes, of those that wait alone on this side and of the pairs. */
  #makeRoom(alone: Queue<Entry>): void {
    while (alone.size + this.#pairs.size > this.#options.limit) {
      const [lonely, pair] = [alone.first, this.#pairs.first];
      const isPair = lonely === undefined || (pair !== undefined && pair.order <= lonely.order);
      const entry = (isPair ? pair : lonely) as Entry;
      if (!this.#options.isOver(entry)) this.#countEviction(entry, isPair);
      this.#settle(entry);
    }
  }

  #countEviction({ request, answers }: Entry, isPair: boolean): void {
    if (isPair) this.evicted.pairs++;
    else if (request !== undefined) this.evicted.production++;
    else this.evicted.mirror += answers.reduce((sum, each) => sum + (each?.lines ?? 0), 0);
  }

  #settle(entry: Entry): void {
    this.#announce(entry);
    const { key, request, answers, isAmbiguous } = entry;
    this.#entries.delete(key);
    this.#queueOf(entry).remove(entry);
    this.#output.settleAttempts(answers);
    if (request === undefined || isAmbiguous) this.#output.settleStrays(answers);
    if (request === undefined) this.#output.settleUnknown(answers);
    else this.#output.settleRequest(request, { hasKey: true, isAmbiguous, answers });
  }
}

/** Files of a side that are not there yet: what waits for it goes on waiting. */
export interface SideWaits {
  readonly forProduction: boolean;
  readonly forMirror: boolean;
}

export const NO_WAITS: SideWaits = { forProduction: false, forMirror: false };

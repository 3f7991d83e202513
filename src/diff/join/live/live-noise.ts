/**
 * What production's version differs from itself by, as a record of its own tells while it grows: it waits for the request by
 * its unique id, and is of another one when that does not come.
 */
import type { Comparison } from '../../../answers/differences.ts';
import type { DuplicatePolicy } from '../../model.ts';
import { Queue, type Queued } from '../queue.ts';
import { Answers } from './answers.ts';
import type { WaitingAnswer } from './lines.ts';

interface Waiting extends Queued<Waiting> {
  readonly id: string;
  readonly answers: Answers;
  readonly all: WaitingAnswer[];
  readonly sinceMs: number;
  /** Its request came. */
  isKnown: boolean;
}

export interface LiveNoiseOptions {
  /** Ids that wait. */
  readonly limit: number;
  readonly policy: DuplicatePolicy;
  /** Of a request that did not come. */
  readonly onOther: (answer: WaitingAnswer, compared: Comparison) => void;
}

/** Lines of one id; more are of a client that makes ids up. */
const MOST_OF_ONE = 16;

export class LiveNoise {
  /** Any line came. */
  hasLines = false;
  readonly #options: LiveNoiseOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #byAge = new Queue<Waiting>();

  constructor(options: LiveNoiseOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byAge.size;
  }

  add(answer: WaitingAnswer, nowMs: number): void {
    this.hasLines = true;
    const id = answer.keys.uniqueId;
    if (id === '') return;
    let waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      waiting = {
        ...{ id, answers: new Answers(), all: [], sinceMs: nowMs },
        ...{ isKnown: false, before: undefined, after: undefined },
      };
      this.#waiting.set(id, waiting);
      this.#byAge.add(waiting);
    }
    waiting.answers.add(answer, true, this.#options.policy);
    if (waiting.all.length < MOST_OF_ONE) waiting.all.push(answer);
    if (this.#byAge.size > this.#options.limit) this.#settle(this.#byAge.first as Waiting);
  }

  /** A request with this id came, and its time is over. What differs between two answers of production's version to it. */
  of(id: string): Comparison | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    waiting.isKnown = true;
    return comparisonOf(waiting.answers.answer);
  }

  /** What has waited since that time or longer is of other requests. */
  settleUntil(timeMs: number): void {
    while (this.#byAge.first !== undefined && this.#byAge.first.sinceMs <= timeMs) this.#settle(this.#byAge.first);
  }

  #settle(waiting: Waiting): void {
    this.#waiting.delete(waiting.id);
    this.#byAge.remove(waiting);
    if (waiting.isKnown) return;
    for (const answer of waiting.all) {
      const compared = comparisonOf(answer);
      if (compared !== undefined) this.#options.onOther(answer, compared);
    }
  }
}

/** Undefined where it cannot be known. */
export function comparisonOf(answer: WaitingAnswer | undefined): Comparison | undefined {
  if (answer?.isDropped) return undefined;
  const compared = answer?.response?.compared;
  if (compared === undefined || compared.body === 'other-key') return undefined;
  return { differences: compared.differences, body: compared.body };
}

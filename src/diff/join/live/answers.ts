/** The lines of one destination of the mirror about one id, as few as are needed to know which one counts. */

import type { DuplicatePolicy } from '../../model.ts';
import { Attempts, standing } from '../attempts.ts';
import type { WaitingAnswer } from './lines.ts';
import { type StrayLine, strayOf } from './live-strays.ts';

/** Lines that are looked at where an id has no request to be compared; more are of a client that makes them up. */
const MAX_KEPT = 16;

export class Answers {
  /** Lines, and those of them that are of the compared time. */
  lines = 0;
  counted = 0;
  /** Lines of requests that reached the mirror, whole. */
  attempts = 0;
  /** Most ids have one line. */
  #only: WaitingAnswer | undefined;
  #several: Attempts<WaitingAnswer> | undefined;
  readonly #others: StrayLine[] = [];

  /** The one that counts; undefined as long as none reached the mirror. */
  get answer(): WaitingAnswer | undefined {
    return this.#several?.chosen ?? (this.#only?.isDropped === false ? this.#only : undefined);
  }

  /** The one that says why no request reached the mirror; undefined as soon as one did. */
  get dropped(): WaitingAnswer | undefined {
    return this.#only?.isDropped === true ? this.#only : undefined;
  }

  /** All of them, up to a bound. */
  get all(): readonly StrayLine[] {
    return this.#only === undefined ? [] : [this.#only, ...this.#others];
  }

  add(answer: WaitingAnswer, isCounted: boolean, policy: DuplicatePolicy): void {
    this.lines++;
    if (isCounted) this.counted++;
    if (!answer.isDropped) this.attempts++;
    const other = this.#only;
    if (other === undefined) {
      this.#only = answer;
      return;
    }
    const place = standing(answer, other);
    const isRest = place !== 'instead';
    if (this.#others.length < MAX_KEPT) this.#others.push(strayOf(isRest ? answer : other));
    if (!isRest) this.#only = answer;
    if (place !== 'beside') return;
    if (this.#several === undefined) {
      this.#several = new Attempts(policy);
      this.#several.add(other);
    }
    this.#several.add(answer);
  }
}

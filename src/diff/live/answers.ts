/** The lines of one destination of the mirror about one id, as few as are needed to know which one counts. */
import { Attempts } from '../attempts.ts';
import type { DuplicatePolicy } from '../model.ts';
import type { WaitingAnswer } from './lines.ts';

export class Answers {
  /** Lines, and those of them that are of the compared time. */
  lines = 0;
  counted = 0;
  /** Lines of requests that reached the mirror. */
  attempts = 0;
  /** One that says why a request did not. */
  dropped: WaitingAnswer | undefined;
  /** Most ids have one answer. */
  #only: WaitingAnswer | undefined;
  #several: Attempts<WaitingAnswer> | undefined;

  /** The one that counts; undefined as long as none reached the mirror. */
  get answer(): WaitingAnswer | undefined {
    return this.#several === undefined ? this.#only : this.#several.chosen;
  }

  add(answer: WaitingAnswer, isCounted: boolean, policy: DuplicatePolicy): void {
    this.lines++;
    if (isCounted) this.counted++;
    if (answer.isDropped) {
      // Of several the same one, in whatever order they come.
      if (this.dropped === undefined || answer.lineHash > this.dropped.lineHash) this.dropped = answer;
      return;
    }
    this.attempts++;
    if (this.#only === undefined) {
      this.#only = answer;
      return;
    }
    if (this.#several === undefined) {
      this.#several = new Attempts(policy);
      this.#several.add(this.#only);
    }
    this.#several.add(answer);
  }
}

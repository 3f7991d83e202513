/** The lines of one destination of the mirror about one id, as few as are needed to know which one counts. */
import { preferred } from '../attempts.ts';
import type { DuplicatePolicy } from '../model.ts';
import type { WaitingAnswer } from './lines.ts';

export class Answers {
  /** Lines, and those of them that are of the compared time. */
  lines = 0;
  counted = 0;
  /** Lines of requests that reached the mirror. */
  attempts = 0;
  /** The one that counts; undefined as long as none reached the mirror. */
  answer: WaitingAnswer | undefined;
  /** One that says why a request did not. */
  dropped: WaitingAnswer | undefined;
  /** Of each file the one that counts. */
  #ofEachFile: readonly WaitingAnswer[] = [];

  add(answer: WaitingAnswer, isCounted: boolean, policy: DuplicatePolicy): void {
    this.lines++;
    if (isCounted) this.counted++;
    if (answer.isDropped) {
      // Of several the same one, in whatever order they come.
      if (this.dropped === undefined || answer.lineHash > this.dropped.lineHash) this.dropped = answer;
      return;
    }
    this.attempts++;
    const { chosen, ofEachFile } = preferred([...this.#ofEachFile, answer], policy);
    this.answer = chosen;
    this.#ofEachFile = ofEachFile;
  }
}

/**
 * Lines of the mirror that are of no request that could be compared, and of the time of production's log. A log that goes
 * on still grows to the time of some of them: these wait, as many as there is room for.
 */
import type { Strays } from '../../strays.ts';
import type { TimeSpan } from '../../time-span.ts';
import type { WaitingAnswer } from './lines.ts';

const MAX_OUTSIDE = 10_000;

export class LiveStrays {
  readonly #span: TimeSpan;
  #lines = 0;
  #errors = 0;
  #outside: WaitingAnswer[] = [];

  /** @param span of production's requests so far */
  constructor(span: TimeSpan) {
    this.#span = span;
  }

  add(answer: WaitingAnswer): void {
    if (answer.isDropped) return;
    if (this.#span.mayInclude(answer.time)) this.#count(answer);
    else {
      this.#outside.push(answer);
      if (this.#outside.length > MAX_OUTSIDE) this.#sort();
      // What is still outside of so long a log is of another one.
      if (this.#outside.length > MAX_OUTSIDE) this.#outside = this.#outside.slice(MAX_OUTSIDE / 2);
    }
  }

  get counts(): Strays {
    this.#sort();
    return { lines: this.#lines, errors: this.#errors };
  }

  #sort(): void {
    const outside = this.#outside;
    this.#outside = outside.filter(({ time }) => !this.#span.mayInclude(time));
    for (const answer of outside) if (this.#span.mayInclude(answer.time)) this.#count(answer);
  }

  #count({ isError }: WaitingAnswer): void {
    this.#lines++;
    if (isError) this.#errors++;
  }
}

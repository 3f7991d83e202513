/**
 * Lines of the mirror that are of no request that could be compared, and of the time of production's log. A log that goes
 * on still grows to the time of some of them: these wait, as many as there is room for.
 */
import type { Strays } from '../../strays.ts';
import type { TimeSpan } from '../../time-span.ts';

const MAX_OUTSIDE = 10_000;

/** What of a line tells whether it counts: little, because it may wait for long. */
export interface StrayLine {
  readonly time: number;
  readonly isError: boolean;
  /** It says that its request never reached the mirror, or not whole. */
  readonly isDropped: boolean;
}

export function strayOf({ time, isError, isDropped }: StrayLine): StrayLine {
  return { time, isError, isDropped };
}

export class LiveStrays {
  readonly #span: TimeSpan;
  #lines = 0;
  #errors = 0;
  #outside: StrayLine[] = [];

  /** @param span of production's requests so far */
  constructor(span: TimeSpan) {
    this.#span = span;
  }

  add(line: StrayLine): void {
    if (line.isDropped) return;
    if (this.#span.mayInclude(line.time)) this.#count(line);
    else {
      this.#outside.push(strayOf(line));
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
    for (const line of outside) if (this.#span.mayInclude(line.time)) this.#count(line);
  }

  #count({ isError }: StrayLine): void {
    this.#lines++;
    if (isError) this.#errors++;
  }
}

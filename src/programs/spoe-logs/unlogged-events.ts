/**
 * Events of which no line tells: with `option dontlog-normal` a spoe-agent logs failures alone, and only HAProxy's counter
 * (nb_processed) says how many events there were between two of them.
 */
import type { Names } from '../../logs/names.ts';

/** Sources that are known at a time. */
const MOST_SOURCES = 4096;
/** Between two failures: more do not change what their share is. */
const MOST_BETWEEN = 10_000;

export class UnloggedEvents {
  #names: Names | undefined;
  readonly #sources = new Map<number, { readonly processed: number; readonly hasGood: boolean }>();

  /**
   * How many events of a source went well since its last line; 0 where good ones have lines of their own.
   * @param source a number that means what it means in `names`
   * @param processed nb_processed of the line
   */
  before(names: Names, source: number, processed: number, isFailure: boolean): number {
    if (names !== this.#names || this.#sources.size > MOST_SOURCES) this.#sources.clear();
    this.#names = names;
    const last = this.#sources.get(source);
    const hasGood = last?.hasGood === true || !isFailure;
    // Threads write a few lines out of order; a counter that is much less is that of a process which was started anew.
    const isAnew = last === undefined || processed < last.processed / 2;
    this.#sources.set(source, { processed: isAnew ? processed : Math.max(processed, last.processed), hasGood });
    if (hasGood || isAnew) return 0;
    return Math.min(Math.max(0, processed - last.processed - 1), MOST_BETWEEN);
  }
}

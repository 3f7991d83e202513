/** Counts over time in at most 64 equal steps whose width is a power of two seconds, aligned to the epoch. */
import { finite } from './occurrences.ts';

export const MAX_STEPS = 64;

export interface TimelineState {
  /** Step width is 2^widthLog2 seconds. */
  readonly widthLog2: number;
  /** Number of the first step: its start is first × width seconds after the epoch. */
  readonly first: number;
  readonly counts: readonly number[];
  readonly errors: readonly number[];
  /** Epoch ms of the first error in each step, null without one. */
  readonly firstErrors: readonly (number | null)[];
  /** Epoch ms of the last error in each step, null without one. */
  readonly lastErrors: readonly (number | null)[];
}

/**
 * The steps double their width whenever the input outgrows them, so memory is constant, and because widths are
 * powers of two on a common grid, the result depends only on what was added, not on its order: merging is exact.
 */
export class Timeline {
  #widthLog2 = 0;
  #width = 1000;
  #first = 0;
  #length = 0;
  #counts = new Float64Array(MAX_STEPS);
  #errors = new Float64Array(MAX_STEPS);
  #firstErrors = new Float64Array(MAX_STEPS).fill(Number.POSITIVE_INFINITY);
  #lastErrors = new Float64Array(MAX_STEPS).fill(Number.NEGATIVE_INFINITY);

  add(timeMs: number, times: number, failed: boolean): void {
    let at = Math.floor(timeMs / this.#width) - this.#first;
    if (at < 0 || at >= this.#length) at = this.#include(timeMs);
    this.#counts[at] = (this.#counts[at] as number) + times;
    if (failed) {
      this.#errors[at] = (this.#errors[at] as number) + times;
      if (timeMs < (this.#firstErrors[at] as number)) this.#firstErrors[at] = timeMs;
      if (timeMs > (this.#lastErrors[at] as number)) this.#lastErrors[at] = timeMs;
    }
  }

  /** Makes room for a time; returns its step. */
  #include(timeMs: number): number {
    let step = Math.floor(timeMs / this.#width);
    if (this.#length === 0) {
      this.#first = step;
      this.#length = 1;
      return 0;
    }
    while (Math.max(step, this.#first + this.#length - 1) - Math.min(step, this.#first) >= MAX_STEPS) {
      this.#widen();
      step = Math.floor(timeMs / this.#width);
    }
    if (step < this.#first) this.#shift(this.#first - step);
    this.#length = Math.max(this.#length, step - this.#first + 1);
    return step - this.#first;
  }

  #widen(): void {
    const first = Math.floor(this.#first / 2);
    const counts = new Float64Array(MAX_STEPS);
    const errors = new Float64Array(MAX_STEPS);
    const firstErrors = new Float64Array(MAX_STEPS).fill(Number.POSITIVE_INFINITY);
    const lastErrors = new Float64Array(MAX_STEPS).fill(Number.NEGATIVE_INFINITY);
    let length = 0;
    for (let i = 0; i < this.#length; i++) {
      const to = Math.floor((this.#first + i) / 2) - first;
      counts[to] = (counts[to] as number) + (this.#counts[i] as number);
      errors[to] = (errors[to] as number) + (this.#errors[i] as number);
      firstErrors[to] = Math.min(firstErrors[to] as number, this.#firstErrors[i] as number);
      lastErrors[to] = Math.max(lastErrors[to] as number, this.#lastErrors[i] as number);
      length = to + 1;
    }
    this.#widthLog2 += 1;
    this.#width *= 2;
    this.#first = first;
    this.#length = length;
    this.#counts = counts;
    this.#errors = errors;
    this.#firstErrors = firstErrors;
    this.#lastErrors = lastErrors;
  }

  #shift(by: number): void {
    for (const [steps, empty] of [
      [this.#counts, 0],
      [this.#errors, 0],
      [this.#firstErrors, Number.POSITIVE_INFINITY],
      [this.#lastErrors, Number.NEGATIVE_INFINITY],
    ] as const) {
      steps.copyWithin(by, 0, MAX_STEPS - by);
      steps.fill(empty, 0, by);
    }
    this.#first -= by;
    this.#length += by;
  }

  /** How many were added. */
  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** The state; undefined when nothing with a time was added. */
  toState(): TimelineState | undefined {
    if (this.#length === 0) return undefined;
    return {
      widthLog2: this.#widthLog2,
      first: this.#first,
      counts: [...this.#counts.subarray(0, this.#length)],
      errors: [...this.#errors.subarray(0, this.#length)],
      firstErrors: Array.from(this.#firstErrors.subarray(0, this.#length), finite),
      lastErrors: Array.from(this.#lastErrors.subarray(0, this.#length), finite),
    };
  }

  merge(state: TimelineState | undefined): void {
    if (state === undefined) return;
    while (this.#widthLog2 < state.widthLog2) this.#widenOrStart(state);
    const width = 2 ** state.widthLog2 * 1000;
    for (const [i, count] of state.counts.entries()) {
      const at = this.#stepAt((state.first + i) * width);
      this.#counts[at] = (this.#counts[at] as number) + count;
      this.#errors[at] = (this.#errors[at] as number) + (state.errors[i] ?? 0);
      this.#firstErrors[at] = Math.min(
        this.#firstErrors[at] as number,
        state.firstErrors[i] ?? Number.POSITIVE_INFINITY,
      );
      this.#lastErrors[at] = Math.max(this.#lastErrors[at] as number, state.lastErrors[i] ?? Number.NEGATIVE_INFINITY);
    }
  }

  #widenOrStart(state: TimelineState): void {
    if (this.#length > 0) {
      this.#widen();
      return;
    }
    this.#widthLog2 = state.widthLog2;
    this.#width = 2 ** state.widthLog2 * 1000;
  }

  #stepAt(timeMs: number): number {
    const at = Math.floor(timeMs / this.#width) - this.#first;
    return at >= 0 && at < this.#length ? at : this.#include(timeMs);
  }
}

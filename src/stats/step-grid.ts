/**
 * Steps of one width on a common grid, as narrow as their bound allows. Those in which nothing came take no room, so that one
 * wrong clock costs a step and not the resolution of all others. What it holds depends on what was added and not on its order.
 */

/** Most steps in which something came. With more, all become wider. */
export const MAX_HISTORY_STEPS = 400;

/** Widths in seconds that people count in, each a multiple of the one before it; then twice as wide again and again. */
const WIDTHS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400] as const;
/** More widths than there are lie past all times that a Date knows. */
export const MAX_WIDTH = 40;

/** The seconds of a width by its number. */
export function historySeconds(width: number): number {
  const last = WIDTHS.length - 1;
  return WIDTHS[width] ?? (WIDTHS[last] as number) * 2 ** (width - last);
}

/** What is counted in a step; it may be a sum of several. */
export interface Mergeable<State> {
  toState(at: number): State;
  merge(state: State): void;
}

/** A step with its number: it begins at × width seconds after the epoch. */
export type Numbered<Step> = readonly [at: number, step: Step];

export class StepGrid<Step extends Mergeable<State>, State> {
  readonly #make: () => Step;
  #width = 0;
  #widthMs = 1000;
  #steps = new Map<number, Step>();
  #current: Step | undefined;
  #currentAt = Number.NaN;

  /** @param make an empty step */
  constructor(make: () => Step) {
    this.#make = make;
  }

  /** The step of a time (epoch ms, finite), which is there from now on. */
  stepAt(timeMs: number): Step {
    const at = Math.floor(timeMs / this.#widthMs);
    return at === this.#currentAt ? (this.#current as Step) : this.#enter(at, timeMs);
  }

  #enter(first: number, timeMs: number): Step {
    let at = first;
    this.#step(at);
    while (this.#steps.size > MAX_HISTORY_STEPS) {
      this.#widen();
      at = Math.floor(timeMs / this.#widthMs);
    }
    this.#currentAt = at;
    this.#current = this.#step(at);
    return this.#current;
  }

  #step(at: number): Step {
    let step = this.#steps.get(at);
    if (step === undefined) {
      step = this.#make();
      this.#steps.set(at, step);
    }
    return step;
  }

  #widen(): void {
    const factor = historySeconds(this.#width + 1) / historySeconds(this.#width);
    const narrow = this.#steps;
    this.#width += 1;
    this.#widthMs = historySeconds(this.#width) * 1000;
    this.#steps = new Map();
    this.#currentAt = Number.NaN;
    for (const [at, step] of narrow) {
      const to = Math.floor(at / factor);
      if (this.#steps.has(to)) this.#step(to).merge(step.toState(to));
      else this.#steps.set(to, step);
    }
  }

  /** The number of the width, see historySeconds. */
  get width(): number {
    return this.#width;
  }

  /** Makes the steps as wide as this at least. */
  widenTo(width: number): void {
    while (this.#width < width) this.#widen();
  }

  /** Steps in order of time. */
  steps(): Numbered<Step>[] {
    return [...this.#steps].sort(([a], [b]) => a - b);
  }

  toState(): { readonly width: number; readonly steps: State[] } {
    return { width: this.#width, steps: this.steps().map(([at, step]) => step.toState(at)) };
  }
}

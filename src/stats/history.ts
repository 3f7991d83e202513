/**
 * What happened over time, step by step: counts, codes, the latency, its phases and how full the connections were. It merges and takes
 * any span, which a page of saved states needs; time-cells.ts is for what goes on: the past fades there, and nothing is widened.
 */
import { Float, Int, NO_TIME, RowFlag } from '../logs/row.ts';
import { CoarseHistogram } from '../sketch/coarse-histogram.ts';
import type { Saturation } from './model.ts';
import { historySeconds, type Mergeable, type Numbered, StepGrid } from './step-grid.ts';

/** Different failures that are told apart; the others are counted together, as code OTHER_CODE. */
const MAX_HISTORY_CODES = 24;
export const OTHER_CODE = -1;

export interface HistoryStepState {
  /** The number of the step: it begins at × width seconds after the epoch. */
  readonly at: number;
  readonly count: number;
  readonly errors: number;
  /** Code and count of each failure, flat. */
  readonly codes: readonly number[];
  /** pT: the state of a CoarseHistogram. */
  readonly pT: readonly number[];
  /** Events that told their phases, and the sums in ms of reqT, qT, wT and resT; absent without any (HAProxy >= 3.1). */
  readonly phases?: readonly [count: number, reqT: number, qT: number, wT: number, resT: number];
  readonly saturation?: Saturation;
}

export interface HistoryState {
  readonly width: number;
  readonly steps: readonly HistoryStepState[];
}

/** One step, which may also be a sum of several. */
export class HistoryStep implements Mergeable<HistoryStepState> {
  count = 0;
  errors = 0;
  readonly codes = new Map<number, number>();
  readonly pT = new CoarseHistogram();
  /** Events, then ms of reqT, qT, wT and resT. */
  readonly #phases = new Float64Array(5);
  /** Lowest idles, highest applets, sending and waiting. */
  readonly #gauges = Float64Array.of(Number.POSITIVE_INFINITY, -1, -1, -1);

  /** Called for each event. */
  addPhases(ints: Int32Array, int: number, times: number): void {
    const phases = this.#phases;
    phases[0] = (phases[0] as number) + times;
    // A phase that did not end is -1.
    for (let i = 0; i < 4; i++) {
      const ms = ints[int + Int.reqT + i] as number;
      if (ms > 0) phases[i + 1] = (phases[i + 1] as number) + ms * times;
    }
    const gauges = this.#gauges;
    const idles = (ints[int + Int.idles] as number) >>> 0;
    if (idles < (gauges[0] as number)) gauges[0] = idles;
    for (let i = 1; i < 4; i++) {
      const gauge = (ints[int + Int.idles + i] as number) >>> 0;
      if (gauge > (gauges[i] as number)) gauges[i] = gauge;
    }
  }

  addCode(code: number, times: number): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + times);
  }

  /** The mean of each phase in ms; undefined where lines do not tell them. */
  get phases(): readonly [reqT: number, qT: number, wT: number, resT: number] | undefined {
    const [count = 0, reqT = 0, qT = 0, wT = 0, resT = 0] = this.#phases;
    return count === 0 ? undefined : [reqT / count, qT / count, wT / count, resT / count];
  }

  get saturation(): Saturation | undefined {
    const [minIdles = 0, maxApplets = -1, maxSending = 0, maxWaiting = 0] = this.#gauges;
    return maxApplets < 0 ? undefined : { minIdles, maxApplets, maxSending, maxWaiting };
  }

  toState(at: number): HistoryStepState {
    const [count = 0, reqT = 0, qT = 0, wT = 0, resT = 0] = this.#phases;
    const { saturation } = this;
    return {
      ...{ at, count: this.count, errors: this.errors },
      codes: [...this.codes].flat(),
      pT: this.pT.toState(),
      ...(count > 0 && { phases: [count, reqT, qT, wT, resT] as const }),
      ...(saturation && { saturation }),
    };
  }

  merge(state: HistoryStepState): void {
    this.count += state.count;
    this.errors += state.errors;
    for (let i = 0; i + 1 < state.codes.length; i += 2)
      this.addCode(state.codes[i] as number, state.codes[i + 1] as number);
    this.pT.merge(state.pT);
    for (const [i, sum] of (state.phases ?? []).entries()) this.#phases[i] = (this.#phases[i] as number) + sum;
    if (state.saturation === undefined) return;
    const { minIdles, maxApplets, maxSending, maxWaiting } = state.saturation;
    const gauges = this.#gauges;
    gauges[0] = Math.min(gauges[0] as number, minIdles);
    for (const [i, gauge] of [maxApplets, maxSending, maxWaiting].entries())
      gauges[i + 1] = Math.max(gauges[i + 1] as number, gauge);
  }
}

/** Merging is exact, unless there were more codes than are told apart. */
export class History {
  readonly #grid = new StepGrid<HistoryStep, HistoryStepState>(() => new HistoryStep());
  readonly #codes = new Set<number>();

  /** One row at word `int` and float `float`; one without a time has no place here. */
  add(ints: Int32Array, floats: Float64Array, int: number, float: number, times: number): void {
    const time = floats[float + Float.time] as number;
    if (time === NO_TIME) return;
    const step = this.#grid.stepAt(time);
    step.count += times;
    step.pT.add(ints[int + Int.pT] as number, times);
    if (((ints[int + Int.flags] as number) & RowFlag.phases) !== 0) step.addPhases(ints, int, times);
    const status = (ints[int + Int.status] as number) >>> 0;
    if (status === 0) return;
    step.errors += times;
    step.addCode(this.#codeOf(status), times);
  }

  #codeOf(status: number): number {
    if (this.#codes.has(status)) return status;
    if (this.#codes.size >= MAX_HISTORY_CODES) return OTHER_CODE;
    this.#codes.add(status);
    return status;
  }

  /** Seconds of a step. */
  get seconds(): number {
    return historySeconds(this.width);
  }

  /** The number of the width, see historySeconds. */
  get width(): number {
    return this.#grid.width;
  }

  /** Steps in order of time, by number. */
  steps(): Numbered<HistoryStep>[] {
    return this.#grid.steps();
  }

  toState(): HistoryState {
    return this.#grid.toState();
  }

  merge({ width, steps }: HistoryState): void {
    this.#grid.widenTo(width);
    const widthMs = historySeconds(width) * 1000;
    for (const state of steps) {
      const codes = state.codes.map((value, i) => (i % 2 === 0 && value !== OTHER_CODE ? this.#codeOf(value) : value));
      this.#grid.stepAt(state.at * widthMs).merge({ ...state, codes });
    }
  }
}

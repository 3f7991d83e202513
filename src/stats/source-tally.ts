import { Float, Int, NO_TIME } from '../logs/row.ts';
import type { SeenSum } from '../logs/seen-events.ts';
import { hashNumbers } from '../text/hash.ts';
import { CLOCK_SLACK_MS, type CounterReading, CounterRuns, type RunsState } from './counter-runs.ts';

export interface SourceState {
  readonly count: number;
  readonly errors: number;
  /** An order-independent sum of the failed events. Absent in states of older versions. */
  readonly failedSum?: number;
  /** An order-independent sum of all events; in saved states only. */
  readonly seen?: SeenSum;
  readonly counters: RunsState;
  /** Epoch ms of the first and the last line; null without times. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  /** Epoch ms of the latest failure; null without one. Absent in states of older versions. */
  readonly lastFailure?: number | null;
  readonly clockSteps: number;
  readonly largestClockStepMs: number;
}

/** Events of one HAProxy process and one agent: how many, from when to when, and what the counters say. */
export class SourceTally {
  count = 0;
  errors = 0;
  #failedSum = 0;
  #lastFailure = Number.NEGATIVE_INFINITY;
  /** How often times step back; the next number is how far at most. */
  clockSteps = 0;
  largestClockStepMs = 0;
  #firstTime = Number.NaN;
  #lastTime = Number.NaN;
  readonly #counters = new CounterRuns();

  /** One row at word `int` and float `float`. Called for each event: numbers are read where they are used. */
  add(ints: Int32Array, floats: Float64Array, int: number, float: number): void {
    const times = ints[int + Int.repeat] as number;
    const time = floats[float + Float.time] as number;
    this.count += times;
    if (ints[int + Int.status] !== 0) this.addFailure(ints, floats, int, float);
    this.#counters.add(floats, float);
    if (time !== this.#lastTime && time !== NO_TIME) this.#addTime(time, time);
  }

  /** The events of one time whose sum is at `at` (RowSums.sources), but for what makes some of them failures. */
  addSum(sums: Float64Array, at: number, timeMs: number): void {
    this.count += sums[at] as number;
    this.#counters.addSum(sums, at, timeMs);
    if (timeMs !== this.#lastTime && timeMs !== NO_TIME) this.#addTime(timeMs, timeMs);
  }

  /** What a failure adds to what each event does. */
  addFailure(ints: Int32Array, floats: Float64Array, int: number, float: number): void {
    const times = ints[int + Int.repeat] as number;
    this.errors += times;
    this.#lastFailure = Math.max(this.#lastFailure, floats[float + Float.time] as number);
    const [sid = 0, status = 0, total = 0] = [ints[int + Int.sid], ints[int + Int.status], ints[int + Int.pT]];
    const sum = hashNumbers(sid, status, total, floats[float + Float.processed] as number);
    this.#failedSum = (this.#failedSum + Math.imul(sum, times)) | 0;
  }

  #addTime(first: number, last: number): void {
    if (first < this.#lastTime - CLOCK_SLACK_MS) {
      this.clockSteps += 1;
      this.largestClockStepMs = Math.max(this.largestClockStepMs, this.#lastTime - first);
    }
    if (Number.isNaN(this.#firstTime)) this.#firstTime = first;
    this.#lastTime = last;
  }

  /** Epoch ms; null without times. */
  get firstTime(): number | null {
    return Number.isNaN(this.#firstTime) ? null : this.#firstTime;
  }

  get lastTime(): number | null {
    return Number.isNaN(this.#lastTime) ? null : this.#lastTime;
  }

  /** Whether what it last did after a time went well. */
  wentWellAfter(ms: number): boolean {
    return this.#lastTime > ms && this.#lastFailure < this.#lastTime;
  }

  /** The reading of the counters about lines that are missing. */
  completeness(): CounterReading {
    return this.#counters.read(this.count, this.errors);
  }

  toState(): SourceState {
    const { count, errors, firstTime, lastTime, clockSteps, largestClockStepMs } = this;
    const failedSum = this.#failedSum;
    return {
      count,
      errors,
      failedSum,
      counters: this.#counters.toState(),
      firstTime,
      lastTime,
      lastFailure: Number.isFinite(this.#lastFailure) ? this.#lastFailure : null,
      clockSteps,
      largestClockStepMs,
    };
  }

  /** Appends what came after: as if its lines had followed. */
  merge(state: SourceState): void {
    this.count += state.count;
    this.errors += state.errors;
    this.#failedSum = (this.#failedSum + (state.failedSum ?? 0)) | 0;
    this.#lastFailure = Math.max(this.#lastFailure, state.lastFailure ?? this.#lastFailure);
    this.clockSteps += state.clockSteps;
    this.largestClockStepMs = Math.max(this.largestClockStepMs, state.largestClockStepMs);
    this.#counters.merge(state.counters);
    if (state.firstTime !== null && state.lastTime !== null) this.#addTime(state.firstTime, state.lastTime);
  }
}

/**
 * What one HAProxy process says about one agent: the nb_processed counter, whose gaps are events without a line, and
 * whose falls are restarts (STATUS.md of the design, "Counters").
 *
 * The state is a list of runs: a new run begins where a value falls by more than 16 below the one before it. That
 * looks at neighbours only, so two pieces of a log give the same runs as the whole.
 */

/** Threads log out of order: values step back by up to about 10 without meaning anything. */
const JITTER = 16;
/** A process that restarts more often than this within one input is taken for several interleaved counters. */
const MAX_RUNS = 64;
const CLOCK_SLACK_MS = 2000;
/** Stands for the time of a line that has none. */
export const NO_TIME = -1;

export interface Run {
  readonly first: number;
  /** The value after the first; null when there was none. */
  readonly second: number | null;
  /** Over all but the first; null when there was none. */
  readonly min: number | null;
  readonly max: number;
  /** Epoch ms of the first value; null without a time. */
  readonly time: number | null;
}

export interface SourceState {
  readonly count: number;
  readonly errors: number;
  readonly runs: readonly Run[];
  readonly overflow: boolean;
  readonly last: number;
  readonly minErrors: number;
  readonly maxErrors: number;
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  readonly clockSteps: number;
  readonly largestClockStepMs: number;
}

class MutableRun {
  first: number;
  second = Number.NaN;
  min = Number.POSITIVE_INFINITY;
  max: number;
  time: number;

  constructor(first: number, time: number) {
    this.first = first;
    this.max = first;
    this.time = time;
  }

  add(value: number): void {
    if (value > this.max) this.max = value;
    // Counters rise: what is not below the second value changes nothing else.
    if (value < this.min) this.#addLow(value);
  }

  #addLow(value: number): void {
    if (Number.isNaN(this.second)) this.second = value;
    this.min = value;
  }
}

export class SourceTally {
  count = 0;
  errors = 0;
  minErrors = Number.POSITIVE_INFINITY;
  maxErrors = Number.NEGATIVE_INFINITY;
  clockSteps = 0;
  largestClockStepMs = 0;
  #firstTime = Number.NaN;
  #lastTime = Number.NaN;
  #last = Number.NaN;
  #overflow = false;
  readonly #runs: MutableRun[] = [];
  #run: MutableRun | undefined;

  /** Called for each event; `time` is NO_TIME for a line without one. */
  add(processed: number, nbErrors: number, failed: boolean, times: number, time: number): void {
    this.count += times;
    if (failed) this.errors += times;
    if (nbErrors < this.minErrors) this.minErrors = nbErrors;
    if (nbErrors > this.maxErrors) this.maxErrors = nbErrors;
    this.#addProcessed(processed, time);
    if (time !== this.#lastTime && time !== NO_TIME) this.#addTime(time, time);
  }

  #addProcessed(processed: number, time: number): void {
    const run = this.#run;
    if (run === undefined || processed < this.#last - JITTER)
      this.#startRun(new MutableRun(processed, time === NO_TIME ? Number.NaN : time));
    else run.add(processed);
    this.#last = processed;
  }

  #startRun(run: MutableRun): void {
    if (this.#runs.length < MAX_RUNS) this.#runs.push(run);
    else this.#overflow = true;
    this.#run = run;
  }

  #addTime(first: number, last: number): void {
    if (first < this.#lastTime - CLOCK_SLACK_MS) {
      this.clockSteps += 1;
      this.largestClockStepMs = Math.max(this.largestClockStepMs, this.#lastTime - first);
    }
    if (Number.isNaN(this.#firstTime)) this.#firstTime = first;
    this.#lastTime = last;
  }

  /** What the counter says about lines that are missing. */
  completeness(): { processed: number | null; unlogged: number | null; restarts: number; restartTimes: number[] } {
    const { segments, restartTimes, strayFalls } = readRuns(this.#runs);
    const restarts = segments.length - 1;
    const processed = segments.reduce((sum, segment) => sum + segment.max - segment.min + 1, 0);
    const unlogged = processed - this.count;
    // Several counters under one key: they fall again and again without a restart, or count the same numbers twice.
    const interleaved = this.#overflow || unlogged < 0 || strayFalls > Math.max(2, this.count / 100);
    if (interleaved)
      return { processed: null, unlogged: null, restarts: this.#overflow ? 0 : restarts, restartTimes: [] };
    return { processed, unlogged, restarts, restartTimes };
  }

  /** nb_error rose further than there are failed lines: it counts something else. */
  get errorCounterRoseAlone(): boolean {
    return this.maxErrors - this.minErrors > this.errors;
  }

  toState(): SourceState {
    return {
      count: this.count,
      errors: this.errors,
      runs: this.#runs.map(({ first, second, min, max, time }) => ({
        first,
        second: finite(second),
        min: finite(min),
        max,
        time: finite(time),
      })),
      overflow: this.#overflow,
      last: this.#last,
      minErrors: this.minErrors,
      maxErrors: this.maxErrors,
      firstTime: finite(this.#firstTime),
      lastTime: finite(this.#lastTime),
      clockSteps: this.clockSteps,
      largestClockStepMs: this.largestClockStepMs,
    };
  }

  /** Appends what came after: as if its lines had followed. */
  merge(state: SourceState): void {
    this.count += state.count;
    this.errors += state.errors;
    this.minErrors = Math.min(this.minErrors, state.minErrors);
    this.maxErrors = Math.max(this.maxErrors, state.maxErrors);
    this.clockSteps += state.clockSteps;
    this.largestClockStepMs = Math.max(this.largestClockStepMs, state.largestClockStepMs);
    for (const [i, run] of state.runs.entries()) {
      const joins = i === 0 && this.#run !== undefined && run.first >= this.#last - JITTER;
      if (joins) this.#joinRun(run);
      else this.#startRun(restoreRun(run));
    }
    this.#overflow ||= state.overflow;
    this.#last = state.last;
    if (state.firstTime !== null && state.lastTime !== null) this.#addTime(state.firstTime, state.lastTime);
  }

  #joinRun(run: Run): void {
    const current = this.#run;
    if (current === undefined) return;
    current.add(run.first);
    current.min = Math.min(current.min, run.min ?? Number.POSITIVE_INFINITY);
    current.max = Math.max(current.max, run.max);
  }
}

function restoreRun(run: Run): MutableRun {
  const restored = new MutableRun(run.first, run.time ?? Number.NaN);
  restored.second = run.second ?? Number.NaN;
  restored.min = run.min ?? Number.POSITIVE_INFINITY;
  restored.max = run.max;
  return restored;
}

interface Segment {
  min: number;
  max: number;
}

/**
 * Joins runs into the counters of one process life each. A fall is a restart when it is below half of the highest
 * value, by more than 16, and the next value stays down; otherwise its first value is a straggler.
 */
function readRuns(runs: readonly MutableRun[]): { segments: Segment[]; restartTimes: number[]; strayFalls: number } {
  const segments: Segment[] = [];
  const restartTimes: number[] = [];
  let strayFalls = 0;
  for (const run of runs) {
    const current = segments.at(-1);
    if (current === undefined || (isFarBelow(run.first, current.max) && isFarBelow(run.second, current.max))) {
      if (current !== undefined) restartTimes.push(run.time);
      segments.push({ min: Math.min(run.first, run.min), max: run.max });
    } else {
      strayFalls += 1;
      current.min = Math.min(current.min, run.min);
      current.max = Math.max(current.max, run.max);
    }
  }
  return { segments, restartTimes: restartTimes.filter((time) => !Number.isNaN(time)), strayFalls };
}

function isFarBelow(value: number, highest: number): boolean {
  return value < highest / 2 && highest - value > JITTER;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * What the counters nb_processed and nb_error of one process and agent say over time: which events have no line, and
 * when the counter began anew (STATUS of the codes: docs/STATUS-CODES.md; rules: docs/LOGS.md).
 *
 * The state is a list of runs: a new run begins where a value falls too far below the one before it. That looks at
 * neighbours only, so two pieces of a log give the same runs as the whole.
 */

import { Float, NO_TIME } from '../logs/row.ts';
import { finite } from './occurrences.ts';

/** Threads log out of order: values step back by up to about 10 without meaning anything. */
const JITTER = 16;
/** After a pause this long no thread is late: any fall then is another process with the same pid. */
const PAUSE_MS = 10_000;
/** Times of one process that step back further than this are another piece of its log, or its clock was set. */
export const CLOCK_SLACK_MS = 2000;
/** A process that restarts more often than this within one input is taken for several interleaved counters. */
const MAX_RUNS = 64;
/** Falls that are no restart: one may be a torn number, more than these are several counters under one key. */
const STRAY_FALLS = 1;
const STRAY_RATE = 0.01;

export interface Run {
  readonly first: number;
  /** The value after the first; null when there was none. */
  readonly second: number | null;
  /** The lowest of all values but the first; null when there was none. */
  readonly min: number | null;
  readonly max: number;
  readonly minErrors: number;
  readonly maxErrors: number;
  /** Epoch ms of the first value; null without a time. */
  readonly time: number | null;
  /** True when a long pause came before the run. */
  readonly paused: boolean;
  /** True when its time is before that of the run before: an older piece of the log. */
  readonly older: boolean;
}

export interface RunsState {
  readonly runs: readonly Run[];
  readonly overflow: boolean;
  /** The last value and its time. */
  readonly last: number;
  readonly lastTime: number | null;
}

/** What the counters say about lines that are missing. Nulls: several counters interleave, nothing can be said. */
export interface CounterReading {
  readonly processed: number | null;
  readonly unlogged: number | null;
  readonly restarts: number;
  /** Epoch ms. */
  readonly restartTimes: readonly number[];
  /** True when nb_error rose further than lines failed: it counts something else. */
  readonly errorsRoseAlone: boolean;
}

class MutableRun {
  readonly first: number;
  second = Number.NaN;
  min = Number.POSITIVE_INFINITY;
  max: number;
  minErrors: number;
  maxErrors: number;
  readonly time: number;
  readonly paused: boolean;
  readonly older: boolean;

  constructor(first: number, errors: number, time: number, paused: boolean, older: boolean) {
    this.first = first;
    this.max = first;
    this.minErrors = errors;
    this.maxErrors = errors;
    this.time = time;
    this.paused = paused;
    this.older = older;
  }

  add(value: number, errors: number): void {
    if (value > this.max) this.max = value;
    // Counters rise: what is not below the second value changes nothing else.
    if (value < this.min) this.#addLow(value);
    if (errors > this.maxErrors) this.maxErrors = errors;
    if (errors < this.minErrors) this.minErrors = errors;
  }

  #addLow(value: number): void {
    if (Number.isNaN(this.second)) this.second = value;
    this.min = value;
  }
}

export class CounterRuns {
  #last = Number.NaN;
  #lastTime: number = NO_TIME;
  #overflow = false;
  readonly #runs: MutableRun[] = [];
  #run: MutableRun | undefined;

  /** The row at float `float`. Called for each event. */
  add(floats: Float64Array, float: number): void {
    this.#add(
      floats[float + Float.processed] as number,
      floats[float + Float.errors] as number,
      floats[float + Float.time] as number,
    );
  }

  #add(processed: number, errors: number, time: number): void {
    const run = this.#run;
    if (run === undefined || processed < this.#last) this.#addFall(run, processed, errors, time);
    else run.add(processed, errors);
    this.#last = processed;
    this.#lastTime = time;
  }

  /** The events of one time whose sum is at `at` (RowSums.sources). None of them but the first has fallen so far that it begins a run. */
  addSum(sums: Float64Array, at: number, timeMs: number): void {
    this.#add(sums[at + 1] as number, sums[at + 2] as number, timeMs);
    if ((sums[at] as number) < 2) return;
    this.#add(sums[at + 3] as number, sums[at + 4] as number, timeMs);
    this.#run?.add(sums[at + 5] as number, sums[at + 7] as number);
    this.#run?.add(sums[at + 6] as number, sums[at + 8] as number);
    this.#last = sums[at + 9] as number;
  }

  #addFall(run: MutableRun | undefined, processed: number, errors: number, timeMs: number): void {
    const time = timeMs === NO_TIME ? Number.NaN : timeMs;
    const paused = this.#isPaused(time);
    const older = this.#isOlder(time);
    if (run === undefined || paused || older || processed < this.#last - JITTER) {
      this.#start(new MutableRun(processed, errors, time, paused, older));
    } else {
      run.add(processed, errors);
    }
  }

  #isPaused(time: number): boolean {
    return this.#lastTime !== NO_TIME && time - this.#lastTime > PAUSE_MS;
  }

  #isOlder(time: number): boolean {
    return this.#lastTime !== NO_TIME && time < this.#lastTime - CLOCK_SLACK_MS;
  }

  #start(run: MutableRun): void {
    if (this.#runs.length < MAX_RUNS) this.#runs.push(run);
    else this.#overflow = true;
    this.#run = run;
  }

  /** `count` lines were added, `failed` of them errors. */
  read(count: number, failed: number): CounterReading {
    const lives = readLives(this.#runs);
    const processed = lives.all.reduce((sum, { min, max }) => sum + max - min + 1, 0);
    const rises = lives.all.reduce((sum, { minErrors, maxErrors }) => sum + maxErrors - minErrors, 0);
    const unlogged = processed - count;
    const errorsRoseAlone = rises > failed;
    // Several counters under one key: they fall again and again without a restart, or count the same numbers twice.
    if (this.#overflow || unlogged < 0 || lives.strayFalls > Math.max(STRAY_FALLS, count * STRAY_RATE)) {
      return { processed: null, unlogged: null, restarts: 0, restartTimes: [], errorsRoseAlone };
    }
    const restartTimes = lives.all.slice(1).map(({ time }) => time);
    return {
      processed,
      unlogged,
      restarts: restartTimes.length,
      restartTimes: restartTimes.filter(isNumber),
      errorsRoseAlone,
    };
  }

  toState(): RunsState {
    const runs = this.#runs.map(({ first, second, min, max, minErrors, maxErrors, time, paused, older }) => {
      return {
        first,
        second: finite(second),
        min: finite(min),
        max,
        minErrors,
        maxErrors,
        time: finite(time),
        paused,
        older,
      };
    });
    return {
      runs,
      overflow: this.#overflow,
      last: this.#last,
      lastTime: this.#lastTime === NO_TIME ? null : this.#lastTime,
    };
  }

  /** Appends what came after: as if its lines had followed. */
  merge(state: RunsState): void {
    for (const [i, saved] of state.runs.entries()) {
      const time = saved.time ?? Number.NaN;
      const falls = saved.first < this.#last;
      const paused = i === 0 ? falls && this.#isPaused(time) : saved.paused;
      const older = i === 0 ? falls && this.#isOlder(time) : saved.older;
      const run = this.#run;
      const joins = i === 0 && run !== undefined && !paused && !older && saved.first >= this.#last - JITTER;
      if (joins) join(run, saved);
      else this.#start(restore(saved, paused, older));
    }
    if (state.runs.length === 0) return;
    this.#overflow ||= state.overflow;
    this.#last = state.last;
    this.#lastTime = state.lastTime ?? NO_TIME;
  }
}

function restore(saved: Run, paused: boolean, older: boolean): MutableRun {
  const run = new MutableRun(saved.first, saved.minErrors, saved.time ?? Number.NaN, paused, older);
  run.second = saved.second ?? Number.NaN;
  run.min = saved.min ?? Number.POSITIVE_INFINITY;
  run.max = saved.max;
  run.maxErrors = saved.maxErrors;
  return run;
}

function join(run: MutableRun, saved: Run): void {
  run.add(saved.first, saved.minErrors);
  run.min = Math.min(run.min, saved.min ?? Number.POSITIVE_INFINITY);
  run.max = Math.max(run.max, saved.max);
  run.maxErrors = Math.max(run.maxErrors, saved.maxErrors);
}

/** One life of the process: what its counters ran through. */
interface Life {
  min: number;
  max: number;
  minErrors: number;
  maxErrors: number;
  readonly time: number;
}

/** Joins runs into lives; a fall that is no restart is a straggler, whose first value is left out. */
function readLives(runs: readonly MutableRun[]): { all: Life[]; strayFalls: number } {
  const all: Life[] = [];
  let strayFalls = 0;
  for (const run of runs) {
    const life = all.at(-1);
    if (life === undefined || isRestart(run, life.max)) {
      const { minErrors, maxErrors, time } = run;
      all.push({ min: Math.min(run.first, run.min), max: run.max, minErrors, maxErrors, time });
    } else {
      // A straggler's first value is left out; an older piece (files named newest first) counts whole.
      if (!run.older) strayFalls += 1;
      life.min = Math.min(life.min, run.min, run.older ? run.first : life.min);
      life.max = Math.max(life.max, run.max);
      life.minErrors = Math.min(life.minErrors, run.minErrors);
      life.maxErrors = Math.max(life.maxErrors, run.maxErrors);
    }
  }
  return { all, strayFalls };
}

/** Below half of the highest value and by more than the jitter, or lower after a pause; and the next value too. */
function isRestart({ first, second, paused, older }: MutableRun, highest: number): boolean {
  if (older) return false;
  const isBelow = (value: number) => (paused ? value < highest : value < highest / 2 && highest - value > JITTER);
  return isBelow(first) && isBelow(second);
}

function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}

import { NO_TIME } from '../logs/row.ts';
import { Histogram, type HistogramState } from '../sketch/histogram.ts';

/** One day by the minute; what falls outside when the bound is reached is counted as `(other)`. */
export const MAX_WINDOWS = 1440;

export interface WindowState {
  /** Epoch ms of its start; null for the overflow. */
  readonly start: number | null;
  readonly count: number;
  readonly errors: number;
  readonly pT: HistogramState;
}

export interface WindowTally {
  readonly start: number | null;
  count: number;
  errors: number;
  readonly pT: Histogram;
}

/** Counts and pT per window of a fixed width, aligned to the epoch, half-open. */
export class Series {
  readonly widthMs: number;
  readonly #windows = new Map<number, WindowTally>();
  #other: WindowTally | undefined;
  #otherFrom = Number.POSITIVE_INFINITY;
  #current: WindowTally | undefined;

  constructor(widthMs: number) {
    this.widthMs = widthMs;
  }

  /** A time of NO_TIME belongs to no window. */
  add(timeMs: number, total: number, failed: boolean, times: number): void {
    if (timeMs === NO_TIME) return;
    const start = Math.floor(timeMs / this.widthMs) * this.widthMs;
    const window = this.#current?.start === start ? this.#current : this.#window(start);
    this.#current = window;
    window.count += times;
    if (failed) window.errors += times;
    window.pT.add(total, times);
  }

  #window(start: number): WindowTally {
    let window = this.#windows.get(start);
    if (window === undefined && this.#windows.size < MAX_WINDOWS) {
      window = { start, count: 0, errors: 0, pT: new Histogram() };
      this.#windows.set(start, window);
    }
    return window ?? this.#overflow(start);
  }

  #overflow(start: number): WindowTally {
    this.#other ??= { start: null, count: 0, errors: 0, pT: new Histogram() };
    this.#otherFrom = Math.min(this.#otherFrom, start);
    return this.#other;
  }

  /** Windows in order of time. */
  windows(): WindowTally[] {
    return [...this.#windows.values()].sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
  }

  /** The events past the bound on windows, and where they begin. */
  get overflow(): { from: number; window: WindowTally } | undefined {
    return this.#other && { from: this.#otherFrom, window: this.#other };
  }

  toState(): { widthMs: number; windows: WindowState[]; otherFrom: number | null } {
    const all = this.#other ? [...this.windows(), this.#other] : this.windows();
    const windows = all.map(({ start, count, errors, pT }) => ({ start, count, errors, pT: pT.toState() }));
    return { widthMs: this.widthMs, windows, otherFrom: this.#other ? this.#otherFrom : null };
  }

  merge(state: ReturnType<Series['toState']>): void {
    for (const { start, count, errors, pT } of state.windows) {
      const window = start === null ? this.#overflow(state.otherFrom ?? 0) : this.#window(start);
      window.count += count;
      window.errors += errors;
      window.pT.merge(pT);
    }
  }
}

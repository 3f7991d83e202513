import { type Cell, Float, failureOf, Int, NO_TIME, RowFlag } from '../logs/row.ts';
import { Histogram, type HistogramState } from '../sketch/histogram.ts';
import { TailBreakdown, type TailState } from '../sketch/tail.ts';
import type { FailurePattern } from '../status/patterns.ts';
import { FailureTimes, type FailureTimesState } from './failure-times.ts';
import type { Saturation } from './model.ts';
import { type Occurrence, Occurrences } from './occurrences.ts';
import type { Ending } from './outage.ts';
import { Timeline, type TimelineState } from './timeline.ts';

/** Different status codes counted apart; agents may define codes of their own, so there has to be an end. */
const MAX_CODES = 256;
/** Kinds of failures whose times are kept apart. */
export const MAX_FAILURE_TIMES = 16;
/** A success that holds the client's request for longer than this many ms is slow. */
export const SLOW_MS = 100;

export interface StatusOccurrence extends Occurrence {
  readonly st: number;
}

export interface GroupState {
  readonly count: number;
  readonly errors: number;
  /** Errors whose status code went over the bound on codes. */
  readonly uncounted: number;
  readonly slow: number;
  readonly statuses: readonly StatusOccurrence[];
  readonly patterns: readonly (readonly [FailurePattern, number])[];
  readonly reqT: HistogramState;
  readonly qT: HistogramState;
  readonly wT: HistogramState;
  readonly resT: HistogramState;
  readonly pT: HistogramState;
  readonly tail: TailState;
  readonly saturation: Saturation | null;
  readonly timeline: TimelineState | null;
  /** The state of LastMinute. This and all that follows is absent in states of older versions. */
  readonly lastMinute?: readonly number[];
  /** Times of successes that were slow. */
  readonly slowTimes?: FailureTimesState;
  /** Times of failures by kind: a pattern or `st=N`. */
  readonly failureTimes?: readonly (readonly [string, TimelineState])[];
}

/** Everything a summary says about one group of events, in constant memory. */
export class GroupTally {
  readonly cell: Cell | undefined;
  errors = 0;
  /** Errors whose code went over the bound on codes. */
  uncounted = 0;
  /** Successes that took longer than SLOW_MS. */
  slow = 0;
  readonly patterns = new Map<FailurePattern, number>();
  readonly reqT: Histogram;
  readonly qT: Histogram;
  readonly wT: Histogram;
  readonly resT: Histogram;
  readonly pT: Histogram;
  readonly tail: TailBreakdown;
  /** Lowest idles, highest applets, sending and waiting. */
  readonly #gauges: Float64Array;
  readonly #times = new FailureTimes();
  readonly #slowTimes = new FailureTimes();
  readonly #failureTimes = new Map<string, Timeline>();
  readonly #statuses = new Map<number, Occurrences>();
  readonly #success = new Occurrences();
  // Successes of the same moment, not yet in #success and #times: many lines share their second.
  #pending = 0;
  #pendingTime: number = NO_TIME;

  /** `cell` is where the scanner counts timers and gauges of this group too. */
  constructor(cell?: Cell) {
    this.cell = cell;
    this.reqT = new Histogram(cell?.reqT);
    this.qT = new Histogram(cell?.qT);
    this.wT = new Histogram(cell?.wT);
    this.resT = new Histogram(cell?.resT);
    this.pT = new Histogram(cell?.pT);
    this.tail = new TailBreakdown(cell?.tail);
    this.#gauges = cell?.gauges ?? Float64Array.of(Number.POSITIVE_INFINITY, -1, -1, -1);
  }

  /** One row at word `int` and float `float`. Called for each event: numbers are read where they are used. */
  add(ints: Int32Array, floats: Float64Array, int: number, float: number): void {
    const times = ints[int + Int.repeat] as number;
    const flags = ints[int + Int.flags] as number;
    const phases = (flags & RowFlag.phases) !== 0;
    if ((flags & RowFlag.counted) === 0) this.#addTimers(ints, int, phases, times);
    if (ints[int + Int.status] !== 0) {
      this.#addFailure(ints, int, times, floats[float + Float.time] as number);
      return;
    }
    const slow = (ints[int + Int.pT] as number) > SLOW_MS ? times : 0;
    this.addSuccesses(times, slow, floats[float + Float.time] as number);
  }

  /** Successes of one time, some of them slow, whose timers are counted. */
  addSuccesses(times: number, slow: number, time: number): void {
    if (slow > 0) this.#addSlow(slow, time);
    if (time === this.#pendingTime) this.#pending += times;
    else this.#addSuccess(times, time);
  }

  /** Takes back what the scanner has counted of a row that does not count (RowFlag.counted). Its gauges stay: they were true. */
  discount(ints: Int32Array, int: number): void {
    const { cell } = this;
    if (cell === undefined) return;
    const at = (timer: number) => ints[int + timer] as number;
    const total = at(Int.pT);
    addTo(cell.pT, total, -1);
    if ((at(Int.flags) & RowFlag.phases) === 0) return;
    const phases = [Int.reqT, Int.qT, Int.wT, Int.resT].map(at);
    for (const [i, histogram] of [cell.reqT, cell.qT, cell.wT, cell.resT].entries())
      addTo(histogram, phases[i] as number, -1);
    addTo(cell.tail, total * 5, -1);
    for (const [i, ms] of phases.entries()) addTo(cell.tail, total * 5 + 1 + i, -ms);
  }

  #addSlow(times: number, time: number): void {
    this.slow += times;
    if (time !== NO_TIME) this.#slowTimes.add(time, true, times);
  }

  /** Successes over time, the slow ones as errors; undefined without times. */
  get slowEnding(): Ending | undefined {
    const { timeline, lastMinute } = this.times.toState();
    const slow = this.#slowTimes.toState();
    if (timeline === null || slow.timeline === null) return undefined;
    const all = new FailureTimes();
    const succeeded = timeline.counts.map((count, i) => count - (timeline.errors[i] ?? 0));
    const none = { errors: succeeded.map(() => 0), firstErrors: [], lastErrors: [] };
    all.merge({
      timeline: { ...timeline, counts: succeeded, ...none },
      lastMinute: lastMinute.map((n, i) => (i % 3 === 1 ? n - (lastMinute[i + 1] ?? 0) : i % 3 === 2 ? 0 : n)),
    });
    all.merge({
      timeline: { ...slow.timeline, counts: slow.timeline.counts.map(() => 0) },
      lastMinute: slow.lastMinute.map((n, i) => (i % 3 === 1 ? 0 : n)),
    });
    return all.ending;
  }

  #addSuccess(times: number, time: number): void {
    this.#settle();
    this.#pending = times;
    this.#pendingTime = time;
  }

  /** Counts the pending successes. */
  #settle(): void {
    if (this.#pending === 0) return;
    this.#addTo(this.#success, this.#pending, this.#pendingTime, false);
    this.#pending = 0;
  }

  #addTo(tally: Occurrences | undefined, times: number, time: number, failed: boolean): void {
    const isKnown = time !== NO_TIME;
    tally?.add(isKnown ? time : Number.NaN, times);
    if (isKnown) this.#times.add(time, failed, times);
  }

  get count(): number {
    return this.#success.count + this.#pending + this.errors;
  }

  /** Times of the events that have one, and of those that failed. */
  get times(): FailureTimes {
    this.#settle();
    return this.#times;
  }

  /** How many failures of a kind (a pattern, or `st=N`) came at that time or later; undefined where it is not known. */
  failuresSince(kind: string, sinceMs: number): number | undefined {
    const state = this.#failureTimes.get(kind)?.toState();
    if (state === undefined) return undefined;
    const widthMs = 2 ** state.widthLog2 * 1000;
    return state.counts.reduce((sum, n, i) => ((state.first + i + 1) * widthMs > sinceMs ? sum + n : sum), 0);
  }

  #failureTime(kind: string): Timeline | undefined {
    let times = this.#failureTimes.get(kind);
    if (times === undefined && this.#failureTimes.size < MAX_FAILURE_TIMES) {
      times = new Timeline();
      this.#failureTimes.set(kind, times);
    }
    return times;
  }

  #addTimers(ints: Int32Array, int: number, phases: boolean, times: number): void {
    const total = ints[int + Int.pT] as number;
    this.pT.add(total, times);
    if (!phases) return;
    const reqT = ints[int + Int.reqT] as number;
    const qT = ints[int + Int.qT] as number;
    const wT = ints[int + Int.wT] as number;
    const resT = ints[int + Int.resT] as number;
    this.reqT.add(reqT, times);
    this.qT.add(qT, times);
    this.wT.add(wT, times);
    this.resT.add(resT, times);
    this.tail.add(total, reqT, qT, wT, resT, times);
    const idles = (ints[int + Int.idles] as number) >>> 0;
    const applets = (ints[int + Int.applets] as number) >>> 0;
    const sending = (ints[int + Int.sending] as number) >>> 0;
    const waiting = (ints[int + Int.waiting] as number) >>> 0;
    this.#addGauges(idles, applets, sending, waiting);
  }

  #addGauges(idles: number, applets: number, sending: number, waiting: number): void {
    const gauges = this.#gauges;
    gauges[0] = Math.min(gauges[0] as number, idles);
    gauges[1] = Math.max(gauges[1] as number, applets);
    gauges[2] = Math.max(gauges[2] as number, sending);
    gauges[3] = Math.max(gauges[3] as number, waiting);
  }

  #addFailure(ints: Int32Array, int: number, times: number, time: number): void {
    const status = (ints[int + Int.status] as number) >>> 0;
    this.errors += times;
    const pattern = failureOf(ints, int);
    if (pattern !== undefined) this.patterns.set(pattern, (this.patterns.get(pattern) ?? 0) + times);
    if (time !== NO_TIME) this.#failureTime(pattern ?? `st=${status}`)?.add(time, times, true);
    const tally = this.#status(status);
    if (tally === undefined) this.uncounted += times;
    this.#addTo(tally, times, time, true);
  }

  /** Occurrences of a code; undefined when too many different codes were seen. */
  #status(code: number): Occurrences | undefined {
    let tally = this.#statuses.get(code);
    if (tally === undefined && this.#statuses.size < MAX_CODES) {
      tally = new Occurrences();
      this.#statuses.set(code, tally);
    }
    return tally;
  }

  get saturation(): Saturation | null {
    const [minIdles = 0, maxApplets = -1, maxSending = 0, maxWaiting = 0] = this.#gauges;
    return maxApplets < 0 ? null : { minIdles, maxApplets, maxSending, maxWaiting };
  }

  /** Statuses by count, then code. */
  statuses(): StatusOccurrence[] {
    this.#settle();
    const all = [...this.#statuses].map(([st, seen]) => ({ st, ...seen.toState() }));
    if (this.#success.count > 0) all.push({ st: 0, ...this.#success.toState() });
    return all.sort((a, b) => b.count - a.count || a.st - b.st);
  }

  toState(): GroupState {
    const { count, errors, uncounted, slow, reqT, qT, wT, resT, pT } = this;
    return {
      count,
      errors,
      uncounted,
      slow,
      statuses: this.statuses(),
      patterns: [...this.patterns],
      reqT: reqT.toState(),
      qT: qT.toState(),
      wT: wT.toState(),
      resT: resT.toState(),
      pT: pT.toState(),
      tail: this.tail.toState(),
      saturation: this.saturation,
      ...this.times.toState(),
      slowTimes: this.#slowTimes.toState(),
      failureTimes: [...this.#failureTimes].flatMap(([kind, times]) => {
        const time = times.toState();
        return time === undefined ? [] : [[kind, time] as const];
      }),
    };
  }

  merge(state: GroupState): void {
    this.errors += state.errors;
    this.uncounted += state.uncounted;
    this.slow += state.slow;
    for (const { st, ...seen } of state.statuses) {
      const tally = st === 0 ? this.#success : this.#status(st);
      if (tally === undefined) this.uncounted += seen.count;
      else tally.merge(seen);
    }
    for (const [pattern, count] of state.patterns)
      this.patterns.set(pattern, (this.patterns.get(pattern) ?? 0) + count);
    this.reqT.merge(state.reqT);
    this.qT.merge(state.qT);
    this.wT.merge(state.wT);
    this.resT.merge(state.resT);
    this.pT.merge(state.pT);
    this.tail.merge(state.tail);
    this.times.merge({ timeline: state.timeline, lastMinute: state.lastMinute ?? [] });
    if (state.slowTimes !== undefined) this.#slowTimes.merge(state.slowTimes);
    for (const [kind, times] of state.failureTimes ?? []) this.#failureTime(kind)?.merge(times);
    if (state.saturation === null) return;
    const { minIdles, maxApplets, maxSending, maxWaiting } = state.saturation;
    this.#addGauges(minIdles, maxApplets, maxSending, maxWaiting);
  }
}

function addTo(numbers: Float64Array, at: number, by: number): void {
  numbers[at] = (numbers[at] as number) + by;
}

/**
 * The last events of an input in the order of its lines. Where its times do not lead to the same end (a clock that was
 * set back, one line of the future, no times at all), the lines do.
 */
import { Float, Int, NO_TIME, ROW_BYTES, ROW_INTS, RowFlag } from '../logs/row.ts';

/** How many events say how it is now. */
export const RECENT_KEPT = 64;
/** Lines of several hosts are this far out of order, with clocks that agree. */
const ORDER_SLACK_MS = 60_000;
const LEAP_MS = 12 * 3_600_000;
const FEW = 4;
/** Rows that are kept to be looked at later. */
const KEPT_ROWS = 4 * RECENT_KEPT;

export interface RecentState {
  /** Oldest first: epoch ms, null without a time; and 1 for a failure, or 0. */
  readonly times: readonly (number | null)[];
  readonly failed: readonly number[];
  /** The latest time of the input; null without times. */
  readonly latest: number | null;
}

/** The end of an input in the order of its lines. */
export interface OrderedEnd {
  readonly count: number;
  readonly errors: number;
  /** Failures at the very end; all of them may be more than were kept. */
  readonly run: number;
  /** Epoch ms of the first of these, and of the last event; undefined where that is not known. */
  readonly runSince: number | undefined;
  readonly endMs: number | undefined;
  /** The times lead to another end, or to none. */
  readonly isApart: boolean;
}

export class RecentEvents {
  readonly #times = new Float64Array(RECENT_KEPT);
  readonly #failed = new Uint8Array(RECENT_KEPT);
  #added = 0;
  #latest = NO_TIME;
  /** The state of the earlier input that ends latest. */
  #before: RecentState | undefined;
  /** Rows that are not looked at yet: mostly those of the next batch are later. */
  #rows: { readonly ints: Int32Array; readonly floats: Float64Array } | undefined;
  #rowWords = 0;

  /** The next event; a time that is not known is NO_TIME. */
  add(timeMs: number, failed: boolean): void {
    this.#settle();
    if (timeMs > this.#latest) this.#latest = timeMs;
    const at = this.#added % RECENT_KEPT;
    this.#times[at] = timeMs;
    this.#failed[at] = failed ? 1 : 0;
    this.#added += 1;
  }

  /**
   * Keeps the last rows of a batch, whose words are ints[from, to), until they are asked for; false when they are too many.
   * `areEnough`: as many as are kept at most count among them. A later time than theirs was noted before others came.
   */
  keepRows(ints: Int32Array, from: number, to: number, areEnough: boolean): boolean {
    if (to - from > KEPT_ROWS * ROW_INTS) return false;
    if (!areEnough) this.#settle();
    if (this.#rows === undefined) {
      const buffer = new ArrayBuffer(KEPT_ROWS * ROW_BYTES);
      this.#rows = { ints: new Int32Array(buffer), floats: new Float64Array(buffer) };
    }
    this.#rows.ints.set(ints.subarray(from, to));
    this.#rowWords = to - from;
    return true;
  }

  #settle(): void {
    const end = this.#rowWords;
    if (end === 0 || this.#rows === undefined) return;
    this.#rowWords = 0;
    const { ints, floats } = this.#rows;
    for (let int = 0; int < end; int += ROW_INTS) {
      if (((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0) continue;
      const times = Math.min(RECENT_KEPT, ints[int + Int.repeat] as number);
      for (let each = 0; each < times; each++)
        this.add(floats[(int >> 1) + Float.time] as number, ints[int + Int.status] !== 0);
    }
  }

  /** The input has this time too, in an event that is not among its last. */
  noteTime(timeMs: number): void {
    if (timeMs > this.#latest) this.#latest = timeMs;
  }

  beginInput(): void {
    this.#settle();
    if (this.#added === 0) return;
    this.#before = newer(this.#before, this.#current());
    this.#added = 0;
    this.#latest = NO_TIME;
  }

  #current(): RecentState {
    const kept = Math.min(this.#added, RECENT_KEPT);
    const places = Array.from({ length: kept }, (_, i) => (this.#added - kept + i) % RECENT_KEPT);
    const times = places.map((at) => this.#times[at] as number);
    return {
      times: times.map((time) => (time === NO_TIME ? null : time)),
      failed: places.map((at) => this.#failed[at] as number),
      latest: this.#latest === NO_TIME ? null : this.#latest,
    };
  }

  /** The end of the input that ends latest; undefined without events. */
  get end(): OrderedEnd | undefined {
    const { times, failed, latest } = this.toState();
    if (times.length === 0) return undefined;
    const errors = failed.reduce((sum, each) => sum + each, 0);
    const run = failed.length - 1 - failed.lastIndexOf(0);
    const isWhole = run < failed.length || failed.length < RECENT_KEPT;
    return {
      count: failed.length,
      errors,
      run,
      runSince: run > 0 && isWhole ? (times[times.length - run] ?? undefined) : undefined,
      endMs: times.at(-1) ?? undefined,
      isApart: isApart(times, latest),
    };
  }

  /** Epoch ms of the latest of the last events that is not beyond this time: a clock may be ahead. Undefined without one. */
  latestUpTo(ms: number): number | undefined {
    const times = this.toState().times.filter((time) => time !== null && time <= ms) as readonly number[];
    return times.length === 0 ? undefined : Math.max(...times);
  }

  toState(): RecentState {
    this.#settle();
    return newer(this.#before, this.#current());
  }

  /** Appends what came after; with `goesOn` it is the rest of the same input. */
  merge(state: RecentState, goesOn: boolean): void {
    if (!goesOn) this.beginInput();
    for (const [i, time] of state.times.entries()) this.add(time ?? NO_TIME, state.failed[i] === 1);
    if (state.latest !== null) this.noteTime(state.latest);
  }
}

function newer(before: RecentState | undefined, state: RecentState): RecentState {
  if (before === undefined) return state;
  if (state.times.length === 0) return before;
  const [a, b] = [before.times.at(-1) ?? null, state.times.at(-1) ?? null];
  return a !== null && b !== null && a > b ? before : state;
}

function isApart(times: readonly (number | null)[], latest: number | null): boolean {
  let highest = Number.NEGATIVE_INFINITY;
  for (const [i, time] of times.entries()) {
    if (time === null || time < highest - ORDER_SLACK_MS) return true;
    // A few events after a leap are of a clock that is wrong, or too few to say how it is now.
    if (i >= times.length - FEW && time > highest + LEAP_MS && i > 0) return true;
    highest = Math.max(highest, time);
  }
  return latest !== null && highest < latest - ORDER_SLACK_MS;
}

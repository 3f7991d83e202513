/**
 * What mirroring may cost, held against the events of one agent as they arrive. Two looks, as burn rates have it: at the
 * whole window, for a little too much; and at its last fifth, for an agent that stalls, of which few lines come.
 */

export interface BudgetLimits {
  /** Of 100 events one may take longer, ms. Undefined: no limit. */
  readonly maxP99Ms: number | undefined;
  /** 0 to 1. Undefined: no limit. */
  readonly maxErrorRate: number | undefined;
  readonly windowMs: number;
  /** Fewer events in the window decide nothing. */
  readonly minEvents: number;
}

export type BudgetPart = 'p99' | 'error-rate';

/** One limit, and how many events are beyond it. */
interface Excess {
  readonly part: BudgetPart;
  readonly events: number;
  readonly beyond: number;
  /** Of `events`, from when on it is too many. */
  readonly allowed: number;
}

export interface Judgement {
  /** In the window. */
  readonly events: number;
  readonly failed: number;
  /** What is beyond the budget; undefined when nothing is, or when there are too few events to say. */
  readonly breach: Excess | undefined;
  /** There are enough events, and they are well within: at most half of what each limit allows. */
  readonly isWell: boolean;
}

/** Of all events, by definition of the quantile. */
const SLOW_ALLOWED = 0.01;
/** So many events beyond a limit are no accident. */
const MIN_BEYOND = 3;
/** Part of the window that shows a stall. */
const RECENT_PART = 5;
/** A stall is at least half of the events. */
const STALLED = 0.5;
/** Where there are few events, older ones are looked at, up to so many windows old. */
const OLDEST_WINDOWS = 10;
/** Events that are kept: 6,500 a second in a window of 10 s. */
const CAPACITY = 65_536;

export class Budget {
  readonly limits: BudgetLimits;
  /** Events that had to leave while they were in the window: it was shorter than it says. */
  overwritten = 0;
  readonly #arrivals = new Float64Array(CAPACITY);
  readonly #times = new Int32Array(CAPACITY);
  readonly #failures = new Uint8Array(CAPACITY);
  /** Of all events, since the last `clear`. */
  #count = 0;
  #clearedMs = Number.NEGATIVE_INFINITY;

  constructor(limits: BudgetLimits) {
    this.limits = limits;
  }

  /** @param nowMs of a clock that only goes on: log times are those of another machine, and may be set back */
  add(nowMs: number, processingMs: number, isFailure: boolean): void {
    const at = this.#count % CAPACITY;
    if (this.#count >= CAPACITY && (this.#arrivals[at] as number) > nowMs - this.limits.windowMs) this.overwritten++;
    this.#arrivals[at] = nowMs;
    this.#times[at] = processingMs;
    this.#failures[at] = isFailure ? 1 : 0;
    this.#count++;
  }

  /**
   * From here on only what comes counts. The first moments, in which HAProxy opens its connections to the agent, are slower:
   * a little too much is one only after a whole window.
   */
  clear(nowMs: number): void {
    this.#count = 0;
    this.#clearedMs = nowMs;
  }

  judge(nowMs: number): Judgement {
    const { windowMs, minEvents } = this.limits;
    const inWindow = this.#since(nowMs, windowMs);
    const whole = this.#excesses(Math.max(inWindow, this.#latest(nowMs, minEvents)));
    const recent = this.#excesses(
      Math.max(this.#since(nowMs, windowMs / RECENT_PART), this.#latest(nowMs, MIN_BEYOND)),
    );
    const isEnough = (whole[0]?.events ?? 0) >= minEvents;
    const stalled = recent.find(
      ({ events, beyond, allowed }) =>
        beyond >= MIN_BEYOND && beyond >= events * Math.max(STALLED, allowed) && beyond > events * allowed,
    );
    const tooMany =
      isEnough && nowMs - this.#clearedMs >= windowMs
        ? whole.find(({ events, beyond, allowed }) => beyond >= MIN_BEYOND && beyond > events * allowed)
        : undefined;
    return {
      events: inWindow,
      failed: this.#failed(inWindow),
      breach: stalled ?? tooMany,
      isWell: isEnough && whole.every(({ events, beyond, allowed }) => beyond <= (events * allowed) / 2),
    };
  }

  /** Of the events in the window; undefined without one. */
  p99Ms(nowMs: number): number | undefined {
    const events = this.#since(nowMs, this.limits.windowMs);
    const times = new Int32Array(events);
    for (let back = 0; back < events; back++) times[back] = this.#times[this.#at(back)] as number;
    times.sort();
    return times[Math.ceil(events * (1 - SLOW_ALLOWED)) - 1];
  }

  /** How many of the last events are that young. */
  #since(nowMs: number, spanMs: number): number {
    const most = Math.min(this.#count, CAPACITY);
    let count = 0;
    while (count < most && (this.#arrivals[this.#at(count)] as number) > nowMs - spanMs) count++;
    return count;
  }

  /** The last `wanted` events, where they are not too old. */
  #latest(nowMs: number, wanted: number): number {
    return Math.min(wanted, this.#since(nowMs, this.limits.windowMs * OLDEST_WINDOWS));
  }

  /** Index of the event that is `back` before the last one. */
  #at(back: number): number {
    return (this.#count - 1 - back) % CAPACITY;
  }

  /** Of the last `events`, one entry for each limit that there is. */
  #excesses(events: number): Excess[] {
    const { maxP99Ms, maxErrorRate } = this.limits;
    const excesses: Excess[] = [];
    if (maxP99Ms !== undefined) {
      let beyond = 0;
      for (let back = 0; back < events; back++) if ((this.#times[this.#at(back)] as number) > maxP99Ms) beyond++;
      excesses.push({ part: 'p99', events, beyond, allowed: SLOW_ALLOWED });
    }
    if (maxErrorRate !== undefined)
      excesses.push({ part: 'error-rate', events, beyond: this.#failed(events), allowed: maxErrorRate });
    return excesses;
  }

  #failed(events: number): number {
    let failed = 0;
    for (let back = 0; back < events; back++) failed += this.#failures[this.#at(back)] as number;
    return failed;
  }
}

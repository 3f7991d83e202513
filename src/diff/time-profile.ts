/** Counts over time in a bounded number of equal steps, which widen as the time grows. */

export const PROFILE_COUNTS = [
  'pairs',
  'newErrors',
  'fixedErrors',
  'worse',
  'better',
  'unanswered',
  'notMirrored',
] as const;
export type ProfileCount = (typeof PROFILE_COUNTS)[number];

/** What was counted from `fromMs` on for one step. */
export type ProfileStep = { readonly fromMs: number } & { readonly [count in ProfileCount]: number };

export const MAX_STEPS = 240;
/** Each divides the next, so that two old steps are in one new one; beyond them a step doubles. */
const STEPS_MS = [1, 2, 10, 30, 60, 120, 600, 1_800, 3_600, 7_200, 21_600, 86_400].map((seconds) => 1000 * seconds);
const WIDTH = PROFILE_COUNTS.length;
const NUMBER = Object.fromEntries(PROFILE_COUNTS.map((name, i) => [name, i])) as {
  readonly [c in ProfileCount]: number;
};

/** Whatever the order in which moments come, the steps are the narrowest in which all of them have room. */
export class TimeProfile {
  #stepMs = STEPS_MS[0] as number;
  /** Number of the step in the first place, counted from the epoch; moved when an earlier one comes. */
  #origin = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  /** Allocated with the first count: most routes of a scanned site have few requests. */
  #counts: Int32Array | undefined;

  get stepMs(): number {
    return this.#stepMs;
  }

  /** A moment that is not known is not counted. */
  add(count: ProfileCount, timeMs: number): void {
    this.#add(NUMBER[count], timeMs, 1);
  }

  #add(count: number, timeMs: number, times: number): void {
    const place = times === 0 ? undefined : this.#placeOf(timeMs);
    if (place === undefined || this.#counts === undefined) return;
    const at = place * WIDTH + count;
    this.#counts[at] = (this.#counts[at] as number) + times;
  }

  merge(other: TimeProfile): void {
    if (other.#counts === undefined) return;
    while (this.#stepMs < other.#stepMs) this.#widen();
    for (let number = other.#first; number <= other.#last; number++) {
      const from = (number - other.#origin) * WIDTH;
      for (let i = 0; i < WIDTH; i++) this.#add(i, number * other.#stepMs, other.#counts[from + i] as number);
    }
  }

  /** A copy in the width of another profile, whose steps are as wide as this one's or wider. */
  widenTo(stepMs: number): TimeProfile {
    const wide = new TimeProfile();
    wide.merge(this);
    while (wide.#stepMs < stepMs) wide.#widen();
    return wide;
  }

  /** Oldest first, those between in which nothing was counted too. */
  steps(): ProfileStep[] {
    const counts = this.#counts;
    if (counts === undefined) return [];
    const steps: ProfileStep[] = [];
    for (let number = this.#first; number <= this.#last; number++) {
      const at = (number - this.#origin) * WIDTH;
      const named = Object.fromEntries(PROFILE_COUNTS.map((name, i) => [name, counts[at + i]]));
      steps.push({ fromMs: number * this.#stepMs, ...named } as ProfileStep);
    }
    return steps;
  }

  #placeOf(timeMs: number): number | undefined {
    const number = Math.floor(timeMs / this.#stepMs);
    const place = number - this.#origin;
    if (this.#counts !== undefined && place >= 0 && place < MAX_STEPS) {
      if (number < this.#first) this.#first = number;
      if (number > this.#last) this.#last = number;
      return place;
    }
    if (!Number.isFinite(timeMs)) return undefined;
    if (this.#counts === undefined) {
      this.#counts = new Int32Array(MAX_STEPS * WIDTH);
      this.#origin = number;
    } else if (Math.max(this.#last, number) - Math.min(this.#first, number) >= MAX_STEPS) {
      this.#widen();
    } else {
      this.#moveTo(Math.min(this.#first, number));
    }
    return this.#placeOf(timeMs);
  }

  #moveTo(origin: number): void {
    const old = this.#counts as Int32Array;
    const counts = new Int32Array(old.length);
    const used = old.subarray((this.#first - this.#origin) * WIDTH, (this.#last + 1 - this.#origin) * WIDTH);
    counts.set(used, (this.#first - origin) * WIDTH);
    this.#counts = counts;
    this.#origin = origin;
  }

  #widen(): void {
    const stepMs = STEPS_MS.find((step) => step > this.#stepMs) ?? 2 * this.#stepMs;
    const factor = stepMs / this.#stepMs;
    this.#stepMs = stepMs;
    const old = this.#counts;
    if (old === undefined) return;
    const counts = new Int32Array(old.length);
    const origin = Math.floor(this.#first / factor);
    for (let number = this.#first; number <= this.#last; number++) {
      const from = (number - this.#origin) * WIDTH;
      const to = (Math.floor(number / factor) - origin) * WIDTH;
      for (let i = 0; i < WIDTH; i++) counts[to + i] = (counts[to + i] as number) + (old[from + i] as number);
    }
    this.#counts = counts;
    this.#origin = origin;
    this.#first = origin;
    this.#last = Math.floor(this.#last / factor);
  }
}

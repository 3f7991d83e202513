/**
 * Counts and latencies by time, for charts of what happened of late: seconds of the last quarter of an hour, then tens of
 * seconds, then minutes of a day. A step that is older than its tier holds moves into the next one, so that each event is
 * counted in one place, and what is kept never grows. It does not merge; history.ts does, of any span, for pages and saved states.
 */

/** Kinds that are counted apart. The last one is for all that come after. */
export const MOST_KINDS = 16;

/**
 * Latencies: exact below 16 ms, then eight buckets an octave, so that a quantile is within 6.25 %; the last is 71 minutes.
 * It is never below the smallest, or above the largest latency that was counted, which are kept beside.
 */
export const EXACT = 16;
const PER_OCTAVE = 8;
const OCTAVES = 18;
const BUCKETS = EXACT + OCTAVES * PER_OCTAVE;

const SECOND_MS = 1000;
/** Steps and how many of them: 15 min, 6 h, 24 h. */
const TIERS = [
  { stepMs: SECOND_MS, count: 900 },
  { stepMs: 10 * SECOND_MS, count: 2160 },
  { stepMs: 60 * SECOND_MS, count: 1440 },
] as const;
/** The longest time that charts can look back, ms. */
export const LONGEST_WINDOW_MS = 86_400_000;

function bucketOf(ms: number): number {
  if (ms < EXACT) return ms;
  const octave = 31 - Math.clz32(ms);
  return Math.min(BUCKETS - 1, EXACT + (octave - 4) * PER_OCTAVE + ((ms >>> (octave - 3)) & (PER_OCTAVE - 1)));
}

/** The middle of a bucket, ms, rounded down. */
function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const octave = 4 + Math.floor((bucket - EXACT) / PER_OCTAVE);
  const step = 2 ** (octave - 3);
  return 2 ** octave + ((bucket - EXACT) % PER_OCTAVE) * step + Math.floor((step - 1) / 2);
}

/** The smallest latency of nothing, and the largest; both fit 32 bits. */
const NO_LOW = 2 ** 32 - 1;
const LARGEST = NO_LOW;

/** What happened in one column of a chart. */
export interface Column {
  /** Events by kind. */
  readonly counts: Float64Array;
  /** ms; null without any. */
  readonly p50: number | null;
  readonly p99: number | null;
}

class Tier {
  readonly stepMs: number;
  readonly size: number;
  /** The number of the step that is in each place; -1 for none. */
  readonly steps: Float64Array;
  readonly counts: Float64Array;
  readonly buckets: Uint32Array;
  /** The smallest and the largest latency of each step, ms. */
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  isUsed = false;

  constructor(stepMs: number, size: number) {
    this.stepMs = stepMs;
    this.size = size;
    this.steps = new Float64Array(size).fill(-1);
    this.counts = new Float64Array(size * MOST_KINDS);
    this.buckets = new Uint32Array(size * BUCKETS);
    this.lows = new Uint32Array(size).fill(NO_LOW);
    this.highs = new Uint32Array(size);
  }

  clear(place: number): void {
    this.steps[place] = -1;
    this.counts.fill(0, place * MOST_KINDS, (place + 1) * MOST_KINDS);
    this.buckets.fill(0, place * BUCKETS, (place + 1) * BUCKETS);
    this.lows[place] = NO_LOW;
    this.highs[place] = 0;
  }

  addLatency(place: number, latencyMs: number, times: number): void {
    const ms = latencyMs > LARGEST ? LARGEST : latencyMs;
    const bucket = place * BUCKETS + bucketOf(ms);
    this.buckets[bucket] = (this.buckets[bucket] as number) + times;
    if (ms < (this.lows[place] as number)) this.lows[place] = ms;
    if (ms > (this.highs[place] as number)) this.highs[place] = ms;
  }

  set(tier: Tier): void {
    this.steps.set(tier.steps);
    this.counts.set(tier.counts);
    this.buckets.set(tier.buckets);
    this.lows.set(tier.lows);
    this.highs.set(tier.highs);
    this.isUsed = tier.isUsed;
  }
}

export class TimeCells {
  readonly #tiers = TIERS.map(({ stepMs, count }) => new Tier(stepMs, count));
  readonly #first = this.#tiers[0] as Tier;
  /** The latest time, epoch ms; -Infinity before the first. */
  newestMs = Number.NEGATIVE_INFINITY;
  /** Events that were older than what is kept. */
  tooOld = 0;
  /** The second of the last event, which is mostly that of the next one, and its place. */
  #fromMs = Number.NaN;
  #place = 0;

  /** Counts events of one time (epoch ms, finite). A latency below 0 is none. */
  add(timeMs: number, kind: number, latencyMs: number, times: number): void {
    const tier = this.#first;
    if (!(timeMs >= this.#fromMs && timeMs < this.#fromMs + SECOND_MS)) {
      if (timeMs < this.newestMs - LONGEST_WINDOW_MS) {
        this.tooOld += times;
        return;
      }
      const step = Math.floor(timeMs / SECOND_MS);
      const place = this.#open(0, step);
      if (place < 0) {
        this.#addOld(step, kind, latencyMs, times);
        return;
      }
      this.#fromMs = step * SECOND_MS;
      this.#place = place;
    }
    if (timeMs > this.newestMs) this.newestMs = timeMs;
    const at = this.#place * MOST_KINDS + kind;
    tier.counts[at] = (tier.counts[at] as number) + times;
    if (latencyMs >= 0) tier.addLatency(this.#place, latencyMs, times);
  }

  /** The place of a step in a tier; what was there moves on. -1 where the step is older than what is there. */
  #open(number: number, step: number): number {
    const tier = this.#tiers[number] as Tier;
    const place = step % tier.size;
    const there = tier.steps[place] as number;
    if (there === step) return place;
    if (there > step) return -1;
    if (there >= 0) {
      this.#moveOn(number, place, there);
      tier.clear(place);
    }
    tier.steps[place] = step;
    tier.isUsed = true;
    return place;
  }

  #moveOn(number: number, from: number, step: number): void {
    const tier = this.#tiers[number] as Tier;
    const next = this.#tiers[number + 1];
    if (next === undefined) return;
    const place = this.#open(number + 1, Math.floor((step * tier.stepMs) / next.stepMs));
    if (place < 0) {
      this.tooOld += sumOf(tier.counts, from * MOST_KINDS, MOST_KINDS);
      return;
    }
    addTo(next.counts, place * MOST_KINDS, tier.counts, from * MOST_KINDS, MOST_KINDS);
    addTo(next.buckets, place * BUCKETS, tier.buckets, from * BUCKETS, BUCKETS);
    next.lows[place] = Math.min(next.lows[place] as number, tier.lows[from] as number);
    next.highs[place] = Math.max(next.highs[place] as number, tier.highs[from] as number);
  }

  /** An event of a second that has moved on. */
  #addOld(second: number, kind: number, latencyMs: number, times: number): void {
    for (const [number, tier] of this.#tiers.entries()) {
      if (number === 0) continue;
      const place = this.#open(number, Math.floor((second * SECOND_MS) / tier.stepMs));
      if (place < 0) continue;
      const at = place * MOST_KINDS + kind;
      tier.counts[at] = (tier.counts[at] as number) + times;
      if (latencyMs >= 0) tier.addLatency(place, latencyMs, times);
      return;
    }
    this.tooOld += times;
  }

  /** What happened in `columns` equal parts of the time up to `endMs`, the earliest first. A step counts where it begins. */
  columns(endMs: number, windowMs: number, columns: number): Column[] {
    const counts = Array.from({ length: columns }, () => new Float64Array(MOST_KINDS));
    const buckets = Array.from({ length: columns }, () => new Uint32Array(BUCKETS));
    const lows = new Float64Array(columns).fill(NO_LOW);
    const highs = new Float64Array(columns);
    const from = endMs - windowMs;
    for (const tier of this.#tiers) {
      if (!tier.isUsed) continue;
      for (let place = 0; place < tier.size; place++) {
        const step = tier.steps[place] as number;
        const timeMs = step * tier.stepMs;
        if (step < 0 || timeMs < from || timeMs >= endMs) continue;
        const column = Math.min(columns - 1, Math.floor(((timeMs - from) / windowMs) * columns));
        addTo(counts[column] as Float64Array, 0, tier.counts, place * MOST_KINDS, MOST_KINDS);
        addTo(buckets[column] as Uint32Array, 0, tier.buckets, place * BUCKETS, BUCKETS);
        lows[column] = Math.min(lows[column] as number, tier.lows[place] as number);
        highs[column] = Math.max(highs[column] as number, tier.highs[place] as number);
      }
    }
    return counts.map((kinds, i) => {
      const own = buckets[i] as Uint32Array;
      const quantile = (q: number) => {
        const found = quantileOf(own, q);
        return found === null ? null : Math.max(lows[i] as number, Math.min(highs[i] as number, found));
      };
      return { counts: kinds, p50: quantile(0.5), p99: quantile(0.99) };
    });
  }

  /** The same cells, which stay as they are. */
  snapshot(): TimeCells {
    const copy = new TimeCells();
    for (const [i, tier] of this.#tiers.entries()) copy.#tiers[i]?.set(tier);
    copy.newestMs = this.newestMs;
    copy.tooOld = this.tooOld;
    return copy;
  }
}

/** Latencies below this are those of nearly all events. */
const SMALL = 512;

/**
 * The successes of few ms of one second, as many of each ms: a place for what comes all the time, which is counted in the
 * cells when the second is over, or when somebody looks.
 */
export class PresentSecond {
  readonly #cells: TimeCells;
  readonly #counts = new Float64Array(SMALL);
  /** Where the second begins and ends, epoch ms; NaN without one. */
  fromMs = Number.NaN;
  endMs = Number.NaN;
  /** The latest time that is not in the cells yet, epoch ms. */
  newestMs = Number.NEGATIVE_INFINITY;

  constructor(cells: TimeCells) {
    this.#cells = cells;
  }

  /** Counts events of one time of the second (epoch ms) and latency (0 <= ms < 512). */
  add(timeMs: number, latencyMs: number, times: number): void {
    if (timeMs > this.newestMs) this.newestMs = timeMs;
    this.#counts[latencyMs] = (this.#counts[latencyMs] as number) + times;
  }

  /**
   * Begins the second of a time (epoch ms, finite). False for one that is older than the present second: that is for the
   * cells themselves, so that clocks which differ do not begin a second again and again.
   */
  begin(timeMs: number): boolean {
    if (timeMs < this.fromMs) return false;
    if (timeMs < this.endMs) return true;
    this.flush();
    this.fromMs = Math.floor(timeMs / SECOND_MS) * SECOND_MS;
    this.endMs = this.fromMs + SECOND_MS;
    return true;
  }

  /** Counts all in the cells. The second is that of the next event then. */
  flush(): void {
    if (!(this.newestMs >= this.fromMs)) return;
    const counts = this.#counts;
    for (let ms = 0; ms < SMALL; ms++) {
      const times = counts[ms] as number;
      if (times > 0) this.#cells.add(this.newestMs, 0, ms, times);
    }
    counts.fill(0);
    this.fromMs = Number.NaN;
    this.endMs = Number.NaN;
    this.newestMs = Number.NEGATIVE_INFINITY;
  }
}

type Numbers = Float64Array | Uint32Array;

function addTo(to: Numbers, at: number, from: Numbers, start: number, length: number): void {
  for (let i = 0; i < length; i++) to[at + i] = (to[at + i] as number) + (from[start + i] as number);
}

function sumOf(numbers: Numbers, start: number, length: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += numbers[i] as number;
  return sum;
}

/** The middle of the bucket of rank ceil(q × count). */
function quantileOf(buckets: Uint32Array, q: number): number | null {
  const count = sumOf(buckets, 0, BUCKETS);
  if (count === 0) return null;
  const rank = Math.ceil((Math.round(q * 1e6) * count) / 1e6);
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    seen += buckets[bucket] as number;
    if (seen >= rank) return middleOf(bucket);
  }
  return null;
}

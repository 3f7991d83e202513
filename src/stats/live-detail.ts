/**
 * What a screen that is looked at wants beside the summary: charts of the last day, counts of each process and event, and
 * the latest lines themselves. All of it is bounded, and fed with the rows that the aggregator counts.
 */
import { type ChosenLines, findLines, LineRing } from '../logs/line-ring.ts';
import { type EventKey, type Names, type Origin, OTHER } from '../logs/names.ts';
import { Float, Int, NO_TIME, type RowBatch } from '../logs/row.ts';
import { PAGE_BUCKETS } from '../sketch/buckets.ts';
import { Histogram } from '../sketch/histogram.ts';
import type { RowWatcher } from './aggregator.ts';
import { MOST_KINDS, PresentSecond, TimeCells } from './time-cells.ts';

/** Leaves: a process with an event. What comes after is one leaf. */
export const MOST_LEAVES = 2048;
/** The latest lines of all events, and of each code that is an error, which a flood of others must not wash away. */
const ALL_LINES = { lines: 32_768, bytes: 8 * 1024 * 1024 };
const CODE_LINES = { lines: 512, bytes: 256 * 1024 };
/** Of one batch, as many lines of errors are kept apart: with more of them the ring of all has them as well. */
const MOST_ERRORS_OF_BATCH = 32;
/** A run with more bytes a line is copied line by line: what lies between is of no event. */
const BYTES_A_LINE = 1024;
/** A clock that goes further ahead is not believed: one line would push all others out of the charts. */
export const AHEAD_MS = 60_000;
/** The last line of a log that is older than this is no line of now. */
const LIVE_MS = 300_000;
const NEWLINE = 0x0a;
/** In this time somebody may look once; past a quarter of a ring of lines in it, one batch of so many is kept. */
const LOOK_MS = 250;
const KEPT_OF_FLOOD = 16;

/** The last kind is that of all codes that come after. */
const OTHER_KIND = MOST_KINDS - 1;

/** The events of one process and name. */
export interface Leaf {
  readonly origin: Origin | undefined;
  readonly event: EventKey | undefined;
  /** Events by code. */
  readonly codes: ReadonlyMap<number, number>;
  readonly count: number;
  readonly errors: number;
  readonly pT: Histogram;
  /** Events by code before the counts were set back; 0 is success. */
  readonly earlier: ReadonlyMap<number, number>;
}

/** What lines are wanted; a field that is absent is anything. */
export interface LineChoice {
  readonly origin?: (origin: Origin | undefined) => boolean;
  readonly event?: (event: EventKey | undefined) => boolean;
  readonly code?: number;
  /** The text that is in the line, in small letters. */
  readonly text?: string;
}

/** Where the events of a leaf are counted, after those of each small latency. */
const COUNT = PAGE_BUCKETS;

class LeafTally implements Leaf {
  readonly origin: Origin | undefined;
  readonly event: EventKey | undefined;
  readonly codes = new Map<number, number>();
  errors = 0;
  /** The counts of small values of `pT`, then of all: what the loop over rows adds to. */
  numbers = new Float64Array(COUNT + 1);
  pT = new Histogram(this.numbers.subarray(0, PAGE_BUCKETS));
  readonly earlier = new Map<number, number>();

  constructor(origin: Origin | undefined, event: EventKey | undefined) {
    this.origin = origin;
    this.event = event;
  }

  /** Begins to count anew. */
  clear(): void {
    const { earlier } = this;
    earlier.set(0, (earlier.get(0) ?? 0) + this.count - this.errors);
    for (const [code, count] of this.codes) earlier.set(code, (earlier.get(code) ?? 0) + count);
    this.codes.clear();
    this.errors = 0;
    this.numbers = new Float64Array(COUNT + 1);
    this.pT = new Histogram(this.numbers.subarray(0, PAGE_BUCKETS));
  }

  get count(): number {
    return this.numbers[COUNT] as number;
  }
}

/** A copy of what is shown, so that it can stand still. */
export interface DetailView {
  readonly leaves: readonly Leaf[];
  /** Events beyond the bound on leaves are in a leaf without names. */
  readonly overflowed: boolean;
  readonly cells: TimeCells;
  /** The codes of the kinds of the cells; undefined for those beyond. */
  readonly codes: readonly (number | undefined)[];
  /** Epoch ms of the right edge of charts; undefined before the first event. */
  readonly edgeMs: number | undefined;
  /** Events that are in no chart: their times are later than this clock, or older than a day. */
  readonly ahead: number;
  readonly tooOld: number;
  /** Events since the start, also those from before the counts were set back. */
  readonly events: number;
  lines(choice: LineChoice, most: number): ChosenLines;
  /** How many events since the start are those that are chosen, whatever their text; also from before the counts were set back. */
  count(choice: LineChoice): number;
}

export class LiveDetail implements RowWatcher {
  readonly #cells = new TimeCells();
  readonly #second = new PresentSecond(this.#cells);
  readonly #now: () => number;
  /** By number of the key, then of the origin. */
  readonly #leaves: (LeafTally | undefined)[][] = [];
  readonly #all: LeafTally[] = [];
  readonly #overflow = new LeafTally(undefined, undefined);
  readonly #codes: (number | undefined)[] = [0];
  #names: Names | undefined;
  #ahead = 0;
  #events = 0;
  #newestMs = Number.NEGATIVE_INFINITY;
  #newestCameMs = 0;
  readonly #ring = new LineRing(ALL_LINES);
  readonly #errorRings = new Map<number, LineRing>();
  /** The rows of the batch that count, as the first word of each. */
  #rows = new Int32Array(4096);
  #rowCount = 0;
  readonly #one = new Int32Array(1);
  /** How many rows of the batch are errors, and the last of them, as a ring. */
  #errorCount = 0;
  readonly #errorRows = new Int32Array(MOST_ERRORS_OF_BATCH);
  #lookFromMs = Number.NaN;
  #ofLook = 0;
  #skipped = 0;
  /** Lines before this batch. */
  #linesBefore = 0;

  /** @param now epoch ms */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(int: number): void {
    if (this.#rowCount === this.#rows.length) this.#grow();
    this.#rows[this.#rowCount] = int;
    this.#rowCount += 1;
  }

  /** A batch has few rows; only a line that holds many records makes it longer. */
  #grow(): void {
    const longer = new Int32Array(this.#rows.length * 2);
    longer.set(this.#rows);
    this.#rows = longer;
  }

  end(batch: RowBatch): void {
    const count = this.#rowCount;
    this.#rowCount = 0;
    if (count === 0) return;
    const nowMs = this.#now();
    this.#names = batch.names;
    this.#countRows(batch, count, nowMs);
    this.#noteNewest(this.#second.newestMs, nowMs);
    this.#noteNewest(this.#cells.newestMs, nowMs);
    if (batch.input !== undefined) this.#keepLines(batch.ints, batch.input, count, nowMs);
  }

  #noteNewest(ms: number, nowMs: number): void {
    if (!(ms > this.#newestMs)) return;
    this.#newestMs = ms;
    this.#newestCameMs = nowMs;
  }

  /**
   * Counts rows, in one loop: it is most of what the view costs while lines come. Nearly all are successes of few ms in the
   * second of the row before: of those two numbers are counted up, and the rest is done for all of them when it is looked.
   */
  #countRows({ ints, floats, names }: RowBatch, count: number, nowMs: number): void {
    const rows = this.#rows;
    const leaves = this.#leaves;
    const second = this.#second;
    const latest = nowMs + AHEAD_MS;
    let [lastKey, events] = [-1, 0];
    let ofKey: (LeafTally | undefined)[] = [];
    let endMs = Math.min(second.endMs, latest);
    this.#errorCount = 0;
    for (let i = 0; i < count; i++) {
      const int = rows[i] as number;
      const times = ints[int + Int.repeat] as number;
      const origin = ints[int + Int.origin] as number;
      const key = ints[int + Int.key] as number;
      const status = ints[int + Int.status] as number;
      const pT = ints[int + Int.pT] as number;
      if (key !== lastKey) {
        ofKey = leaves[key] ?? this.#row(key);
        lastKey = key;
      }
      const leaf = ofKey[origin] ?? this.#learn(ofKey, origin, key, names);
      events += times;
      const { numbers } = leaf;
      numbers[COUNT] = (numbers[COUNT] as number) + times;
      const isSmall = pT >= 0 && pT < PAGE_BUCKETS;
      if (isSmall) numbers[pT] = (numbers[pT] as number) + times;
      else leaf.pT.add(pT, times);
      const time = floats[(int >> 1) + Float.time] as number;
      if (isSmall && status === 0 && time < endMs && time >= second.fromMs) {
        second.add(time, pT, times);
        continue;
      }
      let kind = 0;
      if (status !== 0) {
        this.#errorRows[this.#errorCount++ % MOST_ERRORS_OF_BATCH] = i;
        this.#addError(leaf, status >>> 0, times);
        kind = this.#kindOf(status >>> 0);
      }
      const timeMs = time === NO_TIME ? nowMs : time;
      if (timeMs > latest) this.#ahead += times;
      else if (isSmall && kind === 0 && second.begin(timeMs)) {
        second.add(timeMs, pT, times);
        endMs = Math.min(second.endMs, latest);
      } else this.#cells.add(timeMs, kind, pT, times);
    }
    this.#events += events;
  }

  #addError(leaf: LeafTally, status: number, times: number): void {
    leaf.errors += times;
    leaf.codes.set(status, (leaf.codes.get(status) ?? 0) + times);
  }

  #kindOf(status: number): number {
    const known = this.#codes.indexOf(status, 1);
    if (known >= 0) return known;
    if (this.#codes.length >= OTHER_KIND) return OTHER_KIND;
    return this.#codes.push(status) - 1;
  }

  #row(key: number): (LeafTally | undefined)[] {
    while (this.#leaves.length <= key) this.#leaves.push([]);
    return this.#leaves[key] as (LeafTally | undefined)[];
  }

  #learn(ofKey: (LeafTally | undefined)[], origin: number, key: number, names: Names): LeafTally {
    while (ofKey.length <= origin) ofKey.push(undefined);
    const isBeyond = origin === OTHER || key === OTHER || this.#all.length >= MOST_LEAVES;
    const leaf = isBeyond ? this.#overflow : new LeafTally(names.origins[origin], names.keys[key]);
    if (!isBeyond) this.#all.push(leaf);
    ofKey[origin] = leaf;
    return leaf;
  }

  #keepLines(ints: Int32Array, input: Buffer, count: number, nowMs: number): void {
    const before = this.#linesBefore;
    this.#linesBefore += count;
    if (this.#isWorthKeeping(count, nowMs)) this.#keepRun(ints, input, count, before);
    // The last errors of the batch, the oldest of them first.
    const errors = this.#errorCount;
    for (let error = Math.max(0, errors - MOST_ERRORS_OF_BATCH); error < errors; error++) {
      const row = this.#errorRows[error % MOST_ERRORS_OF_BATCH] as number;
      this.#keepError(ints, input, this.#rows[row] as number, before + row);
    }
  }

  /** Whether the lines of a batch are kept: of a flood, which writes over all of them before anybody looks, only some are. */
  #isWorthKeeping(count: number, nowMs: number): boolean {
    if (!(Math.abs(nowMs - this.#lookFromMs) < LOOK_MS)) {
      this.#lookFromMs = nowMs;
      this.#ofLook = 0;
    }
    this.#ofLook += count;
    if (this.#ofLook <= ALL_LINES.lines / 4) return true;
    this.#skipped = (this.#skipped + 1) % KEPT_OF_FLOOD;
    return this.#skipped === 0;
  }

  #keepRun(ints: Int32Array, input: Buffer, count: number, before: number): void {
    const rows = this.#rows;
    const ring = this.#ring;
    const first = ints[(rows[0] as number) + Int.line] as number;
    const end = endOf(input, ints[(rows[count - 1] as number) + Int.line] as number);
    if (end - first <= count * BYTES_A_LINE) {
      ring.enterRows(ints, rows, count, ring.copy(input, first, end), before);
      return;
    }
    for (let i = 0; i < count; i++) {
      const start = ints[(rows[i] as number) + Int.line] as number;
      this.#one[0] = rows[i] as number;
      ring.enterRows(ints, this.#one, 1, ring.copy(input, start, endOf(input, start)), before + i);
    }
  }

  #keepError(ints: Int32Array, input: Buffer, int: number, before: number): void {
    const status = (ints[int + Int.status] as number) >>> 0;
    let ring = this.#errorRings.get(status);
    if (ring === undefined) {
      if (this.#errorRings.size >= MOST_KINDS) return;
      ring = new LineRing(CODE_LINES);
      this.#errorRings.set(status, ring);
    }
    const start = ints[int + Int.line] as number;
    this.#one[0] = int;
    ring.enterRows(ints, this.#one, 1, ring.copy(input, start, endOf(input, start)), before);
  }

  /** Sets the counts of leaves back to nothing; charts and lines stay. */
  reset(): void {
    for (const leaf of this.#all) leaf.clear();
    this.#overflow.clear();
  }

  /** The right edge of charts, epoch ms: now for a log of now, and for an older one as far after its last event as it came. */
  #edge(nowMs: number): number | undefined {
    if (this.#newestMs === Number.NEGATIVE_INFINITY) return undefined;
    if (nowMs - this.#newestMs < LIVE_MS || this.#newestCameMs - this.#newestMs < LIVE_MS) return nowMs;
    return this.#newestMs + (nowMs - this.#newestCameMs);
  }

  /** The present state; with `still` a copy that does not change. */
  view(still = false): DetailView {
    this.#second.flush();
    const cells = this.#cells;
    const all = [...this.#all, this.#overflow].map((leaf) => (still ? copyLeaf(leaf) : leaf));
    const ring = still ? this.#ring.snapshot() : this.#ring;
    const errors = still
      ? new Map([...this.#errorRings].map(([code, of]) => [code, of.snapshot()] as const))
      : this.#errorRings;
    return {
      leaves: all.filter(({ count }) => count > 0),
      overflowed: this.#overflow.count > 0,
      cells: still ? cells.snapshot() : cells,
      codes: [...this.#codes],
      edgeMs: this.#edge(this.#now()),
      ahead: this.#ahead,
      tooOld: cells.tooOld,
      events: this.#events,
      lines: (choice, most) => chosenLines([ring, ...errors.values()], this.#names, choice, most),
      count: (choice) => countOf(all, choice),
    };
  }
}

function countOf(leaves: readonly Leaf[], { origin: ofOrigin, event: ofEvent, code }: LineChoice): number {
  let sum = 0;
  for (const { origin, event, count, errors, codes, earlier } of leaves) {
    if (ofEvent?.(event) === false || ofOrigin?.(origin) === false) continue;
    if (code === undefined) {
      sum += count;
      for (const before of earlier.values()) sum += before;
    } else sum += (code === 0 ? count - errors : (codes.get(code) ?? 0)) + (earlier.get(code) ?? 0);
  }
  return sum;
}

function copyLeaf({ origin, event, codes, count, errors, pT, earlier }: Leaf): Leaf {
  const copy = new Histogram();
  copy.merge(pT.toState());
  return { origin, event, codes: new Map(codes), count, errors, pT: copy, earlier: new Map(earlier) };
}

function endOf(input: Buffer, start: number): number {
  const newline = input.indexOf(NEWLINE, start);
  return newline < 0 ? input.length : newline + 1;
}

function chosenLines(
  rings: readonly LineRing[],
  names: Names | undefined,
  { origin: ofOrigin, event: ofEvent, code, text }: LineChoice,
  most: number,
): ChosenLines {
  const wants = (key: number, origin: number, status: number) =>
    (code === undefined || code === status) &&
    (ofEvent === undefined || ofEvent(names?.keys[key])) &&
    (ofOrigin === undefined || ofOrigin(names?.origins[origin]));
  return findLines(rings, wants, text, most);
}

/**
 * The events of each host and agent, in the order they were read: which of them stopped while others went on. Filters
 * leave nothing out here but what `--until` ends: what was there before tells what a stream is used to.
 */

import { NO_TIME } from '../logs/row.ts';

/** Streams that are followed. */
export const MAX_STREAMS = 256;
const MS_PER_S = 1000;

export interface StreamState {
  readonly host?: string;
  readonly agent: string;
  /** Events. */
  readonly total: number;
  /** Counts of one input: its events here, those of all streams before the first, up to the last, and after the last of these. */
  readonly count: number;
  readonly lead: number;
  readonly span: number;
  readonly since: number;
  /** The three longest runs of events of others, longest first. */
  readonly runs: readonly number[];
  /** Epoch ms of the first and the last event that was read; null without times. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  /** The three longest times between two events, in ms, longest first; how long all of them were, and in how many seconds events came. */
  readonly gaps: readonly number[];
  readonly forwardMs: number;
  readonly seconds: number;
}

type Position = Pick<StreamState, 'count' | 'lead' | 'span' | 'since' | 'runs' | 'lastTime'>;

export class Stream {
  readonly host: string | undefined;
  readonly agent: string;
  readonly pids = new Set<number>();
  total = 0;
  /** Events of all streams of this input up to the first and the last one of this stream; 0 before them. */
  #first = 0;
  #last = 0;
  /** Events before this input. */
  #earlier = 0;
  readonly #runs = [0, 0, 0];
  /** The position in an earlier input. */
  #before: Position | undefined;
  #firstTime = Number.NaN;
  #lastTime = Number.NaN;
  readonly gaps = [0, 0, 0];
  #forwardMs = 0;
  #secondStart = Number.NaN;
  #secondEnd = Number.NaN;
  seconds = 0;

  constructor(host: string | undefined, agent: string) {
    this.host = host;
    this.agent = agent;
  }

  /** The event that is number `at` of its input. A time that is not known is NO_TIME. Called for each event: most are the next one, of the same second. */
  add(at: number, timeMs: number): void {
    this.total += 1;
    if (at !== this.#last + 1 || this.#first === 0) this.#addRun(at);
    this.#last = at;
    if (timeMs >= this.#lastTime && timeMs < this.#secondEnd) this.#lastTime = timeMs;
    else if (timeMs !== NO_TIME) this.#addTime(timeMs);
  }

  /** The events of one time whose sum is at `at` (RowSums.streams); `read` events came before the rows that were summed. */
  addSum(sums: Float64Array, at: number, timeMs: number, read: number): void {
    this.add(read + (sums[at + 1] as number), timeMs);
    this.total += (sums[at] as number) - 1;
    for (let i = 3; i < 6 && sums[at + i] !== 1; i++) keepLongest(this.#runs, sums[at + i] as number);
    this.#last = read + (sums[at + 2] as number);
  }

  #addRun(at: number): void {
    if (this.#first === 0) this.#first = at;
    else keepLongest(this.#runs, at - this.#last);
  }

  #addTime(timeMs: number): void {
    if (Number.isNaN(this.#firstTime)) this.#firstTime = timeMs;
    const ms = timeMs - this.#lastTime;
    if (ms > 0) keepLongest(this.gaps, ms);
    // Within a second, time only goes forward.
    this.#forwardMs += (ms > 0 ? ms : 0) + this.#forwardInSecond;
    const second = Math.floor(timeMs / MS_PER_S);
    if ((second + 1) * MS_PER_S !== this.#secondEnd) this.seconds += 1;
    this.#secondStart = timeMs;
    this.#secondEnd = (second + 1) * MS_PER_S;
    this.#lastTime = timeMs;
  }

  /** How far times went forward since the first event of this second, in ms. */
  get #forwardInSecond(): number {
    return Number.isNaN(this.#lastTime) ? 0 : this.#lastTime - this.#secondStart;
  }

  /** How far times went forward in all, in ms. */
  get forwardMs(): number {
    return this.#forwardMs + this.#forwardInSecond;
  }

  /** Events of this input. */
  get #count(): number {
    return this.total - this.#earlier;
  }

  /** Epoch ms of the last event that was read, which need not be the latest time; NaN without times. */
  get lastTime(): number {
    return this.#lastTime;
  }

  /**
   * The usual time between two events in ms, without the two longest ones: a clock that was wrong once, or a night, is
   * not what a stream is used to.
   */
  get usualMs(): number {
    const [first = 0, second = 0] = this.gaps;
    return (this.forwardMs - first - second) / Math.max(1, this.total - 3);
  }

  /** The position in the input that was read last, or that ended last; `read` events are in it. */
  position(read: number): Position {
    const lastTime = Number.isNaN(this.#lastTime) ? null : this.#lastTime;
    if (this.#count === 0)
      return this.#before ?? { count: 0, lead: 0, span: 0, since: read, runs: [...this.#runs], lastTime };
    return {
      count: this.#count,
      lead: this.#first - 1,
      span: this.#last - this.#first + 1,
      since: read - this.#last,
      runs: [...this.#runs],
      lastTime,
    };
  }

  /** Leaves the input: what comes next is of another one. */
  leave(read: number): void {
    if (this.#count > 0) this.#keepNewer(this.position(read));
    this.#first = 0;
    this.#last = 0;
    this.#earlier = this.total;
    this.#runs.fill(0);
  }

  #keepNewer(position: Position): void {
    const before = this.#before?.lastTime ?? null;
    if (before === null || position.lastTime === null || position.lastTime >= before) this.#before = position;
  }

  toState(read: number): StreamState {
    const { host, agent, total, gaps, forwardMs, seconds } = this;
    return {
      ...(host !== undefined && { host }),
      agent,
      total,
      ...this.position(read),
      firstTime: Number.isNaN(this.#firstTime) ? null : this.#firstTime,
      gaps: [...gaps],
      forwardMs,
      seconds,
    };
  }

  /** Appends what came after. With `goesOn` it is the rest of the same input; `read` events were in it so far. */
  merge(state: StreamState, goesOn: boolean, read: number): void {
    const own = this.position(read);
    const { count, span, since, runs, firstTime, lastTime } = state;
    const lead = goesOn && own.count === 0 ? read + state.lead : state.lead;
    this.leave(read);
    if (goesOn && own.count > 0) {
      const between = own.since + lead;
      const longest = [...own.runs];
      for (const run of [...runs, between + 1]) keepLongest(longest, run);
      this.#before = {
        count: own.count + count,
        lead: own.lead,
        span: own.span + between + span,
        since,
        runs: longest,
        lastTime: lastTime ?? own.lastTime,
      };
    } else if (count > 0) this.#keepNewer({ count, lead, span, since, runs, lastTime });
    this.total += state.total;
    this.#earlier = this.total;
    for (const gap of state.gaps) keepLongest(this.gaps, gap);
    if (firstTime !== null) {
      this.#addTime(firstTime);
      this.seconds -= 1;
    }
    this.#forwardMs += state.forwardMs;
    this.seconds += state.seconds;
    const newest = this.#before?.lastTime ?? null;
    this.#continueAt(newest ?? lastTime ?? Number.NaN);
  }

  #continueAt(timeMs: number): void {
    this.#forwardMs += this.#forwardInSecond;
    this.#lastTime = timeMs;
    this.#secondStart = timeMs;
    this.#secondEnd = (Math.floor(timeMs / MS_PER_S) + 1) * MS_PER_S;
  }

  /** A later part of the same input has none of this stream. */
  wait(events: number, read: number): void {
    if (this.#count > 0) this.leave(read);
    if (this.#before !== undefined) this.#before = { ...this.#before, since: this.#before.since + events };
  }
}

/** Keeps the longest ones, longest first. */
function keepLongest(longest: number[], value: number): void {
  const last = longest.length - 1;
  if (value <= (longest[last] as number)) return;
  longest[last] = value;
  longest.sort((a, b) => b - a);
}

export interface StreamsState {
  /** Events of the input that was read last. */
  readonly read: number;
  readonly streams: readonly StreamState[];
  /** Streams past the bound are not followed. */
  readonly overflowed: boolean;
}

export class Streams {
  readonly #streams = new Map<string, Stream>();
  /** Events of this input, of whatever stream. */
  read = 0;
  overflowed = false;

  /** The stream; undefined past the bound. */
  find(host: string | undefined, agent: string): Stream | undefined {
    const text = JSON.stringify([host, agent]);
    let stream = this.#streams.get(text);
    if (stream === undefined) {
      if (this.#streams.size >= MAX_STREAMS) {
        this.overflowed = true;
        return undefined;
      }
      stream = new Stream(host, agent);
      this.#streams.set(text, stream);
    }
    return stream;
  }

  /** Begins another input: the order of its lines says nothing of those before. */
  beginInput(): void {
    if (this.read === 0) return;
    for (const stream of this.#streams.values()) stream.leave(this.read);
    this.read = 0;
  }

  /** Streams in the order they were found. */
  all(): readonly Stream[] {
    return [...this.#streams.values()];
  }

  toState(): StreamsState {
    const streams = this.all().map((stream) => stream.toState(this.read));
    return { read: this.read, streams, overflowed: this.overflowed };
  }

  /** Appends what came after; with `goesOn` it is the rest of the same input. */
  merge(state: StreamsState, goesOn: boolean): void {
    this.overflowed ||= state.overflowed;
    const known = new Set<Stream>();
    for (const each of state.streams) {
      // Its events were all counted already.
      if (each.total === 0) continue;
      const stream = this.find(each.host, each.agent);
      if (stream === undefined) continue;
      known.add(stream);
      stream.merge(each, goesOn, this.read);
    }
    for (const stream of this.all()) {
      if (known.has(stream)) continue;
      if (goesOn) stream.wait(state.read, this.read);
      else stream.leave(this.read);
    }
    this.read = goesOn ? this.read + state.read : state.read;
  }
}

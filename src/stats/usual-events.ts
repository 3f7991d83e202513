/**
 * Usual events, many at once: most lines of a log are of successes, a hundred and more of one second, and where the scanner has
 * counted their timers, it sums up the rest of them too (RowSums), and what failures have in common with them. The same numbers
 * come out as of adding row by row.
 */
import { Float, ROUTE_SUMS, ROW_BYTES, type RowBatch, type RowSums, SOURCE_SUMS, STREAM_SUMS } from '../logs/row.ts';
import { type GroupTally, SLOW_MS } from './group-tally.ts';
import type { SourceTally } from './source-tally.ts';
import type { Stream, Streams } from './streams.ts';

/** Fewer rows than this and one a route, at once, cost more than they save. */
const FEW_ROWS = 8;
/** So many rows after them are added one by one, and twice as many each time that it happens again. */
const SHORTEST_PAUSE = 32;
const LONGEST_PAUSE = 4096;

export class UsualEvents {
  readonly #streams: Streams;
  readonly #groupOfRoute: GroupTally[] = [];
  readonly #sources: SourceTally[] = [];
  readonly #streamOf: Stream[] = [];
  /** The scanner that they are bound in. */
  #sums: RowSums | undefined;
  /** The row of the batch from which on it is worth while to `take` again. */
  nextTry = 0;
  #pause = SHORTEST_PAUSE;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Events of this key and origin are of this group, whose timers the scanner counts, of this source, and of this stream. */
  bind({ sums }: RowBatch, origin: number, key: number, group: GroupTally, source: SourceTally, stream: Stream): void {
    this.#sums ??= sums;
    const route = this.#groupOfRoute.length;
    if (sums === undefined || sums !== this.#sums || route >= sums.most) return;
    this.#groupOfRoute.push(group);
    sums.bind(origin, key, route, numberOf(this.#sources, source), numberOf(this.#streamOf, stream));
  }

  /** Adds the rows of a batch from row `from` on as far as they are of one time; gives how many that were. `sums.others` are left to add. */
  take({ sums, start, count, floats }: RowBatch, from: number): number {
    // What is bound by a row of this batch is taken from the next one on.
    this.nextTry = count;
    if (sums === undefined || sums !== this.#sums) return 0;
    const row = start + from * ROW_BYTES;
    const rows = sums.sum(row, count - from, SLOW_MS);
    const end = from + rows;
    const timeMs = floats[(row >> 3) + Float.time] as number;
    if (rows < FEW_ROWS + this.#groupOfRoute.length) {
      this.nextTry = end + this.#pause;
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    } else {
      // The row behind them is of another time, or one that is not summed up.
      const isLater = end < count && floats[((start + end * ROW_BYTES) >> 3) + Float.time] !== timeMs;
      this.nextTry = isLater ? end : end + 1;
      this.#pause = SHORTEST_PAUSE;
    }
    if (rows > 0) this.#add(sums, timeMs, rows - (sums.others[1] as number));
    return rows;
  }

  /** Plain loops: this runs a few thousand times, which is too seldom to be worth optimized code. */
  #add({ routes, sources, streams }: RowSums, timeMs: number, events: number): void {
    for (let i = 0, at = 0; i < this.#groupOfRoute.length; i++, at += ROUTE_SUMS) {
      if (routes[at] === 0) continue;
      this.#groupOfRoute[i]?.addSuccesses(routes[at] as number, routes[at + 1] as number, timeMs);
      routes[at] = 0;
      routes[at + 1] = 0;
    }
    for (let i = 0, at = 0; i < this.#sources.length; i++, at += SOURCE_SUMS) {
      if (sources[at] === 0) continue;
      this.#sources[i]?.addSum(sources, at, timeMs);
      sources[at] = 0;
    }
    for (let i = 0, at = 0; i < this.#streamOf.length; i++, at += STREAM_SUMS) {
      if (streams[at] === 0) continue;
      this.#streamOf[i]?.addSum(streams, at, timeMs, this.#streams.read);
      streams[at] = 0;
    }
    this.#streams.read += events;
  }
}

/** Its index, at the end when it is new. */
function numberOf<Item>(items: Item[], item: Item): number {
  const index = items.indexOf(item);
  return index < 0 ? items.push(item) - 1 : index;
}

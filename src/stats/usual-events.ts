/**
 * Usual events, many at once: most lines of a log are of successes, a hundred and more of one second, and where the scanner has
 * counted their timers, it sums up the rest of them too (RowSums). The same numbers come out as of adding row by row.
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

  /** Adds the rows of a batch from row `from` on as far as they are usual, and of one time; gives how many that were. */
  take({ sums, start, count, floats }: RowBatch, from: number): number {
    // What is bound by a row of this batch is taken from the next one on.
    this.nextTry = count;
    if (sums === undefined || sums !== this.#sums) return 0;
    const row = start + from * ROW_BYTES;
    const rows = sums.sum(row, count - from, SLOW_MS);
    if (rows < FEW_ROWS + this.#groupOfRoute.length) {
      this.nextTry = from + rows + this.#pause;
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    } else {
      // The row behind them is not usual.
      this.nextTry = from + rows + 1;
      this.#pause = SHORTEST_PAUSE;
    }
    if (rows > 0) this.#add(sums, floats[(row >> 3) + Float.time] as number, rows);
    return rows;
  }

  #add({ routes, sources, streams }: RowSums, timeMs: number, rows: number): void {
    for (const [i, group] of this.#groupOfRoute.entries()) {
      const at = i * ROUTE_SUMS;
      if (routes[at] === 0) continue;
      group.addSuccesses(routes[at] as number, routes[at + 1] as number, timeMs);
      routes.fill(0, at, at + ROUTE_SUMS);
    }
    for (const [i, source] of this.#sources.entries()) {
      const at = i * SOURCE_SUMS;
      if (sources[at] === 0) continue;
      source.addSum(sources, at, timeMs);
      sources[at] = 0;
    }
    for (const [i, stream] of this.#streamOf.entries()) {
      const at = i * STREAM_SUMS;
      if (streams[at] === 0) continue;
      stream.addSum(streams, at, timeMs, this.#streams.read);
      streams[at] = 0;
    }
    this.#streams.read += rows;
  }
}

/** Its index, at the end when it is new. */
function numberOf<Item>(items: Item[], item: Item): number {
  const index = items.indexOf(item);
  return index < 0 ? items.push(item) - 1 : index;
}

/** Rows of one table by the day of their time: engines keep them apart. */
import { RowWriter } from './row-writer.ts';
import type { TableName } from './schema.ts';
import type { TablePart } from './target.ts';

const DAY_MS = 86_400_000;
/** ClickHouse's Date ends in 2149, and begins with the epoch. */
export const FIRST_MOMENT_MS = 0;
export const LAST_MOMENT_MS = Date.UTC(2149, 5, 6);
/** Where rows of one day are of several hosts. */
const MIXED = 'mixed';

class Day {
  readonly writer = new RowWriter();
  readonly dt: string;
  #host: string | undefined;

  constructor(day: number) {
    this.dt = new Date(day * DAY_MS).toISOString().slice(0, 10);
  }

  see(host: string): void {
    if (this.#host === undefined) this.#host = host;
    else if (this.#host !== host) this.#host = MIXED;
  }

  get host(): string {
    return this.#host ?? '';
  }
}

export class DayRows {
  readonly table: TableName;
  readonly #days = new Map<number, Day>();
  #day = Number.NaN;
  #current: Day | undefined;
  #lastHost: string | undefined;

  constructor(table: TableName) {
    this.table = table;
  }

  get rows(): number {
    return this.#sum(({ rows }) => rows);
  }

  get bytes(): number {
    return this.#sum(({ bytes }) => bytes);
  }

  /** The writer for a row of this moment, which is between FIRST_MOMENT_MS and LAST_MOMENT_MS. */
  at(timeMs: number, host: string): RowWriter {
    const day = Math.floor(timeMs / DAY_MS);
    if (day !== this.#day) this.#enter(day);
    if (host !== this.#lastHost) {
      this.#lastHost = host;
      (this.#current as Day).see(host);
    }
    return (this.#current as Day).writer;
  }

  #enter(day: number): void {
    let found = this.#days.get(day);
    if (found === undefined) {
      found = new Day(day);
      this.#days.set(day, found);
    }
    this.#day = day;
    this.#current = found;
    this.#lastHost = undefined;
  }

  #sum(what: (writer: RowWriter) => number): number {
    let sum = 0;
    for (const { writer } of this.#days.values()) sum += what(writer);
    return sum;
  }

  /** A part for each day. @param name what their tokens begin with */
  *parts(name: string, run: string): Iterable<TablePart> {
    for (const { dt, host, writer } of this.#days.values()) {
      yield {
        table: this.table,
        token: `${name}.${this.table}.${dt}`,
        partition: { ...(run !== '' && { run }), dt, host },
        body: writer.toBatch(),
      };
    }
  }
}

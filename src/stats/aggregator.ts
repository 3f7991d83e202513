import { Flag, Float, Int, ROW_FLOATS, ROW_INTS, type RowBatch } from '../logs/row.ts';
import type { EventFilter } from './filter.ts';
import { NumberedFilter } from './filter.ts';
import { GroupTally } from './group-tally.ts';
import { type Dimension, Grouping } from './grouping.ts';
import { Series } from './series.ts';
import { SourceTally } from './source-tally.ts';
import type { AggregateState, SourceKey } from './state.ts';

/** Processes × agents whose counters are followed; past it, completeness is unknown. */
const MAX_SOURCES = 4096;

export interface AggregateOptions {
  /** What groups are made of; `event` is type and name. */
  readonly by: readonly Dimension[];
  /** Width of the series' windows in ms; without it there is no series. */
  readonly windowMs?: number;
  readonly filter?: EventFilter;
}

interface Source {
  readonly key: SourceKey;
  readonly tally: SourceTally;
}

/**
 * Turns rows into the numbers of a summary, in constant memory. Aggregates of pieces merge in order into exactly the
 * aggregate of the whole, unless a bound was hit.
 */
export class Aggregator {
  readonly options: AggregateOptions;
  readonly grouping: Grouping;
  readonly series: Series | undefined;
  readonly sources = new Map<string, Source>();
  /** Events counted, lines with phases (HAProxy <= 3.0) and without (>= 3.1). */
  events = 0;
  withPhases = 0;
  withoutPhases = 0;
  /** Events that the filter left out. */
  filtered = 0;
  withoutTime = 0;
  /** Epoch ms of the earliest and latest event. */
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  sourcesOverflowed = false;
  #filter: NumberedFilter | undefined;
  /** By number of origin and key of the batch's Names. */
  readonly #sourceByNumbers: (SourceTally | null | undefined)[][] = [];

  constructor(options: AggregateOptions) {
    this.options = options;
    this.grouping = new Grouping(options.by);
    this.series = options.windowMs === undefined ? undefined : new Series(options.windowMs);
  }

  /** Adds a batch. All batches of one aggregator use the same Names. */
  add(batch: RowBatch): void {
    const { ints, floats, names } = batch;
    const { filter } = this.options;
    if (filter !== undefined) this.#filter ??= new NumberedFilter(filter, names);
    let int = batch.start >> 2;
    let float = batch.start >> 3;
    for (let i = 0; i < batch.count; i++, int += ROW_INTS, float += ROW_FLOATS)
      this.#addRow(ints, floats, int, float, batch);
  }

  #addRow(ints: Int32Array, floats: Float64Array, int: number, float: number, { names }: RowBatch): void {
    const key = ints[int + Int.key] as number;
    const origin = ints[int + Int.origin] as number;
    const status = (ints[int + Int.status] as number) >>> 0;
    const times = ints[int + Int.repeat] as number;
    const flags = ints[int + Int.flags] as number;
    const time = (flags & Flag.time) === 0 ? Number.NaN : (floats[float + Float.time] as number);
    const filter = this.#filter;
    if (filter !== undefined && !filter.acceptsSource(key, origin, time)) {
      this.filtered += times;
      return;
    }
    const source = this.#sourceByNumbers[origin]?.[key] ?? this.#findSource(key, origin, names);
    source?.add(
      floats[float + Float.processed] as number,
      floats[float + Float.errors] as number,
      status !== 0,
      times,
      time,
    );
    if (filter !== undefined && !filter.acceptsStatus(status)) {
      this.filtered += times;
      return;
    }
    this.events += times;
    if ((flags & Flag.phases) === 0) this.withoutPhases += times;
    else this.withPhases += times;
    if (time === time) {
      if (time < this.from) this.from = time;
      if (time > this.to) this.to = time;
      this.series?.add(time, ints[int + Int.pT] as number, status !== 0, times);
    } else {
      this.withoutTime += times;
    }
    this.grouping.find(key, origin, status, names).add(ints, floats, int, float);
  }

  #findSource(key: number, origin: number, names: RowBatch['names']): SourceTally | null {
    const { host, pid } = names.origins[origin] ?? {};
    const { agent } = names.keys[key] ?? {};
    // Number 0 is everything past the bound of Names: lines of different processes, whose counters say nothing.
    const source = origin === 0 || agent === undefined ? null : this.#source({ host, pid, agent });
    if (source === null) this.sourcesOverflowed = true;
    const byKey = (this.#sourceByNumbers[origin] ??= []);
    while (byKey.length < key) byKey.push(undefined);
    byKey[key] = source;
    return source;
  }

  #source(key: SourceKey): SourceTally | null {
    const text = JSON.stringify([key.host, key.pid, key.agent]);
    let source = this.sources.get(text);
    if (source === undefined) {
      if (this.sources.size >= MAX_SOURCES) return null;
      source = { key, tally: new SourceTally() };
      this.sources.set(text, source);
    }
    return source.tally;
  }

  /** All groups as one. */
  total(): GroupTally {
    const total = new GroupTally();
    for (const { tally } of this.grouping.groups()) total.merge(tally.toState());
    return total;
  }

  toState(): AggregateState {
    return {
      by: this.options.by,
      events: this.events,
      withPhases: this.withPhases,
      withoutPhases: this.withoutPhases,
      filtered: this.filtered,
      withoutTime: this.withoutTime,
      from: Number.isFinite(this.from) ? this.from : null,
      to: Number.isFinite(this.to) ? this.to : null,
      groups: this.grouping.groups().map(({ key, tally }) => ({ key, tally: tally.toState() })),
      sources: [...this.sources.values()].map(({ key, tally }) => ({ key, tally: tally.toState() })),
      sourcesOverflowed: this.sourcesOverflowed,
      series: this.series?.toState() ?? null,
    };
  }

  /** Appends the aggregate of what came after. Its `by` and window must be the same. */
  merge(state: AggregateState): void {
    this.events += state.events;
    this.withPhases += state.withPhases;
    this.withoutPhases += state.withoutPhases;
    this.filtered += state.filtered;
    this.withoutTime += state.withoutTime;
    this.from = Math.min(this.from, state.from ?? Number.POSITIVE_INFINITY);
    this.to = Math.max(this.to, state.to ?? Number.NEGATIVE_INFINITY);
    for (const { key, tally } of state.groups) this.grouping.findByKey(key).merge(tally);
    for (const { key, tally } of state.sources) {
      const source = this.#source(key);
      if (source === null) this.sourcesOverflowed = true;
      else source.merge(tally);
    }
    this.sourcesOverflowed ||= state.sourcesOverflowed;
    if (state.series !== null) this.series?.merge(state.series);
  }
}

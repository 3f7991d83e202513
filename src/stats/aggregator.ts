import { type Names, OTHER } from '../logs/names.ts';
import { Float, Int, NO_TIME, ROW_BYTES, ROW_FLOATS, ROW_INTS, type RowBatch, RowFlag, timeOf } from '../logs/row.ts';
import type { SeenEvents } from '../logs/seen-events.ts';
import { addAgent, type EventFilter, NumberedFilter } from './filter.ts';
import { GroupTally } from './group-tally.ts';
import { type Dimension, Grouping } from './grouping.ts';
import { History } from './history.ts';
import { RECENT_KEPT, RecentEvents } from './recent-events.ts';
import { Series } from './series.ts';
import { SourceTally } from './source-tally.ts';
import type { AggregateState, SourceKey } from './state.ts';
import { type Stream, Streams } from './streams.ts';
import { UsualEvents } from './usual-events.ts';

/** Processes × agents whose counters are followed; past it, completeness is unknown. */
const MAX_SOURCES = 4096;
/** Groups remembered for a route; forgetting one costs time, never a count. */
const MAX_REMEMBERED = 256;

export interface AggregateOptions {
  /** The dimensions of groups; `event` is type and name. */
  readonly by: readonly Dimension[];
  /** Width of the series' windows in ms; without it there is no series. */
  readonly windowMs?: number;
  /** Whether what happened is also kept step by step, for charts. */
  readonly history?: boolean;
  readonly filter?: EventFilter;
  /** Knows the events that were counted already; without it every line counts. */
  readonly seen?: SeenEvents;
  /** Told of each event that counts. */
  readonly watcher?: RowWatcher;
}

/** Looks at the events that count, while they are rows. */
export interface RowWatcher {
  /** A row of the batch that is counted just now, by its first word. */
  add(int: number): void;
  /** All rows of the batch were added; `Int.repeat` says how many events each is. */
  end(batch: RowBatch): void;
}

/** Where rows of one origin and key are counted. */
interface RowTarget {
  /** Null when there are too many sources; undefined until an event counts. */
  source: SourceTally | null | undefined;
  /** The stream; undefined past the bound on streams. */
  readonly stream: Stream | undefined;
  /** The group; undefined until it is known, and where groups are made of the status: then see below. */
  group: GroupTally | undefined;
  readonly groupByStatus: Map<number, GroupTally>;
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
  readonly history: History | undefined;
  readonly sources = new Map<string, Source>();
  /** Events that the filter left out. */
  filtered = 0;
  /** Lines of events that were counted already. */
  duplicates = 0;
  /** Events that could not be checked for that. */
  unchecked = 0;
  /** Filtered events that are past the bound on names: the filter may have wanted them. */
  undecided = 0;
  sourcesOverflowed = false;
  /** The counters of processes are not there to be read. */
  hasCounters = true;
  /** Each host's events of each agent, whatever the filter says. */
  readonly streams = new Streams();
  /** The last events that count, in the order of lines. */
  readonly recent = new RecentEvents();
  #lastTime: number = NO_TIME;
  #filter: NumberedFilter | undefined;
  /** Agents that only merged states name. */
  readonly #otherAgents: string[] = [];
  readonly #byStatus: boolean;
  /** Absent where each event has to be looked at. */
  readonly #usual: UsualEvents | undefined;
  /** Routes by number of origin and key of the batch's Names. */
  readonly #routes: (RowTarget | undefined)[][] = [];

  constructor(options: AggregateOptions) {
    this.options = options;
    this.grouping = new Grouping(options.by);
    this.#byStatus = options.by.includes('st');
    this.series = options.windowMs === undefined ? undefined : new Series(options.windowMs);
    this.history = options.history === true ? new History() : undefined;
    const isPlain = options.filter === undefined && options.watcher === undefined;
    if (isPlain && this.series === undefined && this.history === undefined) this.#usual = new UsualEvents(this.streams);
  }

  /** Whether most events need not be looked at one by one, where the scanner has summed them up. */
  get takesSums(): boolean {
    return this.#usual !== undefined;
  }

  /** Adds a batch. All batches of one aggregator use the same Names. */
  add(batch: RowBatch): void {
    const { ints, floats, names } = batch;
    const { filter } = this.options;
    this.options.seen?.mark(batch);
    if (filter !== undefined) this.#filter ??= new NumberedFilter(filter, names);
    const firstInt = batch.start >> 2;
    const firstFloat = batch.start >> 3;
    const usual = this.#usual;
    for (let i = 0; i < batch.count; ) {
      const float = firstFloat + i * ROW_FLOATS;
      const rows = usual !== undefined && (i === 0 || i >= usual.nextTry) ? usual.take(batch, i) : 0;
      if (rows === 0) this.#addRow(ints, floats, firstInt + i * ROW_INTS, float, batch);
      else this.#endRun(batch, rows, floats[float + Float.time] as number);
      i += rows || 1;
    }
    this.#keepRecent(batch);
    this.options.watcher?.end(batch);
  }

  /** Adds what is left of the rows that were summed up. */
  #endRun(batch: RowBatch, rows: number, timeMs: number): void {
    const { ints, floats, sums } = batch;
    if (sums === undefined) return;
    const { others } = sums;
    const end = others[0] as number;
    if ((others[1] as number) < rows) this.#noteTime(timeMs);
    for (let at = 2; at < end; at++) {
      const int = others[at] as number;
      const route = this.#routes[ints[int + Int.origin] as number]?.[ints[int + Int.key] as number];
      if (route === undefined) continue;
      if (((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0) this.#leaveOut(route, batch, int);
      else {
        if (ints[int + Int.status] !== 0) route.source?.addFailure(ints, floats, int, int >> 1);
        route.group?.add(ints, floats, int, int >> 1);
      }
    }
  }

  /** The next rows are of another input. */
  beginInput(): void {
    this.#lastTime = NO_TIME;
    this.streams.beginInput();
    this.recent.beginInput();
  }

  /** Looks at the last rows of a batch: as many as are kept. */
  #keepRecent({ ints, floats, start, count, sums }: RowBatch): void {
    if (sums !== undefined && this.#filter === undefined) {
      const from = sums.lastCounting(start, count, RECENT_KEPT);
      if (this.recent.keepRows(ints, (start + from * ROW_BYTES) >> 2, (start + count * ROW_BYTES) >> 2, from > 0))
        return;
    }
    const firstInt = start >> 2;
    const firstFloat = start >> 3;
    let from = count;
    for (let kept = 0; from > 0 && kept < RECENT_KEPT; from--)
      if (this.#counts(ints, floats, firstInt + (from - 1) * ROW_INTS, firstFloat + (from - 1) * ROW_FLOATS)) kept += 1;
    for (let i = from; i < count; i++) {
      const int = firstInt + i * ROW_INTS;
      const float = firstFloat + i * ROW_FLOATS;
      if (!this.#counts(ints, floats, int, float)) continue;
      const times = Math.min(RECENT_KEPT, ints[int + Int.repeat] as number);
      for (let each = 0; each < times; each++)
        this.recent.add(floats[float + Float.time] as number, ints[int + Int.status] !== 0);
    }
  }

  #counts(ints: Int32Array, floats: Float64Array, int: number, float: number): boolean {
    if (((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0) return false;
    const filter = this.#filter;
    if (filter === undefined) return true;
    const key = ints[int + Int.key] as number;
    const origin = ints[int + Int.origin] as number;
    return (
      filter.acceptsSource(key, origin, timeOf(floats, float)) &&
      filter.acceptsStatus((ints[int + Int.status] as number) >>> 0)
    );
  }

  #addRow(ints: Int32Array, floats: Float64Array, int: number, float: number, batch: RowBatch): void {
    const key = ints[int + Int.key] as number;
    const origin = ints[int + Int.origin] as number;
    const status = (ints[int + Int.status] as number) >>> 0;
    const route = this.#routes[origin]?.[key] ?? this.#learnRoute(key, origin, batch.names);
    const flags = ints[int + Int.flags] as number;
    if ((flags & RowFlag.repeated) !== 0) {
      this.#leaveOut(route, batch, int);
      return;
    }
    let times = ints[int + Int.repeat] as number;
    if (times !== 1 && this.options.seen !== undefined) {
      // The same counters again and again are one event, however often the line came.
      this.duplicates += times - 1;
      times = 1;
      ints[int + Int.repeat] = 1;
    }
    const filter = this.#filter;
    if (filter === undefined || !filter.isPast(floats[float + Float.time] as number))
      route.stream?.add(++this.streams.read, floats[float + Float.time] as number);
    if (filter !== undefined && !filter.acceptsSource(key, origin, timeOf(floats, float))) {
      this.filtered += times;
      if (key === OTHER || origin === OTHER) this.undecided += times;
      return;
    }
    if (route.source === undefined) route.source = this.#learnSource(key, origin, batch.names);
    route.source?.add(ints, floats, int, float);
    if (filter !== undefined && !filter.acceptsStatus(status)) {
      this.filtered += times;
      return;
    }
    const time = floats[float + Float.time] as number;
    this.#noteTime(time);
    this.series?.add(time, ints[int + Int.pT] as number, status !== 0, times);
    this.history?.add(ints, floats, int, float, times);
    const group = route.group ?? route.groupByStatus.get(status) ?? this.#learnGroup(route, key, origin, status, batch);
    group.add(ints, floats, int, float);
    this.options.watcher?.add(int);
  }

  /** The latest time of all is the last one, or one after which times step back. */
  #noteTime(time: number): void {
    if (time < this.#lastTime) this.recent.noteTime(this.#lastTime);
    this.#lastTime = time;
  }

  /** An event that was counted already. The scanner may have counted its timers. */
  #leaveOut(route: RowTarget, batch: RowBatch, int: number): void {
    const { ints } = batch;
    this.duplicates += ints[int + Int.repeat] as number;
    if (((ints[int + Int.flags] as number) & RowFlag.counted) === 0) return;
    const key = ints[int + Int.key] as number;
    const origin = ints[int + Int.origin] as number;
    const status = (ints[int + Int.status] as number) >>> 0;
    const group = route.group ?? this.#learnGroup(route, key, origin, status, batch);
    group.discount(ints, int);
  }

  #learnRoute(key: number, origin: number, names: Names): RowTarget {
    const routes = this.#routes[origin] ?? [];
    this.#routes[origin] = routes;
    while (routes.length < key) routes.push(undefined);
    const { agent } = names.keys[key] ?? {};
    const { host, pid } = names.origins[origin] ?? {};
    const isKnown = agent !== undefined && origin !== OTHER;
    const stream = isKnown ? this.streams.find(host, agent) : undefined;
    if (pid !== undefined) stream?.pids.add(pid);
    const route: RowTarget = { source: undefined, stream, group: undefined, groupByStatus: new Map() };
    routes[key] = route;
    return route;
  }

  #learnSource(key: number, origin: number, names: Names): SourceTally | null {
    const { host, pid } = names.origins[origin] ?? {};
    const { agent } = names.keys[key] ?? {};
    // Number 0 is everything past the bound of Names: lines of different processes, whose counters say nothing.
    const source = origin === OTHER || agent === undefined ? null : this.#source({ host, pid, agent });
    if (source === null) this.sourcesOverflowed = true;
    return source;
  }

  #learnGroup(route: RowTarget, key: number, origin: number, status: number, batch: RowBatch): GroupTally {
    const { names, cells } = batch;
    // A scanner that counts itself would also count what a filter leaves out.
    const group = this.grouping.find(key, origin, status, names, this.#filter === undefined ? cells : undefined);
    const { source, stream } = route;
    if (group.cell !== undefined && source && stream) this.#usual?.bind(batch, origin, key, group, source, stream);
    if (!this.#byStatus) route.group = group;
    else if (route.groupByStatus.size < MAX_REMEMBERED) route.groupByStatus.set(status, group);
    return group;
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

  /** Events counted. */
  get events(): number {
    return this.#sum((tally) => tally.count);
  }

  /** Events whose lines carry all timers (HAProxy <= 3.0). */
  get withPhases(): number {
    return this.#sum(({ reqT }) => reqT.count + reqT.interrupted);
  }

  get withoutTime(): number {
    return this.#sum((tally) => tally.count - tally.times.timeline.count);
  }

  #sum(of: (tally: GroupTally) => number): number {
    return this.grouping.groups().reduce((sum, { tally }) => sum + of(tally), 0);
  }

  /** Epoch ms of the earliest and latest event; undefined without times. */
  get window(): { readonly from: number; readonly to: number } | undefined {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const { tally } of this.grouping.groups()) {
      for (const { first, last } of tally.statuses()) {
        from = Math.min(from, first ?? from);
        to = Math.max(to, last ?? to);
      }
    }
    return from <= to ? { from, to } : undefined;
  }

  /** Agents whose events a filter of agents left out, the first few. */
  get otherAgents(): readonly string[] {
    const agents = [...(this.#filter?.otherAgents ?? [])];
    for (const name of this.#otherAgents) addAgent(agents, name);
    return agents;
  }

  /** All groups as one. */
  total(): GroupTally {
    const total = new GroupTally();
    for (const { tally } of this.grouping.groups()) total.merge(tally.toState());
    return total;
  }

  toState(): AggregateState & { readonly unchecked: number } {
    return {
      by: this.options.by,
      filtered: this.filtered,
      duplicates: this.duplicates,
      unchecked: this.unchecked + (this.options.seen?.unchecked ?? 0),
      undecided: this.undecided,
      from: this.window?.from ?? null,
      groups: this.grouping.groups().map(({ key, tally }) => ({ key, tally: tally.toState() })),
      sources: [...this.sources.values()].map(({ key, tally }) => ({ key, tally: tally.toState() })),
      sourcesOverflowed: this.sourcesOverflowed,
      streams: this.streams.toState(),
      recent: this.recent.toState(),
      ...(this.otherAgents.length > 0 && { otherAgents: this.otherAgents }),
      series: this.series?.toState() ?? null,
      ...(this.history && { history: this.history.toState() }),
    };
  }

  /** An aggregate whose events are all counted already. */
  leaveOut({ groups, duplicates = 0, filtered }: AggregateState): void {
    this.duplicates += groups.reduce((sum, { tally }) => sum + tally.count, duplicates);
    this.filtered += filtered;
  }

  /** Appends the aggregate of what came after; with `goesOn`, of the rest of the same input. Its `by` and window must be the same. */
  merge(state: AggregateState, goesOn = false): void {
    this.filtered += state.filtered;
    this.duplicates += state.duplicates ?? 0;
    this.unchecked += state.unchecked ?? 0;
    this.undecided += state.undecided;
    for (const { key, tally } of state.groups) this.grouping.findByKey(key).merge(tally);
    for (const { key, tally } of state.sources) {
      const source = this.#source(key);
      if (source === null) this.sourcesOverflowed = true;
      else source.merge(tally);
    }
    for (const name of state.otherAgents ?? []) addAgent(this.#otherAgents, name);
    if (state.streams !== undefined) this.streams.merge(state.streams, goesOn);
    if (state.recent !== undefined) this.recent.merge(state.recent, goesOn);
    this.sourcesOverflowed ||= state.sourcesOverflowed;
    if (state.series !== null) this.series?.merge(state.series);
    if (state.history !== undefined) this.history?.merge(state.history);
  }
}

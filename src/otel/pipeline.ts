/**
 * From rows to a collector: rows wait, are encoded when there is room, and batches are on their way a few at a time.
 * Nothing here grows while the collector is slow: the reader waits for `turn`.
 */
import type { Names } from '../logs/names.ts';
import { Float, Int, NO_TIME, ROW_INTS, type RowBatch, RowFlag, type Rows } from '../logs/row.ts';
import type { SeenEvents } from '../logs/seen-events.ts';
import type { Batch } from './batch.ts';
import type { PipelineCounts } from './export-report.ts';
import { EventHasher } from './identity.ts';
import { OccurrenceNumbers } from './occurrence-numbers.ts';
import { IDENTITY_AT, OCCURRENCE_AT, QUEUED_INTS, RowQueue } from './row-queue.ts';
import type { Sampler } from './sampler.ts';
import type { Encoding } from './span-batch.ts';
import type { SpanEncoder } from './span-encoder.ts';

/** Requests that are on their way or wait to be repeated. */
export const MAX_IN_FLIGHT = 4;

/** A second consumer of all events: metrics. */
export interface RowSink {
  /** Counts the row at word `int`, which stands for `times` events. */
  add(rows: Rows, int: number, times: number, timeMs: number): void;
  /** Returns complete windows; with `all`, those that are not complete, too. */
  takeBatches(all: boolean): readonly MetricBatchSource[];
}

/** Data points that can be encoded as each outlet wants them. */
export interface MetricBatchSource {
  toBatch(encoding: Encoding): Batch;
}

/** Where batches go: to a collector, or into a file. */
export interface Outlet {
  /** Makes an encoder of spans; absent where the outlet takes no spans. */
  readonly makeEncoder?: (onFull: (batch: Batch) => void) => SpanEncoder;
  /** The encoding of metrics; absent where the outlet takes none. */
  readonly metrics?: Encoding;
  /** Resolves when the batch is done with, whatever came of it. */
  deliver(batch: Batch): Promise<void>;
  /** The batch will not be delivered. */
  abandon(batch: Batch): void;
  /** Counts spans that will not be delivered and are not even encoded. */
  abandonSpans(count: number): void;
  /** True when nothing more will be delivered. */
  readonly isStopped: boolean;
}

interface Waiting {
  readonly batch: Batch;
  readonly outlet: Outlet;
}

export interface PipelineOptions {
  readonly outlets: readonly Outlet[];
  readonly metrics?: RowSink;
  readonly sampler?: Sampler;
  /** The index of events that were exported already; without it every line is new. */
  readonly seen?: SeenEvents;
  /** Whether a row passes the filters. */
  readonly accepts?: (ints: Int32Array, floats: Float64Array, int: number, names: Names) => boolean;
  /** The time for a line that has none; a row is refused where this is undefined. */
  readonly arrivalMs?: () => number;
  /** The callback for the first event that is refused because it has no time. */
  readonly onUntimed: () => void;
  readonly inFlight: number;
}

export class Pipeline {
  readonly counts: PipelineCounts = {
    events: 0,
    filtered: 0,
    duplicates: 0,
    untimed: 0,
    unsampled: 0,
    repeats: 0,
    spans: 0,
  };
  readonly #options: PipelineOptions;
  readonly #encoders: readonly { readonly encoder: SpanEncoder; readonly outlet: Outlet }[];
  readonly #queue = new RowQueue();
  /** Index of the next row in the first chunk. */
  #row = 0;
  readonly #hasher = new EventHasher();
  readonly #occurrences = new OccurrenceNumbers();
  /** Full batches that wait for a place. */
  readonly #ready: Waiting[] = [];
  #inFlight = 0;
  #eventsAtFlush = 0;
  #turn: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #onDone: (() => void) | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#encoders = options.outlets.flatMap((outlet) => {
      const encoder = outlet.makeEncoder?.((batch) => this.#ready.push({ batch, outlet }));
      return encoder === undefined ? [] : [{ encoder, outlet }];
    });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether something is not delivered yet. */
  get isBusy(): boolean {
    const isPartial = this.#encoders.some(({ encoder }) => encoder.pending > 0);
    return this.#inFlight > 0 || this.#ready.length > 0 || !this.#queue.isEmpty || isPartial;
  }

  /** The first line of an input comes next. */
  beginInput(): void {
    this.#occurrences.clear();
    this.#options.seen?.beginInput();
  }

  /** Copies the rows of a batch into the queue. */
  take(rows: RowBatch): void {
    const { ints, floats, start, count, names } = rows;
    this.#options.seen?.mark(rows);
    for (let i = 0; i < count; i++) this.#takeRow(ints, floats, (start >> 2) + i * ROW_INTS, names);
  }

  #takeRow(ints: Int32Array, floats: Float64Array, int: number, names: Names): void {
    const { counts } = this;
    const { seen, accepts, arrivalMs, onUntimed } = this.#options;
    let times = ints[int + Int.repeat] as number;
    const float = int >> 1;
    const isTimed = floats[float + Float.time] !== NO_TIME;
    // A line without a time gets one of its own, or is refused: it is never the same as another.
    if (isTimed && ((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0) {
      counts.duplicates += times;
      return;
    }
    if (isTimed && times !== 1 && seen !== undefined) {
      counts.duplicates += times - 1;
      times = 1;
      ints[int + Int.repeat] = 1;
    }
    counts.events += times;
    if (accepts !== undefined && !accepts(ints, floats, int, names)) {
      counts.filtered += times;
      return;
    }
    if (!isTimed && arrivalMs === undefined) {
      if (counts.untimed === 0) onUntimed();
      counts.untimed += times;
      return;
    }
    const chunk = this.#queue.tail(names);
    const at = chunk.count * QUEUED_INTS;
    chunk.count += 1;
    const target = chunk.ints;
    for (let word = 0; word < ROW_INTS; word++) target[at + word] = ints[int + word] as number;
    this.#hasher.write(chunk, at, target, at + IDENTITY_AT);
    target[at + OCCURRENCE_AT] = this.#occurrences.take(
      target[at + IDENTITY_AT] as number,
      target[at + IDENTITY_AT + 1] as number,
      times,
    );
    if (!isTimed) chunk.floats[(at >> 1) + Float.time] = Math.floor((arrivalMs as () => number)());
  }

  /** Encodes rows, and returns a promise to wait for before more is read; undefined when all rows are encoded. */
  turn(): Promise<void> | undefined {
    this.#pump();
    if (this.#queue.isEmpty && this.#ready.length === 0) return undefined;
    this.#turn ??= withResolver();
    return this.#turn.promise;
  }

  /** Sends what is not a full batch yet, if there is a place for it. */
  flush(): void {
    if (!this.#queue.isEmpty || this.#inFlight >= this.#options.inFlight) return;
    const isIdle = this.counts.events === this.#eventsAtFlush;
    this.#eventsAtFlush = this.counts.events;
    this.#takeRest(isIdle);
    this.#pump();
  }

  /** Delivers everything that was taken. */
  async finish(): Promise<void> {
    await this.turn();
    this.#takeRest(true);
    for (;;) {
      this.#pump();
      if (this.#inFlight === 0 && this.#ready.length === 0) return;
      await new Promise<void>((resolve) => {
        this.#onDone = resolve;
      });
    }
  }

  #takeRest(all: boolean): void {
    for (const { encoder, outlet } of this.#encoders) {
      const rest = encoder.takeRest();
      if (rest !== undefined) this.#ready.push({ batch: rest, outlet });
    }
    if (all) this.#takeMetrics(true);
  }

  #takeMetrics(all: boolean): void {
    for (const source of this.#options.metrics?.takeBatches(all) ?? []) {
      for (const outlet of this.#options.outlets) {
        if (outlet.metrics !== undefined) this.#ready.push({ batch: source.toBatch(outlet.metrics), outlet });
      }
    }
  }

  /** Encodes and sends as much as there is room for. */
  #pump(): void {
    const { inFlight } = this.#options;
    while (!this.#isStopped) {
      while (this.#inFlight < inFlight && this.#ready.length > 0) this.#send(this.#ready.shift() as Waiting);
      // A batch that is full while there is no place is kept.
      if (this.#ready.length > 0 || !this.#encodeNext()) break;
    }
    if (this.#isStopped) this.#giveUp();
    if (!this.#queue.isEmpty || this.#ready.length > 0) return;
    this.#turn?.resolve();
    this.#turn = undefined;
  }

  get #isStopped(): boolean {
    return this.#options.outlets.some(({ isStopped }) => isStopped);
  }

  #send({ batch, outlet }: Waiting): void {
    this.#inFlight += 1;
    outlet.deliver(batch).then(() => {
      this.#inFlight -= 1;
      this.#pump();
      this.#onDone?.();
    });
  }

  /** Encodes rows until a batch is full; false when there are none left. */
  #encodeNext(): boolean {
    const { metrics } = this.#options;
    for (let chunk = this.#queue.first; chunk !== undefined; chunk = this.#queue.first) {
      const { ints, floats, count } = chunk;
      while (this.#row < count) {
        const int = this.#row * QUEUED_INTS;
        const timeMs = floats[(int >> 1) + Float.time] as number;
        const times = ints[int + Int.repeat] as number;
        metrics?.add(chunk, int, times, timeMs);
        this.#encode(chunk, int, timeMs);
        this.#row += 1;
        if (this.#ready.length > 0) return true;
      }
      this.#row = 0;
      this.#queue.shift();
      this.#takeMetrics(false);
      if (this.#ready.length > 0) return true;
    }
    return false;
  }

  #encode(rows: Rows, int: number, timeMs: number): void {
    if (this.#encoders.length === 0) return;
    const { ints } = rows;
    const identity = int + IDENTITY_AT;
    const occurrence = ints[int + OCCURRENCE_AT] as number;
    if (!this.#keeps(ints, int)) return;
    this.counts.repeats += (ints[int + Int.repeat] as number) - 1;
    let spans = 0;
    for (const { encoder } of this.#encoders) spans = encoder.write(rows, int, identity, occurrence, timeMs);
    this.counts.spans += spans;
  }

  /** Whether --sample keeps the row; those that it leaves out are counted. */
  #keeps(ints: Int32Array, int: number): boolean {
    const { sampler } = this.#options;
    if (sampler === undefined || sampler.keeps(ints, int, int + IDENTITY_AT, ints[int + OCCURRENCE_AT] as number))
      return true;
    this.counts.unsampled += ints[int + Int.repeat] as number;
    return false;
  }

  /** Counts all rows that were read as failed, without encoding them: nothing more is sent. */
  #giveUp(): void {
    for (const { batch, outlet } of this.#ready.splice(0)) outlet.abandon(batch);
    let spans = 0;
    for (let chunk = this.#queue.first; chunk !== undefined; chunk = this.#queue.first) {
      for (; this.#row < chunk.count; this.#row += 1) {
        const int = this.#row * QUEUED_INTS;
        if (this.#keeps(chunk.ints, int)) spans += this.#encoders[0]?.encoder.count(chunk.ints, int) ?? 0;
      }
      this.#row = 0;
      this.#queue.shift();
    }
    this.counts.spans += spans;
    for (const { outlet } of this.#encoders) outlet.abandonSpans(spans);
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

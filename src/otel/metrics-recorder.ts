/**
 * Counts events into windows of the log's own time, per HAProxy process: the data points say when things happened, not
 * when they were exported. Bounded: what exceeds a bound is counted under `otel.metric.overflow`.
 */
import type { Names } from '../logs/names.ts';
import { Int, type Rows } from '../logs/row.ts';
import { describeStatus } from '../status/describe.ts';
import { type EventStream, newStream, recordEvent } from './event-stream.ts';
import { type ResourcePoints, toBatches } from './metric-batch.ts';
import type { MetricsOptions } from './metrics-options.ts';
import type { MetricBatchSource, RowSink } from './pipeline.ts';
import { type ResourceOptions, resourceAttributes } from './resource.ts';
import type { Scope } from './span-batch.ts';
import type { Attribute } from './span-writer.ts';

export interface RecorderOptions extends MetricsOptions {
  readonly resource: ResourceOptions;
  readonly scope: Scope;
}

/** Windows of one resource that are open at once: lines of several threads arrive a little out of order. */
const OPEN_WINDOWS = 2;
/** Processes followed at once; the one seen least recently is completed and forgotten. */
const MAX_RESOURCES = 1024;
/** Combinations of agent, event and status name, over all resources; beyond: one for each resource. */
const MAX_STREAMS = 2000;

interface Window {
  /** Epoch ms, half open. */
  readonly startMs: number;
  readonly endMs: number;
  /** The latest event in it. */
  lastMs: number;
}

interface Recorded {
  readonly attributes: readonly Attribute[];
  readonly streams: Map<string, EventStream>;
}

interface ResourceState extends Recorded {
  /** Ascending. For delta each has streams of its own. */
  readonly windows: (Window & { readonly streams: Map<string, EventStream> })[];
  /** Cumulative: since when it is counted, and up to when it was reported. */
  readonly sinceMs: number;
  reportedMs: number;
}

export class MetricsRecorder implements RowSink {
  readonly #options: RecorderOptions;
  readonly #resources = new Map<string, ResourceState>();
  readonly #complete: ResourcePoints[] = [];
  #streamCount = 0;
  #names: Names | undefined;
  #origins: (readonly [string, readonly Attribute[]])[] = [];

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  add({ ints, names }: Rows, int: number, times: number, timeMs: number): void {
    const resource = this.#resourceOf(ints[int + Int.origin] as number, names, timeMs);
    const window = this.#windowOf(resource, timeMs);
    window.lastMs = Math.max(window.lastMs, timeMs);
    const streams = this.#options.temporality === 'delta' ? window.streams : resource.streams;
    recordEvent(this.#streamOf(streams, ints, int, names), ints, int, times, timeMs);
  }

  takeBatches(all: boolean): readonly MetricBatchSource[] {
    if (all) for (const state of this.#resources.values()) this.#completeAll(state);
    const { temporality, scope } = this.#options;
    return this.#complete.splice(0).flatMap((points) => toBatches(points, temporality, scope));
  }

  #resourceOf(origin: number, names: Names, timeMs: number): ResourceState {
    if (names !== this.#names) {
      this.#names = names;
      this.#origins = [];
    }
    let entry = this.#origins[origin];
    if (entry === undefined) {
      const attributes = resourceAttributes(names.origins[origin], this.#options.resource);
      entry = [JSON.stringify(attributes), attributes];
      this.#origins[origin] = entry;
    }
    const [key, attributes] = entry;
    const known = this.#resources.get(key);
    if (known !== undefined) return known;
    if (this.#resources.size >= MAX_RESOURCES) this.#forgetOldest();
    const sinceMs = this.#startOf(timeMs);
    const made: ResourceState = { attributes, streams: new Map(), windows: [], sinceMs, reportedMs: sinceMs };
    this.#resources.set(key, made);
    return made;
  }

  #forgetOldest(): void {
    let oldest: [string, ResourceState] | undefined;
    for (const entry of this.#resources) {
      if (oldest === undefined || lastSeen(entry[1]) < lastSeen(oldest[1])) oldest = entry;
    }
    if (oldest === undefined) return;
    const [key, state] = oldest;
    this.#completeAll(state);
    this.#streamCount -= state.streams.size;
    this.#resources.delete(key);
  }

  #startOf(timeMs: number): number {
    return Math.floor(timeMs / this.#options.intervalMs) * this.#options.intervalMs;
  }

  #windowOf(resource: ResourceState, timeMs: number): ResourceState['windows'][0] {
    const startMs = this.#startOf(timeMs);
    const { windows } = resource;
    const known = windows.find((window) => window.startMs === startMs);
    if (known !== undefined) return known;
    const made = { startMs, endMs: startMs + this.#options.intervalMs, lastMs: timeMs, streams: new Map() };
    windows.push(made);
    windows.sort((a, b) => a.startMs - b.startMs);
    while (windows.length > OPEN_WINDOWS) {
      // The one that is new is not complete, even when it is the oldest: the next goes first.
      const at = windows[0] === made ? 1 : 0;
      this.#completeWindow(resource, at, undefined);
    }
    return made;
  }

  #completeAll(resource: ResourceState): void {
    while (resource.windows.length > 0) this.#completeWindow(resource, 0, 'unfinished');
  }

  /** An unfinished window is reported up to its last event: later ones may come in another run. */
  #completeWindow(resource: ResourceState, at: number, unfinished: 'unfinished' | undefined): void {
    const [window] = resource.windows.splice(at, 1);
    if (window === undefined) return;
    const { attributes } = resource;
    const endMs = unfinished === undefined ? window.endMs : window.lastMs + 1;
    if (this.#options.temporality === 'delta') {
      this.#streamCount -= window.streams.size;
      this.#complete.push({ attributes, startMs: window.startMs, endMs, streams: [...window.streams.values()] });
      return;
    }
    // Cumulative points never go back in time: what came late is in the next one.
    resource.reportedMs = Math.max(resource.reportedMs, endMs);
    const streams = [...resource.streams.values()].map((stream) => stream.copy());
    this.#complete.push({ attributes, startMs: resource.sinceMs, endMs: resource.reportedMs, streams });
  }

  #streamOf(streams: Map<string, EventStream>, ints: Int32Array, int: number, names: Names): EventStream {
    const event = names.keys[ints[int + Int.key] as number];
    const st = (ints[int + Int.status] as number) >>> 0;
    const status = describeStatus(st).name;
    const key = `${ints[int + Int.status] === 0 ? '' : status}\0${event?.agent}\0${event?.type}\0${event?.name}`;
    const known = streams.get(key);
    if (known !== undefined) return known;
    const isOverflow = this.#streamCount >= MAX_STREAMS;
    const usedKey = isOverflow ? 'overflow' : key;
    const made =
      streams.get(usedKey) ??
      newStream(isOverflow || event === undefined ? undefined : { ...event, status, isError: st !== 0 });
    if (!streams.has(usedKey)) {
      streams.set(usedKey, made);
      this.#streamCount += 1;
    }
    return made;
  }
}

function lastSeen({ windows, reportedMs }: ResourceState): number {
  return windows.at(-1)?.lastMs ?? reportedMs;
}

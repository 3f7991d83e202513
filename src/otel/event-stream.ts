/** Counts of the events of one agent, event and status name. */
import type { EventKey } from '../logs/names.ts';
import { Int, RowFlag } from '../logs/row.ts';
import { Histogram, type HistogramState } from '../sketch/histogram.ts';
import { PHASES } from './attribute-names.ts';

export interface StreamKey extends EventKey {
  /** A value of low cardinality, as in error.type. */
  readonly status: string;
  readonly isError: boolean;
}

/** The gauges of the latest line that has them (HAProxy <= 3.0). */
export interface Gauges {
  readonly timeMs: number;
  readonly idles: number;
  readonly applets: number;
  readonly sending: number;
  readonly waiting: number;
}

export class EventStream {
  /** The key; undefined for the stream of what exceeded the bound. */
  readonly key: StreamKey | undefined;
  events = 0;
  readonly processing = new Histogram();
  /** One histogram for each of PHASES, in order; absent until a line has phases. */
  phases: readonly Histogram[] | undefined;
  gauges: Gauges | undefined;

  constructor(key: StreamKey | undefined) {
    this.key = key;
  }

  /** A copy of the present counts. */
  copy(): EventStream {
    const copy = new EventStream(this.key);
    copy.events = this.events;
    copy.processing.merge(this.processing.toState());
    copy.phases = this.phases?.map((phase) => merged(phase.toState()));
    copy.gauges = this.gauges;
    return copy;
  }
}

function merged(state: HistogramState): Histogram {
  const histogram = new Histogram();
  histogram.merge(state);
  return histogram;
}

export function newStream(key: StreamKey | undefined): EventStream {
  return new EventStream(key);
}

/** Counts the row at word `int`, which stands for `times` events. */
export function recordEvent(stream: EventStream, ints: Int32Array, int: number, times: number, timeMs: number): void {
  stream.events += times;
  stream.processing.add(Math.max(0, ints[int + Int.pT] as number), times);
  if (((ints[int + Int.flags] as number) & RowFlag.phases) === 0) return;
  stream.phases ??= PHASES.map(() => new Histogram());
  for (const [i, phase] of stream.phases.entries()) phase.add(ints[int + Int.reqT + i] as number, times);
  if (stream.gauges !== undefined && stream.gauges.timeMs > timeMs) return;
  stream.gauges = {
    timeMs,
    idles: (ints[int + Int.idles] as number) >>> 0,
    applets: (ints[int + Int.applets] as number) >>> 0,
    sending: (ints[int + Int.sending] as number) >>> 0,
    waiting: (ints[int + Int.waiting] as number) >>> 0,
  };
}

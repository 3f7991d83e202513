/** Data points as the SDK's serializers take them, cut into batchs. */
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { escapeJson } from '../text/json.ts';
import { Metric, PHASES, Spoe } from './attribute-names.ts';
import type { Batch } from './batch.ts';
import type { EventStream, Gauges } from './event-stream.ts';
import { toExponential } from './histogram-points.ts';
import type { Temporality } from './metrics-options.ts';
import type { MetricBatchSource } from './pipeline.ts';
import type { Encoding, Scope } from './span-batch.ts';
import type { Attribute } from './span-writer.ts';

/** What one process did from one moment to another. */
export interface ResourcePoints {
  readonly attributes: readonly Attribute[];
  readonly startMs: number;
  readonly endMs: number;
  readonly streams: readonly EventStream[];
}

/** A histogram's point has a few hundred bytes. */
const MAX_POINTS = 1024;
/** OpenTelemetry metrics SDK specification, "Overflow attribute". */
const OVERFLOW = 'otel.metric.overflow';

/** One point with the metric it belongs to. */
interface MetricPoint {
  readonly metric: Omit<MetricData, 'dataPoints' | 'aggregationTemporality'> & { readonly isMonotonic?: boolean };
  readonly point: DataPoint<unknown>;
}

const COUNT = { valueType: ValueType.INT };
const METRICS = {
  events: {
    descriptor: { name: Metric.events, description: 'SPOE events', unit: '{event}', ...COUNT },
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
  },
  processing: {
    descriptor: {
      name: Metric.processingDuration,
      description: "Latency added to the client's request until the agent's ACK (pT)",
      unit: 's',
      valueType: ValueType.DOUBLE,
    },
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
  },
  phase: {
    descriptor: {
      name: Metric.phaseDuration,
      description: 'Phases of the processing that ended (HAProxy <= 3.0)',
      unit: 's',
      valueType: ValueType.DOUBLE,
    },
    dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
  },
} as const;

const GAUGES: readonly (readonly [keyof Gauges, name: string, description: string, unit: string])[] = [
  ['applets', Metric.applets, 'Connections to the agent', '{applet}'],
  ['idles', Metric.idles, 'Connections to the agent that wait for work', '{applet}'],
  ['sending', Metric.sending, 'Events in the queue, not sent yet', '{event}'],
  ['waiting', Metric.waiting, 'Events sent that wait for an ACK', '{event}'],
];

export function toBatches(points: ResourcePoints, temporality: Temporality, scope: Scope): MetricBatchSource[] {
  const all = toPoints(points);
  const sources: MetricBatchSource[] = [];
  for (let from = 0; from < all.length; from += MAX_POINTS) {
    const part = all.slice(from, from + MAX_POINTS);
    sources.push({ toBatch: (encoding) => new MetricBatch(part, points.attributes, temporality, scope, encoding) });
  }
  return sources;
}

function toPoints({ startMs, endMs, streams }: ResourcePoints): MetricPoint[] {
  const startTime = toHrTime(startMs);
  const endTime = toHrTime(endMs);
  const timed = (value: unknown, attributes: Attributes): DataPoint<unknown> => ({
    startTime,
    endTime,
    attributes,
    value,
  });
  const points: MetricPoint[] = [];
  for (const stream of streams) points.push({ metric: METRICS.events, point: timed(stream.events, eventOf(stream)) });
  for (const stream of streams) {
    const value = toExponential(stream.processing.toState());
    points.push({ metric: METRICS.processing, point: timed(value, eventOf(stream)) });
  }
  for (const stream of streams) {
    for (const [i, phase] of (stream.phases ?? []).entries()) {
      const state = phase.toState();
      if (state.count === 0) continue;
      const attributes = { ...eventOf(stream), [Spoe.phase]: PHASES[i] as string };
      points.push({ metric: METRICS.phase, point: timed(toExponential(state), attributes) });
    }
  }
  return [...points, ...gaugePoints(streams)];
}

/** The latest gauges of each agent, at the time of their line. */
function gaugePoints(streams: readonly EventStream[]): MetricPoint[] {
  const latest = new Map<string, Gauges>();
  for (const { key, gauges } of streams) {
    if (key === undefined || gauges === undefined) continue;
    const known = latest.get(key.agent);
    if (known === undefined || known.timeMs <= gauges.timeMs) latest.set(key.agent, gauges);
  }
  return GAUGES.flatMap(([field, name, description, unit]) =>
    [...latest].map(([agent, gauges]) => {
      const time = toHrTime(gauges.timeMs);
      return {
        metric: { descriptor: { name, description, unit, ...COUNT }, dataPointType: DataPointType.GAUGE },
        point: { startTime: time, endTime: time, attributes: { [Spoe.agent]: agent }, value: gauges[field] },
      };
    }),
  );
}

function eventOf({ key }: EventStream): Attributes {
  if (key === undefined) return { [OVERFLOW]: true };
  const { agent, name, type, status, isError } = key;
  return {
    [Spoe.agent]: agent,
    [Spoe.event]: name,
    [Spoe.type]: type,
    [Spoe.statusName]: status,
    ...(isError && { [Spoe.errorType]: status }),
  };
}

function toHrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
}

class MetricBatch implements Batch {
  readonly signal = 'metrics';
  readonly #points: readonly MetricPoint[];
  readonly #attributes: readonly Attribute[];
  readonly #temporality: Temporality;
  readonly #scope: Scope;
  readonly #encoding: Encoding;

  constructor(
    points: readonly MetricPoint[],
    attributes: readonly Attribute[],
    temporality: Temporality,
    scope: Scope,
    encoding: Encoding,
  ) {
    this.#points = points;
    this.#attributes = attributes;
    this.#temporality = temporality;
    this.#scope = scope;
    this.#encoding = encoding;
  }

  get size(): number {
    return this.#points.length;
  }

  encode(from: number, to: number): Uint8Array {
    const serializer = this.#encoding === 'json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
    const metrics = this.#toMetrics(this.#points.slice(from, to));
    const attributes = Object.fromEntries(
      this.#attributes.flatMap(([name, value]) => ('text' in value ? [[name, value.text] as const] : [])),
    );
    const request = { resource: resourceFromAttributes(attributes), scopeMetrics: [{ scope: this.#scope, metrics }] };
    const bytes = serializer.serializeRequest(request) ?? new Uint8Array();
    return this.#encoding === 'json' ? Buffer.from(escapeJson(Buffer.from(bytes).toString())) : bytes;
  }

  /** Points of one metric stand together already. */
  #toMetrics(points: readonly MetricPoint[]): MetricData[] {
    const byName = new Map<string, MetricPoint[]>();
    for (const entry of points) {
      const { name } = entry.metric.descriptor;
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [entry]);
      else known.push(entry);
    }
    const aggregationTemporality =
      this.#temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    return [...byName.values()].map(
      (entries) =>
        ({
          ...entries[0]?.metric,
          aggregationTemporality,
          dataPoints: entries.map(({ point }) => point),
        }) as MetricData,
    );
  }

  release(): void {}
}

/** The agent's metrics. Only the duration costs something for each request; all others are read when they are sent. */
import { type Attributes, type BatchObservableResult, type Meter, ValueType } from '@opentelemetry/api';
import type { DestinationStats, MirrorStats } from '../mirror/statistics.ts';
import type { Target } from '../mirror/target.ts';
import type { RequestOutcome } from '../mirror/tracing.ts';
import { Http, MirrorMetric } from './attribute-names.ts';
import type { SpanQueue } from './span-queue.ts';
import { errorTypeOf } from './span-values.ts';

/** Seconds, as the HTTP conventions advise. */
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export class MirrorMeter {
  readonly #meter: Meter;
  readonly #spans: Pick<SpanQueue, 'counts'> | undefined;
  readonly #duration;

  constructor(meter: Meter, spans: Pick<SpanQueue, 'counts'> | undefined) {
    this.#meter = meter;
    this.#spans = spans;
    this.#duration = meter.createHistogram(MirrorMetric.requestDuration, {
      description: 'Duration of HTTP client requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: DURATION_BOUNDS },
    });
  }

  /** A request that was written has ended. */
  record(method: string, target: Target, { status, error, nowMs }: RequestOutcome, leftMs: number): void {
    const attributes: Attributes = { [Http.method]: method, ...serverOf(target) };
    const failure = errorTypeOf(status, error);
    if (status !== null) attributes[Http.status] = status;
    if (failure !== undefined) attributes[Http.errorType] = failure;
    this.#duration.record((nowMs - leftMs) / 1000, attributes);
  }

  watch(stats: () => MirrorStats): void {
    const meter = this.#meter;
    const upDown = (name: string, unit: string, description: string) =>
      meter.createObservableUpDownCounter(name, { unit, description, valueType: ValueType.INT });
    const counter = (name: string, unit: string, description: string) =>
      meter.createObservableCounter(name, { unit, description, valueType: ValueType.INT });
    const active = upDown(MirrorMetric.activeRequests, '{request}', 'Number of active HTTP requests.');
    const queued = upDown(MirrorMetric.queueRequests, '{request}', 'Requests that wait.');
    const bytes = upDown(MirrorMetric.queueBytes, 'By', 'Of requests that wait or are on their way.');
    const dropped = counter(MirrorMetric.droppedRequests, '{request}', 'Requests dropped by queue or rate.');
    const exported = counter(MirrorMetric.exportedSpans, '{span}', 'Spans the collector took.');
    const lost = counter(MirrorMetric.droppedSpans, '{span}', 'Spans never sent: no room for them.');
    const failed = counter(MirrorMetric.failedSpans, '{span}', 'Spans sent in vain.');
    const observe = (result: BatchObservableResult) => {
      for (const destination of stats().destinations) {
        const attributes = serverOfName(destination);
        result.observe(active, destination.inFlight, attributes);
        result.observe(queued, destination.queued, attributes);
        result.observe(bytes, destination.queuedBytes, attributes);
        for (const code of ['dropped-queue-full', 'dropped-max-rate'] as const)
          result.observe(dropped, destination.errors[code] ?? 0, { ...attributes, [Http.errorType]: code });
      }
      const counts = this.#spans?.counts;
      if (counts === undefined) return;
      result.observe(exported, counts.exported);
      result.observe(lost, counts.dropped);
      result.observe(failed, counts.failed);
    };
    meter.addBatchObservableCallback(observe, [active, queued, bytes, dropped, exported, lost, failed]);
  }
}

function serverOf({ hostname, port }: Pick<Target, 'hostname' | 'port'>): Attributes {
  return { [Http.address]: hostname, [Http.port]: port };
}

/** `http://host:port/prefix`, as statistics name a destination. */
function serverOfName({ destination }: DestinationStats): Attributes {
  const { hostname, port, protocol } = new URL(destination);
  return serverOf({
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
}

/** An exporter for the SDK's metric reader, over the transports of this room. */
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Clock } from '../text/retry.ts';
import type { Transport } from './answer.ts';
import type { LossLog } from './loss-log.ts';
import { Deadline, reasonOf, sendWithin } from './sending.ts';
import type { Encoding } from './span-batch.ts';
import type { PushSettings } from './telemetry-settings.ts';

export interface MetricPushOptions {
  readonly transport: Transport;
  readonly encoding: Encoding;
  readonly push: PushSettings;
  readonly clock: Clock;
  readonly losses: LossLog;
}

/** ExportResultCode of @opentelemetry/core. */
const SUCCESS = 0;
const FAILED = 1;

export class MetricPush implements PushMetricExporter {
  readonly #options: MetricPushOptions;
  readonly #deadline = new Deadline();
  readonly counts = { exported: 0, failed: 0 };

  constructor(options: MetricPushOptions) {
    this.#options = options;
  }

  export(metrics: ResourceMetrics, done: Parameters<PushMetricExporter['export']>[1]): void {
    void this.#send(metrics).then((error) => done(error === undefined ? { code: SUCCESS } : { code: FAILED, error }));
  }

  /** The program ends: what is sent from now on has until then. */
  hurry(deadlineMs: number): void {
    this.#deadline.set(deadlineMs);
  }

  /** UpDownCounters are cumulative whatever is preferred (OTLP metrics exporter specification). */
  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    const { temporality, isLowMemory } = this.#options.push;
    const isSum = type === InstrumentType.UP_DOWN_COUNTER || type === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER;
    const staysSum = isSum || (isLowMemory && type === InstrumentType.OBSERVABLE_COUNTER);
    return temporality === 'delta' && !staysSum ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
  }

  selectAggregation(type: InstrumentType) {
    const isExponential = type === InstrumentType.HISTOGRAM && this.#options.push.isExponential;
    return { type: isExponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT } as
      | { type: AggregationType.EXPONENTIAL_HISTOGRAM }
      | { type: AggregationType.DEFAULT };
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  async #send(metrics: ResourceMetrics): Promise<Error | undefined> {
    const { transport, encoding, push, clock, losses } = this.#options;
    const serializer = encoding === 'json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
    const request = serializer.serializeRequest(metrics) ?? new Uint8Array();
    const points = countPoints(metrics);
    const attempts = { transport, clock, deadline: this.#deadline, timeoutMs: push.timeoutMs };
    const answer = await sendWithin(request, attempts);
    const taken = answer.kind === 'accepted' ? points - Math.min(points, answer.rejected) : 0;
    this.counts.exported += taken;
    this.counts.failed += points - taken;
    if (taken === points) {
      losses.delivered();
      return undefined;
    }
    const reason = `${transport.endpoint}: ${reasonOf(answer)}`;
    losses.lost(points - taken, reason);
    return new Error(reason);
  }
}

function countPoints({ scopeMetrics }: ResourceMetrics): number {
  const all = scopeMetrics.flatMap((scope) => scope.metrics);
  return all.reduce((sum, metric) => sum + metric.dataPoints.length, 0);
}

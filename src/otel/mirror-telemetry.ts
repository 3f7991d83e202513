/**
 * --otel of the agent: the SDK, made of nothing but what is given to it here. Left alone it would look at this machine and
 * its user for a resource, and at the environment for exporters that hide what gets lost.
 */
import { randomUUID } from 'node:crypto';
import { type ContextManager, context, DiagLogLevel, diag, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource as SdkResource,
} from '@opentelemetry/resources';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace';
import type { TraceContext } from '../mirror/request.ts';
import type { MirrorStats } from '../mirror/statistics.ts';
import type { MirrorTracer } from '../mirror/tracing.ts';
import type { Clock } from '../text/retry.ts';
import type { Transport } from './answer.ts';
import { Resource } from './attribute-names.ts';
import type { Signal } from './batch.ts';
import { systemClock } from './clock.ts';
import { LossLog } from './loss-log.ts';
import { MetricPush } from './metric-push.ts';
import { MirrorMeter } from './mirror-meter.ts';
import { RequestSpans } from './request-spans.ts';
import type { SignalSettings } from './settings.ts';
import { SpanQueue } from './span-queue.ts';
import type { TelemetrySettings } from './telemetry-settings.ts';

export interface MirrorTelemetryOptions {
  readonly settings: TelemetrySettings;
  readonly traceContext: TraceContext;
  readonly version: string;
  readonly log: (line: string) => void;
  readonly openTransport: (signal: Signal, settings: SignalSettings) => Transport;
  readonly clock?: Clock;
  /** Time limits of the end, in ms: when spans are given up, and when everything is. */
  readonly closeMs?: { readonly spans: number; readonly all: number };
}

const SERVICE = 'spoa-mirror';
/** Both limits lie within the five seconds that the agent allows. */
const CLOSE_MS = { spans: 3_000, all: 4_500 };

/** Requests are followed without it: every promise of the process would pay for the one the SDK brings. */
const NO_CONTEXTS: ContextManager = {
  active: () => ROOT_CONTEXT,
  with: (_context, action, self, ...args) => action.call(self as never, ...args),
  bind: (_context, target) => target,
  enable: () => NO_CONTEXTS,
  disable: () => NO_CONTEXTS,
};

export class MirrorTelemetry {
  readonly #options: MirrorTelemetryOptions;
  readonly #clock: Clock;
  readonly #transports: Transport[] = [];
  readonly #queue: SpanQueue | undefined;
  readonly #push: MetricPush | undefined;
  readonly #sdk: NodeSDK;
  readonly #requests: RequestSpans;
  readonly #meter: MirrorMeter;

  constructor(options: MirrorTelemetryOptions) {
    const { settings, traceContext, version } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = settings.traces && this.#makeQueue(settings.traces);
    this.#push = settings.metrics && this.#makePush(settings.metrics);
    const resource = this.#describeProcess();
    this.#sdk = this.#makeSdk(resource);
    this.#logProblems();
    this.#sdk.start();
    this.#meter = new MirrorMeter(metrics.getMeter(SERVICE, version), this.#queue);
    this.#requests = new RequestSpans({
      sampler: settings.sampler,
      ids: new RandomIdGenerator(),
      resource,
      scope: { name: SERVICE, version },
      queue: this.#queue,
      traceContext,
      knownMethods: settings.knownMethods,
      onOutcome: (method, target, outcome, leftMs) => this.#meter.record(method, target, outcome, leftMs),
    });
  }

  get tracer(): MirrorTracer {
    return this.#requests;
  }

  watch(stats: () => MirrorStats): void {
    this.#meter.watch(stats);
  }

  stats() {
    return {
      spans: this.#queue?.counts ?? { exported: 0, dropped: 0, failed: 0, queued: 0 },
      points: { ...(this.#push?.counts ?? { exported: 0, failed: 0 }) },
    };
  }

  /** Spans first, so that the last metrics count them; all of it in a bounded time. */
  async close(): Promise<void> {
    const { spans, all } = this.#options.closeMs ?? CLOSE_MS;
    const startMs = this.#clock.now();
    this.#requests.drain();
    await this.#queue?.close(startMs + spans);
    this.#push?.hurry(startMs + all);
    const over = new AbortController();
    const late = this.#clock.sleep(Math.max(0, startMs + all - this.#clock.now()), over.signal);
    // An error of the reader has been counted where it came up.
    await Promise.race([this.#sdk.shutdown().catch(() => {}), late]);
    over.abort();
    for (const transport of this.#transports) void transport.close();
    for (const global of [trace, metrics, context, diag]) global.disable();
  }

  /** Attributes of the environment take precedence over those that are known here. */
  #describeProcess(): SdkResource {
    const own = resourceFromAttributes({
      [Resource.serviceName]: SERVICE,
      [Resource.serviceVersion]: this.#options.version,
      // Each worker is one: their metrics must not be taken for those of a single process.
      [Resource.serviceInstanceId]: randomUUID(),
    });
    return defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] }));
  }

  #makeSdk(resource: SdkResource): NodeSDK {
    return new NodeSDK({
      resource,
      autoDetectResources: false,
      sampler: this.#options.settings.sampler,
      spanProcessors: this.#queue === undefined ? [] : [this.#queue],
      metricReaders: this.#push === undefined ? [] : [this.#makeReader(this.#push)],
      logRecordProcessors: [],
      instrumentations: [],
      textMapPropagator: null,
      contextManager: NO_CONTEXTS,
    });
  }

  #makeReader(push: MetricPush): PeriodicExportingMetricReader {
    const { intervalMs, timeoutMs } = this.#options.settings.push;
    return new PeriodicExportingMetricReader({
      exporter: push,
      exportIntervalMillis: intervalMs,
      exportTimeoutMillis: timeoutMs,
    });
  }

  #makeQueue(settings: SignalSettings): SpanQueue {
    const { batch } = this.#options.settings;
    return new SpanQueue({ ...this.#outlet('traces', settings), batch });
  }

  #makePush(settings: SignalSettings): MetricPush {
    const { push } = this.#options.settings;
    return new MetricPush({ ...this.#outlet('metrics', settings), push });
  }

  #outlet(signal: Signal, settings: SignalSettings) {
    const transport = this.#options.openTransport(signal, settings);
    this.#transports.push(transport);
    const encoding = settings.protocol === 'http/json' ? ('json' as const) : ('protobuf' as const);
    const losses = new LossLog(signal === 'traces' ? 'spans' : 'metrics', this.#options.log, () => this.#clock.now());
    return { transport, encoding, clock: this.#clock, losses };
  }

  /** The SDK would write to standard output, which may be the record's. */
  #logProblems(): void {
    const { log, settings } = this.#options;
    const say = (message: string) => log(`otel: ${message}`);
    if (settings.logLevel === DiagLogLevel.NONE) return;
    diag.setLogger(
      { error: say, warn: say, info: say, debug: say, verbose: say },
      { logLevel: settings.logLevel, suppressOverrideMessage: true },
    );
  }
}

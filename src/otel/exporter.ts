/** Puts the room together: settings → transports, encoders, delivery and the pipeline between them. */

import { type Clock, RETRY } from '../text/retry.ts';
import type { Transport } from './answer.ts';
import type { Signal } from './batch.ts';
import { systemClock } from './clock.ts';
import { Delivery, type DeliveryStop } from './delivery.ts';
import { type Environment, type GivenSettings, readResourceOptions, readSettings } from './environment.ts';
import type { ExportReport } from './export-report.ts';
import { readMetricsOptions, type Temporality } from './metrics-options.ts';
import { MetricsRecorder } from './metrics-recorder.ts';
import { OtlpFile } from './otlp-file.ts';
import { CollectorOutlet, FileOutlet } from './outlets.ts';
import { MAX_IN_FLIGHT, type Outlet, Pipeline, type PipelineOptions } from './pipeline.ts';
import { Sampler } from './sampler.ts';
import type { SignalSettings } from './settings.ts';
import { BATCH_BOUNDS, type BatchBounds, type Encoding } from './span-batch.ts';
import { SpanEncoder } from './span-encoder.ts';
import type { SpanDetail } from './span-layout.ts';
import { openTransport } from './transports.ts';

export interface ExporterOptions extends Pick<PipelineOptions, 'accepts' | 'arrivalMs' | 'onUntimed' | 'seen'> {
  readonly given: GivenSettings;
  readonly env: Environment;
  readonly version: string;
  readonly detail: SpanDetail | 'none';
  readonly metrics: boolean;
  readonly temporality?: Temporality | undefined;
  /** Share of successes that are kept. */
  readonly sample?: number | undefined;
  readonly toCollector: boolean;
  readonly otlpFile?: string | undefined;
  /** Gets the first spans as OTLP JSON; nothing goes anywhere else. */
  readonly onPreview?: ((request: Uint8Array) => void) | undefined;
  readonly retryForMs: number;
  /** The collector gets no more; called at most once. */
  readonly onStop: (stop: DeliveryStop) => void;
  /** The file cannot be written; called at most once. */
  readonly onFault: (error: unknown) => void;
  readonly clock?: Clock;
}

/** A line longer than 1 MiB is cut by the collector's file receiver. */
const FILE_BOUNDS: BatchBounds = { spans: BATCH_BOUNDS.spans, bytes: 900 * 1024 };
const PREVIEW_BOUNDS: BatchBounds = { spans: 10, bytes: BATCH_BOUNDS.bytes };

export class Exporter {
  readonly pipeline: Pipeline;
  readonly #options: ExporterOptions;
  readonly #transports: { readonly [signal in Signal]?: Transport };
  readonly #delivery: Delivery | undefined;
  readonly #file: OtlpFile | undefined;
  readonly #fileOutlet: FileOutlet | undefined;

  /** Throws OtelError. */
  constructor(options: ExporterOptions) {
    this.#options = options;
    const { sample } = options;
    const isPreview = options.onPreview !== undefined;
    const outlets: Outlet[] = [];
    this.#transports = {};
    if (options.toCollector) {
      // A preview reads the settings too, so that it refuses what an export would.
      const settings = this.#readSettings();
      if (!isPreview) {
        this.#transports = makeTransports(settings);
        this.#delivery = this.#makeDelivery();
        outlets.push(new CollectorOutlet(this.#delivery, this.#intake(encodingOf(settings), BATCH_BOUNDS)));
      }
    }
    if (options.otlpFile !== undefined && !isPreview) {
      this.#file = new OtlpFile(options.otlpFile);
      this.#fileOutlet = new FileOutlet(this.#file, options.onFault, this.#intake('json', FILE_BOUNDS));
      outlets.push(this.#fileOutlet);
    }
    if (options.onPreview !== undefined) outlets.push(this.#previewOutlet(options.onPreview));
    this.pipeline = new Pipeline({
      outlets,
      onUntimed: options.onUntimed,
      inFlight: MAX_IN_FLIGHT,
      ...(options.seen !== undefined && { seen: options.seen }),
      ...(options.accepts !== undefined && { accepts: options.accepts }),
      ...(options.arrivalMs !== undefined && { arrivalMs: options.arrivalMs }),
      ...(sample !== undefined && sample < 1 && { sampler: new Sampler(sample) }),
      ...(options.metrics && !isPreview && { metrics: this.#makeRecorder() }),
    });
  }

  /** The user waits: give up sooner. */
  hurry(forMs: number): void {
    this.#delivery?.hurry(forMs);
  }

  get report(): ExportReport {
    const { traces, metrics } = this.#transports;
    return {
      ...this.pipeline.counts,
      endpoints: { ...(traces && { traces: traces.endpoint }), ...(metrics && { metrics: metrics.endpoint }) },
      ...(this.#delivery && { delivery: this.#delivery.report }),
      ...(this.#file && this.#fileOutlet && { written: { path: this.#file.path, ...this.#fileOutlet.written } }),
    };
  }

  /** Delivers what is left, then closes everything. Throws OtelError. */
  async finish(): Promise<void> {
    await this.pipeline.finish();
    await Promise.all(Object.values(this.#transports).map((transport) => transport.close()));
    this.#file?.close();
  }

  #readSettings(): { readonly [signal in Signal]?: SignalSettings } {
    const { given, env, version, detail, metrics } = this.#options;
    const userAgent = `spoe-logs/${version}`;
    return {
      ...(detail !== 'none' && { traces: readSettings('traces', given, env, userAgent) }),
      ...(metrics && { metrics: readSettings('metrics', given, env, userAgent) }),
    };
  }

  #makeDelivery(): Delivery {
    const { clock = systemClock, retryForMs, onStop } = this.#options;
    return new Delivery({ transports: this.#transports, clock, retry: { ...RETRY, forMs: retryForMs }, onStop });
  }

  /** The encoding of each signal that an outlet takes. */
  #intake(encodings: Encoding | { readonly [signal in Signal]?: Encoding }, bounds: BatchBounds) {
    const { metrics } = this.#options;
    const of = (signal: Signal) => (typeof encodings === 'string' ? encodings : encodings[signal]) ?? 'protobuf';
    return { ...this.#encoderFor(of('traces'), bounds), ...(metrics && { metrics: of('metrics') }) };
  }

  #encoderFor(encoding: Encoding, bounds: BatchBounds) {
    const { detail, env, version } = this.#options;
    if (detail === 'none') return {};
    const options = { encoding, detail, bounds, resource: readResourceOptions(env), scope: scopeOf(version) };
    return { makeEncoder: (onFull: ConstructorParameters<typeof SpanEncoder>[1]) => new SpanEncoder(options, onFull) };
  }

  #makeRecorder(): MetricsRecorder {
    const { env, version, temporality } = this.#options;
    return new MetricsRecorder({
      ...readMetricsOptions(env, temporality),
      resource: readResourceOptions(env),
      scope: scopeOf(version),
    });
  }

  #previewOutlet(onPreview: (request: Uint8Array) => void): Outlet {
    let isStopped = false;
    return {
      ...this.#encoderFor('json', PREVIEW_BOUNDS),
      get isStopped() {
        return isStopped;
      },
      deliver: async (batch) => {
        if (!isStopped) onPreview(batch.encode(0, batch.size));
        isStopped = true;
      },
      abandon: () => {},
      abandonSpans: () => {},
    };
  }
}

function scopeOf(version: string) {
  return { name: 'spoe-logs', version };
}

function encodingOf(settings: { readonly [signal in Signal]?: SignalSettings }) {
  const of = (given: SignalSettings | undefined) => (given?.protocol === 'http/json' ? 'json' : 'protobuf') as Encoding;
  return { traces: of(settings.traces), metrics: of(settings.metrics) };
}

function makeTransports(settings: { readonly [signal in Signal]?: SignalSettings }): {
  readonly [signal in Signal]?: Transport;
} {
  const make = (signal: Signal, given: SignalSettings) => openTransport(signal, given, MAX_IN_FLIGHT);
  const { traces, metrics } = settings;
  return { ...(traces && { traces: make('traces', traces) }), ...(metrics && { metrics: make('metrics', metrics) }) };
}

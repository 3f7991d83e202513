/** `spoe-logs export`, for a program of one's own. What it is made of is loaded when an exporter is opened, not before. */
import { Writable } from 'node:stream';
import { LogIntake } from '../logs/log-intake.ts';
import { Names } from '../logs/names.ts';
import { RenewingScanner } from '../logs/renewing-scanner.ts';
import type { RowBatch } from '../logs/row.ts';
import { SeenEvents } from '../logs/seen-events.ts';
import type { LogChunk } from '../logs/spoe-lines.ts';
import { LineTally } from '../logs/tally.ts';
import { type ReadingTimes, streamTimes } from '../logs/time.ts';
import { VERSION } from '../text/version.ts';
import type { DeliveryStop } from './delivery.ts';
import { OtelError } from './errors.ts';
import type { ExportReport } from './export-report.ts';
import type { Exporter } from './exporter.ts';

/** Each is the option of `spoe-logs export` of that name, with its default. */
export interface ExportOptions extends ReadingTimes {
  /** Base URL of the collector; without it `env`, then http://localhost:4318. */
  readonly endpoint?: string;
  readonly protocol?: 'http/protobuf' | 'http/json' | 'grpc';
  /** `name=value`, the value percent-encoded. */
  readonly headers?: readonly string[];
  readonly compression?: 'gzip' | 'none';
  /** PEM files: who signed the collector's certificate, and a certificate of one's own with its key. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Writes OTLP JSON lines into this file; nothing is sent without `endpoint`. */
  readonly otlpFile?: string;
  /** `full` without it. */
  readonly spans?: 'full' | 'compact' | 'none';
  readonly metrics?: boolean;
  readonly temporality?: 'delta' | 'cumulative';
  /** Share of the traces that are kept, 0–1; errors always are. */
  readonly sample?: number;
  /** `arrival`: a line without a time gets the present one, instead of being refused. */
  readonly time?: 'log' | 'arrival';
  readonly keepDuplicates?: boolean;
  /** How long an unavailable collector is retried: ms, 300000 by default. */
  readonly retryForMs?: number;
  /** OTEL_* variables: `process.env` for those of the process; none without it. */
  readonly env?: { readonly [name: string]: string | undefined };
}

/** Bytes that are taken before the collector is waited for. */
const SLICE_BYTES = 256 * 1024;
/** OTEL_BSP_SCHEDULE_DELAY: what is no full batch is sent after as long. */
const FLUSH_MS = 5000;
const RETRY_FOR_MS = 300_000;
/** Sizes from which on the next event gets a new table of names, so that no event loses its own. */
const FULL = { origins: 4096, keys: 1024 };

/**
 * Sends a trace for each SPOE event to an OpenTelemetry Collector. A Writable for bytes or text of a log, for the objects
 * of spoeLines and for what parseLine returns: it waits for the collector, and `end` for the last answer. When the
 * collector refuses, or stays away for longer than `retryForMs`, the stream is destroyed with an OtelError.
 */
export class EventExporter extends Writable {
  readonly #exporter: Exporter;
  readonly #intake: LogIntake;
  readonly #flushing: NodeJS.Timeout;
  #names = new Names(FULL);
  #fault: Error | undefined;
  #finished: Promise<void> | undefined;

  /** @internal openExporter makes it. */
  constructor(make: typeof Exporter, options: ExportOptions) {
    super({ objectMode: true });
    const tally = new LineTally();
    const times = streamTimes(options);
    this.#exporter = this.#open(make, options);
    const sink = (batch: RowBatch) => this.#exporter.pipeline.take(batch);
    const scanner = new RenewingScanner(tally, times, sink);
    this.#intake = new LogIntake({ scanner, tally, times, sink, names: () => this.#freshNames() });
    this.#flushing = setInterval(() => this.#exporter.pipeline.flush(), FLUSH_MS).unref();
  }

  /** Counts of the events up to now. */
  get report(): ExportReport {
    return this.#exporter.report;
  }

  /** @internal */
  override _write(chunk: LogChunk, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#takeAll(chunk).then(() => callback(this.#fault), callback);
  }

  /** @internal */
  override _final(callback: (error?: Error | null) => void): void {
    this.#intake.end();
    this.#finish().then(() => callback(this.#fault), callback);
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearInterval(this.#flushing);
    // After an abort nothing is waited for: what is on its way is abandoned, and counted.
    this.#exporter.hurry(0);
    this.#finish().then(
      () => callback(error),
      (problem) => callback(error ?? problem),
    );
  }

  #open(make: typeof Exporter, options: ExportOptions): Exporter {
    const { endpoint, otlpFile, sample, keepDuplicates = false } = options;
    if (sample !== undefined && !(sample >= 0 && sample <= 1))
      throw new RangeError(`not a share from 0 to 1: ${sample}`);
    return new make({
      given: options,
      env: options.env ?? {},
      version: VERSION,
      detail: options.spans ?? 'full',
      metrics: options.metrics ?? false,
      ...{ temporality: options.temporality, sample, otlpFile },
      toCollector: endpoint !== undefined || otlpFile === undefined,
      retryForMs: options.retryForMs ?? RETRY_FOR_MS,
      onUntimed: () => undefined,
      onStop: (stop) => this.#stop(stop),
      onFault: (error) => {
        this.#fault ??= error as Error;
        this.destroy(this.#fault);
      },
      ...(!keepDuplicates && { seen: new SeenEvents() }),
      ...(options.time === 'arrival' && { arrivalMs: Date.now }),
    });
  }

  #stop({ code, endpoint, reason, hint }: DeliveryStop): void {
    this.#fault ??= new OtelError(code, `${endpoint}: ${reason}`, hint);
    this.destroy(this.#fault);
  }

  /** Delivers what is left, and closes connections and files; once. */
  #finish(): Promise<void> {
    this.#finished ??= this.#exporter.finish();
    return this.#finished;
  }

  async #takeAll(chunk: LogChunk): Promise<void> {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) {
      this.#intake.take(bytes);
      await this.#exporter.pipeline.turn();
      return;
    }
    for (let at = 0; at < bytes.length && this.#fault === undefined; at += SLICE_BYTES) {
      this.#intake.take(bytes.subarray(at, at + SLICE_BYTES));
      await this.#exporter.pipeline.turn();
    }
  }

  #freshNames(): Names {
    if (this.#names.origins.length > FULL.origins - 1 || this.#names.keys.length > FULL.keys - 1)
      this.#names = new Names(FULL);
    return this.#names;
  }
}

/**
 * Loads what sends to a collector (a file of its own, with everything it needs in it), and opens an exporter.
 *
 * @throws OtelError for what cannot be meant (`bad-endpoint`, `bad-header` …), RangeError, TimeZoneError
 */
export async function openExporter(options: ExportOptions = {}): Promise<EventExporter> {
  const { Exporter: make } = await import('./exporter.ts');
  return new EventExporter(make, options);
}

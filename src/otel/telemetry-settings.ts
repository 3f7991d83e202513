/**
 * The OTEL_* variables of the agent → settings (OpenTelemetry specification, "Environment Variable Specification"). Where
 * the specification has a value ignored with a warning, it is refused here, as a warning would go unread.
 */
import { DiagLogLevel } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { type Environment, readResourceOptions, readSettings } from './environment.ts';
import { OtelError } from './errors.ts';
import { type MetricsOptions, readMetricsOptions } from './metrics-options.ts';
import type { SignalSettings } from './settings.ts';

export interface BatchSettings {
  /** Spans that wait or are on their way; one more is dropped. */
  readonly maxQueue: number;
  readonly maxBatch: number;
  /** How long a batch waits to be full. */
  readonly delayMs: number;
  /** How long sending one batch is tried. */
  readonly timeoutMs: number;
}

export interface PushSettings extends MetricsOptions {
  readonly timeoutMs: number;
  readonly isExponential: boolean;
  /** Counters that are observed stay cumulative. */
  readonly isLowMemory: boolean;
}

export interface TelemetrySettings {
  /** Settings of spans; undefined where none are sent. */
  readonly traces: SignalSettings | undefined;
  readonly metrics: SignalSettings | undefined;
  readonly sampler: Sampler;
  readonly batch: BatchSettings;
  readonly push: PushSettings;
  /** Methods that `http.request.method` names as they are. */
  readonly knownMethods: ReadonlySet<string>;
  /** The level of the SDK's own messages. */
  readonly logLevel: DiagLogLevel;
}

const MAX_QUEUE = 1_000_000;
const MAX_MS = 2 ** 31 - 1;
/** RFC 9110 and RFC 5789, as the HTTP conventions have them. */
const KNOWN_METHODS = 'CONNECT,DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,QUERY,TRACE';
const HISTOGRAMS = ['explicit_bucket_histogram', 'base2_exponential_bucket_histogram'] as const;

const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

export function isDisabled(env: Environment): boolean {
  return textOf(env, 'OTEL_SDK_DISABLED', '').toLowerCase() === 'true';
}

/** Throws OtelError. */
export function readTelemetrySettings(env: Environment, version: string): TelemetrySettings {
  const userAgent = `spoa-mirror/${version}`;
  // The SDK's own detector reads these and leaves out what it does not understand.
  readResourceOptions(env);
  const isSent = (signal: 'TRACES' | 'METRICS') =>
    readChoice(env, `OTEL_${signal}_EXPORTER`, ['otlp', 'none'], 'otlp') === 'otlp';
  const traces = isSent('TRACES') ? readSettings('traces', {}, env, userAgent) : undefined;
  return {
    traces,
    metrics: isSent('METRICS') ? readSettings('metrics', {}, env, userAgent) : undefined,
    sampler: traces === undefined ? new AlwaysOffSampler() : readSampler(env),
    batch: readBatch(env),
    push: readPush(env),
    knownMethods: new Set(textOf(env, 'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS', KNOWN_METHODS).split(/\s*,\s*/)),
    logLevel: DiagLogLevel[readChoice(env, 'OTEL_LOG_LEVEL', LOG_LEVELS, 'none').toUpperCase() as 'NONE'],
  };
}

function readBatch(env: Environment): BatchSettings {
  const maxQueue = readNumber(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 2048, MAX_QUEUE);
  const isSmall = textOf(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '') === '';
  const maxBatch = readNumber(
    env,
    'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    isSmall ? Math.min(512, maxQueue) : 512,
    MAX_QUEUE,
  );
  if (maxBatch > maxQueue)
    throw refused('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', `${maxBatch}`, `is more than the queue of ${maxQueue} holds`);
  return {
    maxQueue,
    maxBatch,
    delayMs: readNumber(env, 'OTEL_BSP_SCHEDULE_DELAY', 5000, MAX_MS),
    timeoutMs: readNumber(env, 'OTEL_BSP_EXPORT_TIMEOUT', 30_000, MAX_MS),
  };
}

function readPush(env: Environment): PushSettings {
  const options = readMetricsOptions(env, undefined);
  const timeoutMs = readNumber(env, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000, MAX_MS);
  const histogram = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const preference = textOf(env, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', '');
  return {
    ...options,
    // The reader wants no more than its interval.
    timeoutMs: Math.min(timeoutMs, options.intervalMs),
    isExponential: readChoice(env, histogram, HISTOGRAMS, HISTOGRAMS[0]) === HISTOGRAMS[1],
    isLowMemory: preference.toLowerCase() === 'lowmemory',
  };
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

function readSampler(env: Environment): Sampler {
  const name = readChoice(env, 'OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on');
  const root = readRoot(env, name.replace('parentbased_', ''));
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function readRoot(env: Environment, name: string): Sampler {
  if (name === 'always_on') return new AlwaysOnSampler();
  if (name === 'always_off') return new AlwaysOffSampler();
  const text = textOf(env, 'OTEL_TRACES_SAMPLER_ARG', '1');
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return new TraceIdRatioBasedSampler(ratio);
  throw refused('OTEL_TRACES_SAMPLER_ARG', text, 'is no ratio from 0 to 1');
}

/** An empty variable is an absent one. */
function textOf(env: Environment, name: string, fallback: string): string {
  const text = env[name]?.trim() ?? '';
  return text === '' ? fallback : text;
}

function readChoice<const Choice extends string>(
  env: Environment,
  name: string,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  const text = textOf(env, name, fallback).toLowerCase();
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw refused(name, text, `is none of ${choices.join(', ')}`);
  return choice;
}

function readNumber(env: Environment, name: string, fallback: number, most: number): number {
  const text = textOf(env, name, String(fallback));
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= most) return number;
  throw refused(name, text, `is no number from 1 to ${most}`);
}

function refused(name: string, text: string, why: string): OtelError {
  return new OtelError('bad-environment', `${name}: ${JSON.stringify(text)} ${why}`, 'leave it out for the default');
}

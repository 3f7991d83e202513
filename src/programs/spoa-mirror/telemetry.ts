/** The interface of --otel to the agent: it follows the requests of the mirror and sends spans and metrics of them. */
import type { TraceContext } from '../../mirror/request.ts';
import type { MirrorStats } from '../../mirror/statistics.ts';
import type { MirrorTracer } from '../../mirror/tracing.ts';
import { AgentError } from '../../spoa/errors.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import type { Log } from './log-file.ts';
import type { MirrorAgentOptions } from './options.ts';

export interface TelemetryStats {
  readonly spans: {
    readonly exported: number;
    /** Spans that were never sent: there was no room for them, or no time at the end. */
    readonly dropped: number;
    /** Spans that were sent and not accepted. */
    readonly failed: number;
    readonly queued: number;
  };
  /** Data points of metrics. */
  readonly points: { readonly exported: number; readonly failed: number };
}

export interface Telemetry {
  readonly tracer: MirrorTracer;
  /** Sets the function that returns the figures of the mirror whenever they are sent. */
  watch(stats: () => MirrorStats): void;
  stats(): TelemetryStats;
  /** Sends what is left, for at most `TELEMETRY_CLOSE_MS`. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  readonly traceContext: TraceContext;
  readonly log: Log;
}

/**
 * Starts telemetry; returns undefined when the environment turns it off.
 * @throws Error whose message is one line, and so its `hint`, for a variable that makes no sense
 */
export type StartTelemetry = (options: TelemetryOptions) => Telemetry | undefined;

/** The functions of the bundle of OpenTelemetry. */
export interface TelemetryModule {
  readonly startTelemetry: StartTelemetry;
  /** Reads the environment and starts nothing. @throws as `StartTelemetry` */
  readonly checkTelemetry: () => void;
}

/** Loads OpenTelemetry when it is asked for: it would be most of the start-up time. */
export type LoadTelemetry = () => Promise<TelemetryModule>;

/** The time to send what is left: more than the collector of a host takes to answer, less than a supervisor waits. */
export const TELEMETRY_CLOSE_MS = 5_000;

/** @throws AgentError `usage` */
export async function startTelemetry(
  { otel, traceContext = AGENT_DEFAULTS.traceContext }: MirrorAgentOptions,
  log: Log,
  load: LoadTelemetry,
): Promise<Telemetry | undefined> {
  if (!otel) return undefined;
  const { startTelemetry } = await load();
  return sayingOption(() => startTelemetry({ traceContext, log }));
}

/** Whether --otel could start. @throws AgentError `usage` */
export async function checkTelemetry(load: LoadTelemetry): Promise<void> {
  const { checkTelemetry } = await load();
  sayingOption(checkTelemetry);
}

function sayingOption<Result>(step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    const { message, hint } = error as Error & { hint?: unknown };
    const advice = typeof hint === 'string' ? `: ${hint}` : '';
    throw new AgentError('usage', `--otel: ${message}${advice}`, { cause: error });
  }
}

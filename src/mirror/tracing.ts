/**
 * How requests are followed from outside. The mirror says when one goes out and what came of it, and asks which trace
 * context it carries; it knows nothing of spans.
 */
import type { MessageContext } from './job.ts';
import type { OutcomeCode } from './record.ts';
import type { MirrorRequest } from './request.ts';
import type { Target } from './target.ts';

/**
 * What becomes of production's trace context: a new trace with a link to it, a child of it, or nothing, so that it goes to
 * the mirror as it came.
 */
export type TraceContext = 'link' | 'child' | 'passthrough';

export interface MirrorTracer {
  readonly traceContext: TraceContext;
  /**
   * A message is a request to mirror. Called in the turn of its NOTIFY, before HAProxy has its ACK: whatever costs time has
   * to wait.
   */
  follow(message: string, context: MessageContext, request: MirrorRequest): MessageTrace;
}

/** One message, for all destinations. */
export interface MessageTrace {
  /** The request for one of them is queued, or refused. Also in the turn of the NOTIFY. */
  at(target: Target, queuedMs: number): RequestTrace;
}

/** One request to one destination. Times are of the monotonic clock. */
export interface RequestTrace {
  /** It is about to be written, for the first time or again. The `traceparent` that takes the place of the client's. */
  leaves(): string | undefined;
  /** Once, whatever came of it; may be in the turn of the NOTIFY. */
  ended(outcome: RequestOutcome): void;
}

export interface RequestOutcome {
  /** Null whenever `error` is not. */
  readonly status: number | null;
  readonly error: OutcomeCode | null;
  readonly attempts: number;
  /** Of the body, as far as it was read. */
  readonly responseBytes: number;
  readonly nowMs: number;
}

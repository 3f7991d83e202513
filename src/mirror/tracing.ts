/**
 * How requests are followed from outside. The mirror says when one goes out and what came of it, and asks which trace
 * context it carries; it knows nothing of spans.
 */
import type { OutcomeCode } from './record.ts';
import type { MessageContext, MirroredRequest, TraceContext } from './request.ts';
import type { Target } from './target.ts';

export interface MirrorTracer {
  readonly traceContext: TraceContext;
  /**
   * Follows a message that is a request to mirror. Called in the turn of its NOTIFY, before HAProxy has its ACK: whatever costs
   * time has to wait.
   */
  follow(message: string, context: MessageContext, request: MirroredRequest): MessageTrace;
}

/** The trace of one message, for all destinations. */
export interface MessageTrace {
  /** Called when the request for one of them is queued, or refused; also in the turn of the NOTIFY. */
  at(target: Target, queuedMs: number): RequestTrace;
}

/** The trace of one request to one destination. Times are of the monotonic clock. */
export interface RequestTrace {
  /** Called before the request is written, for the first time or again. Returns the `traceparent` that replaces the client's. */
  leaves(): string | undefined;
  /** Called once, whatever came of the request; it may be in the turn of the NOTIFY. */
  ended(outcome: RequestOutcome): void;
}

export interface RequestOutcome {
  /** The status code; null whenever `error` is not. */
  readonly status: number | null;
  readonly error: OutcomeCode | null;
  readonly attempts: number;
  /** Bytes of the body, as far as it was read. */
  readonly responseBytes: number;
  readonly nowMs: number;
}

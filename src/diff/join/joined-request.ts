/** What both joins yield: a request of production with what became of it at one destination of the mirror. */
import type { RequestKind } from '../request-line.ts';
import type { RequestedThing } from './same-request.ts';

/** What a line of either side says. */
export interface LoggedRequest extends RequestedThing {
  /** Epoch ms; NaN without. */
  readonly time: number;
  /** -1 without one. */
  readonly status: number;
  /** ms, -1 as HAProxy logs it, NaN where the format has none. */
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export interface LoggedByProduction extends LoggedRequest {
  /** Bits of `RequestFlag`. */
  readonly flags: number;
  readonly termination: string;
}

export interface LoggedByMirror extends LoggedRequest {
  /** Why there was no answer; empty without an error. */
  readonly error: string;
  /** Whether its status is an error, or there is one besides. */
  readonly isError: boolean;
}

export interface JoinedRequest {
  readonly request: LoggedByProduction;
  /** Index in BUCKETS. */
  readonly bucket: number;
  /** The line of the mirror that counts; undefined unless the bucket is `paired`. */
  readonly answer: LoggedByMirror | undefined;
  /** What the pair says; undefined unless the bucket is `paired`. */
  readonly kind: RequestKind | undefined;
  /** How many lines of the mirror answer it. */
  readonly attempts: number;
  /** The st of the SPOE line that handed it to the agent; undefined without one. */
  readonly spoeStatus: number | undefined;
  /** Why the agent did not send it; empty where it did, or where nobody knows. */
  readonly dropped: string;
  /** For people: the unique id, else the trace, else process and stream; empty where the line has none of them. */
  readonly id: string;
  readonly traceId: string;
  /** The samplingRank of what a pair is paired by: samples of times are drawn by it. */
  readonly rank: number;
  /** The lines of the pair are of different requests. */
  readonly isOther: boolean;
  /** What is kept: a join may hand out one object for all requests, which is about the next one afterwards. */
  keep(): JoinedRequest;
}

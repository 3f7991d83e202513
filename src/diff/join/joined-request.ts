/** What both joins yield: a request of production with what became of it at one destination of the mirror. */
import type { BodyState } from '../../answers/answer.ts';
import type { Comparison } from '../../answers/differences.ts';
import type { ResponseNoise } from '../model.ts';
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
  /** Of the answer: its body, and head and body together; -1 where the log does not tell. */
  readonly bodyBytes: number;
  readonly sentBytes: number;
  /** Media type of the answer; empty where it has none, undefined where the log does not tell. */
  readonly contentType: string | undefined;
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

/** What of the mirror's answer differs from production's. */
export interface PairResponses extends Comparison {
  readonly states: { readonly production: BodyState; readonly mirror: BodyState };
  /**
   * What of another answer by production's version differs from production's, to the same request: the noise. Undefined
   * where there is none that is known.
   */
  readonly noise: Comparison | undefined;
}

/** Two answers by production's version to a request that is not among those that are compared. */
export interface NoisePair extends Comparison {
  readonly method: string;
  readonly target: string;
  /** The status of the other answer: production's is another one where `status` is among the differences. */
  readonly status: number;
}

/** What of the answers is in no pair. */
export interface AnswerFacts {
  /** Pairs of answers whose hashes are of different keys: they cannot be compared. */
  readonly otherKey: number;
  /** Answers, of production or of the mirror's destination, whose other one did not come, or came when they were forgotten. */
  readonly unjoined: number;
  /** Differences that are not told apart for want of room. */
  readonly beyond: number;
  /** Headers and fields that any answer has: `header x-cache`, `$.price`; undefined where that is not known. */
  readonly places?: readonly string[] | undefined;
  /** Where the noise is from. */
  readonly noise: Pick<ResponseNoise, 'source' | 'name'>;
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
  /** Why the agent did not send it, or not whole; empty where it did, or where nobody knows. */
  readonly dropped: string;
  /** For people: the unique id, else the trace, else process and stream; empty where the line has none of them. */
  readonly id: string;
  readonly traceId: string;
  /** The name of its route, with its method, as far as routes are known when it is joined. */
  readonly routeName: string;
  /** Undefined unless the bucket is `paired` and the answers of both sides are known. */
  readonly responses: PairResponses | undefined;
  /** The samplingRank of what a pair is paired by: samples of times are drawn by it. */
  readonly rank: number;
  /** The lines of the pair are of different requests. */
  readonly isOther: boolean;
  /** What is kept: a join may hand out one object for all requests, which is about the next one afterwards. */
  keep(): JoinedRequest;
}

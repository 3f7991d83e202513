/** One production request with what became of it: a line of `diff --format ndjson`. */
import type { Comparison } from '../answers/differences.ts';
import type { JoinedRequest, LoggedByMirror, PairResponses } from './join/joined-request.ts';
import { boundedMoment } from './join/record-values.ts';
import { BUCKETS, type Bucket } from './model.ts';

/** What the comparison of a pair says; the words of `--only`. */
export const REQUEST_KINDS = [
  'new_error',
  'fixed_error',
  'both_error',
  'new_4xx',
  'fixed_4xx',
  'changed',
  'same',
  'ignored',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export interface ShownRequest {
  /** Null when nothing was sent to the client (HAProxy logs -1). */
  readonly status: number | null;
  readonly method: string;
  /** Unescaped; the query redacted unless asked for. */
  readonly target: string;
  /** Empty where the format has none. */
  readonly termination: string;
  readonly first_byte_ms: number | null;
  readonly total_ms: number | null;
}

export interface ShownAnswer {
  readonly status: number | null;
  /** Why there was no answer; null without an error. */
  readonly error: string | null;
  readonly first_byte_ms: number | null;
  readonly total_ms: number | null;
  /** How many mirror lines have this id; absent for one. */
  readonly attempts?: number;
}

/** What differs between two answers: never a value. */
export interface ShownResponses {
  /** Whether the bodies were compared, or why not. */
  readonly body: Comparison['body'];
  readonly differences: Comparison['differences'];
  /** The same of another answer by production's version; absent where none is known. */
  readonly noise?: Comparison['differences'];
}

/** All text is the client's own and unescaped. */
export interface RequestLine {
  readonly id: string | null;
  readonly bucket: Bucket;
  /** Null unless the bucket is `paired`. */
  readonly kind: RequestKind | null;
  readonly route: string;
  /** When production logged it: ISO 8601, UTC. */
  readonly time: string | null;
  readonly production: ShownRequest;
  /** Null unless the bucket is `paired`. */
  readonly mirror: ShownAnswer | null;
  readonly traceId: string | null;
  /** The st of the SPOE line that handed it to the agent; null without one. */
  readonly spoe_status: number | null;
  /** Bucket `dropped`: the agent's word for why. */
  readonly dropped?: string;
  /** Which of the mirror's destinations it is about; absent where its lines name none. */
  readonly destination?: string;
  /** Absent unless the answers of both sides are known. */
  readonly responses?: ShownResponses;
}

export interface RequestLineOptions {
  /** Query strings hold what is nobody's business: tokens, searches, names. */
  readonly showQueries: boolean;
}

/** @param destination empty where the mirror's lines name none */
export function requestLine(
  { request, bucket, kind, answer, attempts, spoeStatus, dropped, id, traceId, responses }: JoinedRequest,
  route: string,
  options: RequestLineOptions,
  destination = '',
): RequestLine {
  return {
    id: id || null,
    bucket: BUCKETS[bucket] as Bucket,
    kind: kind ?? null,
    route,
    time: formatMoment(request.time),
    production: {
      status: statusOrNull(request.status),
      method: request.method,
      target: shownTarget(request.target, options),
      termination: request.termination,
      first_byte_ms: timeOrNull(request.firstByteMs),
      total_ms: timeOrNull(request.totalMs),
    },
    mirror: answer === undefined ? null : mirrorRequest(answer, attempts),
    traceId: traceId || null,
    spoe_status: spoeStatus ?? null,
    ...(dropped !== '' && { dropped }),
    ...(destination !== '' && { destination }),
    ...(responses !== undefined && { responses: shownResponses(responses) }),
  };
}

function shownResponses({ body, differences, noise }: PairResponses): ShownResponses {
  return { body, differences, ...(noise !== undefined && { noise: noise.differences }) };
}

function mirrorRequest({ status, error, firstByteMs, totalMs }: LoggedByMirror, attempts: number): ShownAnswer {
  return {
    status: statusOrNull(status),
    error: error || null,
    first_byte_ms: timeOrNull(firstByteMs),
    total_ms: timeOrNull(totalMs),
    ...(attempts > 1 && { attempts }),
  };
}

/** Null for -1. */
function statusOrNull(status: number): number | null {
  return status < 0 ? null : status;
}

/** Null for -1 and NaN. */
function timeOrNull(ms: number): number | null {
  return ms >= 0 ? ms : null;
}

/** ISO 8601, UTC; null for what is no moment. */
export function formatMoment(ms: number): string | null {
  return Number.isNaN(boundedMoment(ms)) ? null : new Date(ms).toISOString();
}

/** Without user names and passwords, and without the values of the query unless they are asked for. */
export function shownTarget(target: string, { showQueries }: RequestLineOptions): string {
  const safe = target.replace(/^([A-Za-z][A-Za-z0-9+.-]*:\/\/)[^/?#]*@/, '$1');
  const query = showQueries ? -1 : safe.search(/[?#]/);
  return query < 0 ? safe : `${safe.slice(0, query + 1)}…`;
}

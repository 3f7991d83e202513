/** A request of production with what became of it, once that is decided. */
import { BUCKETS, type Bucket } from '../model.ts';
import type { RequestKind, RequestLine } from '../request-line.ts';
import { formatMoment, type RequestLineOptions, shownTarget, statusOrNull, timeOrNull } from '../request-lines.ts';
import { describeKeys } from './keys.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';

export interface Settled {
  readonly request: WaitingRequest;
  /** Index in BUCKETS. */
  readonly bucket: number;
  /** Undefined unless it is paired; the answer, too. */
  readonly kind: RequestKind | undefined;
  readonly answer: WaitingAnswer | undefined;
  /** Lines of the mirror. */
  readonly attempts: number;
  readonly spoeStatus: number | undefined;
  /** Why the agent did not send it. */
  readonly dropped: string | undefined;
}

export function toRequestLine(settled: Settled, route: string, options: RequestLineOptions): RequestLine {
  const { request, answer, kind, attempts, spoeStatus, dropped } = settled;
  return {
    id: describeKeys(request.keys) || null,
    bucket: BUCKETS[settled.bucket] as Bucket,
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
    traceId: request.keys.traceId || null,
    spoe_status: spoeStatus ?? null,
    ...(dropped !== undefined && { dropped }),
  };
}

function mirrorRequest({ status, error, firstByteMs, totalMs }: WaitingAnswer, attempts: number) {
  return {
    status: statusOrNull(status),
    error: error || null,
    first_byte_ms: timeOrNull(firstByteMs),
    total_ms: timeOrNull(totalMs),
    ...(attempts > 1 && { attempts }),
  };
}

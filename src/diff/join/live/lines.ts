/** A line of either side while it waits for the other one. */
import type { AccessRecord } from '../../../logs/access-record.ts';
import { isNoEvidence } from '../../../status/mirror-errors.ts';
import { isMirrorError, type Rules } from '../../rules.ts';
import type { Attempt } from '../attempts.ts';
import { detached } from '../detached.ts';
import type { LoggedByMirror, LoggedByProduction, LoggedRequest } from '../joined-request.ts';
import {
  boundedBytes,
  boundedDuration,
  boundedMoment,
  boundedStatus,
  boundedTarget,
  errorOf,
} from '../record-values.ts';
import { flagsOf } from '../request-flags.ts';
import { type Keys, keysOf } from './keys.ts';
import type { ResponseCell } from './response-cells.ts';
import type { StreamOutcome } from './spoe-window.ts';

export interface WaitingRequest extends LoggedByProduction {
  readonly keys: Keys;
  /** What SPOE lines said that came before it. */
  readonly spoe: StreamOutcome | undefined;
}

export interface WaitingAnswer extends LoggedByMirror, Attempt {
  readonly keys: Keys;
  /** The request never reached the mirror, or not whole. */
  readonly isDropped: boolean;
  /** Its number. */
  readonly destination: number;
  /** Its answer; undefined where the line has none. */
  readonly response: ResponseCell | undefined;
}

export function toRequest(
  record: AccessRecord,
  outcomeOf: (stream: string) => StreamOutcome | undefined,
): WaitingRequest {
  const line = toLine(record);
  return {
    ...line,
    flags: flagsOf(record),
    termination: detached(record.termination),
    spoe: outcomeOf(line.keys.stream),
  };
}

/** Where a line of the mirror is from. */
export type AnswerOrigin = Pick<WaitingAnswer, 'lineHash' | 'input' | 'line' | 'destination' | 'response'>;

export function toAnswer(record: AccessRecord, origin: AnswerOrigin, { errorStatuses }: Rules): WaitingAnswer {
  const line = toLine(record);
  const error = detached(errorOf(record));
  const isError = isMirrorError(line.status, error !== '', errorStatuses);
  return { ...line, ...origin, error, isError, isDropped: isNoEvidence(error) };
}

function toLine(record: AccessRecord): LoggedRequest & { readonly keys: Keys } {
  return {
    keys: keysOf(record),
    time: boundedMoment(record.timeMs),
    status: boundedStatus(record.status),
    method: detached(record.method),
    target: detached(boundedTarget(record.target)),
    firstByteMs: boundedDuration(record.firstByteMs),
    totalMs: boundedDuration(record.totalMs),
    bodyBytes: boundedBytes(record.responseBytes),
    sentBytes: boundedBytes(record.sentBytes),
    contentType: record.contentType === undefined ? undefined : detached(record.contentType),
  };
}

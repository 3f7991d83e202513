/** A line of either side while it waits for the other one. */
import type { AccessRecord } from '../../logs/access/access-record.ts';
import { errorOf } from '../mirror-answers.ts';
import type { Attempt } from '../pairing.ts';
import { flagsOf } from '../production.ts';
import { boundedDuration, boundedMoment, boundedStatus } from '../record-values.ts';
import { boundedTarget } from '../request-columns.ts';
import type { Rules } from '../rules.ts';
import { detached, type Keys, keysOf } from './keys.ts';

interface Line {
  readonly keys: Keys;
  /** Epoch ms; NaN without. */
  readonly time: number;
  readonly status: number;
  readonly method: string;
  readonly target: string;
  /** ms, -1, NaN. */
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export interface WaitingRequest extends Line {
  /** Bits of `Flag`. */
  readonly flags: number;
  readonly termination: string;
  /** The highest status of SPOE lines that came before it. */
  readonly spoeStatus: number | undefined;
}

export interface WaitingAnswer extends Line, Attempt {
  readonly error: string;
}

export function toRequest(record: AccessRecord, spoeStatusOf: (stream: string) => number | undefined): WaitingRequest {
  const line = toLine(record);
  return {
    ...line,
    flags: flagsOf(record),
    termination: detached(record.termination),
    spoeStatus: spoeStatusOf(line.keys.stream),
  };
}

export function toAnswer(record: AccessRecord, lineHash: number, { errorStatuses }: Rules): WaitingAnswer {
  const line = toLine(record);
  const error = detached(errorOf(record));
  return { ...line, error, isError: errorStatuses[line.status] === 1 || error !== '', lineHash };
}

function toLine(record: AccessRecord): Line {
  return {
    keys: keysOf(record),
    time: boundedMoment(record.timeMs),
    status: boundedStatus(record.status),
    method: detached(record.method),
    target: detached(boundedTarget(record.target)),
    firstByteMs: boundedDuration(record.firstByteMs),
    totalMs: boundedDuration(record.totalMs),
  };
}

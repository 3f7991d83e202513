/** Values of a record as a comparison keeps them: a log may say anything, a report must not fail over it. */
import type { AccessRecord } from '../../logs/access-record.ts';
import { SENT_CUT } from '../../status/mirror-errors.ts';

/** RFC 9110 section 15: three digits. */
const MIN_STATUS = 100;
const MAX_STATUS = 999;
/** ECMA-262, time values: what a Date can hold. */
const MAX_MOMENT_MS = 8.64e15;

/** -1 for what is no status. */
export function boundedStatus(status: number): number {
  return status >= MIN_STATUS && status <= MAX_STATUS && Number.isInteger(status) ? status : -1;
}

/** NaN for what is no moment. */
export function boundedMoment(ms: number): number {
  return Math.abs(ms) <= MAX_MOMENT_MS ? ms : Number.NaN;
}

/** NaN for what took no time that can be told. */
export function boundedDuration(ms: number): number {
  return Number.isFinite(ms) ? ms : Number.NaN;
}

/** -1 for what is no size, or not known. */
export function boundedBytes(bytes = -1): number {
  return bytes >= 0 ? Math.min(bytes, MAX_BYTES) : -1;
}

/** Of larger answers it is known that they are. */
const MAX_BYTES = 2 ** 31 - 1;

/** So much of a target is kept for samples. */
const MAX_TARGET = 256;

export function boundedTarget(target: string): string {
  return target.length <= MAX_TARGET ? target : `${target.slice(0, MAX_TARGET)}…`;
}

/** A proxy in front of the mirror says with S or s that the mirror failed, whatever status went out. */
export function errorOf({ error, status, termination, isSentCut }: AccessRecord): string {
  if (isSentCut === true) return SENT_CUT;
  if (error !== '') return error;
  if (/^[Ss]/.test(termination)) return `termination ${termination}`;
  return boundedStatus(status) < 0 ? 'no-status' : '';
}

/**
 * Whether a second line with the same bytes can only be the same line again. Without an id and within whole seconds it
 * may well be another request: a health check, a client in a hurry. HAProxy's lines have the client's port and ms.
 */
export function isUnmistakable({
  uniqueId,
  traceId,
  spanId = '',
  sid,
  pid,
  termination,
  timeMs,
}: AccessRecord): boolean {
  // NaN, without a time, is not above 0.
  const hasMillis = timeMs % 1000 > 0;
  const hasKey = uniqueId !== '' || (traceId !== '' && spanId !== '') || (sid >= 0 && pid >= 0);
  return hasKey || termination !== '' || hasMillis;
}

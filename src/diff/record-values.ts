/** Values of a record as columns can hold them: a log may say anything, a report must not fail over it. */

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

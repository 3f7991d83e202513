/** What lines of both sides are recognised by. */
import { samplingRank } from '../sampling-rank.ts';

/** Stands for an id in a column of numbers where a line has none. */
export const NO_KEY = -1;

/** HAProxy counts streams with 32 bits. */
export const SIDS = 2 ** 32;

/** Whether a line tells both: a process, and a stream of it. */
export function isStream(pid: number, sid: number): boolean {
  return isCount(pid) && isCount(sid) && sid < SIDS;
}

/** `lb1[713] 42` */
export function describeStream(host: string, pid: number | string, sid: number | string): string {
  return `${host}[${pid}] ${sid}`;
}

/** Whether it may be the number of a process or of a stream. */
export function isCount(value: number): boolean {
  return value >= 0 && Number.isInteger(value);
}

/** What a request may be paired by: a traceparent as a whole, or its trace alone where that is all a side has. */
export type IdKind = 'unique-id' | 'span' | 'trace' | 'pid+sid';

/**
 * 53 bits of trace and parent id. It is the same in every run: samples are drawn by it. Two requests of a log share one by
 * chance about as often as two lines share a hash (line-hash.ts).
 */
export function spanNumber(traceId: string, spanId: string): number {
  return samplingRank(traceId + spanId, SPAN_SEED) * 2 ** 53;
}

const SPAN_SEED = 0x5eed;

/** The spanNumber of a line; NO_KEY where it does not tell both. */
export function spanOf(traceId: string, spanId = ''): number {
  return traceId === '' || spanId === '' ? NO_KEY : spanNumber(traceId, spanId);
}

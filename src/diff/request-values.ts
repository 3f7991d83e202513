/** What a comparison keeps of a line about a request, value by value, for who keeps it elsewhere: a table of a database. */
import type { AccessRecord } from '../logs/access-record.ts';
import {
  boundedBytes,
  boundedDuration,
  boundedMoment,
  boundedStatus,
  boundedTarget,
  errorOf,
  isUnmistakable,
} from './join/record-values.ts';
import { flagsOf, RequestFlag } from './join/request-flags.ts';
import { pathOf, segmentsOf } from './routes/path-segments.ts';
import { samplingRank } from './sampling-rank.ts';
import { SEED } from './settings.ts';

export interface RequestValues {
  /** Epoch ms; NaN without. */
  readonly timeMs: number;
  /** -1 without. */
  readonly status: number;
  /** ms, -1 as HAProxy logs it, NaN where the format has none. */
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** -1 where the log does not tell. */
  readonly bodyBytes: number;
  readonly sentBytes: number;
  /** As `contentTypeText` has it. */
  readonly contentType: string;
  readonly target: string;
  /** Another line with the same bytes is the same request again. */
  readonly isUnmistakable: boolean;
}

export function requestValues(record: AccessRecord): RequestValues {
  return {
    timeMs: boundedMoment(record.timeMs),
    status: boundedStatus(record.status),
    firstByteMs: boundedDuration(record.firstByteMs),
    totalMs: boundedDuration(record.totalMs),
    bodyBytes: boundedBytes(record.responseBytes),
    sentBytes: boundedBytes(record.sentBytes),
    contentType: contentTypeText(record.contentType),
    target: boundedTarget(record.target),
    isUnmistakable: isUnmistakable(record),
  };
}

/** Stands for the media type of an answer that has none. */
const NO_TYPE = '-';

/** A media type as a text of a table: empty where the log does not tell. */
function contentTypeText(contentType: string | undefined): string {
  return contentType === undefined ? '' : contentType || NO_TYPE;
}

/** What such a text says. */
export function contentTypeOf(text: string): string | undefined {
  return text === '' ? undefined : text === NO_TYPE ? '' : text;
}

export { errorOf as mirrorError, flagsOf as productionFlags, RequestFlag };

/** The rank by which requests of an id are sampled, as long as nobody chooses another seed. */
export function requestRank(uniqueId: string): number {
  return samplingRank(uniqueId, SEED);
}

/** The path of a target with wildcards for what is an id by itself; empty without a target. Routes are named by how often each comes. */
export function shapeOf(target: string): string {
  return target === '' ? '' : `/${segmentsOf(pathOf(target)).join('/')}`;
}

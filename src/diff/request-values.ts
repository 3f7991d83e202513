/** What a comparison keeps of a line about a request, value by value, for who keeps it elsewhere: a table of a database. */
import type { AccessRecord } from '../logs/access-record.ts';
import {
  boundedDuration,
  boundedMoment,
  boundedStatus,
  boundedTarget,
  errorOf,
  isUnmistakable,
} from './join/record-values.ts';
import { flagsOf } from './join/request-flags.ts';
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
    target: boundedTarget(record.target),
    isUnmistakable: isUnmistakable(record),
  };
}

export { errorOf as mirrorError, flagsOf as productionFlags };

/** The rank by which requests of an id are sampled, as long as nobody chooses another seed. */
export function requestRank(uniqueId: string): number {
  return samplingRank(uniqueId, SEED);
}

/** The path of a target with wildcards for what is an id by itself; empty without a target. Routes are named by how often each comes. */
export function shapeOf(target: string): string {
  return target === '' ? '' : `/${segmentsOf(pathOf(target)).join('/')}`;
}

/** Each production request in exactly one bucket. */

import { RequestFlag } from './join/request-flags.ts';
import { BUCKETS, type Bucket } from './model.ts';

const NUMBER = Object.fromEntries(BUCKETS.map((bucket, i) => [bucket, i])) as { readonly [bucket in Bucket]: number };
export const PAIRED = NUMBER.paired;
export const DROPPED = NUMBER.dropped;
const EXCLUDED = new Set([
  NUMBER.malformed,
  NUMBER.no_id,
  NUMBER.ambiguous_id,
  NUMBER.client_abort,
  NUMBER.answered_by_proxy,
]);

/** Which of the tests of every request holds first, before it is asked whether it is paired. */
export function exclusionOf(flags: number, hasKey: boolean, isAmbiguous: boolean): number | undefined {
  if (flags & RequestFlag.malformed) return NUMBER.malformed;
  if (!hasKey) return NUMBER.no_id;
  if (isAmbiguous) return NUMBER.ambiguous_id;
  if (flags & RequestFlag.clientAbort) return NUMBER.client_abort;
  return flags & RequestFlag.answeredByProxy ? NUMBER.answered_by_proxy : undefined;
}

/**
 * The bucket of a request that could have been paired and was not.
 *
 * @param isTraceable SPOE lines tell what became of its stream; without them nobody can tell where it was lost
 * @param spoeStatus of the SPOE line that handed the stream to the agent; undefined for one that was not
 */
export function unansweredBucket(isDropped: boolean, isTraceable: boolean, spoeStatus: number | undefined): number {
  if (isDropped) return DROPPED;
  if (!isTraceable) return NUMBER.missing;
  if (spoeStatus === undefined) return NUMBER.not_mirrored;
  return spoeStatus > 0 ? NUMBER.spoe_failed : NUMBER.acked_but_missing;
}

/** The bucket of the same request once it is known that SPOE lines do not tell where requests are lost. */
export function bucketWithoutSpoe(bucket: number): number {
  return bucket > DROPPED ? NUMBER.missing : bucket;
}

/** Requests that could have been paired. */
export function countComparable(counts: { readonly [bucket in Bucket]: number }): number {
  return BUCKETS.reduce((sum, bucket, i) => sum + (EXCLUDED.has(i) ? 0 : counts[bucket]), 0);
}

/** Whether a request of the bucket could have been paired and was not. */
export function isUnanswered(bucket: number): boolean {
  return bucket > PAIRED;
}

export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

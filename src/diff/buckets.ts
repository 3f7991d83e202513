/** Each production request in exactly one bucket. */
import { BUCKETS, type Bucket } from './model.ts';
import { AMBIGUOUS, droppedRow, type Pairing, WITHOUT_KEY } from './pairing.ts';
import { Flag, type ProductionRequests } from './production.ts';

/** By row, index in BUCKETS. */
export type BucketColumn = Uint8Array;

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

/** The status of the SPOE line that handed a stream to the agent; undefined for one that was not. */
export type SpoeStatusOf = (stream: number) => number | undefined;

/**
 * In the order of BUCKETS, which is the order of the tests.
 *
 * @param statusOf undefined without SPOE lines that name their process
 */
export function assignBuckets(
  production: ProductionRequests,
  { answerOf }: Pairing,
  statusOf: SpoeStatusOf | undefined,
): BucketColumn {
  const buckets = new Uint8Array(production.size);
  for (let row = 0; row < buckets.length; row++) {
    const answer = answerOf[row] as number;
    buckets[row] = bucketOf(production.flags.at(row), answer, production.keys.stream.at(row), statusOf);
  }
  return buckets;
}

/** It could not have been paired. @param answer of Pairing.answerOf */
export function isExcluded(flags: number, answer: number): boolean {
  return exclusionOf(flags, answer !== WITHOUT_KEY, answer === AMBIGUOUS) !== undefined;
}

/** Which of the tests of every request holds first, before it is asked whether it is paired. */
export function exclusionOf(flags: number, hasKey: boolean, isAmbiguous: boolean): number | undefined {
  if (flags & Flag.malformed) return NUMBER.malformed;
  if (!hasKey) return NUMBER.no_id;
  if (isAmbiguous) return NUMBER.ambiguous_id;
  if (flags & Flag.clientAbort) return NUMBER.client_abort;
  return flags & Flag.answeredByProxy ? NUMBER.answered_by_proxy : undefined;
}

function bucketOf(flags: number, answer: number, stream: number, statusOf: SpoeStatusOf | undefined): number {
  const exclusion = exclusionOf(flags, answer !== WITHOUT_KEY, answer === AMBIGUOUS);
  if (exclusion !== undefined) return exclusion;
  if (answer >= 0) return NUMBER.paired;
  if (droppedRow(answer) !== undefined) return NUMBER.dropped;
  // Without the stream's number nobody can tell where it was lost.
  if (stream < 0 || statusOf === undefined) return NUMBER.missing;
  return missingBucket(statusOf(stream));
}

/** Of a request without an answer: what the SPOE line of its stream says; undefined is that there is none. */
export function missingBucket(status: number | undefined): number {
  if (status === undefined) return NUMBER.not_mirrored;
  return status > 0 ? NUMBER.spoe_failed : NUMBER.acked_but_missing;
}

export function countPaired(buckets: BucketColumn): number {
  return buckets.reduce((count, bucket) => (bucket === PAIRED ? count + 1 : count), 0);
}

export function countBuckets(buckets: BucketColumn): { readonly [bucket in Bucket]: number } {
  const counts = new Array<number>(BUCKETS.length).fill(0);
  for (const bucket of buckets) counts[bucket] = (counts[bucket] as number) + 1;
  return Object.fromEntries(BUCKETS.map((bucket, i) => [bucket, counts[i]])) as { [bucket in Bucket]: number };
}

/** Of the same counts: requests that could have been paired. */
export function countComparable(counts: { readonly [bucket in Bucket]: number }): number {
  return BUCKETS.reduce((sum, bucket, i) => sum + (EXCLUDED.has(i) ? 0 : counts[bucket]), 0);
}

/** Of a request that could have been paired and was not. */
export function isUnanswered(bucket: Bucket): boolean {
  return NUMBER[bucket] > PAIRED;
}

export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Each production request in exactly one bucket. */
import { BUCKETS, type Bucket } from './model.ts';
import { AMBIGUOUS, type Pairing, WITHOUT_KEY } from './pairing.ts';
import { Flag, type ProductionRequests } from './production.ts';
import type { SpoeOutcomes } from './spoe-outcomes.ts';

/** By row, index in BUCKETS. */
export type BucketColumn = Uint8Array;

const NUMBER = Object.fromEntries(BUCKETS.map((bucket, i) => [bucket, i])) as { readonly [bucket in Bucket]: number };
export const PAIRED = NUMBER.paired;
const EXCLUDED = new Set([
  NUMBER.malformed,
  NUMBER.no_id,
  NUMBER.ambiguous_id,
  NUMBER.client_abort,
  NUMBER.answered_by_proxy,
]);

/** In the order of BUCKETS, which is the order of the tests. */
export function assignBuckets(production: ProductionRequests, pairing: Pairing, spoe: SpoeOutcomes): BucketColumn {
  const buckets = new Uint8Array(production.size);
  for (let row = 0; row < buckets.length; row++) buckets[row] = bucketOf(row, production, pairing, spoe);
  return buckets;
}

/** Which of the tests of every request holds first, before it is asked whether it is paired. */
export function exclusionOf(flags: number, hasKey: boolean, isAmbiguous: boolean): number | undefined {
  if (flags & Flag.malformed) return NUMBER.malformed;
  if (!hasKey) return NUMBER.no_id;
  if (isAmbiguous) return NUMBER.ambiguous_id;
  if (flags & Flag.clientAbort) return NUMBER.client_abort;
  return flags & Flag.answeredByProxy ? NUMBER.answered_by_proxy : undefined;
}

function bucketOf(row: number, production: ProductionRequests, pairing: Pairing, spoe: SpoeOutcomes): number {
  const answer = pairing.answerOf[row] as number;
  const exclusion = exclusionOf(production.flags.at(row), answer !== WITHOUT_KEY, answer === AMBIGUOUS);
  if (exclusion !== undefined) return exclusion;
  if (answer >= 0) return NUMBER.paired;
  return missingBucket(production.keys.stream.at(row), spoe);
}

/** Without SPOE lines that name their process, or without the stream's number, nobody can tell where it was lost. */
function missingBucket(stream: number, spoe: SpoeOutcomes): number {
  if (stream < 0 || !spoe.isUsable) return NUMBER.missing;
  const status = spoe.statusOf(stream);
  if (status === undefined) return NUMBER.not_mirrored;
  return status > 0 ? NUMBER.spoe_failed : NUMBER.acked_but_missing;
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

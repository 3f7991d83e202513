/** From the buckets of production's requests to how much of them is compared, and what is missing. */
import { countComparable } from './buckets.ts';
import { SAMPLED_OUT } from './dropped.ts';
import type { Coverage } from './model.ts';

export interface CoverageCounts {
  readonly buckets: Coverage['buckets'];
  readonly mirrorOnly: Coverage['mirrorOnly'];
  /** Of the bucket `dropped`, by the agent's own word. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly hasSpoeLines: boolean;
}

/** @param expectedShare of the comparable requests that is mirrored; null or undefined when nobody said */
export function coverageOf(counts: CoverageCounts, expectedShare: number | null | undefined): Coverage {
  const { buckets, mirrorOnly, dropped, hasSpoeLines } = counts;
  const comparable = countComparable(buckets);
  const { paired, spoe_failed, acked_but_missing } = buckets;
  const attempted = hasSpoeLines ? paired + buckets.dropped + spoe_failed + acked_but_missing : null;
  return {
    productionRequests: Object.values(buckets).reduce((sum, count) => sum + count, 0),
    comparable,
    paired,
    pairedShare: shareOf(paired, comparable),
    buckets,
    mirrorOnly,
    attempted,
    deliveredShare: attempted === null ? null : shareOf(paired, attempted),
    ...(buckets.dropped > 0 && { dropped: Object.fromEntries([...dropped].sort(([a], [b]) => (a < b ? -1 : 1))) }),
    ...(typeof expectedShare === 'number' && { expectedShare }),
    unanswered: countUnanswered(counts, comparable, expectedShare),
  };
}

/** Requests that should have an answer. Where only a share is mirrored, what is missing beyond the others of it is not. */
function countUnanswered(
  { buckets, dropped }: CoverageCounts,
  comparable: number,
  expectedShare: number | null | undefined,
): number {
  const lost = buckets.dropped - (dropped.get(SAMPLED_OUT) ?? 0) + buckets.spoe_failed + buckets.acked_but_missing;
  if (typeof expectedShare !== 'number') return lost + buckets.missing;
  const known = buckets.paired + buckets.dropped + buckets.spoe_failed + buckets.acked_but_missing;
  const expected = Math.round(expectedShare * comparable);
  return lost + Math.min(buckets.missing, Math.max(0, expected - known));
}

export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** From the buckets of production's requests to how much of them is compared, and what is missing. */
import { countComparable, shareOf } from './buckets.ts';
import type { Coverage } from './model.ts';

export interface CoverageCounts {
  readonly buckets: Coverage['buckets'];
  readonly mirrorOnly: Coverage['mirrorOnly'];
  /** Of the bucket `dropped`, by the agent's own word. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly hasSpoeLines: boolean;
}

export function coverageOf({ buckets, mirrorOnly, dropped, hasSpoeLines }: CoverageCounts): Coverage {
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
  };
}

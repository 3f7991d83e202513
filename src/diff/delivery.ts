/** Requests that should have an answer of the mirror and have none: what they could hide. */

import { SAMPLED_OUT, SENT_CUT } from '../status/mirror-errors.ts';
import { formatAmount } from '../text/numbers.ts';
import { shareOf } from './buckets.ts';
import type { Coverage, DiffSettings, RouteDelivery } from './model.ts';
import type { PairTally } from './pair-tally.ts';
import { fisherMidP } from './statistics/fisher.ts';
import { twoSidedZ } from './statistics/normal.ts';

/** Buckets and dropped reasons are enough. */
type Counts = Pick<Coverage, 'buckets' | 'comparable' | 'dropped'>;

/**
 * Dropped, failed, lost behind the agent, and missing ones; of the last two, where only a share is mirrored, what that
 * share lacks beyond chance: an agent that samples takes all requests from HAProxy, and writes nothing of those it leaves
 * out. What SPOE lines say was never sent should have no answer either.
 */
export function countUnanswered({ buckets, comparable, dropped = {} }: Counts, settings: DiffSettings): number {
  const sampledOut = Math.min(buckets.dropped, dropped[SAMPLED_OUT] ?? 0);
  const known = buckets.dropped + buckets.spoe_failed - sampledOut;
  const silent = buckets.acked_but_missing + buckets.missing;
  const { expectCoverage, alpha } = settings;
  if (typeof expectCoverage !== 'number') return known + silent;
  const chance = twoSidedZ(alpha) * Math.sqrt(comparable * expectCoverage * (1 - expectCoverage));
  const short =
    Math.ceil(comparable * expectCoverage - chance) - buckets.paired - buckets.dropped - buckets.spoe_failed;
  return known + Math.min(silent, Math.max(0, short));
}

/** Requests whose answers are of no use because HAProxy's buffer cut the body of what the agent sent. */
export function countSentCut({ dropped = {} }: Pick<Coverage, 'dropped'>): number {
  return dropped[SENT_CUT] ?? 0;
}

/** That there are such requests, in words; undefined without any. */
export function describeSentCut(coverage: Pick<Coverage, 'dropped'>): string | undefined {
  const count = countSentCut(coverage);
  if (count === 0) return undefined;
  const [was, whose] = count === 1 ? ['was', 'its answer is'] : ['were', 'their answers are'];
  return `${formatAmount(count, 'request')} ${was} sent with the body cut (tune.bufsize, --truncated): ${whose} not compared`;
}

/** Answered, of those that were or should have been. */
interface RouteAnswers {
  readonly answered: number;
  readonly unanswered: number;
}

/** A lost route is answered less often than the others by this factor at least. */
const FAR_BELOW = 0.9;
/** The error that is allowed over all routes together. */
const LOST_ALPHA = 0.01;

/** One for each tally. */
export function describeDeliveries(tallies: readonly PairTally[], hasSpoeLines: boolean): RouteDelivery[] {
  const routes = tallies.map((tally) => ({
    answered: tally.errors.n + tally.errors.ignored,
    unanswered:
      tally.unanswered('dropped') +
      tally.unanswered('spoe_failed') +
      tally.unanswered('acked_but_missing') +
      tally.unanswered('missing') +
      (hasSpoeLines ? 0 : tally.unanswered('not_mirrored')),
  }));
  const all = routes.reduce(
    (sum, route) => ({ answered: sum.answered + route.answered, unanswered: sum.unanswered + route.unanswered }),
    { answered: 0, unanswered: 0 },
  );
  const asked = routes.filter(({ answered, unanswered }) => answered + unanswered > 0).length;
  return routes.map((route, i) => {
    const tally = tallies[i] as PairTally;
    return {
      comparable: route.answered + route.unanswered + (hasSpoeLines ? tally.unanswered('not_mirrored') : 0),
      paired: route.answered,
      unanswered: route.unanswered,
      dropped: tally.unanswered('dropped'),
      lost: isLost(route, all, asked),
    };
  });
}

function isLost({ answered, unanswered }: RouteAnswers, all: RouteAnswers, routes: number): boolean {
  if (unanswered === 0) return false;
  const others = { answered: all.answered - answered, unanswered: all.unanswered - unanswered };
  const share = shareOf(answered, answered + unanswered);
  const usual = shareOf(others.answered, others.answered + others.unanswered);
  if (share === null || usual === null || share > FAR_BELOW * usual) return false;
  return fisherMidP(answered, unanswered, others.answered, others.unanswered) * routes <= LOST_ALPHA;
}

import type { Interval } from '../model.ts';
import { requireAlpha, requireCounts, requirePart } from './domain.ts';

/** Shares of what could be lost at most that are bet, halved from one to the next, and how much is set on each. */
const BETS = Array.from({ length: 15 }, (_, i) => ({ share: 2 ** -i, logWeight: -Math.log((i + 1) * (i + 2)) }));
/** Halvings of the range -1 to 1. */
const STEPS = 50;

/**
 * An interval for the difference of two paired rates that holds at every look at once with a probability of 1 - alpha.
 * In: pairs, and how many of them failed on the mirror only and in production only. Out: ratios from -1 to 1.
 *
 * Each end is where a gambler who bets against larger (smaller) differences has 2 / alpha times his stake: per pair, the
 * factor 1 - lambda (d - difference) with d = 1 for a new error, -1 for a fixed one and 0 otherwise, lambda up to what
 * cannot make it negative, the stake spread over BETS. I. Waudby-Smith & A. Ramdas, Estimating means of bounded random
 * variables by betting, J. R. Statist. Soc. B 86 (2024) 1-27. Bets do not change with time, so counts are all it takes.
 * @throws RangeError for more errors than pairs, or anything but counts and 0 < alpha < 1
 */
export function bettingInterval(n: number, newErrors: number, fixedErrors: number, alpha: number): Interval {
  requireCounts({ n, newErrors, fixedErrors });
  requirePart(newErrors + fixedErrors, n);
  requireAlpha(alpha);
  const goal = Math.log(2 / alpha);
  return [-upperEnd(n, fixedErrors, newErrors, goal), upperEnd(n, newErrors, fixedErrors, goal)];
}

function upperEnd(n: number, newErrors: number, fixedErrors: number, goal: number): number {
  let low = -1;
  let high = 1;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (logWealth(middle, n, newErrors, fixedErrors) >= goal) high = middle;
    else low = middle;
  }
  return high;
}

/** Grows with the difference that is bet against. */
function logWealth(difference: number, n: number, newErrors: number, fixedErrors: number): number {
  const same = n - newErrors - fixedErrors;
  const logs = BETS.map(({ share, logWeight }) => {
    const lambda = share / (1 - difference);
    return (
      logWeight +
      same * Math.log1p(lambda * difference) +
      (newErrors === 0 ? 0 : newErrors * Math.log1p(-share)) +
      fixedErrors * Math.log1p(lambda * (1 + difference))
    );
  });
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0));
}

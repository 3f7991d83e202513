/** Two error rates against each other, of events that have nothing to do with one another: another night, another host. */
import type { Interval } from './model.ts';
import { newcombeInterval } from './statistics/newcombe.ts';

export interface FailedOf {
  readonly count: number;
  readonly errors: number;
}

export interface RateDifference {
  /** The rate now minus the rate before. */
  readonly difference: number;
  /** Its 95 % interval, as if events failed independently of each other: they do not, so that it is the narrowest possible. */
  readonly interval: Interval;
  /** Whether chance alone is no explanation. */
  readonly isClear: boolean;
}

const ALPHA = 0.05;

/** Both counts must be 1 or more. */
export function compareRates(before: FailedOf, now: FailedOf): RateDifference {
  const interval = newcombeInterval(now.errors, now.count, before.errors, before.count, ALPHA);
  const [low, high] = interval;
  return { difference: now.errors / now.count - before.errors / before.count, interval, isClear: low > 0 || high < 0 };
}

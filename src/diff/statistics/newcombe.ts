import type { Interval } from '../model.ts';
import { wilsonInterval } from './wilson.ts';

/**
 * The hybrid score interval of level 1 - alpha for the difference events1 / n1 - events2 / n2 of two independent rates.
 * Out: ratios from -1 to 1; [-1, 1] when either n is 0.
 *
 * Method 10 of R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of
 * eleven methods, Statist. Med. 17 (1998) 873-890.
 * @throws RangeError for more events than n, or anything but counts and 0 < alpha < 1
 */
export function newcombeInterval(events1: number, n1: number, events2: number, n2: number, alpha: number): Interval {
  const [low1, high1] = wilsonInterval(events1, n1, alpha);
  const [low2, high2] = wilsonInterval(events2, n2, alpha);
  if (n1 === 0 || n2 === 0) return [-1, 1];
  const rate1 = events1 / n1;
  const rate2 = events2 / n2;
  const difference = rate1 - rate2;
  return [
    Math.max(-1, difference - Math.hypot(rate1 - low1, high2 - rate2)),
    Math.min(1, difference + Math.hypot(high1 - rate1, rate2 - low2)),
  ];
}

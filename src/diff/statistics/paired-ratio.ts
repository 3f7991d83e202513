import type { Interval } from '../model.ts';
import { requireAlpha, requireCounts } from './domain.ts';
import { twoSidedZ } from './normal.ts';
import { scoreInterval } from './wilson.ts';

/**
 * The interval of level 1 - alpha for the ratio of two paired rates, mirror's error rate / production's: Wilson's
 * intervals of both among the pairs with an error, with a z that makes them one. In: pairs with an error on both sides,
 * on the mirror only, in production only. Out: ratios, the upper one Infinity where production has no errors.
 *
 * D. G. Bonett & R. M. Price, Confidence intervals for a ratio of binomial proportions based on paired data, Statist.
 * Med. 25 (2006) 3039-3047, the hybrid Wilson score interval.
 * @throws RangeError for anything but counts and 0 < alpha < 1
 */
export function pairedRatioInterval(
  bothErrors: number,
  newErrors: number,
  fixedErrors: number,
  alpha: number,
): Interval {
  requireCounts({ bothErrors, newErrors, fixedErrors });
  requireAlpha(alpha);
  const pairs = bothErrors + newErrors + fixedErrors;
  if (pairs === 0) return [0, Number.POSITIVE_INFINITY];
  const mirror = bothErrors + newErrors;
  const production = bothErrors + fixedErrors;
  const spread = (errors: number) => Math.sqrt((1 - (errors + 1) / (pairs + 2)) / (errors + 1));
  const joint = Math.sqrt((newErrors + fixedErrors + 2) / ((mirror + 1) * (production + 1)));
  const z = (joint / (spread(mirror) + spread(production))) * twoSidedZ(alpha);
  const [low1, high1] = scoreInterval(mirror, pairs, z);
  const [low2, high2] = scoreInterval(production, pairs, z);
  return [low1 / high2, production === 0 ? Number.POSITIVE_INFINITY : high1 / low2];
}

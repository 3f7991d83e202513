import { requireCounts } from './domain.ts';
import { logHalfProbability } from './half-binomial.ts';
import { sumTail } from './tail.ts';

/**
 * McNemar's mid-p for paired outcomes, two-sided: 2 × (P(X < s) + P(X = s) / 2), where X is binomial with b + c trials
 * of 1/2 and s the smaller count. In: the two discordant counts, in either order. Out: 0 to 1; 1 when b = c, and so
 * when nothing is discordant. A p below the smallest double is 0.
 *
 * Fagerland, Lydersen & Laake, The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than
 * exact conditional, BMC Med. Res. Methodol. 13 (2013) 91. Their supplement has 1 - P(X = s) / 2 for b = c, which makes
 * one half of no data at all; everywhere else the two definitions are the same.
 * @throws RangeError for anything but counts
 */
export function mcnemarMidP(b: number, c: number): number {
  requireCounts({ b, c });
  if (b === c) return 1;
  const smaller = Math.min(b, c);
  const larger = Math.max(b, c);
  const below = sumTail((i) => (smaller - i + 1) / (larger + i));
  return Math.min(1, Math.exp(logHalfProbability(smaller, larger)) * (1 + 2 * below));
}

/** The same one-sided, for the first count being the larger one: P(X > b) + P(X = b) / 2. 1/2 for b = c. */
export function upperMidP(b: number, c: number): number {
  const half = mcnemarMidP(b, c) / 2;
  return b >= c ? half : 1 - half;
}

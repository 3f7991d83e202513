/** The binomial distribution with probability 1/2: how many of the discordant pairs are new errors when nothing changed. */
import { deviance, stirlingRest } from './factorial.ts';
import { sumTail } from './tail.ts';

/** log P(X = s) with s + l trials of 1/2. */
export function logHalfProbability(s: number, l: number): number {
  const expected = (s + l) / 2;
  const deviances = deviance(s, expected) + deviance(l, expected);
  return stirlingRest(s + l) - stirlingRest(s) - stirlingRest(l) - deviances;
}

/** log P(X <= s) with s + l trials of 1/2; 0 for all of them. */
export function logHalfCumulative(s: number, l: number): number {
  if (l === 0) return 0;
  if (s <= l) return logHalfProbability(s, l) + Math.log1p(sumTail((i) => (s - i + 1) / (l + i)));
  const above = Math.exp(logHalfProbability(s + 1, l - 1)) * (1 + sumTail((i) => (l - i) / (s + 1 + i)));
  return Math.log1p(-above);
}

import { requireCounts } from './domain.ts';
import { logHalfCumulative, logHalfProbability } from './half-binomial.ts';

/**
 * The logarithm of the evidence against "a discordant pair is a new error with probability 1/2 or less", however often
 * it was looked at before: the likelihood of a share spread evenly over 1/2 to 1, over that of 1/2. In: new and fixed
 * errors. Under the hypothesis it is a supermartingale that starts at 1, so that with a probability of at most alpha it
 * ever reaches 1 / alpha (Ville, Étude critique de la notion de collectif, 1939).
 *
 * The mixture is H. Robbins, Statistical methods related to the law of the iterated logarithm, Ann. Math. Statist. 41
 * (1970) 1397-1409, one-sided; in closed form 2 P(X <= new of m + 1) / ((m + 1) P(X = new of m)), X binomial with 1/2
 * and m discordant pairs.
 * @throws RangeError for anything but counts
 */
export function logDiscordantEValue(newErrors: number, fixedErrors: number): number {
  requireCounts({ newErrors, fixedErrors });
  const trials = newErrors + fixedErrors + 1;
  const cumulative = logHalfCumulative(newErrors, fixedErrors + 1);
  return Math.log(2) + cumulative - Math.log(trials) - logHalfProbability(newErrors, fixedErrors);
}

import { test } from 'node:test';
import { logHalfCumulative, logHalfProbability } from '../../../src/diff/statistics/half-binomial.ts';
import { assertClose, choose, fraction } from './close.ts';

test('probabilities and their sums are those of exact arithmetic', () => {
  for (const trials of [1, 2, 9, 64, 301]) {
    let sum = 0n;
    for (let k = 0; k <= trials; k++) {
      sum += choose(trials, k);
      const all = 2n ** BigInt(trials);
      assertClose(Math.exp(logHalfProbability(k, trials - k)), fraction(choose(trials, k), all), 1e-11);
      assertClose(Math.exp(logHalfCumulative(k, trials - k)), fraction(sum, all), 1e-11);
    }
  }
});

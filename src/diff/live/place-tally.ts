/** What is counted at one place of the routes. */
import type { UnpairedCounts } from '../comparison.ts';
import { RouteTally } from '../route-tally.ts';
import { PairTimes } from './pair-times.ts';

/** Of one route: the quantiles and the ratio are those of a sample where there are more. */
const ROUTE_TIMES = 1_000;
const ROUTE_TRANSITIONS = 100;

export class PlaceTally {
  readonly pairs = new RouteTally(ROUTE_TRANSITIONS);
  readonly times = new PairTimes(ROUTE_TIMES);
  /** Of requests and answers that nothing could be paired by. */
  readonly unpaired = { productionN: 0, productionErrors: 0, mirrorN: 0, mirrorErrors: 0 } satisfies UnpairedCounts;

  static sum(a: PlaceTally, b: PlaceTally): PlaceTally {
    const sum = new PlaceTally();
    for (const { pairs, times, unpaired } of [a, b]) {
      sum.pairs.merge(pairs);
      sum.times.merge(times);
      sum.unpaired.productionN += unpaired.productionN;
      sum.unpaired.productionErrors += unpaired.productionErrors;
      sum.unpaired.mirrorN += unpaired.mirrorN;
      sum.unpaired.mirrorErrors += unpaired.mirrorErrors;
    }
    return sum;
  }
}

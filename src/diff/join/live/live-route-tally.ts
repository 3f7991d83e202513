/** What is counted of one route of a log that is followed: also the times of its pairs, which move with it. */
import { RouteTally } from '../../route-tally.ts';
import type { SampleOrder } from '../../samples.ts';
import { PairTimes } from './pair-times.ts';

/** The pairs of one route whose times are kept: of more, the quantiles and the ratio are those of a sample. */
const ROUTE_TIMES = 1_000;
const ROUTE_TRANSITIONS = 100;

export class LiveRouteTally extends RouteTally {
  readonly times = new PairTimes(ROUTE_TIMES);
  readonly #sampleOrder: SampleOrder;

  constructor(sampleOrder: SampleOrder) {
    super({ maxTransitions: ROUTE_TRANSITIONS, sampleOrder });
    this.#sampleOrder = sampleOrder;
  }

  /** The sum of two routes that turn out to be one; neither changes. */
  plus(other: LiveRouteTally): LiveRouteTally {
    const sum = new LiveRouteTally(this.#sampleOrder);
    for (const part of [this, other]) {
      sum.merge(part);
      sum.times.merge(part.times);
    }
    return sum;
  }
}

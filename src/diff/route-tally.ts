/** What is counted of the requests of one route. */
import type { UnpairedCounts } from './comparison.ts';
import { ContentTally } from './content-tally.ts';
import { PairTally } from './pair-tally.ts';
import { ResponseTally } from './responses/response-tally.ts';
import { RouteSamples, type SampleOrder } from './samples.ts';

export interface RouteTallyOptions {
  /** How many changes of status are told apart. */
  readonly maxTransitions: number;
  readonly sampleOrder: SampleOrder;
}

export class RouteTally {
  readonly pairs: PairTally;
  readonly samples: RouteSamples;
  readonly responses = new ResponseTally();
  readonly contents: ContentTally;
  /** Counts of requests and answers that nothing could be paired by. */
  readonly unpaired = { productionN: 0, productionErrors: 0, mirrorN: 0, mirrorErrors: 0 } satisfies UnpairedCounts;

  constructor({ maxTransitions, sampleOrder }: RouteTallyOptions) {
    this.pairs = new PairTally(maxTransitions);
    this.samples = new RouteSamples(sampleOrder);
    this.contents = new ContentTally(maxTransitions);
  }

  merge(other: RouteTally): void {
    this.pairs.merge(other.pairs);
    this.samples.merge(other.samples);
    this.responses.merge(other.responses);
    this.contents.merge(other.contents);
    this.unpaired.productionN += other.unpaired.productionN;
    this.unpaired.productionErrors += other.unpaired.productionErrors;
    this.unpaired.mirrorN += other.unpaired.mirrorN;
    this.unpaired.mirrorErrors += other.unpaired.mirrorErrors;
  }
}

/**
 * What is measured of pairs. Of files that are compared whole all values are kept (whole-measures.ts), of a log that is
 * followed a sample (live/sampled-measures.ts): more than it holds would fill the memory.
 */
import type { ComparisonOptions } from './assessment.ts';
import type { JoinedRequest, LoggedByMirror, LoggedRequest } from './join/joined-request.ts';
import type { MeasuredLatency } from './latency.ts';
import type { RouteTally } from './route-tally.ts';

/** Times of the pairs, compared. */
export interface MeasuredPairs {
  readonly whole: MeasuredLatency | null;
  /** One for each route. */
  readonly routes: readonly (MeasuredLatency | null)[];
}

export interface PairMeasures<R extends RouteTally> {
  /** Mirror time − production time of a pair, ms. */
  addSkew(skewMs: number, pair: JoinedRequest): void;
  /** The times of a pair whose answers do not differ in kind. */
  addTimes(pair: JoinedRequest & { readonly answer: LoggedByMirror }, route: R): void;
  /** The times of a line that is no error, where nothing is paired. */
  addUnpaired(side: 'production' | 'mirror', line: LoggedRequest): void;
  /** The median; null without pairs. */
  readonly clockSkewMs: number | null;
  /** @param names of the routes */
  comparePairs(routes: readonly R[], names: readonly string[], options: ComparisonOptions): MeasuredPairs;
  compareUnpaired(options: ComparisonOptions): MeasuredLatency | null;
}

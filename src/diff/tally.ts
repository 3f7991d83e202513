/**
 * What joined requests of one destination add up to. Both joins fill one: that of whole files, which knows everything
 * before it decides, and that of logs that grow, which forgets what is counted here.
 */

import { isNoEvidence } from '../status/mirror-errors.ts';
import { countComparable, DROPPED, isUnanswered, PAIRED, shareOf } from './buckets.ts';
import type { JoinedRequest, LoggedByMirror, LoggedByProduction, NoisePair } from './join/joined-request.ts';
import { BUCKETS, type Bucket, type Coverage, type DiffReport } from './model.ts';
import { statusName } from './outcomes.ts';
import type { PairMeasures } from './pair-measures.ts';
import { PairTally } from './pair-tally.ts';
import { formatMoment } from './request-line.ts';
import { NO_RULES } from './responses/difference-rules.ts';
import { FieldBudget } from './responses/response-tally.ts';
import type { RouteTally } from './route-tally.ts';
import { isProductionError, type Rules } from './rules.ts';
import { TimeSpan } from './time-span.ts';

/** RFC 9110, sections 9.3.2 and 9.3.7: an answer to these is not asked for its body. */
const BODILESS = new Set(['HEAD', 'OPTIONS']);
const NOTHING = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0])) as Coverage['buckets'];

export interface TallyOptions<R extends RouteTally> {
  readonly rules: Rules;
  readonly measures: PairMeasures<R>;
  /** How many changes of status are told apart in all. */
  readonly maxTransitions: number;
}

export class Tally<R extends RouteTally> {
  /** Lines of the mirror, by what became of them; ids for `retriedIds`. */
  readonly mirrorOnly = { withoutId: 0, unknownId: 0, retriedIds: 0 };
  /** What the pairs of all routes add up to. */
  readonly pairs: PairTally;
  readonly measures: PairMeasures<R>;
  /** Pairs of which answers are of different keys. */
  readonly answers = { otherKey: 0 };
  /** How many requests are in each bucket, by its index in BUCKETS. */
  readonly #buckets = new Array<number>(BUCKETS.length).fill(0);
  /** Requests in the bucket `dropped`, by reason. */
  readonly #dropped = new Map<string, number>();
  readonly #rules: Rules;
  readonly #span = new TimeSpan();
  #fieldBudget = new FieldBudget();

  constructor({ rules, measures, maxTransitions }: TallyOptions<R>) {
    this.#rules = rules;
    this.measures = measures;
    this.pairs = new PairTally(maxTransitions);
  }

  /** How many requests are in all buckets. */
  get requests(): number {
    return this.#buckets.reduce((sum, count) => sum + count, 0);
  }

  get paired(): number {
    return this.#buckets[PAIRED] as number;
  }

  /** Requests that a line of the mirror is about: the pairs, and those that were dropped. */
  get joined(): number {
    return this.paired + (this.#buckets[DROPPED] as number);
  }

  get responseRules(): NonNullable<Rules['responses']> {
    return this.#rules.responses ?? NO_RULES;
  }

  /** From the first to the last request of production. */
  get window(): DiffReport['window'] {
    const { ends } = this.#span;
    return ends === undefined ? { from: null, to: null } : { from: formatMoment(ends.from), to: formatMoment(ends.to) };
  }

  /** @param route undefined for a request that nobody could have mirrored, or not with the same outcome */
  add(joined: JoinedRequest, route: R | undefined): void {
    const { request, bucket } = joined;
    const { time } = request;
    this.#span.add(time);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    if (bucket === DROPPED) this.#dropped.set(joined.dropped, (this.#dropped.get(joined.dropped) ?? 0) + 1);
    if (route === undefined) return;
    if (bucket === PAIRED) this.#addPair(joined as JoinedPair, route);
    else if (isUnanswered(bucket)) {
      const name = BUCKETS[bucket] as Bucket;
      this.pairs.addUnanswered(name, time);
      route.pairs.addUnanswered(name, time);
      route.samples.addUnanswered(joined);
    }
  }

  /** A request, where nothing is paired. @param route undefined for one that nobody could have mirrored */
  addUnpairedRequest(request: LoggedByProduction, route: R | undefined): void {
    const isError = isProductionError(request, this.#rules.errorStatuses);
    if (!isError) this.measures.addUnpaired('production', request);
    if (route === undefined) return;
    route.unpaired.productionN++;
    if (isError) route.unpaired.productionErrors++;
  }

  /** Two answers of production's version to a request that is not among those that are compared. */
  addNoise(noise: NoisePair, { responses }: R): void {
    const { method, target, status } = noise;
    responses.addNoise(noise, { method, target, status }, this.responseRules, this.#fieldBudget);
  }

  /** Begins with the noise of other requests that another tally has; that of their routes is theirs. */
  copyNoise(other: Tally<R>): void {
    this.#fieldBudget = new FieldBudget(other.#fieldBudget);
  }

  /** A line of the mirror, where nothing is paired. One of a request that it did not get, or not whole, is no answer. */
  addUnpairedAnswer(answer: LoggedByMirror, { unpaired }: R): void {
    if (isNoEvidence(answer.error)) return;
    if (!answer.isError) this.measures.addUnpaired('mirror', answer);
    unpaired.mirrorN++;
    if (answer.isError) unpaired.mirrorErrors++;
  }

  /**
   * @param isUnmatched nothing can be paired: no request has an id, whatever its line says
   * @param isSpoeUsable SPOE lines tell what became of a request that is not answered
   */
  coverage(isUnmatched: boolean, isSpoeUsable: boolean): Coverage {
    const counts = Object.fromEntries(BUCKETS.map((bucket, i) => [bucket, this.#buckets[i]])) as Coverage['buckets'];
    const rest = { dropped: this.#dropped, hasSpoeLines: isSpoeUsable };
    return coverageOf(
      isUnmatched ? this.#unmatched(counts, rest) : { ...this.#matched(counts, isSpoeUsable), ...rest },
    );
  }

  #matched(counts: Coverage['buckets'], isSpoeUsable: boolean): Pick<CoverageCounts, 'buckets' | 'mirrorOnly'> {
    const { mirrorOnly } = this;
    if (isSpoeUsable) return { buckets: counts, mirrorOnly };
    // Without the lines nobody can tell where a request was lost.
    const { not_mirrored, spoe_failed, acked_but_missing } = counts;
    const missing = counts.missing + not_mirrored + spoe_failed + acked_but_missing;
    return { buckets: { ...counts, not_mirrored: 0, spoe_failed: 0, acked_but_missing: 0, missing }, mirrorOnly };
  }

  #unmatched(counts: Coverage['buckets'], rest: Pick<CoverageCounts, 'dropped' | 'hasSpoeLines'>): CoverageCounts {
    const { withoutId, unknownId } = this.mirrorOnly;
    const buckets = { ...NOTHING, malformed: counts.malformed, no_id: this.requests - counts.malformed };
    return { ...rest, buckets, mirrorOnly: { withoutId: withoutId + unknownId, unknownId: 0, retriedIds: 0 } };
  }

  #addPair(joined: JoinedPair, route: R): void {
    const { request, answer, kind } = joined;
    const skewMs = answer.time - request.time;
    if (!Number.isNaN(skewMs)) this.measures.addSkew(skewMs, joined);
    const pair = {
      kind,
      before: statusName(request.status, ''),
      after: statusName(answer.status, answer.error),
      productionStatus: request.status,
      mirrorStatus: answer.status,
      timeMs: request.time,
      isOther: joined.isOther,
      isBodiless: BODILESS.has(request.method),
    };
    this.pairs.add(pair);
    route.pairs.add(pair);
    // Answers that differ in kind take different times for that reason alone.
    if (kind === 'same' || kind === 'changed') this.measures.addTimes(joined, route);
    route.samples.addPair(joined, kind);
    route.contents.add(joined, this.#rules);
    // A change of the status that is wanted is not held against the rest of the answer either.
    if (kind !== 'ignored') this.#addResponses(joined, route);
  }

  #addResponses(joined: JoinedPair, { responses: tally }: R): void {
    const { responses, request } = joined;
    if (responses === undefined) return;
    const { method, target, status } = request;
    const pair = {
      context: { method, target, status },
      example: () => ({ id: joined.id, rank: joined.rank }),
    };
    tally.add(responses, pair, this.responseRules, this.#fieldBudget);
  }
}

export type JoinedPair = JoinedRequest &
  Required<Pick<JoinedRequest, 'answer' | 'kind'>> & {
    readonly answer: LoggedByMirror;
    readonly kind: NonNullable<JoinedRequest['kind']>;
  };

interface CoverageCounts {
  readonly buckets: Coverage['buckets'];
  readonly mirrorOnly: Coverage['mirrorOnly'];
  /** How many requests of the bucket `dropped` there are for each reason, which is the agent's own word. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly hasSpoeLines: boolean;
}

function coverageOf({ buckets, mirrorOnly, dropped, hasSpoeLines }: CoverageCounts): Coverage {
  const comparable = countComparable(buckets);
  const { paired, spoe_failed, acked_but_missing } = buckets;
  const attempted = hasSpoeLines ? paired + buckets.dropped + spoe_failed + acked_but_missing : null;
  return {
    productionRequests: Object.values(buckets).reduce((sum, count) => sum + count, 0),
    comparable,
    paired,
    pairedShare: shareOf(paired, comparable),
    buckets,
    mirrorOnly,
    attempted,
    deliveredShare: attempted === null ? null : shareOf(paired, attempted),
    ...(buckets.dropped > 0 && { dropped: Object.fromEntries([...dropped].sort(([a], [b]) => (a < b ? -1 : 1))) }),
  };
}

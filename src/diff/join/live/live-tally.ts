/** Requests of one destination of the mirror as their time is over: joined, counted, and forgotten. */
import type { Comparison } from '../../../answers/differences.ts';
import { exclusionOf, PAIRED, unansweredBucket } from '../../buckets.ts';
import { kindOf } from '../../outcomes.ts';
import type { RequestKind } from '../../request-line.ts';
import type { RouteOverrides } from '../../route-overrides.ts';
import type { Rules } from '../../rules.ts';
import type { SampleOrder } from '../../samples.ts';
import { Tally } from '../../tally.ts';
import type { TimeSpan } from '../../time-span.ts';
import type { JoinedRequest } from '../joined-request.ts';
import { NOT_COMPARABLE } from '../request-flags.ts';
import { isOtherRequest } from '../same-request.ts';
import type { Answers } from './answers.ts';
import { describeKeys, hasAnyKey, type Keys } from './keys.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';
import type { LiveRouteTally } from './live-route-tally.ts';
import { LiveRoutes } from './live-routes.ts';
import { LiveStrays } from './live-strays.ts';
import { SampledMeasures } from './sampled-measures.ts';
import type { SpoeWindow, StreamOutcome } from './spoe-window.ts';

/** Statuses and error codes are few; a log that says otherwise fills no memory. */
const MAX_TRANSITIONS = 2_000;

export interface LiveTallyOptions {
  readonly rules: Rules;
  readonly overrides: RouteOverrides | undefined;
  readonly graceMs: number;
  readonly sampleOrder: SampleOrder;
  readonly spoe: SpoeWindow;
  /** The time of production's requests so far. */
  readonly span: TimeSpan;
  readonly productionHasFirstByte: () => boolean;
  /** What samples of pairs are drawn by. */
  readonly rankOf: (keys: Keys) => number;
  readonly onSettled: ((joined: JoinedRequest, routeName: string) => void) | undefined;
}

/** What is known of a request and one destination. */
export interface DestinationResult {
  readonly hasKey: boolean;
  readonly isAmbiguous: boolean;
  readonly answers: Answers | undefined;
  /** How production's version answered it once more. */
  readonly noise: Comparison | undefined;
}

export class LiveTally {
  readonly measures: SampledMeasures;
  readonly tally: Tally<LiveRouteTally>;
  readonly routes: LiveRoutes;
  readonly strays: LiveStrays;
  /** Requests without an answer that took longer than answers are waited for. */
  outlasted = 0;
  readonly #options: LiveTallyOptions;

  constructor(options: LiveTallyOptions) {
    const { rules, overrides, sampleOrder, span, productionHasFirstByte } = options;
    this.#options = options;
    this.measures = new SampledMeasures(productionHasFirstByte);
    this.tally = new Tally({ rules, measures: this.measures, maxTransitions: MAX_TRANSITIONS });
    this.routes = new LiveRoutes(overrides, undefined, sampleOrder);
    this.strays = new LiveStrays(span);
  }

  announcePair(request: WaitingRequest): void {
    if ((request.flags & NOT_COMPARABLE) === 0) this.#options.spoe.addPair(this.#outcomeOf(request));
  }

  settleRequest(request: WaitingRequest, result: DestinationResult): void {
    this.#settle(request, result);
  }

  /** A request, while it is not known what the sides have in common. */
  settleUnpairedRequest(request: WaitingRequest): void {
    const hasKey = hasAnyKey(request.keys);
    const route = this.#settle(request, { hasKey, isAmbiguous: false, answers: undefined, noise: undefined });
    this.tally.addUnpairedRequest(request, route);
  }

  settleUnpairedAnswer(answer: WaitingAnswer, isCounted: boolean): void {
    if (!hasAnyKey(answer.keys)) this.tally.mirrorOnly.withoutId++;
    else if (isCounted) this.tally.mirrorOnly.unknownId++;
    this.strays.add(answer);
    this.tally.addUnpairedAnswer(answer, this.routes.tallyOf(this.routes.add(answer.method, answer.target, 1)));
  }

  settleAnswerWithoutId(answer: WaitingAnswer): void {
    this.tally.mirrorOnly.withoutId++;
    this.strays.add(answer);
  }

  /** Two answers of production's version to a request that did not come. */
  settleNoise({ method, target, status }: WaitingAnswer, compared: Comparison): void {
    const route = this.routes.tallyOf(this.routes.add(method, target, 1));
    this.tally.addNoise({ ...compared, method, target, status }, route);
  }

  /** Begins with the noise that another one has counted, and nothing else. */
  copyNoise(other: LiveTally): void {
    this.tally.copyNoise(other.tally);
    this.routes.copy(other.routes);
  }

  /** The tally of its route; undefined for a request that is not compared. */
  #settle(
    request: WaitingRequest,
    { hasKey, isAmbiguous, answers, noise }: DestinationResult,
  ): LiveRouteTally | undefined {
    const { spoe, rules, onSettled } = this.#options;
    const { flags, keys, method, target } = request;
    const outcome = this.#outcomeOf(request);
    const spoeStatus = spoe.statusOf(outcome);
    const answer = answers?.answer;
    const dropped = answer === undefined ? answers?.dropped?.error : undefined;
    const bucket =
      exclusionOf(flags, hasKey, isAmbiguous) ??
      (answer === undefined ? unansweredBucket(dropped !== undefined, keys.stream !== '', spoeStatus) : PAIRED);
    const isCompared = (flags & NOT_COMPARABLE) === 0;
    const place = isCompared ? this.routes.add(method, target, 1) : undefined;
    const nameOf = () => (place === undefined ? this.routes.nameOfRequest(method, target) : this.routes.nameOf(place));
    const facts = {
      request,
      bucket,
      answer: bucket === PAIRED ? answer : undefined,
      attempts: answers?.attempts ?? 0,
      spoeStatus,
      dropped: dropped ?? '',
      responses: bucket === PAIRED ? responsesOf(answer, noise) : undefined,
      rank: bucket === PAIRED ? this.#options.rankOf(keys) : 0,
    };
    if (bucket === PAIRED && keys.stream !== '') spoe.settlePair(outcome);
    const joined = new LiveRequest(facts, rules, nameOf);
    if (bucket === PAIRED && answer?.response?.compared?.body === 'other-key') this.tally.answers.otherKey++;
    const route = place && this.routes.tallyOf(place);
    this.tally.add(joined, route);
    const isLost = answer === undefined && dropped === undefined && bucket > PAIRED;
    if (isLost && request.totalMs > this.#options.graceMs) this.outlasted++;
    onSettled?.(joined, nameOf());
    return route;
  }

  #outcomeOf({ spoe, keys }: WaitingRequest): StreamOutcome | undefined {
    return spoe ?? this.#options.spoe.outcomeOf(keys.stream);
  }
}

function responsesOf(answer: WaitingAnswer | undefined, noise: Comparison | undefined): JoinedRequest['responses'] {
  const compared = answer?.response?.compared;
  return compared === undefined || compared.body === 'other-key' ? undefined : { ...compared, noise };
}

type LiveFacts = Omit<JoinedRequest, 'request' | 'kind' | 'id' | 'traceId' | 'routeName' | 'isOther' | 'keep'> & {
  readonly request: WaitingRequest;
};

class LiveRequest implements JoinedRequest {
  readonly request: WaitingRequest;
  readonly bucket: number;
  readonly answer: JoinedRequest['answer'];
  readonly kind: RequestKind | undefined;
  readonly attempts: number;
  readonly spoeStatus: number | undefined;
  readonly dropped: string;
  readonly responses: JoinedRequest['responses'];
  readonly rank: number;
  readonly #nameOf: () => string;

  /** @param nameOf the name of its route, as it is now */
  constructor(facts: LiveFacts, rules: Rules, nameOf: () => string) {
    const { request, answer } = facts;
    this.request = request;
    this.bucket = facts.bucket;
    this.answer = answer;
    this.attempts = facts.attempts;
    this.spoeStatus = facts.spoeStatus;
    this.dropped = facts.dropped;
    this.responses = facts.responses;
    this.rank = facts.rank;
    this.#nameOf = nameOf;
    this.kind = answer && kindOf(request, answer, rules, this);
  }

  get routeName(): string {
    return this.#nameOf();
  }

  get id(): string {
    return describeKeys(this.request.keys);
  }

  get traceId(): string {
    return this.request.keys.traceId;
  }

  get isOther(): boolean {
    return this.answer !== undefined && isOtherRequest(this.request, this.answer);
  }

  keep(): this {
    return this;
  }
}

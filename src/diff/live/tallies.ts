/** What settled requests add up to. What is counted here is forgotten: the memory does not grow with the requests. */
import { DROPPED, exclusionOf, missingBucket, PAIRED } from '../buckets.ts';
import { lotOf } from '../lot.ts';
import { BUCKETS, type Bucket } from '../model.ts';
import { changeOf, isWanted, statusName } from '../outcomes.ts';
import { NOT_COMPARABLE } from '../production.ts';
import type { RequestKind } from '../request-line.ts';
import type { RouteOverrides } from '../route-overrides.ts';
import { RouteTally } from '../route-tally.ts';
import { isFailure, type Rules } from '../rules.ts';
import { isOtherRequest } from '../same-request.ts';
import type { Answers } from './answers.ts';
import { Draw } from './draw.ts';
import { hasAnyKey, type Keys } from './keys.ts';
import { LastSamples } from './last-samples.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';
import { LiveRoutes } from './live-routes.ts';
import { PairTimes } from './pair-times.ts';
import type { Settled } from './settled.ts';
import type { SpoeWindow, StreamOutcome } from './spoe-window.ts';

/** Statuses and error codes are few; a log that says otherwise fills no memory. */
const MAX_TRANSITIONS = 2_000;
/** As many as the comparison of whole files makes the ratio from. */
const ALL_TIMES = 10_000;

const numberOf = (bucket: Bucket) => BUCKETS.indexOf(bucket);
/** No SPOE line: unless there are none at all, which is known at the end, HAProxy did not hand it over. */
export const NOT_MIRRORED = numberOf('not_mirrored');
const MISSING = numberOf('missing');
const UNEXPLAINED = [MISSING, NOT_MIRRORED, numberOf('acked_but_missing')];

export interface TallyOptions {
  readonly rules: Rules;
  readonly overrides: RouteOverrides | undefined;
  readonly seed: number;
  readonly graceMs: number;
  readonly spoe: SpoeWindow;
  /** What a paired request is drawn by. */
  readonly lotText: (keys: Keys) => string;
  readonly onSettled: ((settled: Settled, routeName: () => string) => void) | undefined;
}

/** What is known of a request and one destination. */
export interface Reply {
  readonly hasKey: boolean;
  readonly isAmbiguous: boolean;
  readonly answers: Answers | undefined;
}

/** Of one destination of the mirror. */
export class Tallies {
  /** Index as in BUCKETS. */
  readonly buckets = new Array<number>(BUCKETS.length).fill(0);
  /** Of the bucket `dropped`, by reason. */
  readonly dropped = new Map<string, number>();
  withoutId = 0;
  unknownId = 0;
  retriedIds = 0;
  /** Requests without an answer that took longer than answers are waited for. */
  outlasted = 0;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  readonly all = new RouteTally(MAX_TRANSITIONS);
  readonly times = new PairTimes(ALL_TIMES);
  readonly skews = new Draw(ALL_TIMES, 1);
  readonly routes: LiveRoutes;
  readonly samples = new LastSamples();
  readonly #options: TallyOptions;

  constructor(options: TallyOptions) {
    this.#options = options;
    this.routes = new LiveRoutes(options.overrides);
  }

  /** In all buckets. */
  get requests(): number {
    return this.buckets.reduce((sum, count) => sum + count, 0);
  }

  announcePair(request: WaitingRequest): void {
    if ((request.flags & NOT_COMPARABLE) === 0) this.#options.spoe.addPair(this.#outcomeOf(request));
  }

  #outcomeOf({ spoe, keys }: WaitingRequest): StreamOutcome | undefined {
    return spoe ?? this.#options.spoe.outcomeOf(keys.stream);
  }

  settleRequest(request: WaitingRequest, { hasKey, isAmbiguous, answers }: Reply): void {
    const { spoe } = this.#options;
    const exclusion = exclusionOf(request.flags, hasKey, isAmbiguous);
    const spoeStatus = spoe.statusOf(this.#outcomeOf(request));
    const isPaired = exclusion === undefined && answers?.answer !== undefined;
    const dropped = isPaired ? undefined : answers?.dropped?.error;
    const bucket = exclusion ?? (isPaired ? PAIRED : dropped !== undefined ? DROPPED : lostBucket(request, spoeStatus));
    if (request.time < this.from) this.from = request.time;
    if (request.time > this.to) this.to = request.time;
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    if (bucket === DROPPED) this.dropped.set(dropped as string, (this.dropped.get(dropped as string) ?? 0) + 1);
    const settled: Settled = {
      request,
      bucket,
      kind: undefined,
      answer: undefined,
      attempts: answers?.attempts ?? 0,
      spoeStatus,
      dropped: bucket === DROPPED ? dropped : undefined,
    };
    if ((request.flags & NOT_COMPARABLE) !== 0) this.#tell(settled);
    else if (isPaired) this.#addPair({ ...settled, answer: answers?.answer as WaitingAnswer });
    else this.#addUnanswered(settled, exclusion === undefined);
  }

  /** A request, while it is not known what the sides have in common. */
  settleUnpairedRequest(request: WaitingRequest): void {
    this.settleRequest(request, {
      hasKey: hasAnyKey(request.keys),
      isAmbiguous: false,
      answers: undefined,
    });
    if ((request.flags & NOT_COMPARABLE) !== 0) return;
    const { unpaired } = this.routes.tallyOf(this.routes.add(request.method, request.target, 0));
    unpaired.productionN++;
    if (isFailure(request.status, request.flags, this.#options.rules.errorStatuses)) unpaired.productionErrors++;
  }

  settleUnpairedAnswer(answer: WaitingAnswer, isCounted: boolean): void {
    if (!hasAnyKey(answer.keys)) this.withoutId++;
    else if (isCounted) this.unknownId++;
    const { unpaired } = this.routes.tallyOf(this.routes.add(answer.method, answer.target, 1));
    unpaired.mirrorN++;
    if (answer.isError) unpaired.mirrorErrors++;
  }

  #addPair(settled: Settled & { readonly answer: WaitingAnswer }): void {
    const { request, answer } = settled;
    if (request.keys.stream !== '') this.#options.spoe.settlePair(this.#outcomeOf(request));
    const route = this.routes.add(request.method, request.target, 1);
    const name = () => this.routes.nameOf(route);
    const before = statusName(request.status, '');
    const after = statusName(answer.status, answer.error);
    const kind = this.#kindOf(request, answer, { before, after, name });
    const tally = this.routes.tallyOf(route);
    const lot = lotOf(this.#options.lotText(request.keys), this.#options.seed);
    const skew = answer.time - request.time;
    if (!Number.isNaN(skew)) this.skews.add(lot, [skew]);
    const pair = {
      kind,
      before,
      after,
      productionStatus: request.status,
      mirrorStatus: answer.status,
      timeMs: request.time,
      isOther: isOtherRequest(request, answer),
    };
    this.all.add(pair);
    tally.pairs.add(pair);
    // Answers that differ in kind take different times for that reason alone.
    if (kind === 'same' || kind === 'changed') {
      this.times.add(lot, request, answer);
      tally.times.add(lot, request, answer);
    }
    this.samples.add({ ...settled, kind }, route, false);
    this.#options.onSettled?.({ ...settled, kind }, name);
  }

  #kindOf(
    request: WaitingRequest,
    answer: WaitingAnswer,
    { before, after, name }: { before: string; after: string; name: () => string },
  ): RequestKind {
    const { ignored, errorStatuses } = this.#options.rules;
    const { method, target } = request;
    if (ignored.length > 0 && isWanted(ignored, { before, after, method, route: name(), target: () => target })) {
      return 'ignored';
    }
    const isError = isFailure(request.status, request.flags, errorStatuses);
    return changeOf(isError, request.status, answer.isError, answer.status);
  }

  /** Comparable, and not paired. */
  #addUnanswered(settled: Settled, isMissing: boolean): void {
    const { request, bucket } = settled;
    const route = this.routes.add(request.method, request.target, 1);
    if (isMissing) {
      const name = BUCKETS[bucket] as Bucket;
      this.all.addUnanswered(name, request.time);
      this.routes.tallyOf(route).pairs.addUnanswered(name, request.time);
    }
    if (isMissing && bucket !== DROPPED && request.totalMs > this.#options.graceMs) this.outlasted++;
    const isUnexplained = UNEXPLAINED.includes(bucket);
    this.samples.add(settled, route, isMissing && isUnexplained);
    this.#options.onSettled?.(settled, () => this.routes.nameOf(route));
  }

  #tell(settled: Settled): void {
    const { method, target } = settled.request;
    this.#options.onSettled?.(settled, () => this.routes.nameOfRequest(method, target));
  }
}

function lostBucket({ keys }: WaitingRequest, spoeStatus: number | undefined): number {
  return keys.stream === '' ? MISSING : missingBucket(spoeStatus);
}

/** What settled requests add up to. What is counted here is forgotten: the memory does not grow with the requests. */
import { exclusionOf, PAIRED } from '../buckets.ts';
import { lotOf } from '../lot.ts';
import { BUCKETS, type Bucket } from '../model.ts';
import { changeOf, isWanted, statusName } from '../outcomes.ts';
import { NOT_COMPARABLE } from '../production.ts';
import type { RequestKind } from '../request-line.ts';
import { RouteTally } from '../route-tally.ts';
import type { RouteOverrides } from '../routes/route-overrides.ts';
import { isFailure, type Rules } from '../rules.ts';
import { Draw } from './draw.ts';
import type { Outcome, Settling } from './join.ts';
import { describeKeys, hasAnyKey } from './keys.ts';
import { LastSamples } from './last-samples.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';
import { LiveRoutes } from './live-routes.ts';
import { PairTimes } from './pair-times.ts';
import type { Settled } from './settled.ts';

/** Statuses and error codes are few; a log that says otherwise fills no memory. */
const MAX_TRANSITIONS = 2_000;
/** As many as the comparison of whole files makes the ratio from. */
const ALL_TIMES = 10_000;

const numberOf = (bucket: Bucket) => BUCKETS.indexOf(bucket);
/** No SPOE line: unless there are none at all, which is known at the end, HAProxy did not hand it over. */
export const NOT_MIRRORED = numberOf('not_mirrored');
const MISSING = numberOf('missing');

export interface TallyOptions {
  readonly rules: Rules;
  readonly overrides: RouteOverrides | undefined;
  readonly seed: number;
  readonly graceMs: number;
  readonly spoeStatusOf: (stream: string) => number | undefined;
  readonly onSettled: ((settled: Settled, routeName: () => string) => void) | undefined;
}

export class Tallies implements Settling {
  /** Index as in BUCKETS. */
  readonly buckets = new Array<number>(BUCKETS.length).fill(0);
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

  settleRequest(request: WaitingRequest, outcome: Outcome): void {
    const exclusion = exclusionOf(request.flags, outcome.hasKey, outcome.isAmbiguous);
    const spoeStatus = this.#spoeStatus(request);
    const isPaired = exclusion === undefined && outcome.answer !== undefined;
    const bucket = exclusion ?? (isPaired ? PAIRED : missingBucket(request, spoeStatus));
    if (request.time < this.from) this.from = request.time;
    if (request.time > this.to) this.to = request.time;
    this.buckets[bucket] = (this.buckets[bucket] as number) + 1;
    const { attempts } = outcome;
    const settled: Settled = { request, bucket, kind: undefined, answer: undefined, attempts, spoeStatus };
    if ((request.flags & NOT_COMPARABLE) !== 0) this.#tell(settled);
    else if (isPaired) this.#addPair({ ...settled, answer: outcome.answer as WaitingAnswer });
    else this.#addUnanswered(settled, exclusion === undefined);
  }

  settleUnknown(counted: number): void {
    this.unknownId += counted;
  }

  settleRetried(): void {
    this.retriedIds++;
  }

  /** A request, while it is not known what the sides have in common. */
  settleUnpairedRequest(request: WaitingRequest): void {
    this.settleRequest(request, {
      hasKey: hasAnyKey(request.keys),
      isAmbiguous: false,
      answer: undefined,
      attempts: 0,
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
    const route = this.routes.add(request.method, request.target, 1);
    const name = () => this.routes.nameOf(route);
    const before = statusName(request.status, '');
    const after = statusName(answer.status, answer.error);
    const kind = this.#kindOf(request, answer, { before, after, name });
    const tally = this.routes.tallyOf(route);
    const lot = lotOf(describeKeys(request.keys), this.#options.seed);
    const skew = answer.time - request.time;
    if (!Number.isNaN(skew)) this.skews.add(lot, [skew]);
    const pair = {
      kind,
      before,
      after,
      productionStatus: request.status,
      mirrorStatus: answer.status,
      timeMs: request.time,
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
    const { request, bucket, spoeStatus } = settled;
    const route = this.routes.add(request.method, request.target, 1);
    if (isMissing) {
      const name = BUCKETS[bucket] as Bucket;
      this.all.addUnanswered(name, request.time);
      this.routes.tallyOf(route).pairs.addUnanswered(name, request.time);
    }
    if (isMissing && request.totalMs > this.#options.graceMs) this.outlasted++;
    const isUnexplained = bucket === MISSING || bucket === NOT_MIRRORED || spoeStatus === 0;
    this.samples.add(settled, route, isMissing && isUnexplained);
    this.#options.onSettled?.(settled, () => this.routes.nameOf(route));
  }

  #tell(settled: Settled): void {
    const { method, target } = settled.request;
    this.#options.onSettled?.(settled, () => this.routes.nameOfRequest(method, target));
  }

  #spoeStatus({ keys, spoeStatus }: WaitingRequest): number | undefined {
    const later = this.#options.spoeStatusOf(keys.stream);
    return later === undefined || spoeStatus === undefined ? (later ?? spoeStatus) : Math.max(later, spoeStatus);
  }
}

function missingBucket({ keys }: WaitingRequest, spoeStatus: number | undefined): number {
  if (keys.stream === '') return MISSING;
  if (spoeStatus === undefined) return NOT_MIRRORED;
  return numberOf(spoeStatus > 0 ? 'spoe_failed' : 'acked_but_missing');
}

/**
 * The comparison of two logs that grow. A request and its answer wait for each other for a while, are counted, and are
 * forgotten: what is kept does not grow with the traffic.
 *
 * A line waits for `graceMs` of the clock that the caller gives: a clock that stands while there is more to read, so that
 * no line is given up for one that is in a file already. When request and answer have met they wait once more, for a retry
 * of the mirror, whose answer then counts as `--mirror-duplicates` says. What comes after that is counted as unknown. Where
 * more lines come than can wait, the oldest goes, and whether that may have cost anything is seen from how far the logs are.
 */
import type { AccessRecord, LoggedAnswer } from '../logs/access-record.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { bucketWithoutSpoe } from './buckets.ts';
import type { Added } from './collection.ts';
import { isDestination, reportDestinations } from './destinations.ts';
import { DifferenceTable } from './join/difference-table.ts';
import type { AnswerFacts, JoinedRequest } from './join/joined-request.ts';
import { type Entry, Join, type JoinResult, NO_WAITS, type SideWaits } from './join/live/join.ts';
import { type Keys, keyText } from './join/live/keys.ts';
import { LineWindow } from './join/live/line-window.ts';
import { toAnswer, toRequest, type WaitingAnswer, type WaitingRequest } from './join/live/lines.ts';
import { LiveDestinations, type NoiseOfRequest } from './join/live/live-destinations.ts';
import { type Certainty, KeyChoice } from './join/live/live-key-choice.ts';
import { comparisonOf, LiveNoise } from './join/live/live-noise.ts';
import { makeLiveReport, type Waiting } from './join/live/live-report.ts';
import { LiveTally } from './join/live/live-tally.ts';
import { Progress } from './join/live/progress.ts';
import { ResponseCells } from './join/live/response-cells.ts';
import { SpoeWindow } from './join/live/spoe-window.ts';
import { Unjoined } from './join/live/unjoined.ts';
import { nameOfNoise } from './join/noise-name.ts';
import { BUCKETS, type DiffReport, type DiffSettings } from './model.ts';
import type { ReportOptions } from './report.ts';
import { type RequestLine, requestLine } from './request-line.ts';
import type { RouteOverrides } from './route-overrides.ts';
import type { Rules } from './rules.ts';
import type { SampleOrder } from './samples.ts';
import { samplingRank } from './sampling-rank.ts';
import { TimeSpan } from './time-span.ts';

const MAX_WAITING = 100_000;
/** What noise waits, in graces: a request may come one of them later, and its pair waits another. */
const NOISE_GRACES = 3;
/** All waiting lines are looked at for a key they have in common: not more often than this. */
const DECIDE_MS = 1_000;
/** A look waits until so many more lines do: all looks together then cost a few times as much as the last one. */
const DECIDE_GROWTH = 1.25;

export interface LiveDiffOptions {
  /** Agent, event, key, destinations and seed of them are used. */
  readonly settings: DiffSettings;
  readonly rules: Rules;
  readonly overrides?: RouteOverrides;
  readonly graceMs: number;
  /** Ids of each side, and twice that many streams of SPOE lines and hashes of lines. */
  readonly maxWaiting?: number;
  /** Prints of answers that wait for the other one, of the mirror and of the noise each. */
  readonly maxAnswerBytes?: number;
  /** Which requests of production are compared; all without it. */
  readonly accepts?: (record: AccessRecord) => boolean;
  /** Mirror lines of other times are not counted as unknown. */
  readonly since?: number;
  readonly until?: number;
  /** Each request as soon as its bucket is decided, once for each destination that is judged. */
  readonly onSettled?: (line: RequestLine) => void;
  /** Whether what is given to `onSettled` has query strings. */
  readonly showQueries?: boolean;
  /** Which requests of each kind a report shows: the last ones without it. */
  readonly sampleOrder?: SampleOrder;
}

export class LiveDiff {
  /** Requests of production that were not accepted. */
  filtered = 0;
  readonly #options: LiveDiffOptions;
  readonly #limit: number;
  readonly #choice: KeyChoice;
  readonly #spoe: SpoeWindow;
  readonly #destinations: LiveDestinations;
  readonly #join: Join;
  readonly #unjoined = new Unjoined();
  readonly #progress = new Progress();
  readonly #lines: { readonly [side in 'production' | 'mirror' | 'noise' | 'spoe']: LineWindow };
  readonly #answers: { readonly mirror: ResponseCells; readonly noise: ResponseCells };
  readonly #noise: LiveNoise;
  /** Number of the destination that runs production's version, and of how many it was looked for among. */
  #baseline = -1;
  #baselineTried = 0;
  /** Nothing more comes. */
  #isEnded = false;
  /** Whether any request of production has the time to the first byte. */
  #hasFirstByte = false;
  readonly #span = new TimeSpan();
  #nowMs = Number.NEGATIVE_INFINITY;
  #triedMs = Number.NEGATIVE_INFINITY;
  #triedSize = 0;
  #mirrorLines = 0;

  constructor(options: LiveDiffOptions) {
    const { settings, rules, graceMs, maxWaiting = MAX_WAITING } = options;
    this.#options = options;
    this.#limit = maxWaiting;
    this.#choice = new KeyChoice(settings.key);
    this.#spoe = new SpoeWindow(settings.agent, settings.event, 2 * maxWaiting, graceMs);
    this.#destinations = new LiveDestinations(
      (number) => this.#makeTally(number),
      (request, answers) => this.#noiseOf(request, answers),
    );
    const table = new DifferenceTable();
    const cells = () => new ResponseCells(table, options.maxAnswerBytes);
    this.#answers = { mirror: cells(), noise: cells() };
    this.#noise = new LiveNoise({
      limit: 2 * maxWaiting,
      policy: rules.mirrorDuplicates,
      onOther: (answer, compared) => this.#destinations.settleNoise(answer, compared),
    });
    this.#join = new Join(this.#destinations, {
      limit: maxWaiting,
      policy: rules.mirrorDuplicates,
      isOver: (entry) => this.#isOver(entry),
      onMeet: (request, answer) => this.#progress.addPair(request.time, answer.time),
    });
    const lines = () => new LineWindow(graceMs, maxWaiting);
    this.#lines = { production: lines(), mirror: lines(), noise: lines(), spoe: lines() };
  }

  /**
   * @param lineHash of the whole line @param _input number of its file
   * @param nowMs when the line came, which is never before the last one
   */
  addProduction(record: AccessRecord, lineHash: number, _input: number, nowMs: number): Added {
    const now = this.#tick(nowMs);
    this.#progress.addProduction(record.timeMs);
    if (!this.#lines.production.addRequest(record, lineHash, this.#progress.productionMs)) return 'duplicate';
    if (this.#options.accepts?.(record) === false) {
      this.filtered++;
      return 'filtered';
    }
    const request = toRequest(record, (stream) => this.#spoe.outcomeOf(stream));
    if (request.firstByteMs >= 0) this.#hasFirstByte = true;
    this.#span.add(request.time);
    this.#choice.addProduction(request.keys);
    if (this.#choice.isMade) this.#joinRequest(request, now);
    else {
      this.#unjoined.requests.add(request, now);
      this.#addUnjoined();
    }
    return 'added';
  }

  /** Lines of one file come in their order. */
  addMirror(record: AccessRecord, lineHash: number, input: number, nowMs: number): Added {
    const now = this.#tick(nowMs);
    this.#progress.addMirror(record.timeMs);
    if (!this.#lines.mirror.addRequest(record, lineHash, this.#progress.mirrorMs)) return 'duplicate';
    const destination = this.#destinations.numberOf(record.destination);
    const response = this.#answers.mirror.addMirror(record);
    const origin = { lineHash, input, line: this.#mirrorLines++, destination, response };
    const answer = toAnswer(record, origin, this.#options.rules);
    if (answer.firstByteMs >= 0) this.#destinations.hasFirstByte(destination);
    this.#choice.addMirror(answer.keys);
    if (this.#choice.isMade) this.#joinAnswer(answer, now);
    else {
      this.#unjoined.answers.add(answer, now);
      this.#addUnjoined();
    }
    return 'added';
  }

  /** A line about a mirror that runs production's version. */
  addNoise(record: AccessRecord, lineHash: number, input: number, nowMs: number): Added {
    const now = this.#tick(nowMs);
    if (!this.#lines.noise.addRequest(record, lineHash, this.#progress.productionMs)) return 'duplicate';
    const response = this.#answers.noise.addMirror(record);
    const origin = { lineHash, input, line: this.#mirrorLines++, destination: -1, response };
    this.#noise.add(toAnswer(record, origin, this.#options.rules), now);
    return 'added';
  }

  /** What the record of the mirror, or of the noise, keeps of an answer of production. */
  addAnswer(side: 'mirror' | 'noise', answer: LoggedAnswer): void {
    this.#answers[side].addProduction(answer);
  }

  addSpoe(event: SpoeEvent, header: LineHeader, lineHash: number, nowMs: number): Added {
    this.#tick(nowMs);
    const { productionMs } = this.#progress;
    if (!this.#lines.spoe.add(lineHash, productionMs)) return 'duplicate';
    this.#spoe.add(event, header, productionMs);
    return 'added';
  }

  /** Counts what has waited for long enough. @param waits for files that are not there yet */
  advance(nowMs: number, waits: SideWaits = NO_WAITS): void {
    const due = this.#tick(nowMs) - this.#options.graceMs;
    if (!this.#choice.isMade) {
      const isDue = this.#unjoined.sinceMs <= due;
      if (isDue || this.#nowMs - this.#triedMs >= DECIDE_MS) this.#decide(isDue ? 'due' : 'now');
      if (!waits.forProduction && !waits.forMirror) this.#settleUnjoined(due);
    }
    this.#join.settleUntil(due, waits);
    this.#noise.settleUntil(nowMs - NOISE_GRACES * this.#options.graceMs);
  }

  /**
   * Ends while the logs go on: counts the pairs, which only a retry could change. A request that was just logged may well
   * be answered: ended here, it is neither paired nor missing, and stays out of all counts but that of what waits.
   *
   * @param loggedBeforeMs what was logged before that has had its time
   */
  settlePairs(loggedBeforeMs: number): void {
    if (!this.#choice.isMade) this.#decide('last');
    // There is nothing to wait for.
    if (this.#choice.reported(true) === 'none') this.#settleUnjoined(Number.POSITIVE_INFINITY);
    this.#join.settlePairsUntil(Number.POSITIVE_INFINITY);
    this.#join.settleLoggedBefore(loggedBeforeMs);
    this.#noise.settleUntil(Number.POSITIVE_INFINITY);
  }

  /** Counts everything: nothing more comes. */
  settleAll(): void {
    if (!this.#choice.isMade) this.#decide('last');
    this.#settleUnjoined(Number.POSITIVE_INFINITY);
    this.#join.settleUntil(Number.POSITIVE_INFINITY);
    this.#noise.settleUntil(Number.POSITIVE_INFINITY);
    this.#isEnded = true;
  }

  /**
   * The report on what was counted so far; what waits is said in a warning. `since` and `until` of the options are those given at first.
   *
   * @throws DiffError `unknown-destination`
   */
  report(options: ReportOptions): DiffReport {
    const { all, names } = this.#destinations;
    const known = names.names.length === 0 ? [''] : names.names;
    return reportDestinations(known, options.settings, (name, noise) =>
      this.#reportOf(all[known.indexOf(name)] as LiveTally, name, { ...options, ...(noise && { noise }) }),
    );
  }

  #reportOf(counted: LiveTally, destination: string, options: ReportOptions): DiffReport {
    return makeLiveReport(
      {
        counted,
        destination,
        hasOthers: this.#destinations.names.names.length > 1,
        spoe: this.#spoe,
        key: this.#choice.reported(this.#isEnded),
        waiting: this.#waitingToCount(),
        evicted: this.#join.evicted,
        forgotten: Object.values(this.#lines).reduce((sum, { forgotten }) => sum + forgotten, 0),
        graceMs: this.#options.graceMs,
        ids: this.#choice.ids,
        countedBefore: this.#destinations.countedBefore(counted),
        areDestinationsFull: this.#destinations.names.isFull,
        isEnded: this.#isEnded,
        answers: this.#answerFacts(counted, options.inputs),
      },
      options,
    );
  }

  #answerFacts(counted: LiveTally, inputs: ReportOptions['inputs']): Omit<AnswerFacts, 'otherKey'> | undefined {
    const { mirror } = this.#answers;
    if (!mirror.hasAnswers) return undefined;
    const { all } = this.#destinations;
    const number = this.#baselineNumber();
    const baseline = all[number];
    const isOfDestination = baseline !== undefined && baseline !== counted;
    const source = isOfDestination ? 'destination' : baseline === undefined && this.#noise.hasLines ? 'file' : 'none';
    const name = nameOfNoise(source, this.#destinations.nameOf(number), inputs);
    return {
      unjoined: mirror.unjoined(this.#isEnded),
      beyond: mirror.beyond,
      places: mirror.places,
      noise: { source, ...(name !== undefined && { name }) },
    };
  }

  /** Looks for the destination that runs production's version among those it has not seen yet; -1 as long as no line of it came. */
  #baselineNumber(): number {
    const { baselineDestination } = this.#options.settings;
    const { names } = this.#destinations.names;
    if (baselineDestination && this.#baseline < 0 && names.length > this.#baselineTried) {
      this.#baseline = names.findIndex((name) => isDestination(name, baselineDestination));
      this.#baselineTried = names.length;
    }
    return this.#baseline;
  }

  #noiseOf(request: WaitingRequest, answers: JoinResult['answers']): ReturnType<NoiseOfRequest> {
    const ofDestination = this.#baselineNumber();
    if (this.#options.settings.baselineDestination)
      return { noise: comparisonOf(answers[ofDestination]?.answer), ofDestination };
    return { noise: this.#noise.of(request.keys.uniqueId), ofDestination };
  }

  /** Where nothing is paired yet: the ids of the lines that wait, for a look whether they stand somewhere else too. */
  get idsWithoutPair(): ReadonlySet<string> | undefined {
    const isJoined = this.#destinations.all.some(({ tally }) => tally.joined > 0);
    if (isJoined || this.#join.waiting.pairs > 0) return undefined;
    const ids = new Set<string>(this.#join.keys());
    for (const side of [this.#unjoined.requests, this.#unjoined.answers]) {
      for (const { uniqueId, traceId } of side.keys()) ids.add(uniqueId).add(traceId);
    }
    return ids;
  }

  get waiting(): Waiting {
    const { requests, answers, pairs } = this.#join.waiting;
    return { production: requests, mirror: answers, pairs, unjoined: this.#unjoined.size };
  }

  /** What waits without the mirror's lines of other times: whatever comes, they count only with their request. */
  #waitingToCount(): Waiting {
    const { mirror, unjoined, ...rest } = this.waiting;
    let others = 0;
    for (const { line } of this.#unjoined.answers.arrivals()) if (!this.#isCounted(line)) others++;
    return { ...rest, mirror: mirror - this.#join.answersOfOtherTimes(), unjoined: unjoined - others };
  }

  /**
   * Which side's log should be read next, where times do not tell: the clocks' difference is not known yet, and one side
   * has far more lines that wait than the other.
   */
  get wanted(): 'production' | 'mirror' | undefined {
    if (this.#progress.skewMs !== undefined) return undefined;
    const { requests, answers } = this.#join.waiting;
    const production = requests + this.#unjoined.requests.size;
    const mirror = answers + this.#unjoined.answers.size;
    const many = this.#limit / 2;
    if (production < many === mirror < many) return undefined;
    return production < many ? 'production' : 'mirror';
  }

  /** How far the mirror's clock is ahead of production's, as far as that is known. */
  get skewMs(): number {
    return this.#progress.skewMs ?? 0;
  }

  /** The time of the latest request that has met its answer, by production's clock: epoch ms; null without any. */
  get latestPairMs(): number | null {
    const { pairMs } = this.#progress;
    return Number.isFinite(pairMs) ? pairMs : null;
  }

  /** Pairs that were counted, by the mirror's destination: of those that are judged. */
  get paired(): ReadonlyMap<string, number> {
    const all = this.#destinations.all.map(
      ({ tally }, number) => [this.#destinations.nameOf(number), tally.paired] as const,
    );
    return new Map(all.filter(([name]) => isJudged(name, this.#options.settings)));
  }

  /** What is in memory besides, for a test that it is bounded. */
  get kept(): { readonly [what: string]: number } {
    const { routes, measures } = this.#destinations.all[0] as LiveTally;
    const hashes = Object.values(this.#lines).reduce((sum, { size }) => sum + size, 0);
    const answers = this.#answers.mirror.bytes + this.#answers.noise.bytes;
    return { hashes, answers, noise: this.#noise.size, spoe: this.#spoe.size, ...routes.size, skews: measures.size };
  }

  #makeTally(number: number): LiveTally {
    const { settings, rules, graceMs, overrides, onSettled, sampleOrder = 'last' } = this.#options;
    const rankOf = (keys: Keys) => {
      const { kind } = this.#choice;
      return samplingRank(kind === undefined ? '' : keyText(keys, kind), settings.seed);
    };
    return new LiveTally({
      ...{ rules, overrides, graceMs, sampleOrder, rankOf },
      spoe: this.#spoe,
      span: this.#span,
      productionHasFirstByte: () => this.#hasFirstByte,
      onSettled: onSettled && ((joined, route) => this.#emit(joined, route, this.#destinations.nameOf(number))),
    });
  }

  /** Whether there are SPOE lines at all is not known before the end: a request is told as it looks now. */
  #emit(joined: JoinedRequest, route: string, destination: string): void {
    const { settings, onSettled, showQueries = false } = this.#options;
    if (!isJudged(destination, settings)) return;
    const line = requestLine(joined, route, { showQueries }, destination);
    const bucket = BUCKETS[bucketWithoutSpoe(joined.bucket)] as RequestLine['bucket'];
    onSettled?.(this.#spoe.isUsable ? line : { ...line, bucket });
  }

  /** Clocks may be set back. */
  #tick(nowMs: number): number {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    return this.#nowMs;
  }

  #joinRequest(request: WaitingRequest, nowMs: number): void {
    const key = this.#choice.keyOf(request.keys);
    if (key !== '') this.#join.addRequest(key, request, nowMs);
    else this.#join.addRequestWithoutKey(request, nowMs);
  }

  #joinAnswer(answer: WaitingAnswer, nowMs: number): void {
    const key = this.#choice.keyOf(answer.keys);
    if (key === '') this.#destinations.settleAnswerWithoutId(answer);
    else this.#join.addAnswer(key, answer, this.#isCounted(answer), nowMs);
  }

  #isCounted({ time }: WaitingAnswer): boolean {
    const { since, until } = this.#options;
    return !((since !== undefined && time < since) || (until !== undefined && time >= until));
  }

  /** The other side's log has gone on for the grace beyond the time at which what is missing would stand in it. */
  #isOver({ request, lastAnswer }: Entry): boolean {
    const { productionMs, mirrorMs, skewMs } = this.#progress;
    const { graceMs } = this.#options;
    if (request !== undefined && lastAnswer !== undefined) return mirrorMs - lastAnswer.time >= graceMs;
    if (skewMs === undefined) return false;
    if (request !== undefined) return mirrorMs - skewMs - request.time >= graceMs;
    return lastAnswer !== undefined && productionMs + skewMs - lastAnswer.time >= graceMs;
  }

  #addUnjoined(): void {
    const { requests, answers } = this.#unjoined;
    const isFull = requests.size > this.#limit || answers.size > this.#limit;
    if (this.#unjoined.size >= this.#triedSize * DECIDE_GROWTH) this.#decide(isFull ? 'due' : 'now');
    if (requests.size > this.#limit) {
      this.#join.evicted.production++;
      this.#giveUpRequest();
    }
    if (answers.size > this.#limit) {
      this.#join.evicted.mirror++;
      this.#giveUpAnswer();
    }
  }

  /** Once the key is known, all that waited is joined as it came. */
  #decide(certainty: Certainty): void {
    const { requests, answers } = this.#unjoined;
    this.#triedMs = this.#nowMs;
    this.#triedSize = Math.max(MIN_TRIED, this.#unjoined.size);
    if ((requests.size === 0 || answers.size === 0) && certainty !== 'last') return;
    this.#choice.decide(requests.keys(), answers.keys(), certainty);
    while (this.#choice.isMade && this.#unjoined.size > 0) {
      if (this.#unjoined.isRequestNext) {
        const { line, atMs } = requests.shift();
        this.#joinRequest(line, atMs);
      } else {
        const { line, atMs } = answers.shift();
        this.#joinAnswer(line, atMs);
      }
    }
  }

  #settleUnjoined(untilMs: number): void {
    const { requests, answers } = this.#unjoined;
    while (requests.oldest !== undefined && requests.oldest.atMs <= untilMs) this.#giveUpRequest();
    while (answers.oldest !== undefined && answers.oldest.atMs <= untilMs) this.#giveUpAnswer();
  }

  #giveUpRequest(): void {
    this.#destinations.settleUnpairedRequest(this.#unjoined.requests.shift().line);
  }

  #giveUpAnswer(): void {
    const { line } = this.#unjoined.answers.shift();
    this.#destinations.settleUnpairedAnswer(line, this.#isCounted(line));
  }
}

/** A look at fewer waiting lines is cheap. */
const MIN_TRIED = 16;

/** Whether a destination is that exists is not known before the end. */
function isJudged(name: string, { destination, baselineDestination }: DiffSettings): boolean {
  if (baselineDestination && isDestination(name, baselineDestination)) return false;
  return !destination || isDestination(name, destination);
}

/**
 * The comparison of two logs that grow. A request and its answer wait for each other for a while, are counted, and are
 * forgotten: what is kept does not grow with the traffic.
 *
 * A line waits for `graceMs` from its arrival. When request and answer have met they wait once more, for a retry of the
 * mirror, whose answer then counts as `--mirror-duplicates` says. What comes after that is counted as unknown.
 */
import type { AccessRecord } from '../../logs/access/access-record.ts';
import type { LineHeader, SpoeEvent } from '../../logs/record.ts';
import type { Added } from '../collection.ts';
import { fieldOf } from '../latency-pairs.ts';
import type { DiffReport, DiffSettings } from '../model.ts';
import type { ReportOptions } from '../report.ts';
import type { RequestLine } from '../request-line.ts';
import type { RouteOverrides } from '../routes/route-overrides.ts';
import type { Rules } from '../rules.ts';
import { Join } from './join.ts';
import { type Certainty, KeyChoice } from './key-choice.ts';
import { LineWindow } from './line-window.ts';
import { toAnswer, toRequest, type WaitingAnswer, type WaitingRequest } from './lines.ts';
import { makeLiveReport, type Waiting } from './live-report.ts';
import { type Settled, toRequestLine } from './settled.ts';
import { SpoeWindow } from './spoe-window.ts';
import { Tallies } from './tallies.ts';
import { Unjoined } from './unjoined.ts';

const MAX_WAITING = 100_000;
/** All waiting lines are looked at for a key they have in common: not more often than this. */
const DECIDE_MS = 1_000;

export interface LiveDiffOptions {
  /** Agent, key and seed of them are used. */
  readonly settings: DiffSettings;
  readonly rules: Rules;
  readonly overrides?: RouteOverrides;
  readonly graceMs: number;
  /** Ids of each side, SPOE lines, and twice that many hashes of lines. */
  readonly maxWaiting?: number;
  /** Which requests of production are compared; all without it. */
  readonly accepts?: (record: AccessRecord) => boolean;
  /** Mirror lines of other times are not counted as unknown. */
  readonly since?: number;
  readonly until?: number;
  /** Each request as soon as its bucket is decided. */
  readonly onSettled?: (line: RequestLine) => void;
  /** In what is given to `onSettled`. */
  readonly showQueries?: boolean;
}

export class LiveDiff {
  /** Requests of production that were not accepted. */
  filtered = 0;
  readonly #options: LiveDiffOptions;
  readonly #limit: number;
  readonly #choice: KeyChoice;
  readonly #spoe: SpoeWindow;
  readonly #tallies: Tallies;
  readonly #join: Join;
  readonly #unjoined = new Unjoined();
  readonly #lines: { readonly production: LineWindow; readonly mirror: LineWindow; readonly spoe: LineWindow };
  readonly #knowsFirstByte = { production: false, mirror: false };
  #nowMs = Number.NEGATIVE_INFINITY;
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(options: LiveDiffOptions) {
    const { settings, rules, graceMs, maxWaiting = MAX_WAITING, onSettled, showQueries = false } = options;
    this.#options = options;
    this.#limit = maxWaiting;
    this.#choice = new KeyChoice(settings.key);
    this.#spoe = new SpoeWindow(settings.agent, maxWaiting);
    this.#tallies = new Tallies({
      rules,
      overrides: options.overrides,
      seed: settings.seed,
      graceMs,
      spoeStatusOf: (stream) => this.#spoe.statusOf(stream),
      onSettled: onSettled && ((settled, route) => onSettled(toLine(settled, route(), this.#spoe, { showQueries }))),
    });
    this.#join = new Join(this.#tallies, maxWaiting, rules.mirrorDuplicates);
    const lines = () => new LineWindow(graceMs, maxWaiting);
    this.#lines = { production: lines(), mirror: lines(), spoe: lines() };
  }

  /** @param nowMs when the line came, which is never before the last one @param lineHash of the whole line */
  addProduction(record: AccessRecord, lineHash: number, nowMs: number): Added {
    const now = this.#tick(nowMs);
    if (!this.#lines.production.add(lineHash, now)) return 'duplicate';
    if (this.#options.accepts?.(record) === false) {
      this.filtered++;
      return 'filtered';
    }
    const request = toRequest(record, (stream) => this.#spoe.statusOf(stream));
    if (request.firstByteMs >= 0) this.#knowsFirstByte.production = true;
    this.#choice.addProduction(request.keys);
    if (this.#choice.isMade) this.#joinRequest(request, now);
    else {
      this.#unjoined.requests.add(request, now);
      this.#boundUnjoined();
    }
    return 'added';
  }

  addMirror(record: AccessRecord, lineHash: number, nowMs: number): Added {
    const now = this.#tick(nowMs);
    if (!this.#lines.mirror.add(lineHash, now)) return 'duplicate';
    const answer = toAnswer(record, lineHash, this.#options.rules);
    if (answer.firstByteMs >= 0) this.#knowsFirstByte.mirror = true;
    this.#choice.addMirror(answer.keys);
    if (this.#choice.isMade) this.#joinAnswer(answer, now);
    else {
      this.#unjoined.answers.add(answer, now);
      this.#boundUnjoined();
    }
    return 'added';
  }

  addSpoe(event: SpoeEvent, header: LineHeader, lineHash: number, nowMs: number): Added {
    const now = this.#tick(nowMs);
    if (!this.#lines.spoe.add(lineHash, now)) return 'duplicate';
    this.#spoe.add(event, header, now);
    return 'added';
  }

  /** Counts what has waited for long enough. */
  advance(nowMs: number): void {
    const due = this.#tick(nowMs) - this.#options.graceMs;
    if (!this.#choice.isMade) {
      this.#decide(this.#unjoined.sinceMs <= due ? 'due' : 'now');
      this.#settleUnjoined(due);
    }
    this.#join.settleUntil(due);
    // Last: a request that was due has looked here.
    this.#spoe.forgetUntil(due);
  }

  /**
   * Counts the pairs, which only a retry could change. A request that has not waited for long enough may well be
   * answered: ended here, it is neither paired nor missing, and stays out of all counts but that of what waits.
   */
  settlePairs(): void {
    if (!this.#choice.isMade) this.#decide('last');
    // There is nothing to wait for.
    if (this.#choice.reported === 'none') this.#settleUnjoined(Number.POSITIVE_INFINITY);
    this.#join.settlePairsUntil(Number.POSITIVE_INFINITY);
  }

  /** Counts everything: nothing more comes. */
  settleAll(): void {
    if (!this.#choice.isMade) this.#decide('last');
    this.#settleUnjoined(Number.POSITIVE_INFINITY);
    this.#join.settleUntil(Number.POSITIVE_INFINITY);
    this.#spoe.forgetUntil(Number.POSITIVE_INFINITY);
  }

  /** Of what is settled; what waits is said in a warning. `since` and `until` of the options are those given at first. */
  report(options: ReportOptions): DiffReport {
    const { production, mirror } = this.#knowsFirstByte;
    return makeLiveReport(
      {
        tallies: this.#tallies,
        spoe: this.#spoe,
        key: this.#choice.reported,
        field: fieldOf(options.settings.compareLatency, production && mirror),
        waiting: this.waiting,
        evicted: this.#join.evicted,
        forgotten: Object.values(this.#lines).reduce((sum, { forgotten }) => sum + forgotten, 0),
        graceMs: this.#options.graceMs,
      },
      options,
    );
  }

  get waiting(): Waiting {
    const { requests, answers, pairs } = this.#join.waiting;
    return { production: requests, mirror: answers, pairs, unjoined: this.#unjoined.size };
  }

  /** What is in memory besides, for a test that it is bounded. */
  get kept(): { readonly [what: string]: number } {
    const { routes, samples, skews } = this.#tallies;
    const hashes = Object.values(this.#lines).reduce((sum, { size }) => sum + size, 0);
    return { hashes, spoe: this.#spoe.size, ...routes.size, samples: samples.size, skews: skews.size };
  }

  /** Clocks may be set back. */
  #tick(nowMs: number): number {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    return this.#nowMs;
  }

  #joinRequest(request: WaitingRequest, nowMs: number): void {
    const key = this.#choice.keyOf(request.keys);
    if (key !== '') this.#join.addRequest(key, request, nowMs);
    else {
      this.#tallies.settleRequest(request, { hasKey: false, isAmbiguous: false, answer: undefined, attempts: 0 });
    }
  }

  #joinAnswer(answer: WaitingAnswer, nowMs: number): void {
    const key = this.#choice.keyOf(answer.keys);
    if (key === '') this.#tallies.withoutId++;
    else this.#join.addAnswer(key, answer, this.#isCounted(answer), nowMs);
  }

  #isCounted({ time }: WaitingAnswer): boolean {
    const { since, until } = this.#options;
    return !((since !== undefined && time < since) || (until !== undefined && time >= until));
  }

  /** Once the key is known, all that waited is joined as it came. */
  #decide(certainty: Certainty): void {
    const { requests, answers } = this.#unjoined;
    const isTooEarly = this.#nowMs - this.#triedMs < DECIDE_MS || requests.size === 0 || answers.size === 0;
    if (isTooEarly && certainty !== 'last') return;
    this.#triedMs = this.#nowMs;
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

  #boundUnjoined(): void {
    const { requests, answers } = this.#unjoined;
    if (requests.size <= this.#limit && answers.size <= this.#limit) return;
    this.#decide('due');
    if (requests.size > this.#limit) {
      this.#join.evicted.production++;
      this.#giveUpRequest();
    }
    if (answers.size > this.#limit) {
      this.#join.evicted.mirror++;
      this.#giveUpAnswer();
    }
  }

  #giveUpRequest(): void {
    this.#tallies.settleUnpairedRequest(this.#unjoined.requests.shift().line);
  }

  #giveUpAnswer(): void {
    const { line } = this.#unjoined.answers.shift();
    this.#tallies.settleUnpairedAnswer(line, this.#isCounted(line));
  }
}

/** Whether there are SPOE lines at all is not known before the end: a request is told as it looks now. */
function toLine(settled: Settled, route: string, spoe: SpoeWindow, options: { readonly showQueries: boolean }) {
  const line = toRequestLine(settled, route, options);
  return line.bucket === 'not_mirrored' && !spoe.isUsable ? { ...line, bucket: 'missing' as const } : line;
}

/**
 * The verdict of a comparison that goes on, for a machine that asks again and again. The report's own verdict is about what
 * was counted; this one also asks whether that is still so. A PASS needs pairs that go on coming, of every destination, read
 * from files that all can be read, while mirroring itself is well: whatever is not known makes it inconclusive.
 *
 * A mirror that was fine and fails may be one that is restarted: that is a FAIL once it has gone on for a while. In whole logs
 * the time after it tells (over-time.ts), of which there is none yet here.
 *
 * A FAIL of a gate that holds however often one looks stays: later pairs make the shares smaller, and what was proven no less
 * true. Other gates, limits that were asked for and media types, say how things stand at each look.
 */

import { durationInWords, formatAmount, formatPercent } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import { countSentCut } from './delivery.ts';
import { LASTING_GATES } from './gates.ts';
import type { DiffReport, GateResult, GateStatus } from './model.ts';
import { stillPending } from './verdict.ts';

/** Ms since something new was read, by a clock that nobody sets; null before the first. */
export interface Arrived {
  readonly production: number | null;
  readonly mirror: number | null;
  /** Of the destination whose last pair is the oldest. */
  readonly pair: number | null;
}

/** What is known besides the report. */
export interface Circumstances {
  /** Epoch ms. */
  readonly nowMs: number;
  /** Ms of a clock that nobody sets. */
  readonly clockMs: number;
  readonly arrived: Arrived;
  /** The latest request that has met its answer, by production's clock: epoch ms; null without any. */
  readonly latestPairMs: number | null;
  /** The destination of `arrived.pair`; undefined where there is one only. */
  readonly oldestDestination?: string | undefined;
  /** Ms since everything that is there was read; null before that. */
  readonly caughtUp: number | null;
  /** A request is counted so long after its end, ms: until then its answer may come. */
  readonly graceMs: number;
  /** Why what is read may not be all, one sentence each. */
  readonly troubles: readonly string[];
  /** The verdict on mirroring itself, where its log or record is read. */
  readonly mirroring?:
    | {
        readonly status: string;
        readonly reasons: readonly string[];
        /** The likeliest first. */
        readonly causes?: readonly { readonly message: string }[];
        /** Most requests got no answer at all. */
        readonly isUnanswered?: boolean;
      }
    | undefined;
  /** Epoch ms: what is older is not counted. */
  readonly sinceMs: number;
  /** What is asked about began then; undefined where nobody says so. */
  readonly askedSinceMs?: number | undefined;
  /** Requests of production that were left out: older, or not asked for. */
  readonly leftOut: number;
}

export interface StandingVerdict {
  readonly status: GateStatus;
  /** One sentence each, most important first. */
  readonly reasons: readonly string[];
  readonly gates: readonly GateResult[];
  readonly pairs: {
    readonly counted: number;
    /** As in the plan of the report; null without one, too. */
    readonly needed: number | null;
    /** How many of these are still to come. */
    readonly missing: number | null;
  };
  /** Ms; null for what never came. */
  readonly ages: Arrived;
  /** The first look that saw the FAIL that stays: epoch ms; null without one. */
  readonly failedMs: number | null;
}

/** A clock that is ahead by more makes old lines look new. */
const AHEAD_MS = 60_000;
/** From this share of lines on that cannot be read, those that can are no picture of all. */
const MOST_UNREAD = 0.1;
const MOST_REASONS = 20;
/** So many pairs without a FAIL, and one that comes later may be of a moment in which the mirror was restarted. */
const FINE_PAIRS = 100;
/** Such a FAIL has to go on for so many times the grace, and for longer than one look after the other is apart. */
const SURE_GRACES = 2;
const LEAST_SURE_MS = 15_000;
/** What was not counted right, by the code of its warning. */
const MISCOUNTED = ['evicted', 'stopped-early'];
/** What may be why answers are missing. */
const EXPLAINING = ['longer-than-grace'];

export class StandingVerdicts {
  readonly #maxAgeMs: number;
  #wasFine = false;
  /** The first look, of those without a better one since, that saw gates fail which hold at all looks. */
  #failing: Pick<Circumstances, 'nowMs' | 'clockMs'> | undefined;
  #failed: { readonly atMs: number; readonly pairs: number; readonly reasons: readonly string[] } | undefined;

  /** @param maxAgeMs a PASS is not older than that: its last pair, each side's last line */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  look(report: DiffReport, circumstances: Circumstances): StandingVerdict {
    const { verdict, errors, correlation, plan } = report;
    const isPaired = correlation.mode === 'paired' && errors.n > 0;
    const counted = isPaired ? errors.n : 0;
    this.#note(report, counted, circumstances);
    const doubts = this.#doubts(report, circumstances);
    const needed = plan?.needed ?? null;
    const decided = olderThanAsked(circumstances) ?? this.#decide(report, doubts, isPaired, circumstances);
    const { status } = decided;
    const reasons = status === 'pass' ? decided.reasons : [...decided.reasons, ...explanations(report)];
    return {
      status,
      reasons: reasons.slice(0, MOST_REASONS),
      gates: verdict.gates,
      pairs: { counted, needed, missing: needed === null ? null : Math.max(0, needed - counted) },
      ages: agesOf(circumstances),
      failedMs: this.#failed?.atMs ?? null,
    };
  }

  #note({ verdict }: DiffReport, counted: number, { nowMs, clockMs, graceMs }: Circumstances): void {
    if (counted === 0 || !fails(verdict.status, verdict.gates)) {
      this.#failing = undefined;
      this.#wasFine ||= counted >= FINE_PAIRS;
      return;
    }
    this.#failing ??= { nowMs, clockMs };
    if (this.#failed !== undefined || (this.#wasFine && clockMs - this.#failing.clockMs < sureMs(graceMs))) return;
    this.#failed = { atMs: nowMs, pairs: counted, reasons: verdict.reasons };
  }

  /** The verdict where there is no report. @param why in words */
  unknown(why: string, circumstances: Circumstances): StandingVerdict {
    const failed = this.#failed;
    const isFailed = failed !== undefined && olderThanAsked(circumstances) === undefined;
    return {
      status: isFailed ? 'fail' : 'inconclusive',
      reasons: [...(isFailed ? failed.reasons : []), why, ...circumstances.troubles].slice(0, MOST_REASONS),
      gates: [],
      pairs: { counted: 0, needed: null, missing: null },
      ages: agesOf(circumstances),
      failedMs: failed?.atMs ?? null,
    };
  }

  #decide(
    { verdict }: DiffReport,
    doubts: readonly string[],
    isPaired: boolean,
    { mirroring, nowMs, graceMs }: Circumstances,
  ): Pick<StandingVerdict, 'status' | 'reasons'> {
    // A mirror that hardly answers fails in many words, and none of them says why.
    const first = mirroring?.isUnanswered ? mirroringDoubts(mirroring) : [];
    const fail = (...reasons: readonly string[]) => ({
      status: 'fail' as const,
      reasons: [...new Set([...first, ...reasons, ...doubts])],
    });
    if (this.#failed !== undefined) {
      const { atMs, pairs, reasons } = this.#failed;
      const since = `FAIL since ${timeText(atMs)}, when there were ${formatAmount(pairs, 'pair')}`;
      if (fails(verdict.status, verdict.gates)) return fail(...verdict.reasons, since);
      const now = verdict.status === 'fail' ? verdict.reasons : [];
      return fail(...now, `${since}: what was proven then, later pairs do not take back`, ...reasons);
    }
    // Rates of requests that were not paired are not tested for being looked at again and again.
    if (verdict.status === 'fail' && isPaired) {
      if (!verdict.gates.every((gate) => !isFailed(gate) || isLasting(gate))) return fail(...verdict.reasons);
      const since = timeText(this.#failing?.nowMs ?? nowMs);
      const why = `gates fail since ${since}, and did not before: a FAIL if that goes on for ${durationInWords(sureMs(graceMs))} (was the mirror restarted?)`;
      return { status: 'inconclusive', reasons: [...new Set([...first, why, ...verdict.reasons, ...doubts])] };
    }
    if (verdict.status === 'pass' && doubts.length === 0) return { status: 'pass', reasons: verdict.reasons };
    const known = verdict.status === 'pass' ? [] : verdict.reasons;
    return { status: 'inconclusive', reasons: [...new Set([...doubts, ...known])] };
  }

  /** Why what the report says may not be so, or not any more. */
  #doubts(report: DiffReport, circumstances: Circumstances): string[] {
    return [
      ...circumstances.troubles,
      ...this.#readingDoubts(circumstances),
      ...this.#ageDoubts(report, circumstances),
      ...leftOutDoubts(circumstances),
      ...unreadDoubts(report),
      ...report.warnings.filter(({ code }) => MISCOUNTED.includes(code)).map(({ message }) => message),
      ...mirroringDoubts(circumstances.mirroring),
    ];
  }

  #readingDoubts({ caughtUp }: Circumstances): string[] {
    if (caughtUp === null) return ['what the files hold already is still being read'];
    if (caughtUp > this.#maxAgeMs)
      return [`lines come faster than they are read: behind for ${durationInWords(caughtUp)}`];
    return [];
  }

  #ageDoubts(report: DiffReport, circumstances: Circumstances): string[] {
    const { nowMs, arrived, latestPairMs, oldestDestination } = circumstances;
    const { production, mirror, pair } = arrived;
    const isOld = (age: number | null): age is number => age !== null && age > this.#maxAgeMs;
    const doubts: string[] = [];
    if (production === null) doubts.push("no line of production's log has come yet");
    else if (isOld(production)) doubts.push(`nothing came from production's log for ${durationInWords(production)}`);
    if (mirror === null) doubts.push('no line of the mirror has come yet');
    else if (isOld(mirror)) doubts.push(`nothing came from the mirror for ${durationInWords(mirror)}`);
    const whose = oldestDestination === undefined || oldestDestination === '' ? '' : ` of ${oldestDestination}`;
    if (pair === null) return [...doubts, ...unpairedDoubts(report, circumstances, whose)];
    if (isOld(pair)) return [...doubts, `no request was paired with an answer${whose} for ${durationInWords(pair)}`];
    if (latestPairMs === null) return [...doubts, 'no pair has a time: how old they are is not known'];
    const age = nowMs - latestPairMs;
    if (age < -AHEAD_MS)
      doubts.push(
        `the last pair is ${durationInWords(-age)} in the future: a clock or zone is wrong, and how old it is not known`,
      );
    else if (isOld(age)) {
      // A pair is as old as its request was when it was counted, and has grown as old since.
      const isNew = age - pair > circumstances.graceMs + AHEAD_MS;
      const why = isNew ? ' by its own time: old data, or a clock or zone is wrong' : '';
      doubts.push(`the last pair is ${durationInWords(age)} old${why}`);
    }
    return doubts;
  }
}

/** Why answers may be missing that came. */
function explanations({ warnings }: DiffReport): string[] {
  return warnings.filter(({ code }) => EXPLAINING.includes(code)).map(({ message }) => message);
}

/** Why nothing is paired. What has no id waits for nothing; of requests that were sent cut the report says itself why. */
function unpairedDoubts(
  { coverage, correlation, warnings }: DiffReport,
  { graceMs }: Circumstances,
  whose: string,
): string[] {
  const { buckets, productionRequests } = coverage;
  const { no_id: lacking } = buckets;
  const have = lacking === 1 ? 'has' : 'have';
  const why =
    correlation.mode === 'unmatched'
      ? `${formatAmount(lacking, 'request')} could not be paired: no id is on both sides`
      : `${formatAmount(lacking, 'request')} of ${productionRequests} ${have} no id in the production log`;
  const isAll = lacking > 0 && lacking === productionRequests;
  const waits = !isAll && countSentCut(coverage) === 0;
  const doubts = lacking > 0 ? [why] : [];
  const nothing = waits ? warnings.find(({ code }) => code === 'nothing-paired') : undefined;
  if (nothing !== undefined) return [...doubts, nothing.message];
  // Of one of several destinations the others have pairs: it is not the grace that is waited for.
  if (waits && whose === '') return [...doubts, stillPending(graceMs)];
  return waits || doubts.length === 0 ? [...doubts, `no request was paired with an answer${whose} yet`] : doubts;
}

/** Those of before the start are left out in every log that is longer; a wrong clock is seen by nothing that follows. */
function leftOutDoubts({ leftOut, latestPairMs, sinceMs }: Circumstances): string[] {
  if (latestPairMs !== null || leftOut === 0) return [];
  const from = Number.isFinite(sinceMs) ? `, as older than ${timeText(sinceMs)}` : '';
  return [
    `${formatAmount(leftOut, 'request')} of production ${leftOut === 1 ? 'was' : 'were'} left out${from} or not asked for: where new ones are among them, a clock or zone is wrong`,
  ];
}

/** What was counted may be of the release before: it says nothing of this one. */
function olderThanAsked({
  sinceMs,
  askedSinceMs,
}: Circumstances): { readonly status: 'inconclusive'; readonly reasons: readonly string[] } | undefined {
  if (askedSinceMs === undefined || sinceMs >= askedSinceMs) return undefined;
  const from = Number.isFinite(sinceMs) ? timeText(sinceMs) : 'any time';
  const reason = `requests are counted from ${from} on, and what is asked about began ${timeText(askedSinceMs)}: start again`;
  return { status: 'inconclusive', reasons: [reason] };
}

/** The older one of what the clock and what the lines say. */
function agesOf({ arrived, latestPairMs, nowMs }: Circumstances): Arrived {
  const byTime = latestPairMs === null ? 0 : nowMs - latestPairMs;
  return { ...arrived, pair: arrived.pair === null ? null : Math.max(arrived.pair, byTime) };
}

function sureMs(graceMs: number): number {
  return Math.max(SURE_GRACES * graceMs, LEAST_SURE_MS);
}

function isFailed({ status, warnOnly }: GateResult): boolean {
  return status === 'fail' && warnOnly !== true;
}

function isLasting({ gate }: GateResult): boolean {
  return (LASTING_GATES as readonly string[]).includes(gate);
}

function fails(status: GateStatus, gates: readonly GateResult[]): boolean {
  return status === 'fail' && gates.some((gate) => isFailed(gate) && isLasting(gate));
}

function unreadDoubts({ inputs }: DiffReport): string[] {
  return inputs
    .filter(({ lines, unparsed }) => unparsed > MOST_UNREAD * lines)
    .map(({ path, lines, unparsed }) => `${formatPercent(unparsed / lines)} of the lines of ${path} could not be read`);
}

function mirroringDoubts(mirroring: Circumstances['mirroring']): string[] {
  if (mirroring === undefined || mirroring.status === 'healthy' || mirroring.status === 'degraded') return [];
  const [why = 'nothing is known of it'] = mirroring.reasons;
  const [cause] = mirroring.causes ?? [];
  return [`mirroring itself is ${mirroring.status}: ${why}${cause === undefined ? '' : `; ${cause.message}`}`];
}

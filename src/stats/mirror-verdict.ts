/** The verdict over what the mirror answered: the half of mirroring that HAProxy's lines say nothing about. */
import {
  describeMirrorError,
  failuresOf,
  isFailure,
  isNeverSent,
  isRefusal,
  SAMPLED_OUT,
  UNKNOWN_ERROR,
} from '../status/mirror-errors.ts';
import { durationInWords, formatAmount, formatPercent } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import type { FailureTimes } from './failure-times.ts';
import type { HandedOver, Unanswered } from './handed-over.ts';
import {
  type MirrorRecordTally,
  type MirrorTally,
  OTHER_DESTINATIONS,
  PER_MS,
  SLOW_ANSWER_MS,
} from './mirror-tally.ts';
import type { Cause, MirrorTrait } from './model.ts';
import type { Occurrence } from './occurrences.ts';
import { type Counts, DEGRADED_ERROR_RATE, findOutages, latest, RECENT_ERRORS } from './outage.ts';
import { type HalfJudgement, hush, type Present } from './silence.ts';
import { type FailureWords, judgeFailures, RANK } from './verdict.ts';

/** A mirror that answers so many requests with a redirect or a client error hardly got the requests of production. */
const REFUSED_RATE = 0.5;
/** The part of slow answers from which on the mirror is slow. */
const SLOW_RATE = 0.05;
/** An error or status has to explain this part of the failures to be named. */
const WORTH_NAMING = 0.25;
const MOST_CAUSES = 3;

/** The judgement of one destination, or of the mirror when there is only one. */
export interface MirrorJudgement extends HalfJudgement {
  readonly traits: readonly MirrorTrait[];
  /** Why what was observed is not all, by destination, and of all (undefined). */
  readonly doubts: ReadonlyMap<string | undefined, string>;
  readonly unanswered?: readonly Unanswered[];
}

const NO_DOUBTS: MirrorJudgement['doubts'] = new Map();

export interface SentCounts extends Readonly<Counts> {
  readonly answered: number;
  /** Requests without an answer. */
  readonly failed: number;
  /** Requests that were never sent, although they were to be. */
  readonly dropped: number;
  readonly sampledOut: number;
}

/** How many requests were sent (`count`), and how many of them ended badly (`errors`): no answer, or 5xx. */
export function countSent(tally: MirrorTally): SentCounts {
  let [answered, errors, failed, dropped, sampledOut] = [0, 0, 0, 0, 0];
  for (const { status, count } of tally.statuses) {
    answered += count;
    if (isFailure(status)) errors += count;
  }
  for (const { error, count } of tally.errors) {
    if (error === SAMPLED_OUT) sampledOut += count;
    else if (isNeverSent(error)) dropped += count;
    else failed += count;
  }
  return { count: answered + failed, answered, failed, errors: errors + failed, dropped, sampledOut };
}

/** The worst of the destinations: one that is well does not make up for one that is not. */
function judgeMirror(record: MirrorRecordTally): MirrorJudgement {
  const { destinations } = record;
  if (record.requests === 0) {
    const empty = `the record of the agent ${record.absent ?? 'is empty'}`;
    const read = record.lines === 0 ? empty : 'no request in the record of the agent';
    const left = record.filtered === 0 ? '' : ` (${record.filtered} left out by --since or --until)`;
    return {
      status: 'unknown',
      since: null,
      until: null,
      reasons: [`${read}${left}`],
      causes: [],
      traits: [],
      doubts: NO_DOUBTS,
    };
  }
  const judged = destinations
    .map(({ destination, tally }) => {
      const judgement = judgeDestination(tally, destinations.length === 1 ? '' : destination);
      return { judgement, ...lossOf(tally) };
    })
    .sort(worstFirst)
    .map(({ judgement }) => judgement);
  const worst = judged[0] as MirrorJudgement;
  if (destinations.length === 1) return worst;
  const ill = judged.filter(({ status }) => status !== 'healthy');
  const reported = ill.length === 0 ? judged : ill;
  return {
    ...worst,
    reasons: reported.flatMap(({ reasons }) => reasons),
    causes: judged.flatMap(({ causes }) => causes),
    traits: [...new Set(judged.flatMap(({ traits }) => traits))],
  };
}

/** What a destination lost: requests that failed or were never sent. */
interface Loss {
  readonly lost: number;
  /** Part of the requests that were sent or to be sent, 0 to 1. */
  readonly share: number;
}

function lossOf(tally: MirrorTally): Loss {
  const { count, errors, dropped } = countSent(tally);
  const lost = errors + dropped;
  return { lost, share: lost / Math.max(1, count + dropped) };
}

type Judged = Loss & { readonly judgement: MirrorJudgement };

/** The destination that decides comes first, so that the few reasons and causes that are shown are its own. Stable: equals stay in order of names. */
function worstFirst(a: Judged, b: Judged): number {
  return (
    RANK[b.judgement.status] - RANK[a.judgement.status] ||
    Number(a.judgement.until !== null) - Number(b.judgement.until !== null) ||
    b.share - a.share ||
    b.lost - a.lost
  );
}

/** How many times the usual interval between two requests is no chance. */
const QUIET_INTERVALS = 20;
/** Clocks of two hosts and a record that is written a little later are no silence. */
export const SHORTEST_QUIET_MS = 60_000;
const SHORTEST_LIVE_QUIET_MS = 10_000;

/** The judgement of now: a record that ends before the log does, or that does not go on, says nothing of it. */
export function judgeMirrorNow(
  record: MirrorRecordTally,
  handed: HandedOver,
  present: Present | undefined,
): MirrorJudgement {
  const judged = doubtRecord(judgeMirror(record), record);
  if (handed.unanswered.length > 0) return notAnswered(judged, handed);
  const { window, requests: count } = record;
  if (window === undefined) return judged;
  const { from, to } = window;
  const { lastEventMs } = handed;
  // Of a single request nobody knows how long it is usual to wait for another: only events beside it say that there were some.
  const usualMs = count < 2 ? undefined : (to - from) / (count - 1);
  const isLongerThan = (ms: number, shortest: number) => ms > Math.max(shortest, QUIET_INTERVALS * (usualMs ?? 0));
  const isBehind = lastEventMs !== undefined && isLongerThan(lastEventMs - to, SHORTEST_QUIET_MS);
  // Beside a log, a record is quiet when events go on without it.
  const isAlone = present?.firstUnansweredMs === undefined;
  const sinceMs = isAlone ? present?.lastRequestMs : present.firstUnansweredMs;
  const quietMs = present === undefined || typeof sinceMs !== 'number' ? 0 : present.nowMs - sinceMs;
  const isQuiet = !(isAlone && usualMs === undefined) && isLongerThan(quietMs, SHORTEST_LIVE_QUIET_MS);
  if (!(isBehind || isQuiet)) return judged;
  const where = isBehind ? `, ${timeText(lastEventMs)} is the end of the log` : '';
  const reason = `the record of the agent ends at ${timeText(to)}${where}: nothing is known of the mirror since`;
  return {
    ...hush(judged, reason, RECORD_ENDS),
    ...unknownFrom(judged, to),
    traits: [...judged.traits, 'ends'],
    doubts: new Map([...judged.doubts, [undefined, reason]]),
    ...(lastEventMs === undefined && { silence: { since: to, traffic: false, lines: 0 } }),
  };
}

/** What was known until then is over, and with it its own beginning; only a failure still holds. @param sinceMs epoch ms */
function unknownFrom(judged: MirrorJudgement, sinceMs: number): Pick<MirrorJudgement, 'status' | 'since' | 'until'> {
  const { status, since, until } = judged;
  return status === 'failing' ? { status, since, until } : { status: 'unknown', since: sinceMs, until: null };
}

/** The part of lines that are no request from which on they are more than words of the agent between them. */
const UNREAD_RATE = 0.05;

/** A record of which a part could not be read may hide failures. */
function doubtRecord(judged: MirrorJudgement, record: MirrorRecordTally): MirrorJudgement {
  const { lines, unread } = record;
  if (unread < RECENT_ERRORS || unread / lines < UNREAD_RATE || record.requests === 0) return judged;
  const reason = `${unread} of ${lines} lines of the record were not read: what became of those requests is not known`;
  return {
    ...judged,
    status: judged.status === 'healthy' ? 'unknown' : judged.status,
    reasons: [reason, ...judged.reasons],
    traits: [...judged.traits, 'unread'],
    doubts: new Map([
      ...judged.doubts,
      [undefined, reason],
      ...record.destinations.map(({ destination }) => [destination, reason] as const),
    ]),
  };
}

/** Requests that were handed over and have no line may be answered or not: the verdict is unknown, unless it failed before. */
function notAnswered(judged: MirrorJudgement, { unanswered, isLive }: HandedOver): MirrorJudgement {
  const reasons = unanswered.map(({ destination, since, forMs, requests: count }) => {
    const many = `about ${formatAmount(count, 'request')} that HAProxy handed over since`;
    return isLive
      ? `${nameOf(destination)}: no answer for ${durationInWords(forMs)}: ${many} ${timeText(since)} ${are(count)} not in the record`
      : `${nameOf(destination)}: the record ends at ${timeText(since)}, ${durationInWords(forMs)} before the log: ${many} ${are(count)} not in it, so nothing is known of them`;
  });
  return {
    ...judged,
    ...unknownFrom(judged, Math.min(...unanswered.map(({ since }) => since))),
    reasons: [...reasons, ...judged.reasons],
    causes: [isLive ? NO_ANSWER : RECORD_ENDS, ...judged.causes],
    traits: [...judged.traits, isLive ? 'unanswered' : 'ends'],
    doubts: new Map([
      ...judged.doubts,
      ...unanswered.map(({ destination }, i) => [destination, reasons[i] ?? ''] as const),
      [undefined, reasons[0] ?? ''],
    ]),
    unanswered,
  };
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

const NO_ANSWER: Cause = {
  code: 'mirror-no-answer',
  message:
    'requests are handed over and none is answered: the mirror hangs (it takes requests and never answers), or the agent hangs or cannot write its record',
  next: "Ask the mirror for a page by hand (curl); then look at the agent's log, its /readyz, and the disk of the record.",
};

const RECORD_ENDS: Cause = {
  code: 'record-ends',
  message:
    'the record does not go on: nothing is mirrored, the mirror hangs (it takes requests and never answers), the agent stopped, its disk is full, the record was rotated, or the clocks differ',
  next: "Ask the mirror for a page by hand (curl). Look at the agent's log and its /readyz, at the disk of the record, and whether --record names the file that is written now.",
};

function judgeDestination(tally: MirrorTally, destination: string): MirrorJudgement {
  const name = nameOf(destination);
  const sent = countSent(tally);
  const { dropped } = sent;
  if (sent.count === 0) {
    return {
      status: dropped > 0 ? 'failing' : 'unknown',
      since: Number.isFinite(tally.from) ? tally.from : null,
      until: null,
      reasons: [`${name}: none of ${formatAmount(tally.requests, 'request')} was sent`],
      causes: dropCauses(tally, name),
      traits: dropped > 0 ? ['drops'] : [],
      doubts: NO_DOUBTS,
    };
  }
  const words: FailureWords = {
    amount: (count) => formatAmount(count, 'request'),
    allWell: (count) => (count === 1 ? 'the only request was answered' : `all ${count} requests were answered`),
    allFailed: (count) => (count === 1 ? 'the only request failed' : `all ${count} requests failed`),
  };
  const judged = judgeFailures(sent, tally.troubles.failed.ending, words, tally.recent.end);
  const others = [refusals(tally), slowness(tally), drops(tally, dropped)].filter((each) => each !== undefined);
  const over = [pastOf(tally, 'refused'), pastOf(tally, 'dropped')].filter((each) => each !== undefined);
  const isWorse = judged.status === 'healthy' && others.length > 0;
  const isPast = judged.status === 'healthy' && others.length === 0 && over.length > 0;
  const causes = [
    ...(judged.status === 'healthy' ? [] : failureCauses(tally, name, judged.since, judged.until)),
    ...others.flatMap(({ cause }) => (cause === undefined ? [] : [{ ...cause, message: `${name}: ${cause.message}` }])),
    ...(others.some(({ code }) => code === 'drops') ? dropCauses(tally, name) : []),
    ...over.map(({ cause }) => ({ ...cause, message: `${name}: ${cause.message}`, earlier: true as const })),
  ];
  return {
    status: isWorse || isPast ? 'degraded' : judged.status,
    since: isPast ? least(over) : isWorse ? least(others) : judged.since,
    until: isPast ? Math.max(...over.map(({ until }) => until)) : judged.until,
    reasons: [...judged.reasons, ...[...others, ...over].map(({ reason }) => reason), ...cutWords(tally)].map(
      (reason) => `${name}: ${reason}`,
    ),
    causes,
    traits: [...others, ...over].map(({ code }) => code),
    doubts: NO_DOUBTS,
  };
}

/** That it refuses what it was sent cut is worth a word, and no trouble of its own. */
function cutWords({ sentCut: { count, refused } }: MirrorTally): string[] {
  if (refused === 0 || refused / count < REFUSED_RATE) return [];
  const what = `${formatAmount(count, 'request')} ${count === 1 ? 'was' : 'were'} sent with the body cut`;
  return [
    `${what} (tune.bufsize, --truncated), of which ${refused} got 3xx or 4xx: no refusal of what production was asked`,
  ];
}

/** The first of their beginnings; null where none is known. */
function least(all: readonly { readonly since?: number | undefined }[]): number | null {
  const known = all.flatMap(({ since }) => (since === undefined ? [] : [since]));
  return known.length === 0 ? null : Math.min(...known);
}

function nameOf(destination: string): string {
  if (destination === '') return 'the mirror';
  return destination === OTHER_DESTINATIONS ? 'further destinations' : destination;
}

/** A trouble that is over. */
interface Past {
  readonly code: 'refused' | 'dropped';
  readonly since: number;
  readonly until: number;
  readonly reason: string;
  readonly cause: Cause;
}

/** A past trouble is reported when it had so many requests, most of which failed in this way, and few of those after it. */
const PAST_REQUESTS = 20;
const PAST_RATES = { refused: 0.8, dropped: DEGRADED_ERROR_RATE } as const;
const CALM = 0.25;

/** Redirects and client errors, or requests that were not sent, for a while and not any more. */
function pastOf(tally: MirrorTally, trouble: keyof typeof PAST_RATES): Past | undefined {
  const { ending } = tally.troubles[trouble];
  const isRefused = trouble === 'refused';
  const outages = ending && findOutages(ending.timeline, isRefused ? REFUSED_RATE : DEGRADED_ERROR_RATE);
  const last = outages?.stretches.at(-1);
  if (last === undefined || outages?.after === undefined || last.errors < PAST_REQUESTS) return undefined;
  const rate = last.errors / last.count;
  if (rate < PAST_RATES[trouble] || outages.after.errors / outages.after.count > CALM * rate) return undefined;
  const times = `from ${timeText(last.since)} to ${timeText(last.last)}`;
  const top = tally.statuses.find(({ status }) => isRefusal(status));
  const what = isRefused ? `were answered ${top?.status ?? '3xx or 4xx'}` : 'were never sent';
  const message = `${times} ${formatAmount(last.errors, 'request')} of ${last.count} ${what}`;
  return {
    code: trouble,
    since: last.since,
    until: last.last,
    reason: `${message}; recovered since`,
    cause: { code: isRefused ? 'mirror-refused' : 'mirror-dropped', message },
  };
}

interface Trait {
  readonly code: MirrorTrait;
  /** Epoch ms; absent without times, and of what has no beginning. */
  readonly since?: number | undefined;
  readonly reason: string;
  readonly cause?: Cause;
}

/** Counts of a trouble as it is now; undefined where they are too few. */
function now({ ending, untimed }: FailureTimes, rate: number): Counts | undefined {
  const timed = ending === undefined ? { count: 0, errors: 0 } : latest(ending);
  // Where most requests have no time, those without count as now.
  const { count, errors } = untimed.count > timed.count ? untimed : timed;
  return errors >= Math.min(RECENT_ERRORS, count) && errors > 0 && errors / count >= rate
    ? { count, errors }
    : undefined;
}

/** When the present stretch of a trouble began, in epoch ms. */
function beganOf({ ending }: FailureTimes, rate: number): number | undefined {
  return ending && findOutages(ending.timeline, rate)?.stretches.at(-1)?.since;
}

function refusals(tally: MirrorTally): Trait | undefined {
  const recent = now(tally.troubles.refused, REFUSED_RATE);
  if (recent === undefined) return undefined;
  const top = tally.statuses.find(({ status }) => isRefusal(status));
  const what = top === undefined ? 'redirects or client errors' : `3xx or 4xx, mostly ${top.status}`;
  return {
    code: 'refuses',
    since: beganOf(tally.troubles.refused, REFUSED_RATE),
    reason: `of the last ${formatAmount(recent.count, 'request')} ${formatPercent(recent.errors / recent.count)} were answered ${what}`,
    cause: {
      code: 'mirror-refuses',
      message: `it answers ${top?.status ?? '3xx or 4xx'}: a wrong path or host in -u, no credentials, or production answers the same`,
      next: 'Compare with production: spoe-logs diff. Then look at -u (its path is a prefix), --host-header and the credentials the mirror wants.',
    },
  };
}

function slowness(tally: MirrorTally): Trait | undefined {
  const recent = now(tally.troubles.slow, SLOW_RATE);
  if (recent === undefined) return undefined;
  const share = formatPercent(recent.errors / recent.count);
  const p50 = Math.round((tally.latency.quantile(0.5) ?? 0) / PER_MS);
  return {
    code: 'slow',
    reason: `of the last ${formatAmount(recent.count, 'request')} ${share} took more than ${SLOW_ANSWER_MS} ms (p50 of all ${p50} ms)`,
    cause: {
      code: 'mirror-slow',
      message: `${share} of the last answers took more than ${SLOW_ANSWER_MS} ms`,
      next: 'Production does not wait for the mirror; look at its load, and at the times of both with spoe-logs diff.',
    },
  };
}

function drops(tally: MirrorTally, dropped: number): Trait | undefined {
  const recent = now(tally.troubles.dropped, DEGRADED_ERROR_RATE);
  if (recent === undefined) return undefined;
  return {
    code: 'drops',
    since: beganOf(tally.troubles.dropped, DEGRADED_ERROR_RATE),
    reason: `${formatAmount(dropped, 'request')} were never sent; of the last ${formatAmount(recent.count, 'request')} ${formatPercent(recent.errors / recent.count)}`,
  };
}

const ANSWERED_FAILURE = {
  meaning: 'the mirror says that it failed',
  next: "Look at the mirror's own log and load.",
};

/** The errors and statuses behind what failed, those of a time that is over marked so. */
function failureCauses(tally: MirrorTally, name: string, since: number | null, until: number | null): Cause[] {
  const failures = failuresOf<Occurrence>(tally.statuses, tally.errors);
  const all = failures.reduce((sum, { count }) => sum + count, 0);
  return failures
    .filter(({ count }) => count / all >= WORTH_NAMING)
    .slice(0, MOST_CAUSES)
    .map(({ code, isAnswer, count, first, last }): Cause => {
      const isOver = until !== null || (since !== null && last !== null && last < since);
      const { meaning, next } = isAnswer ? ANSWERED_FAILURE : (describeMirrorError(code) ?? UNKNOWN_ERROR);
      const when = first === null || last === null ? '' : `, from ${timeText(first)} to ${timeText(last)}`;
      return {
        code: `mirror-${code}`,
        message: `${name}: ${code} for ${formatAmount(count, 'request')}${when}: ${meaning}`,
        share: count / all,
        next,
        ...(isOver && { earlier: true as const }),
      };
    });
}

function dropCauses(tally: MirrorTally, name: string): Cause[] {
  return tally.errors.flatMap(({ error, count }): Cause[] => {
    const known = describeMirrorError(error);
    if (known?.neverSent !== true || error === SAMPLED_OUT) return [];
    const message = `${name}: ${error} for ${formatAmount(count, 'request')}: ${known.meaning}`;
    return [{ code: `mirror-${error}`, message, next: known.next }];
  });
}

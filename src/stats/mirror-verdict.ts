/** The verdict over what the mirror answered: the half of mirroring that HAProxy's lines say nothing about. */
import {
  describeMirrorError,
  failuresOf,
  isFailure,
  isNeverSent,
  isRefusal,
  SAMPLED_OUT,
} from '../status/mirror-errors.ts';
import type { FailureTimes } from './failure-times.ts';
import {
  type MirrorRecordTally,
  type MirrorTally,
  OTHER_DESTINATIONS,
  PER_MS,
  SLOW_ANSWER_MS,
} from './mirror-tally.ts';
import type { Cause, MirrorTrait } from './model.ts';
import type { Occurrence } from './occurrences.ts';
import { type Counts, DEGRADED_ERROR_RATE, latest } from './outage.ts';
import { type Half, hush, type Present } from './silence.ts';
import { type FailureWords, judgeFailures, RANK, RECENT_ERRORS } from './verdict.ts';
import { percent, requests, timeText } from './words.ts';

/** A mirror that answers so many requests with a redirect or a client error hardly got the requests of production. */
const REFUSED_RATE = 0.5;
/** From this part of slow answers on the mirror is slow. */
const SLOW_RATE = 0.05;
/** An error or status has to explain this part of the failures to be named. */
const WORTH_NAMING = 0.25;
const MOST_CAUSES = 3;

/** What is known of one destination, or of the mirror when there is only one. */
export interface MirrorJudgement extends Half {
  readonly traits: readonly MirrorTrait[];
}

export interface SentCounts extends Readonly<Counts> {
  readonly answered: number;
  /** Without an answer. */
  readonly failed: number;
  /** Never sent, although they were to be. */
  readonly dropped: number;
  readonly sampledOut: number;
}

/** How many requests were sent (`count`), how many of them ended badly (`errors`): no answer, or 5xx. */
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
    const read = record.lines === 0 ? 'the record of the agent is empty' : 'no request in the record of the agent';
    const left = record.filtered === 0 ? '' : ` (${record.filtered} left out by --since or --until)`;
    return { status: 'unknown', since: null, until: null, reasons: [`${read}${left}`], causes: [], traits: [] };
  }
  const judged = destinations.map(({ destination, tally }) =>
    judgeDestination(tally, destinations.length === 1 ? '' : destination),
  );
  const worst = [...judged].sort((a, b) => RANK[b.status] - RANK[a.status])[0] as MirrorJudgement;
  if (destinations.length === 1) return worst;
  const ill = judged.filter(({ status }) => status !== 'healthy');
  const told = ill.length === 0 ? judged : ill;
  return {
    ...worst,
    reasons: told.flatMap(({ reasons }) => reasons),
    causes: judged.flatMap(({ causes }) => causes),
    traits: [...new Set(judged.flatMap(({ traits }) => traits))],
  };
}

/** So many times the usual interval between two requests: chance does not make that. */
const QUIET_INTERVALS = 20;
/** Clocks of two hosts and a record that is written a little later are no silence. */
export const SHORTEST_QUIET_MS = 60_000;
const SHORTEST_LIVE_QUIET_MS = 10_000;

/**
 * What is known of now: a record that ends before the log does, or that does not go on, says nothing of it.
 * @param logEndMs epoch ms of the last event of the log beside the record
 */
export function judgeMirrorNow(
  record: MirrorRecordTally,
  logEndMs: number | undefined,
  present: Present | undefined,
): MirrorJudgement {
  const judged = judgeMirror(record);
  const { window, requests: count } = record;
  if (window === undefined || count < 2) return judged;
  const { from, to } = window;
  const usualMs = (to - from) / (count - 1);
  const isBehind = logEndMs !== undefined && logEndMs - to > Math.max(SHORTEST_QUIET_MS, QUIET_INTERVALS * usualMs);
  const lastMs = present?.lastRequestMs ?? null;
  const quietMs = present === undefined || lastMs === null ? 0 : present.nowMs - lastMs;
  const isQuiet = quietMs > Math.max(SHORTEST_LIVE_QUIET_MS, QUIET_INTERVALS * usualMs);
  if (!(isBehind || isQuiet)) return judged;
  const where = isBehind ? `, ${timeText(logEndMs)} is the end of the log` : '';
  const reason = `the record of the agent ends at ${timeText(to)}${where}: nothing is known of the mirror since`;
  return {
    ...hush(judged, reason, RECORD_ENDS),
    traits: [...judged.traits, 'ends'],
    ...(logEndMs === undefined && { silence: { since: to, traffic: false, lines: 0 } }),
  };
}

const RECORD_ENDS: Cause = {
  code: 'record-ends',
  message:
    'the record does not go on: nothing is mirrored, the agent stopped, its disk is full, the record was rotated, or the clocks differ',
  next: "Look at the agent's log and its /readyz, at the disk of the record, and whether --record names the file that is written now.",
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
      reasons: [`${name}: none of ${requests(tally.requests)} was sent`],
      causes: dropCauses(tally, name),
      traits: dropped > 0 ? ['drops'] : [],
    };
  }
  const words: FailureWords = {
    amount: requests,
    allWell: (count) => (count === 1 ? 'the only request was answered' : `all ${count} requests were answered`),
    allFailed: (count) => (count === 1 ? 'the only request failed' : `all ${count} requests failed`),
  };
  const judged = judgeFailures(sent, tally.troubles.failed.ending, words, tally.recent.end);
  const others = [refusals(tally), slowness(tally), drops(tally, dropped)].filter((each) => each !== undefined);
  const isWorse = judged.status === 'healthy' && others.length > 0;
  const causes = [
    ...(judged.status === 'healthy' ? [] : failureCauses(tally, name, judged.since, judged.until)),
    ...others.flatMap(({ cause }) => (cause === undefined ? [] : [{ ...cause, message: `${name}: ${cause.message}` }])),
    ...(others.some(({ code }) => code === 'drops') ? dropCauses(tally, name) : []),
  ];
  return {
    status: isWorse ? 'degraded' : judged.status,
    since: isWorse ? null : judged.since,
    until: judged.until,
    reasons: [...judged.reasons, ...others.map(({ reason }) => reason)].map((reason) => `${name}: ${reason}`),
    causes,
    traits: others.map(({ code }) => code),
  };
}

function nameOf(destination: string): string {
  if (destination === '') return 'the mirror';
  return destination === OTHER_DESTINATIONS ? 'further destinations' : destination;
}

interface Trait {
  readonly code: MirrorTrait;
  readonly reason: string;
  readonly cause?: Cause;
}

/** What of a trouble is of now; undefined where it is too little, or the times are not known. */
function now({ ending }: FailureTimes, rate: number): Counts | undefined {
  if (ending === undefined) return undefined;
  const { count, errors } = latest(ending);
  return errors >= Math.min(RECENT_ERRORS, count) && errors > 0 && errors / count >= rate
    ? { count, errors }
    : undefined;
}

function refusals(tally: MirrorTally): Trait | undefined {
  const recent = now(tally.troubles.refused, REFUSED_RATE);
  if (recent === undefined) return undefined;
  const top = tally.statuses.find(({ status }) => isRefusal(status));
  const what = top === undefined ? 'redirects or client errors' : `3xx or 4xx, mostly ${top.status}`;
  return {
    code: 'refuses',
    reason: `of the last ${requests(recent.count)} ${percent(recent.errors / recent.count)} were answered ${what}`,
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
  const share = percent(recent.errors / recent.count);
  const p50 = Math.round((tally.latency.quantile(0.5) ?? 0) / PER_MS);
  return {
    code: 'slow',
    reason: `of the last ${requests(recent.count)} ${share} took more than ${SLOW_ANSWER_MS} ms (p50 of all ${p50} ms)`,
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
    reason: `${requests(dropped)} were never sent; of the last ${requests(recent.count)} ${percent(recent.errors / recent.count)}`,
  };
}

/** The errors and statuses behind what failed, those of a time that is over marked so. */
function failureCauses(tally: MirrorTally, name: string, since: number | null, until: number | null): Cause[] {
  const failures = failuresOf<Occurrence>(tally.statuses, tally.errors);
  const all = failures.reduce((sum, { count }) => sum + count, 0);
  return failures
    .filter(({ count }) => count / all >= WORTH_NAMING)
    .slice(0, MOST_CAUSES)
    .map(({ code, count, first, last }): Cause => {
      const isOver = until !== null || (since !== null && last !== null && last < since);
      const known = describeMirrorError(code);
      const when = first === null || last === null ? '' : `, from ${timeText(first)} to ${timeText(last)}`;
      return {
        code: `mirror-${code}`,
        message: `${name}: ${code} for ${requests(count)}${when}: ${known?.meaning ?? 'the mirror says that it failed'}`,
        share: count / all,
        next: known?.next ?? "Look at the mirror's own log and load.",
        ...(isOver && { earlier: true as const }),
      };
    });
}

function dropCauses(tally: MirrorTally, name: string): Cause[] {
  return tally.errors.flatMap(({ error, count }): Cause[] => {
    const known = describeMirrorError(error);
    if (known?.neverSent !== true || error === SAMPLED_OUT) return [];
    const message = `${name}: ${error} for ${requests(count)}: ${known.meaning}`;
    return [{ code: `mirror-${error}`, message, next: known.next }];
  });
}

import type { LineTally } from '../logs/tally.ts';
import { formatAmount, formatPercent } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import { type GroupTally, SLOW_MS } from './group-tally.ts';
import type { Group, VerdictStatus } from './model.ts';
import {
  type Counts,
  DEGRADED_ERROR_RATE,
  DOWN_EVENTS,
  type Ending,
  failedAtEnd,
  findOutages,
  lastMinuteOf,
  latest,
  type Outages,
  RECENT_ERRORS,
  secondsAfter,
} from './outage.ts';
import { dominantPhase } from './phases.ts';
import type { OrderedEnd } from './recent-events.ts';

/** The error rate from which on mirroring is failing. */
export const FAILING_ERROR_RATE = 0.5;
const SLOW_RATE = 0.01;
const SLOW_EVENTS = 3;
/** From this time on the 99th percentile is mentioned, although nothing is slow. */
export const NOTABLE_MS = 20;
/** How many successes in the order of lines make an outage one that is over. */
const RECENT_ORDERED = 50;
/** How many errors, at how many times the overall rate, make a stretch count among few errors overall. */
const OUTAGE_ERRORS = 10;
const OUTAGE_RATIO = 3;

export interface Judgement {
  readonly status: VerdictStatus;
  /** Epoch ms. */
  readonly since: number | null;
  /** Epoch ms of the last error of a period that is over; null while it goes on. */
  readonly until: number | null;
  readonly reasons: readonly string[];
}

export interface EventJudgement extends Judgement {
  /** Events that succeeded were slow. */
  readonly slow: boolean;
}

/** The order of statuses: unknown is worse than healthy, and better than what is known to be bad. */
export const RANK: { readonly [status in VerdictStatus]: number } = { healthy: 0, unknown: 1, degraded: 2, failing: 3 };

/** The words with which the sentences of a verdict name what they count. */
export interface FailureWords {
  /** `20 events` */
  readonly amount: (count: number) => string;
  readonly allWell: (count: number) => string;
  readonly allFailed: (count: number) => string;
}

/** Events that filters left out. */
export interface Filtered {
  readonly all: number;
  /** Agents that were not wanted, the first few. */
  readonly otherAgents: readonly string[];
  /** Events that --status alone left out. */
  readonly byStatus: number;
}

/** The verdict over a whole input: how it is now, and since when it is not well. */
export function judge(
  total: Group,
  tally: GroupTally,
  lines: LineTally,
  filtered: Filtered,
  ordered?: OrderedEnd,
): EventJudgement {
  if (total.count === 0) return { ...NOTHING, reasons: [describeNothing(lines, filtered)] };
  if (filtered.byStatus > 0) {
    const reason = `--status leaves out ${formatAmount(filtered.byStatus, 'event')}: a verdict needs all status codes`;
    return { ...NOTHING, reasons: [reason] };
  }
  const words: FailureWords = {
    amount: (count) => formatAmount(count, 'event'),
    allWell: (count) => (count === 1 ? 'the only event ended with st=0' : `all ${count} events ended with st=0`),
    allFailed: () => describeTotalFailure(total),
  };
  const judged = judgeFailures(total, tally.times.ending, words, ordered);
  const slowness = describeSlowness(tally);
  const reasons = [...judged.reasons, ...(slowness ? [slowness.reason] : describeLatency(total))];
  let { status } = judged;
  if (slowness?.isNow === true && status === 'healthy') status = 'degraded';
  if (lines.other > 0) {
    const message = lines.topMessages(1)[0]?.message ?? '';
    const recent = recentMessages(tally, lines);
    const when = recent.isNow || recent.last === undefined ? '' : `, the last one at ${timeText(recent.last)}`;
    reasons.push(
      `${lines.other} SPOE ${lines.other === 1 ? 'message' : 'messages'} besides the events${when}: ${message}`,
    );
    if (status === 'healthy' && recent.isNow) status = 'degraded';
  }
  return { status, since: judged.since, until: judged.until, reasons, slow: slowness?.isNow === true };
}

const NOW_MS = 60_000;

/** Whether messages that are no events are of now: of the last minute where times are known, or of the whole. */
function recentMessages(
  tally: GroupTally,
  { other, otherTimes }: LineTally,
): { isNow: boolean; last: number | undefined } {
  const [last, ending] = [otherTimes.at(-1), tally.times.ending];
  if (last === undefined || ending === undefined) return { isNow: other / tally.count >= DEGRADED_ERROR_RATE, last };
  const seconds = ending.lastMinute.seconds();
  const end = Math.max(last, seconds.at(-1)?.fromMs ?? last);
  const messages = otherTimes.filter((time) => time > end - NOW_MS).length;
  const recent = seconds.reduce((sum, { fromMs, count }) => (fromMs > end - NOW_MS ? sum + count : sum), 0);
  return { isNow: messages >= RECENT_ERRORS && messages / Math.max(1, recent) >= DEGRADED_ERROR_RATE, last };
}

const NOTHING = { status: 'unknown', since: null, until: null, slow: false } as const;

function describeNothing(lines: LineTally, { all, otherAgents }: Filtered): string {
  const there = otherAgents.length === 0 ? '' : `; agents that are there: ${otherAgents.join(', ')}`;
  if (all > 0) return `the filters left none of ${formatAmount(all, 'event')} to judge by${there}`;
  if (lines.other > 0) return `no SPOE event to judge by, only other SPOE messages (${lines.other})`;
  return `no SPOE event to judge by in ${lines.lines} ${lines.lines === 1 ? 'line' : 'lines'}`;
}

/**
 * How it is now, from how many failed and when. `count` is not 0. Shared by both halves of mirroring: what the agent
 * acknowledged, and what the mirror answered.
 */
export function judgeFailures(
  { count, errors }: Counts,
  ending: Ending | undefined,
  words: FailureWords,
  ordered?: OrderedEnd,
): Judgement {
  if (errors === 0) return { ...WELL, reasons: [words.allWell(count)] };
  const outages = ending && outagesOf(ending, errors / count);
  const since = outages?.stretches.at(-1)?.since ?? null;
  if (errors === count) return { status: 'failing', since, until: null, reasons: [words.allFailed(count)] };
  const rate = errors / count;
  // Where times lead astray, the order of lines gives the end.
  const byOrder = ordered?.isApart === true ? ordered : undefined;
  const down = byOrder ? downOf(byOrder) : ending === undefined ? { count: 0 } : failedAtEnd(ending);
  const failed = `${errors} of ${words.amount(count)} failed (${formatPercent(rate)})`;
  const end = byOrder ?? (ending && latest(ending));
  const now = end === undefined || end.count === 0 ? rate : end.errors / end.count;
  if (down.count >= DOWN_EVENTS) {
    const reasons = [failed, `all of the last ${words.amount(down.count)} failed${byOrder ? IN_ORDER : ''}`];
    return { status: 'failing', since: down.since ?? since, until: null, reasons };
  }
  const isBadNow = now >= DEGRADED_ERROR_RATE && (end === undefined || end.errors >= RECENT_ERRORS);
  const badMinute = byOrder === undefined && ending && !isBadNow ? badPartOf(lastMinuteOf(ending)) : undefined;
  const mayBeOver = outages?.after !== undefined;
  const isClear = (mayBeOver || badMinute !== undefined) && outages !== undefined && hadOutage(outages, rate);
  if (rate < DEGRADED_ERROR_RATE && !isBadNow && !isClear)
    return { ...WELL, reasons: [`${failed}, below the ${formatPercent(DEGRADED_ERROR_RATE)} that count as degraded`] };
  // Errors of the last minute that are not the stretch's own say that it goes on, or that something new has begun.
  const isAgain =
    ending !== undefined && badPartOf(lastMinuteOf(ending, outages?.stretches.at(-1)?.last)) !== undefined;
  const isOver = mayBeOver && !isBadNow && (byOrder !== undefined || !isAgain);
  if (isOver) {
    const until = outages.stretches.at(-1)?.last ?? null;
    return { status: 'degraded', since, until, reasons: [failed, ...describeRecovery(outages, words)] };
  }
  if (byOrder !== undefined && byOrder.count >= RECENT_ORDERED && byOrder.errors === 0) {
    const until = outages?.stretches.at(-1)?.last ?? null;
    const reasons = [failed, `the last ${words.amount(byOrder.count)} went well${IN_ORDER}`];
    return { status: 'degraded', since, until, reasons };
  }
  const failing = now >= FAILING_ERROR_RATE;
  const [status, limit] = failing
    ? (['failing', FAILING_ERROR_RATE] as const)
    : (['degraded', DEGRADED_ERROR_RATE] as const);
  const judged = `; from ${formatPercent(limit)} on that is ${status}`;
  // The limit stands beside the rate that crossed it.
  const byEnd = rate < limit;
  const reasons = [`${failed}${byEnd ? '' : judged}`];
  const recent = badMinute ?? end;
  if (recent !== undefined && (byEnd || recent.errors / recent.count > rate * 1.5))
    reasons.push(
      `of the last ${words.amount(recent.count)} ${formatPercent(recent.errors / recent.count)} failed${byOrder ? IN_ORDER : ''}${byEnd ? judged : ''}`,
    );
  // Where all that failed of late came after the last stretch, something new has begun, too lately to know when.
  const isNew = byOrder === undefined && (recent?.errors ?? 0) <= (outages?.after?.errors ?? -1);
  return { status, since: isNew ? null : since, until: null, reasons };
}

/** The stretches; of one that is clear the seconds of the last minute may tell that it is over. */
function outagesOf(ending: Ending, rate: number): Outages | undefined {
  const outages = findOutages(ending.timeline);
  const last = outages?.stretches.at(-1);
  if (outages === undefined || last === undefined || outages.after !== undefined || !hadOutage(outages, rate))
    return outages;
  return { ...outages, after: secondsAfter(ending, last) };
}

/** What came lately, where its errors are as many as those of now must be. */
function badPartOf(recent: Counts): Counts | undefined {
  return recent.errors >= RECENT_ERRORS && recent.errors / recent.count >= DEGRADED_ERROR_RATE ? recent : undefined;
}

const IN_ORDER = ', in the order of lines: their times do not lead there';

function downOf({ run, runSince }: OrderedEnd): { readonly count: number; readonly since?: number } {
  return { count: run, ...(runSince !== undefined && { since: runSince }) };
}

const WELL = { status: 'healthy', since: null, until: null } as const;

function describeTotalFailure({ count, errorRate, errorRateLowerBound }: Group): string {
  const all = count === 1 ? 'the only event failed' : `all ${formatAmount(count, 'event')} failed`;
  if (errorRate !== null) return `${all}: none has st=0`;
  const bound = errorRateLowerBound === undefined ? '' : `, at least ${formatPercent(errorRateLowerBound)}`;
  return `${all.replace('event', 'logged event')}; others have no line, so the error rate is not known${bound}`;
}

function hadOutage({ stretches }: Outages, rate: number): boolean {
  const last = stretches.at(-1);
  return last !== undefined && last.errors >= OUTAGE_ERRORS && last.errors / last.count >= OUTAGE_RATIO * rate;
}

function describeRecovery({ stretches, after }: Outages, { amount }: FailureWords): string[] {
  const last = stretches.at(-1);
  if (last === undefined || after === undefined) return [];
  const times = `from ${timeText(last.since)} to ${timeText(last.last)}`;
  const which = stretches.length === 1 ? '' : ` (the last of ${stretches.length} such times)`;
  const rest =
    after.errors === 0
      ? `all ${amount(after.count)}`
      : `${formatPercent(1 - after.errors / after.count)} of ${amount(after.count)}`;
  return [
    `${times} ${amount(last.errors)} failed, at least ${formatPercent(last.errors / last.count)} of those at that time${which}`,
    `recovered: since then ${rest} went well`,
  ];
}

/**
 * Only events that succeeded count: those that failed on a timeout are slow by nature. Slow is what they are now; without
 * times, what they were on the whole.
 */
function describeSlowness(tally: GroupTally): { readonly reason: string; readonly isNow: boolean } | undefined {
  const { slow, count, errors } = tally;
  const succeeded = count - errors;
  const amount = (of: number) => (errors === 0 ? formatAmount(of, 'event') : `${of} that succeeded`);
  const ending = tally.slowEnding;
  const held = `held the client's request for more than ${SLOW_MS} ms`;
  const limit = `from ${formatPercent(SLOW_RATE)} on that is slow`;
  const isOften = (of: Counts) =>
    of.errors > 0 && of.errors >= Math.min(SLOW_EVENTS, of.count / 2) && of.errors / of.count >= SLOW_RATE;
  if (slow === 0) return undefined;
  const end = ending && latest(ending);
  const outages = ending && findOutages(ending.timeline);
  // What is rare may not be among the last few events, and goes on all the same.
  const isOver = outages === undefined ? ending !== undefined : outages.after !== undefined;
  if (isOften({ count: succeeded, errors: slow }) && !isOver) {
    const those = `${slow} of ${errors === 0 ? formatAmount(count, 'event') : `the ${succeeded} that succeeded`}`;
    return { reason: `${those} (${formatPercent(slow / succeeded)}) ${held}; ${limit}`, isNow: true };
  }
  if (end !== undefined && end.errors >= SLOW_EVENTS && isOften(end))
    return { reason: `${end.errors} of the last ${amount(end.count)} ${held}; ${limit}`, isNow: true };
  if (!isOften({ count: succeeded, errors: slow })) return undefined;
  const until = outages?.stretches.at(-1)?.last;
  return {
    reason: `earlier, ${until === undefined ? '' : `until ${timeText(until)}, `}${slow} of ${amount(succeeded)} ${held}`,
    isNow: false,
  };
}

/** How much latency an input that is not slow adds for the clients. */
function describeLatency(total: Group): string[] {
  const { pT } = total.timers;
  if (pT === undefined || pT.max === null || pT.p99 === null) return [];
  if (total.errors === 0) {
    if (pT.p99 < NOTABLE_MS) return [];
    const phase = dominantPhase(total);
    const where = phase === undefined ? '' : `, most of it ${phase.does}`;
    return [`the slowest 1 % took ${pT.p99} ms or more (pT)${where}; more than ${SLOW_MS} ms is slow`];
  }
  if (pT.max < NOTABLE_MS) return [`clients are not held up: pT is at most ${pT.max} ms`];
  const which = pT.max > SLOW_MS ? 'failed events' : 'events';
  return [`${which} hold the client's request too: up to ${pT.max} ms (pT)`];
}

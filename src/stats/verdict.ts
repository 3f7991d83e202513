import type { LineTally } from '../logs/tally.ts';
import { type GroupTally, SLOW_MS } from './group-tally.ts';
import type { Group, VerdictStatus } from './model.ts';
import {
  type Counts,
  DEGRADED_ERROR_RATE,
  DOWN_EVENTS,
  type Ending,
  failedAtEnd,
  findOutages,
  latest,
  type Outages,
} from './outage.ts';
import { dominantPhase } from './phases.ts';
import { events, percent, timeText } from './words.ts';

/** From this error rate on mirroring is failing. */
export const FAILING_ERROR_RATE = 0.5;
const SLOW_RATE = 0.01;
const SLOW_EVENTS = 3;
/** From here on the 99th percentile is worth a word, although nothing is slow. */
export const NOTABLE_MS = 20;
/** Fewer errors at the end of a log are chance. */
export const RECENT_ERRORS = 3;
/** Among few errors overall, a stretch counts when it has this many, at this many times the overall rate. */
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

/** What is not known is worse than well, and better than what is known to be bad. */
export const RANK: { readonly [status in VerdictStatus]: number } = { healthy: 0, unknown: 1, degraded: 2, failing: 3 };

/** How the sentences of a verdict call what it counts. */
export interface FailureWords {
  /** `20 events` */
  readonly amount: (count: number) => string;
  readonly allWell: (count: number) => string;
  readonly allFailed: (count: number) => string;
}

/** Events that filters left out. */
export interface Filtered {
  readonly all: number;
  /** By --status alone. */
  readonly byStatus: number;
}

/** The verdict over a whole input: how it is now, and since when it is not well. */
export function judge(total: Group, tally: GroupTally, lines: LineTally, filtered: Filtered): EventJudgement {
  if (total.count === 0) return { ...NOTHING, reasons: [describeNothing(lines, filtered.all)] };
  if (filtered.byStatus > 0) {
    const reason = `--status leaves out ${events(filtered.byStatus)}: a verdict needs all status codes`;
    return { ...NOTHING, reasons: [reason] };
  }
  const words: FailureWords = {
    amount: events,
    allWell: (count) => (count === 1 ? 'the only event ended with st=0' : `all ${count} events ended with st=0`),
    allFailed: () => describeTotalFailure(total),
  };
  const judged = judgeFailures(total, tally.times.ending, words);
  const slowness = describeSlowness(tally);
  const reasons = [...judged.reasons, ...(slowness ? [slowness] : describeLatency(total))];
  let { status } = judged;
  if (slowness !== undefined && status === 'healthy') status = 'degraded';
  if (lines.other > 0) {
    const message = lines.topMessages(1)[0]?.message ?? '';
    reasons.push(`${lines.other} SPOE ${lines.other === 1 ? 'message' : 'messages'} besides the events: ${message}`);
    if (status === 'healthy' && lines.other / total.count >= DEGRADED_ERROR_RATE) status = 'degraded';
  }
  return { status, since: judged.since, until: judged.until, reasons, slow: slowness !== undefined };
}

const NOTHING = { status: 'unknown', since: null, until: null, slow: false } as const;

function describeNothing(lines: LineTally, filtered: number): string {
  if (filtered > 0) return `the filters left none of ${events(filtered)} to judge by`;
  if (lines.other > 0) return `no SPOE event to judge by, only other SPOE messages (${lines.other})`;
  return `no SPOE event to judge by in ${lines.lines} ${lines.lines === 1 ? 'line' : 'lines'}`;
}

/**
 * How it is now, from how many failed and when. `count` is not 0. Shared by both halves of mirroring: what the agent
 * acknowledged, and what the mirror answered.
 */
export function judgeFailures({ count, errors }: Counts, ending: Ending | undefined, words: FailureWords): Judgement {
  if (errors === 0) return { ...WELL, reasons: [words.allWell(count)] };
  const outages = ending && findOutages(ending.timeline);
  const since = outages?.stretches.at(-1)?.since ?? null;
  if (errors === count) return { status: 'failing', since, until: null, reasons: [words.allFailed(count)] };
  const rate = errors / count;
  const down = ending === undefined ? { count: 0 } : failedAtEnd(ending);
  const failed = `${errors} of ${words.amount(count)} failed (${percent(rate)})`;
  const end = ending && latest(ending);
  const now = end === undefined || end.count === 0 ? rate : end.errors / end.count;
  if (down.count >= DOWN_EVENTS) {
    const reasons = [failed, `all of the last ${words.amount(down.count)} failed`];
    return { status: 'failing', since: down.since ?? since, until: null, reasons };
  }
  const isBadNow = now >= DEGRADED_ERROR_RATE && (end === undefined || end.errors >= RECENT_ERRORS);
  const isOver = outages?.after !== undefined;
  if (rate < DEGRADED_ERROR_RATE && !isBadNow && !(isOver && hadOutage(outages, rate)))
    return { ...WELL, reasons: [`${failed}, below the ${percent(DEGRADED_ERROR_RATE)} that count as degraded`] };
  if (isOver) {
    const until = outages.stretches.at(-1)?.last ?? null;
    return { status: 'degraded', since, until, reasons: [failed, ...describeRecovery(outages, words)] };
  }
  const failing = now >= FAILING_ERROR_RATE;
  const [status, limit] = failing
    ? (['failing', FAILING_ERROR_RATE] as const)
    : (['degraded', DEGRADED_ERROR_RATE] as const);
  const judged = `; from ${percent(limit)} on that is ${status}`;
  // The limit stands beside the rate that crossed it.
  const byEnd = rate < limit;
  const reasons = [`${failed}${byEnd ? '' : judged}`];
  if (end !== undefined && (byEnd || now > rate * 1.5))
    reasons.push(`of the last ${words.amount(end.count)} ${percent(now)} failed${byEnd ? judged : ''}`);
  return { status, since, until: null, reasons };
}

const WELL = { status: 'healthy', since: null, until: null } as const;

function describeTotalFailure({ count, errorRate, errorRateLowerBound }: Group): string {
  const all = count === 1 ? 'the only event failed' : `all ${events(count)} failed`;
  if (errorRate !== null) return `${all}: none has st=0`;
  const bound = errorRateLowerBound === undefined ? '' : `, at least ${percent(errorRateLowerBound)}`;
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
      : `${percent(1 - after.errors / after.count)} of ${amount(after.count)}`;
  return [
    `${times} ${amount(last.errors)} failed, at least ${percent(last.errors / last.count)} of those at that time${which}`,
    `recovered: since then ${rest} went well`,
  ];
}

/** Only events that succeeded count: those that failed on a timeout are slow by nature. */
function describeSlowness({ slow, count, errors }: GroupTally): string | undefined {
  const succeeded = count - errors;
  if (slow < Math.min(SLOW_EVENTS, succeeded / 2) || slow <= 0 || slow / succeeded < SLOW_RATE) return undefined;
  const those = `${slow} of ${errors === 0 ? events(count) : `the ${succeeded} that succeeded`}`;
  const share = percent(slow / succeeded);
  return `${those} (${share}) held the client's request for more than ${SLOW_MS} ms; from ${percent(SLOW_RATE)} on that is slow`;
}

/** What an input that is not slow costs the clients. */
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

import type { LineTally } from '../logs/tally.ts';
import type { GroupTally } from './group-tally.ts';
import type { Group, VerdictStatus } from './model.ts';
import { percent } from './percent.ts';
import type { TimelineState } from './timeline.ts';

/** From this error rate on mirroring is degraded, from that one failing. */
export const DEGRADED_ERROR_RATE = 0.01;
export const FAILING_ERROR_RATE = 0.5;
/** Slow: at least 1 % of the events, and at least 3, took longer than this until the agent's ACK. */
export const SLOW_MS = 100;
const SLOW_RATE = 0.01;
const SLOW_EVENTS = 3;
/** "Now" is the shortest end of the log that holds this many events. */
const RECENT_EVENTS = 50;

export interface Judgement {
  readonly status: VerdictStatus;
  /** Epoch ms. */
  readonly since: number | null;
  readonly reasons: readonly string[];
  readonly slow: boolean;
}

/** The verdict over a whole input: how it is now, and since when it is not well. */
export function judge(total: Group, tally: GroupTally, lines: LineTally): Judgement {
  if (total.count === 0) return { status: 'unknown', since: null, reasons: ['no SPOE event to judge by'], slow: false };
  const timeline = tally.timeline.toState();
  const errors = judgeErrors(total, timeline);
  const slow = isSlow(tally);
  const reasons = [...errors.reasons];
  let { status } = errors;
  if (slow) {
    reasons.push(
      `${percent(tally.pT.countAbove(SLOW_MS) / total.count)} of the events held the client's request for more than ${SLOW_MS} ms`,
    );
    if (status === 'healthy') status = 'degraded';
  }
  if (lines.other > 0) {
    const message = lines.topMessages(1)[0]?.message ?? '';
    reasons.push(`${lines.other} SPOE ${lines.other === 1 ? 'message' : 'messages'} besides the events: ${message}`);
    if (status === 'healthy' && lines.other / total.count >= DEGRADED_ERROR_RATE) status = 'degraded';
  }
  return { status, since: errors.since, reasons, slow };
}

function judgeErrors(total: Group, timeline: TimelineState | undefined): Omit<Judgement, 'slow'> {
  const { count, errors } = total;
  const rate = errors / count;
  const events = `${errors} of ${count} ${count === 1 ? 'event' : 'events'} failed`;
  if (errors === 0) return { status: 'healthy', since: null, reasons: [`all ${count} logged events ended with st=0`] };
  const outage = timeline && lastOutage(timeline);
  const since = outage?.since ?? null;
  if (errors === count) {
    const bound = total.errorRate === null ? '; successes are not logged, so the error rate is not known' : '';
    return { status: 'failing', since, reasons: [`${events}: no event with st=0${bound}`] };
  }
  const now = timeline === undefined ? rate : recentRate(timeline);
  const reasons = [`${events} (${percent(rate)})`];
  if (rate < DEGRADED_ERROR_RATE && now < DEGRADED_ERROR_RATE) {
    reasons[0] = `${reasons[0]}, fewer than the ${percent(DEGRADED_ERROR_RATE)} that count as degraded`;
    return { status: 'healthy', since: null, reasons };
  }
  if (now < DEGRADED_ERROR_RATE && outage?.until != null) {
    reasons.push(`no errors worth mention since ${new Date(outage.until).toISOString()}: it has recovered`);
    return { status: 'degraded', since, reasons };
  }
  const failing = now >= FAILING_ERROR_RATE;
  if (now > rate * 1.5) reasons.push(`at the end of the log ${percent(now)} fail`);
  return { status: failing ? 'failing' : 'degraded', since, reasons };
}

function isSlow(tally: GroupTally): boolean {
  const slow = tally.pT.countAbove(SLOW_MS);
  return slow >= SLOW_EVENTS && slow / tally.count >= SLOW_RATE;
}

/** Error rate of the last steps that together hold enough events. */
function recentRate({ counts, errors }: TimelineState): number {
  let seen = 0;
  let failed = 0;
  for (let i = counts.length - 1; i >= 0 && seen < RECENT_EVENTS; i--) {
    seen += counts[i] ?? 0;
    failed += errors[i] ?? 0;
  }
  return seen === 0 ? 0 : failed / seen;
}

/**
 * The last stretch of unhealthy steps: its first error, and the end of its last step when a healthy one followed.
 * Steps without events belong to whatever is around them.
 */
function lastOutage(timeline: TimelineState): { since: number; until: number | null } | undefined {
  const { counts, errors, firstErrors } = timeline;
  const isUnhealthy = (i: number) => (errors[i] ?? 0) / (counts[i] ?? 1) >= DEGRADED_ERROR_RATE;
  const width = 2 ** timeline.widthLog2 * 1000;
  let since: number | undefined;
  let until: number | null = null;
  for (let i = counts.length - 1; i >= 0; i--) {
    if ((counts[i] ?? 0) === 0) continue;
    if (isUnhealthy(i)) since = firstErrors[i] ?? since;
    else if (since !== undefined) break;
    else until = (timeline.first + i) * width;
  }
  return since === undefined ? undefined : { since, until };
}

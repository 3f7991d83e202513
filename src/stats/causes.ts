/** What most likely lies behind an unhealthy verdict, derived from the data; most telling first. */
import type { LineTally } from '../logs/tally.ts';
import { describePattern, FailurePattern } from '../status/patterns.ts';
import type { Aggregator } from './aggregator.ts';
import type { ReadSource } from './completeness.ts';
import { type Failure, findFailures } from './failures.ts';
import type { GroupTally } from './group-tally.ts';
import type { Cause, Group } from './model.ts';
import { DEGRADED_ERROR_RATE } from './outage.ts';
import { dominantPhase } from './phases.ts';
import { findServers } from './servers.ts';
import { type EventJudgement, type Judgement, NOTABLE_MS } from './verdict.ts';
import { findOutstanding, findRestart } from './whereabouts.ts';

/** A failure has to explain this part of the errors to be named. */
const WORTH_NAMING = 0.25;

export interface CauseEvidence {
  readonly aggregator: Aggregator;
  readonly total: Group;
  readonly tally: GroupTally;
  readonly sources: readonly ReadSource[];
  readonly lines: LineTally;
}

export function findCauses(judgement: EventJudgement, evidence: CauseEvidence): Cause[] {
  const isWell = judgement.status === 'healthy' || judgement.status === 'unknown';
  const servers = findServers(judgement, evidence);
  const down = servers.map(({ explains: _, ...cause }) => cause);
  if (isWell) return down;
  const { aggregator, total, sources, lines } = evidence;
  const { present, earlier, full } = findReasons(judgement, evidence);
  const about = [
    ...(total.errors > 0 ? findOutstanding(sources, aggregator) : []),
    ...findRestart(judgement.since, sources),
    ...(full ? [] : findSlowPhase(total, judgement)),
  ];
  const isOver = judgement.until !== null;
  const telling = servers.findIndex(({ earlier, explains }) => earlier !== true && explains);
  const first = down[telling];
  const beside = down.filter((cause) => cause.earlier !== true && cause !== first);
  return [
    ...(first === undefined ? present : sayFirst(first, present)),
    ...beside,
    ...(isOver ? [] : about),
    ...messageCauses(lines),
    ...down.filter((cause) => cause.earlier === true),
    ...earlier,
    ...(isOver ? about.map((cause) => ({ ...cause, earlier: true as const })) : []),
  ];
}

/** A server that HAProxy itself calls down is what its lines mean that had no server: said once, in HAProxy's words. */
function sayFirst(down: Cause, present: readonly Cause[]): Cause[] {
  const same = present.find(
    ({ code }) => code === FailurePattern.noAgentServer || code === FailurePattern.noServerOrClosed,
  );
  if (same === undefined) return [down, ...present];
  const { message, next } = down;
  const said = { ...same, code: FailurePattern.noAgentServer, message, ...(next !== undefined && { next }) };
  return [said, ...present.filter((cause) => cause !== same)];
}

/** The causes of failures now, and of those before. */
function findReasons(judgement: Judgement, { aggregator, total, tally }: CauseEvidence) {
  const tooLarge = findFrameSize(tally, total);
  const full = tooLarge === undefined ? findSaturation(total) : undefined;
  const found: (Failure & { readonly share?: number })[] = [
    ...(tooLarge ? [tooLarge] : []),
    ...(full ? [{ ...full, kinds: [FailurePattern.neverSent], count: total.timers.qT?.interrupted ?? 0 }] : []),
    ...findFailures(aggregator, tally).filter(({ code }) => {
      // A queue for connections explains what was never sent, and so does an agent whose frames are too small.
      const isExplained = (full ?? tooLarge) !== undefined && code === FailurePattern.neverSent;
      return !isExplained && (tooLarge === undefined || code !== FailurePattern.messageTooBig);
    }),
  ];
  const since = judgement.until === null ? judgement.since : Number.POSITIVE_INFINITY;
  const ofNow = found.map((failure) => (since === null ? undefined : failuresSince(tally, failure, since)));
  const errorsOfNow = ofNow.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  // Where the times of failures are not known, they count as those of now.
  const isKnown =
    since !== null && ofNow.every((count) => count !== undefined) && (errorsOfNow > 0 || judgement.until !== null);
  const present: Cause[] = [];
  const earlier: Cause[] = [];
  for (const [i, { kinds: _, part: __, count, share: given, ...cause }] of found.entries()) {
    const shareOfAll = given ?? count / total.errors;
    const now = Math.min(ofNow[i] ?? 0, count);
    const isSaturation = cause.code === 'saturation';
    if (!isKnown || (now > 0 && now === count)) {
      // All of it is of now: what it explains is still measured against all errors.
      const share = isKnown && errorsOfNow < total.errors ? now / errorsOfNow : shareOfAll;
      if (share >= WORTH_NAMING || isSaturation) present.push(withShare(cause, share));
    } else if (now > 0) {
      if (now / errorsOfNow >= WORTH_NAMING) present.push(withShare(cause, now / errorsOfNow));
    } else if (shareOfAll >= WORTH_NAMING || isSaturation) {
      earlier.push({ ...withShare(cause, shareOfAll), earlier: true });
    }
  }
  return { present, earlier, full };
}

function withShare(cause: Omit<Cause, 'share'>, share: number): Cause {
  const { code, message, next } = cause;
  return { code, message, ...(share > 0 && { share }), ...(next !== undefined && { next }) };
}

/** How many of these kinds failed since a time; undefined where the times of none are known. */
function failuresSince(
  tally: GroupTally,
  { kinds, part = 0 }: Pick<Failure, 'kinds' | 'part'>,
  since: number,
): number | undefined {
  const own = kinds.map((kind) => tally.failuresSince(kind, since));
  const shared = part > 0 ? tally.failuresSince(FailurePattern.noServerOrClosed, since) : undefined;
  const counts = [...own, shared && Math.round(shared * part)].filter((count) => count !== undefined);
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Messages larger than the agent's frames. HAProxy <= 3.0 reports st=3 or 259 once it knows the agent's size, and a
 * message that it cannot cut waits for a connection it would fit on until timeout processing: st=1 that was never sent.
 */
function findFrameSize(tally: GroupTally, { errors }: Group): (Failure & { readonly share: number }) | undefined {
  const tooBig = tally.patterns.get(FailurePattern.messageTooBig) ?? 0;
  if (tooBig === 0) return undefined;
  const neverSent = tally.patterns.get(FailurePattern.neverSent) ?? 0;
  // Small messages get through: where none of those do, the queue has another reason.
  const isSameReason = neverSent > 0 && tally.count > errors;
  const share = (tooBig + (isSameReason ? neverSent : 0)) / errors;
  if (share < WORTH_NAMING) return undefined;
  return {
    code: FailurePattern.messageTooBig,
    message:
      "messages are larger than the frame size that HAProxy and the agent agreed on (the agent's -m, or" +
      ` max-frame-size): st=3 and 259${isSameReason ? `, and ${neverSent} that were never sent (st=1, qT -1)` : ''}`,
    share,
    count: tooBig + (isSameReason ? neverSent : 0),
    kinds: [FailurePattern.messageTooBig, ...(isSameReason ? [FailurePattern.neverSent] : [])],
    next: describePattern(FailurePattern.messageTooBig).next,
  };
}

/**
 * Messages that were sent had waited for a connection, while others waited still. A queue at a moment alone says
 * little: messages also queue while an agent that is gone cannot be reached.
 */
function findSaturation({ saturation, timers, errors }: Group): Cause | undefined {
  const { qT } = timers;
  if (saturation === undefined || saturation.minIdles > 0 || saturation.maxSending < 2) return undefined;
  if (qT === undefined || qT.p95 === null || qT.p95 < NOTABLE_MS) return undefined;
  const share = errors === 0 ? undefined : Math.min(1, qT.interrupted / errors);
  return {
    code: 'saturation',
    message:
      `messages queue for a free connection to the agent: up to ${saturation.maxSending} at once with no connection` +
      ` idle, and the ones that were sent had queued up to ${qT.max} ms`,
    ...(share !== undefined && share > 0 && { share }),
    next: 'Give the agent more connections (server maxconn) or let it take several messages on one (pipelining).',
  };
}

/** The phase that slow events wait in. Timeouts in the slowest 1 % have been explained as failures. */
function findSlowPhase(total: Group, { slow }: EventJudgement): Cause[] {
  if (!slow) return [];
  if (total.timers.reqT === undefined) return [SLOW_WITHOUT_PHASES];
  const timeouts = total.status.find(({ st }) => st === 1)?.count ?? 0;
  const phase = dominantPhase(total);
  if (phase === undefined || timeouts / total.count >= DEGRADED_ERROR_RATE) return [];
  const { code, does, share, next } = phase;
  const p99 = total.timers.pT?.p99 ?? 0;
  return [{ code, message: `the slowest 1 % (p99 ${p99} ms) were mostly ${does}`, share, next }];
}

const SLOW_WITHOUT_PHASES: Cause = {
  code: 'slow-ack',
  message: 'the agent answers late, or messages queue for it: HAProxy >= 3.1 logs pT only, not in which phase',
  next: 'Look at the agent: load, blocked workers, a delayed ACK (-t), a slow mirror target, too few connections.',
};

function messageCauses(lines: LineTally): Cause[] {
  const top = lines.topMessages(1)[0];
  if (top === undefined) return [];
  return [
    {
      code: 'spoe-message',
      message: `HAProxy also logged: ${top.message} (${top.count === 1 ? 'once' : `${top.count} times`})`,
      next: 'Read these lines: they are failures outside of any event.',
    },
  ];
}

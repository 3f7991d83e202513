/** What most likely lies behind an unhealthy verdict, derived from the data; most telling first. */
import type { LineTally } from '../logs/tally.ts';
import { FailurePattern } from '../status/patterns.ts';
import type { Aggregator } from './aggregator.ts';
import type { ReadSource } from './completeness.ts';
import { findFailures } from './failures.ts';
import type { GroupTally } from './group-tally.ts';
import type { Cause, Group } from './model.ts';
import { dominantPhase } from './phases.ts';
import { DEGRADED_ERROR_RATE, type Judgement, NOTABLE_MS } from './verdict.ts';
import { findOutstanding, findRestart } from './whereabouts.ts';

/** A failure has to explain this part of the errors to be named. */
const WORTH_NAMING = 0.25;

export interface Evidence {
  readonly aggregator: Aggregator;
  readonly total: Group;
  readonly tally: GroupTally;
  readonly sources: readonly ReadSource[];
  readonly lines: LineTally;
}

export function findCauses(judgement: Judgement, evidence: Evidence): Cause[] {
  if (judgement.status === 'healthy' || judgement.status === 'unknown') return [];
  const { aggregator, total, tally, sources, lines } = evidence;
  const full = findSaturation(total);
  const failures = findFailures(aggregator, tally).flatMap(({ code, message, count, next }): Cause[] => {
    const share = count / total.errors;
    // A queue for connections explains what was never sent.
    if (share < WORTH_NAMING || (full !== undefined && code === FailurePattern.neverSent)) return [];
    return [{ code, message, share, ...(next !== undefined && { next }) }];
  });
  return [
    ...(full ? [full] : []),
    ...failures,
    ...(total.errors > 0 ? findOutstanding(sources, aggregator) : []),
    ...findRestart(judgement.since, sources),
    ...(full ? [] : findSlowPhase(total, judgement)),
    ...messageCauses(lines),
  ];
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

/** What slow events wait for. Timeouts in the slowest 1 % have been explained as failures. */
function findSlowPhase(total: Group, { slow }: Judgement): Cause[] {
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

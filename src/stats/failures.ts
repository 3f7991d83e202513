/** What the failed events of an input have in common: patterns first, and the codes that no pattern explains. */
import { describeStatus } from '../status/describe.ts';
import { SPOP_OFFSET } from '../status/engine-codes.ts';
import { describePattern, FailurePattern } from '../status/patterns.ts';
import type { Aggregator } from './aggregator.ts';
import { GroupTally } from './group-tally.ts';
import type { Cause } from './model.ts';
import type { TimelineState } from './timeline.ts';
import { FAILING_ERROR_RATE } from './verdict.ts';

export interface Failure extends Omit<Cause, 'share'> {
  readonly count: number;
  /** The keys under which GroupTally has the times. */
  readonly kinds: readonly string[];
  /** The part, 0–1, that it has of those that may be two things: their times are known of all agents together. */
  readonly part?: number;
}

/** The codes a pattern is a reading of. */
const CODES: { readonly [pattern in FailurePattern]: readonly number[] } = {
  'never-sent': [1],
  'no-ack-in-time': [1],
  'no-agent-server': [2],
  'no-agent-server-or-closed': [257],
  'agent-closed': [257],
  'message-too-big': [3, 259],
  'closed-normally': [256],
};

const TIMEOUT = 1;
/** The connections to the agent ended after times that differ by no more than this, in ms or in parts. */
const SAME_TIME_MS = 20;
const SAME_TIME_RATIO = 0.05;
/** An agent that closes connections takes 1 ms or more for at least this part of them. */
const SLOWLY_CLOSED = 0.1;
/** Fewer failures in a row are chance. */
const IN_A_ROW = 5;
/** Steps this narrow tell whether failures and successes were mixed. */
const NARROW_STEP_LOG2 = 6;

/** Failures in the order of what a reader learns from them: a bare timeout last, else the most frequent first. */
export function findFailures(aggregator: Aggregator, total: GroupTally): Failure[] {
  if (total.errors === 0) return [];
  const { patterns, withoutServer, partOf } = readPatterns(aggregator, total);
  const failures: Failure[] = [];
  for (const [pattern, count] of patterns)
    failures.push({
      code: pattern,
      count,
      kinds: pattern === FailurePattern.noServerOrClosed ? [] : [pattern],
      part: partOf(pattern),
      ...describe(pattern, withoutServer > 0, total),
    });
  for (const { st, count } of total.statuses()) {
    const explained = [...total.patterns].reduce((sum, [pattern, n]) => sum + (CODES[pattern].includes(st) ? n : 0), 0);
    if (st !== 0 && count > explained && !isExplained(st)) failures.push(describeCode(st, count - explained));
  }
  const isBare = ({ code }: Failure) => (code === describeStatus(TIMEOUT).name ? 1 : 0);
  return failures.sort((a, b) => isBare(a) - isBare(b) || b.count - a.count || (a.code < b.code ? -1 : 1));
}

/** Codes of a pattern that has several: always explained. */
function isExplained(st: number): boolean {
  return CODES['message-too-big'].includes(st);
}

/** Patterns by count, those of HAProxy >= 3.1 that may be two things decided agent by agent where that is possible. */
function readPatterns(aggregator: Aggregator, total: GroupTally) {
  const patterns = new Map(total.patterns);
  const counts = new Map<FailurePattern, number>();
  if (patterns.delete(FailurePattern.noServerOrClosed)) {
    for (const tally of byAgent(aggregator, total)) {
      const count = tally.patterns.get(FailurePattern.noServerOrClosed) ?? 0;
      if (count === 0) continue;
      const pattern = decide(tally, count);
      counts.set(pattern, (counts.get(pattern) ?? 0) + count);
      patterns.set(pattern, (patterns.get(pattern) ?? 0) + count);
    }
  }
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const partOf = (pattern: FailurePattern) => (all === 0 ? 0 : (counts.get(pattern) ?? 0) / all);
  return { patterns, withoutServer: counts.get(FailurePattern.noAgentServer) ?? 0, partOf };
}

function byAgent({ grouping }: Aggregator, total: GroupTally): Iterable<GroupTally> {
  if (!grouping.by.includes('agent') || grouping.overflowed) return [total];
  const agents = new Map<string | undefined, GroupTally>();
  for (const { key, tally } of grouping.groups()) {
    const sum = agents.get(key.agent) ?? new GroupTally();
    sum.merge(tally.toState());
    agents.set(key.agent, sum);
  }
  return agents.values();
}

/** Failures within 0 ms: no server is up, unless other lines of the agent show that it was there and closed. */
function decide(tally: GroupTally, count: number): FailurePattern {
  const closed = tally.patterns.get(FailurePattern.agentClosed) ?? 0;
  if (closed >= count * SLOWLY_CLOSED) return FailurePattern.agentClosed;
  if (tally.errors === tally.count)
    return count >= tally.errors / 2 ? FailurePattern.noAgentServer : FailurePattern.noServerOrClosed;
  const timeline = tally.times.timeline.toState();
  if (timeline === undefined) return FailurePattern.agentClosed;
  const apart = failedInARow(timeline);
  if (apart >= tally.errors * FAILING_ERROR_RATE) return FailurePattern.noAgentServer;
  return timeline.widthLog2 <= NARROW_STEP_LOG2 ? FailurePattern.agentClosed : FailurePattern.noServerOrClosed;
}

/** Errors in stretches of the timeline in which next to nothing went well, each of a few events. */
function failedInARow({ counts, errors }: TimelineState): number {
  let sum = 0;
  let row = 0;
  for (const [i, count] of [...counts, 1].entries()) {
    const failed = errors[i] ?? 0;
    if (failed >= count * (1 - SLOWLY_CLOSED)) {
      row += failed;
    } else {
      if (row >= IN_A_ROW) sum += row;
      row = 0;
    }
  }
  return sum;
}

function describe(
  pattern: FailurePattern,
  withoutServer: boolean,
  total: GroupTally,
): { message: string; next: string } {
  const after = pattern === FailurePattern.agentClosed ? sameTime(total) : undefined;
  if (after !== undefined) {
    return {
      message: `the connection to the agent ended before its ACK, each time after about ${after} ms: a timeout, or the agent closed it`,
      next: "Compare timeout server of the agents' backend with timeout processing: it must be longer. Then read the agent log.",
    };
  }
  if (pattern === FailurePattern.noAgentServer && withoutServer) {
    return {
      message: "no server is up in the agents' backend: events failed within 0 ms (as when an agent closes at once)",
      next: describePattern(FailurePattern.noServerOrClosed).next,
    };
  }
  return describePattern(pattern);
}

/** The time that all events took, where the input only fails and all took the same time, more than a moment. */
function sameTime({ pT, count, errors }: GroupTally): number | undefined {
  const middle = pT.quantile(0.5) ?? 0;
  const isSame = pT.max - pT.min <= Math.max(SAME_TIME_MS, middle * SAME_TIME_RATIO);
  return errors === count && count > 1 && middle > 2 * SAME_TIME_MS && isSame ? middle : undefined;
}

function describeCode(st: number, count: number): Failure {
  const { name, meaning, origin, next } = describeStatus(st);
  if (st === TIMEOUT) {
    return {
      code: name,
      count,
      kinds: [`st=${st}`],
      message:
        'no ACK within timeout processing: the agent is stalled, overloaded, unreachable or refused at HELLO;' +
        ' HAProxy >= 3.1 does not log which',
      next: 'See whether the agent is up, reachable and answers HELLO, then how fast it answers.',
    };
  }
  const ended = `the connection to the agent was ended with SPOP code ${st - SPOP_OFFSET}`;
  const message =
    origin !== 'spop' || st < SPOP_OFFSET
      ? `st=${st}: ${meaning}`
      : name === 'agent-defined'
        ? `${ended} (st=${st}), which the agent defines`
        : `${ended} (st=${st}): ${meaning}`;
  return { code: name, count, kinds: [`st=${st}`], message, ...(next !== undefined && { next }) };
}

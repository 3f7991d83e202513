/** What most likely lies behind an unhealthy verdict, derived from the data; most telling first. */
import type { LineTally } from '../logs/tally.ts';
import { describeStatus } from '../status/describe.ts';
import { describePattern } from '../status/patterns.ts';
import type { ReadSource } from './completeness.ts';
import type { GroupTally } from './group-tally.ts';
import type { Cause, Group } from './model.ts';
import { percent } from './percent.ts';
import type { Judgement } from './verdict.ts';

/** A failure has to explain this part of the errors to be named. */
const WORTH_NAMING = 0.25;
/** A phase dominates the slowest events from this share on. */
const DOMINANT_PHASE = 0.5;
/** Something stands out when it has this part of the errors, on a much smaller part of the events. */
const STANDS_OUT_ERRORS = 0.8;
const STANDS_OUT_RATIO = 1.5;
/** A restart this close to the beginning of the trouble is suspected. */
const NEAR_MS = 120_000;
/** Below this, what the slowest events wait for is not worth a word. */
const NOTABLE_P99_MS = 20;

export function findCauses(
  judgement: Judgement,
  total: Group,
  tally: GroupTally,
  sources: readonly ReadSource[],
  lines: LineTally,
): Cause[] {
  if (judgement.status === 'healthy' || judgement.status === 'unknown') return [];
  return [
    ...failureCauses(tally),
    ...standingOut(sources),
    ...restartCauses(judgement, sources),
    ...saturationCauses(total),
    ...phaseCauses(total, judgement),
    ...messageCauses(lines),
  ];
}

/** The failure patterns, and the codes that no pattern explains. */
function failureCauses(tally: GroupTally): Cause[] {
  if (tally.errors === 0) return [];
  const causes: (Cause & { share: number })[] = [];
  for (const [pattern, count] of tally.patterns) {
    causes.push({ code: pattern, share: count / tally.errors, ...describePattern(pattern) });
  }
  const explained = [...tally.patterns.values()].reduce((sum, count) => sum + count, 0);
  const top = tally.statuses().find(({ st }) => st !== 0);
  if (top && (explained === 0 || explained / tally.errors < WORTH_NAMING)) {
    const { name, meaning, next } = describeStatus(top.st);
    causes.push({
      code: name,
      message: `st=${top.st}: ${meaning}`,
      share: top.count / tally.errors,
      ...(next && { next }),
    });
  }
  return causes
    .filter(({ share }) => share >= WORTH_NAMING)
    .sort((a, b) => b.share - a.share || (a.code < b.code ? -1 : 1))
    .map(({ code, message, share, next }) => ({ code, message, share, ...(next && { next }) }));
}

/** One host, process or agent that has nearly all errors but not nearly all events. */
function standingOut(sources: readonly ReadSource[]): Cause[] {
  const fields = [
    { code: 'host-stands-out', noun: 'host', of: ({ host }: ReadSource['key']) => host },
    {
      code: 'pid-stands-out',
      noun: 'process',
      of: ({ host, pid }: ReadSource['key']) => pid && (host === undefined ? `${pid}` : `${host}[${pid}]`),
    },
    { code: 'agent-stands-out', noun: 'agent', of: ({ agent }: ReadSource['key']) => agent },
  ] as const;
  const found = fields
    .map(({ code, noun, of }) => findOutstanding(sources, code, noun, of))
    .filter((cause) => cause !== undefined);
  // A process says more than its host only when the host has others.
  return found.filter(({ code }, i) => code !== 'pid-stands-out' || found[i - 1]?.code !== 'host-stands-out');
}

function findOutstanding(
  sources: readonly ReadSource[],
  code: string,
  noun: string,
  of: (key: ReadSource['key']) => string | 0 | undefined,
): Cause | undefined {
  const counts = new Map<string, { count: number; errors: number }>();
  let count = 0;
  let errors = 0;
  for (const { key, source } of sources) {
    const value = of(key) || '(unknown)';
    const sum = counts.get(value) ?? { count: 0, errors: 0 };
    sum.count += source.count;
    sum.errors += source.errors;
    counts.set(value, sum);
    count += source.count;
    errors += source.errors;
  }
  if (counts.size < 2 || errors === 0) return undefined;
  for (const [value, sum] of counts) {
    const share = sum.errors / errors;
    if (share < STANDS_OUT_ERRORS || share < STANDS_OUT_RATIO * (sum.count / count)) continue;
    const rest = errors - sum.errors;
    const message = `${noun} ${value} has ${percent(share)} of the errors with ${percent(sum.count / count)} of the events; the other ${counts.size - 1} have ${rest}`;
    return {
      code,
      message,
      share,
      next: `Compare ${noun} ${value} with the others: configuration, agent address, network.`,
    };
  }
  return undefined;
}

function restartCauses({ since }: Judgement, sources: readonly ReadSource[]): Cause[] {
  if (since === null) return [];
  const times = sources.flatMap(({ restartTimes }) => restartTimes).filter((time) => Math.abs(time - since) <= NEAR_MS);
  const first = times.sort((a, b) => a - b)[0];
  if (first === undefined) return [];
  return [
    {
      code: 'restart',
      message: `HAProxy was restarted at ${new Date(first).toISOString()}, close to when the errors began`,
      next: 'Check what that restart or reload changed: configuration, agent address, certificates.',
    },
  ];
}

function saturationCauses({ saturation, timers }: Group): Cause[] {
  const queue = timers.qT?.p99 ?? 0;
  const neverSent = timers.qT?.interrupted ?? 0;
  if (saturation === undefined || saturation.minIdles > 0 || saturation.maxSending <= saturation.maxApplets) return [];
  if (queue < NOTABLE_P99_MS && neverSent === 0) return [];
  return [
    {
      code: 'saturation',
      message: `no idle connection to the agent while up to ${saturation.maxSending} messages waited for one of ${saturation.maxApplets}`,
      next: 'Give the agent more connections (server maxconn) or let it take several messages on one (pipelining).',
    },
  ];
}

const PHASES = {
  reqT: {
    code: 'encode-time',
    does: 'being encoded by HAProxy',
    next: 'Look at the CPU of the HAProxy host and at the size of what is mirrored (arg_body).',
  },
  qT: {
    code: 'queue-time',
    does: 'queued in HAProxy for a connection to the agent',
    next: 'Give the agent more connections (server maxconn) or use pipelining.',
  },
  wT: {
    code: 'wait-time',
    does: "waiting for the agent's ACK",
    next: 'Look at the agent: load, blocked workers, a delayed ACK (-t), a slow mirror target.',
  },
  resT: { code: 'decode-time', does: "decoding the agent's answer", next: 'Look at the CPU of the HAProxy host.' },
} as const;

function phaseCauses({ phaseShare, timers }: Group, { slow }: Judgement): Cause[] {
  const p99 = timers.pT?.p99 ?? 0;
  if (phaseShare === undefined || p99 < NOTABLE_P99_MS) return slow ? [slowWithoutPhases()] : [];
  for (const timer of ['reqT', 'qT', 'wT', 'resT'] as const) {
    const share = phaseShare[timer];
    if (share < DOMINANT_PHASE) continue;
    const { code, does, next } = PHASES[timer];
    return [
      { code, message: `the slowest 1 % (p99 ${p99} ms) spend ${percent(share)} of their time ${does}`, share, next },
    ];
  }
  return [];
}

function slowWithoutPhases(): Cause {
  return {
    code: 'slow-ack',
    message: "the agent's ACK comes late; these lines do not say in which phase (HAProxy >= 3.1 logs pT only)",
    next: 'Look at the agent: load, blocked workers, a delayed ACK (-t), a slow mirror target, too few connections.',
  };
}

function messageCauses(lines: LineTally): Cause[] {
  const top = lines.topMessages(1)[0];
  if (top === undefined) return [];
  return [
    {
      code: 'spoe-message',
      message: `HAProxy also logged: ${top.message} (${top.count} times)`,
      next: 'Read these lines: they are failures outside of any event.',
    },
  ];
}

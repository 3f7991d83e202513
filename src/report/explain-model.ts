/** The meaning of a status code or of a whole SPOE line as data (spoe-logs/explain/1); explain.ts makes it text. */
import type { Counter, LineHeader, SpoeEvent } from '../logs/record.ts';
import type { StatusDescription } from '../status/describe.ts';
import { describeStatus, documentedMeaning } from '../status/describe.ts';
import { ENGINE_CODES, SPOP_OFFSET } from '../status/engine-codes.ts';
import { describeMessage, type MessageDescription } from '../status/messages.ts';
import type { PatternDescription } from '../status/patterns.ts';
import { classifyFailure, describePattern, FailurePattern } from '../status/patterns.ts';
import { spopMeaning } from '../status/spop-codes.ts';

export const EXPLAIN_SCHEMA = 'spoe-logs/explain/1';

export interface TableReading {
  /** The meaning in this table; null when it does not list the number. */
  readonly meaning: string | null;
  /** The SPOP code a number from 256 up carries. */
  readonly spopCode?: number;
}

export interface PatternReading extends PatternDescription {
  readonly code: FailurePattern;
  /** The conditions on a line. */
  readonly when: string;
}

export interface CodeExplanation {
  readonly schema: typeof EXPLAIN_SCHEMA;
  readonly kind: 'code';
  readonly status: StatusDescription;
  /** The table HAProxy writes. */
  readonly engine: TableReading;
  /** The table the SPOP documentation lists. */
  readonly documented: TableReading;
  /** Patterns of whole lines with this code. */
  readonly patterns: readonly PatternReading[];
}

export interface TimerReading {
  readonly timer: 'reqT' | 'qT' | 'wT' | 'resT' | 'pT';
  readonly phase: 'encode' | 'queue' | 'wait' | 'decode' | 'total';
  /** -1 when the phase never ended. */
  readonly ms: number;
  readonly says: string;
}

export interface GaugeReading {
  readonly gauge: 'idles' | 'applets' | 'nbSending' | 'nbWaiting';
  readonly value: number;
  readonly says: string;
}

export interface CounterExplanation {
  readonly counter: 'nbError' | 'nbProcessed';
  readonly value: Counter;
  readonly says: string;
}

export interface EventExplanation {
  readonly schema: typeof EXPLAIN_SCHEMA;
  readonly kind: 'event';
  readonly header: LineHeader;
  readonly event: SpoeEvent;
  readonly status: StatusDescription;
  readonly engine: TableReading;
  readonly documented: TableReading;
  /** Present when the line says more than its code. */
  readonly pattern?: PatternReading;
  /** The timers of the line: pT alone on HAProxy >= 3.1. */
  readonly timers: readonly TimerReading[];
  readonly gauges: readonly GaugeReading[];
  readonly counters: readonly CounterExplanation[];
}

/** An SPOE line that reports no event. */
export interface MessageExplanation {
  readonly schema: typeof EXPLAIN_SCHEMA;
  readonly kind: 'message';
  readonly header: LineHeader;
  readonly agent?: string;
  readonly text: string;
  readonly message: MessageDescription;
}

/** Explains what HAProxy says of SPOE besides events. */
export function explainMessage(header: LineHeader, agent: string | undefined, text: string): MessageExplanation {
  const message = describeMessage(text);
  return {
    schema: EXPLAIN_SCHEMA,
    kind: 'message',
    header: shown(header),
    ...(agent !== undefined && { agent }),
    text,
    message,
  };
}

/** The conditions of a pattern, in the words of the line. */
const PATTERN_WHEN: { readonly [pattern in FailurePattern]: string } = {
  'no-agent-server': 'st=2 with -1/-1/-1/-1/0 (HAProxy <= 3.0)',
  'no-agent-server-or-closed': 'st=257 with pT 0 (HAProxy >= 3.1)',
  'never-sent': 'st=1 with qT = -1 (HAProxy <= 3.0)',
  'no-ack-in-time': 'st=1 with wT = -1 (HAProxy <= 3.0)',
  'agent-closed': 'st=257 with wT >= 0 (HAProxy <= 3.0) or pT > 0 (>= 3.1)',
  'message-too-big': 'st=259 or st=3',
  'closed-normally': 'st=256',
};

const PATTERNS_OF_CODE: { readonly [st: number]: readonly FailurePattern[] } = {
  1: [FailurePattern.neverSent, FailurePattern.noAckInTime],
  2: [FailurePattern.noAgentServer],
  3: [FailurePattern.messageTooBig],
  256: [FailurePattern.closedNormally],
  257: [FailurePattern.noServerOrClosed, FailurePattern.agentClosed],
  259: [FailurePattern.messageTooBig],
};

/** Explains a code; any number is fine, one that no table lists has origin `unknown`. */
export function explainCode(st: number): CodeExplanation {
  const patterns = (PATTERNS_OF_CODE[st] ?? []).map(patternReading);
  return { schema: EXPLAIN_SCHEMA, kind: 'code', status: describeStatus(st), ...bothTables(st), patterns };
}

/** The header without `scope`, which is for counting only. */
function shown({ scope: _, ...header }: LineHeader): LineHeader {
  return header;
}

/** Explains one parsed line: its code, its timers, gauges and counters, and the pattern they make. */
export function explainEvent(header: LineHeader, event: SpoeEvent): EventExplanation {
  const { st, reqT, qT, wT, resT, pT } = event;
  const pattern = classifyFailure(st, reqT !== undefined, reqT ?? -1, qT ?? -1, wT ?? -1, resT ?? -1, pT);
  return {
    schema: EXPLAIN_SCHEMA,
    kind: 'event',
    header: shown(header),
    event,
    status: describeStatus(st),
    ...bothTables(st),
    ...(pattern === undefined ? {} : { pattern: patternReading(pattern) }),
    timers: timerReadings(event),
    gauges: gaugeReadings(event),
    counters: [
      { counter: 'nbError', value: event.nbError, says: NB_ERROR_SAYS },
      { counter: 'nbProcessed', value: event.nbProcessed, says: NB_PROCESSED_SAYS },
    ],
  };
}

const NB_ERROR_SAYS =
  'errors so far, of this agent in this process; not to be relied on: HAProxy >= 3.1 may count ordinary ends of a' +
  ' stream as errors';
const NB_PROCESSED_SAYS = 'events started so far (not: answered), of this agent in this process; starts again with it';

function patternReading(code: FailurePattern): PatternReading {
  return { code, when: PATTERN_WHEN[code], ...describePattern(code) };
}

function bothTables(st: number): { engine: TableReading; documented: TableReading } {
  const status = describeStatus(st);
  if (status.origin === 'spop' && st >= SPOP_OFFSET) {
    const spopCode = st - SPOP_OFFSET;
    const meaning = `SPOP error ${spopCode}: ${spopMeaning(spopCode)}`;
    return { engine: { meaning, spopCode }, documented: { meaning: null, spopCode } };
  }
  return {
    engine: { meaning: ENGINE_CODES.get(st)?.meaning ?? null },
    documented: { meaning: documentedMeaning(st) ?? null },
  };
}

const TIMER_SAYS = [
  ['reqT', 'encode', 'to encode the message, ACLs included'],
  ['qT', 'queue', 'in the queue until a connection to the agent took it'],
  ['wT', 'wait', "sent, waiting for the agent's ACK"],
  ['resT', 'decode', 'to decode the ACK and run its actions'],
] as const;

const NEVER_ENDED: { readonly [phase in (typeof TIMER_SAYS)[number][1]]: string } = {
  encode: 'never got there: the message was not encoded',
  queue: 'never left the queue: the message was not sent',
  wait: 'never ended: no ACK arrived',
  decode: 'never got there: there was no ACK to decode',
};

function timerReadings(event: SpoeEvent): TimerReading[] {
  const readings: TimerReading[] = [];
  for (const [timer, phase, says] of TIMER_SAYS) {
    const ms = event[timer];
    if (ms !== undefined) readings.push({ timer, phase, ms, says: ms < 0 ? NEVER_ENDED[phase] : says });
  }
  const says = "latency added to the client's request until the agent's ACK, not the mirror's response time";
  readings.push({ timer: 'pT', phase: 'total', ms: event.pT, says });
  return readings;
}

const GAUGE_SAYS = [
  ['idles', 'idle applets (connections to the agent that wait for work)'],
  ['applets', 'applets (connections to the agent)'],
  ['nbSending', 'events in the queue, not sent yet'],
  ['nbWaiting', 'events sent that wait for an ACK'],
] as const;

function gaugeReadings(event: SpoeEvent): GaugeReading[] {
  return GAUGE_SAYS.flatMap(([gauge, says]) => {
    const value = event[gauge];
    return value === undefined ? [] : [{ gauge, value, says }];
  });
}

/**
 * The one model of a summary that every renderer reads (spoe-logs/summary/1).
 * Key order here is the key order of the JSON output. Times are ISO 8601 in UTC with milliseconds; durations are ms.
 */
import type { EventType } from '../logs/record.ts';
import type { StatusOrigin } from '../status/describe.ts';

export const SUMMARY_SCHEMA = 'spoe-logs/summary/1';

export type VerdictStatus = 'healthy' | 'degraded' | 'failing' | 'unknown';

export interface Summary {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly input: InputHealth;
  readonly window: { readonly from: string | null; readonly to: string | null; readonly seconds: number | null };
  readonly verdict: Verdict;
  /** Present when --fail-on was given. */
  readonly thresholds?: readonly ThresholdResult[];
  readonly total: Group;
  /** Groups by agent, type, name unless --by says otherwise; sorted by those keys; the overflow `(other)` last. */
  readonly groups: readonly KeyedGroup[];
  /** Present when --window was given. */
  readonly series?: readonly SeriesWindow[];
  /** The mirror's answers from the agent's record; present when --record was given. */
  readonly mirror?: Mirror;
  readonly notices: readonly Notice[];
}

export interface InputHealth {
  readonly files: readonly string[];
  readonly bytes: number;
  readonly lines: number;
  readonly spoe: number;
  readonly spoeOther: number;
  readonly malformed: number;
  readonly spoofed: number;
  /** Lines that end in a whole event, behind a header that is not known; absent without any. */
  readonly headerNotRead?: number;
  /** Lines cut at the length bound (64 KiB). */
  readonly overlong: number;
  /** SPOE lines that --agent, --status, --host, --pid, --since or --until left out. */
  readonly filtered: number;
  /** Lines of events that were counted already: a second log target, or a file that is there twice. Absent for none. */
  readonly duplicates?: number;
  /** The most frequent `SPOE:` messages that are not events, at most 10, by count then text. */
  readonly otherMessages: readonly { readonly message: string; readonly count: number }[];
  /** When the summary was made; only with --timestamp, because it makes outputs differ. */
  readonly generatedAt?: string;
}

export interface Verdict {
  readonly status: VerdictStatus;
  /** When the state began: the first error of the unhealthy period, or the end of a record that ends early. Null when healthy or without times. */
  readonly since: string | null;
  /** The last error, when enough went well after it to call the trouble over; absent while it goes on. */
  readonly until?: string;
  readonly reasons: readonly string[];
  /** Events that succeeded held the clients' requests for long. */
  readonly slow?: true;
  /** HAProxy's own message, where it decides: no server is left in a backend of agents, or it stopped. */
  readonly haproxy?: string;
  /** Counts of SPOE lines that could not be read, when they are so many that what is known is not enough. */
  readonly unread?: { readonly unread: number; readonly all: number };
  /** How many events at the end failed in a row, after others that did not; absent for few. */
  readonly failedInARow?: number;
  /** The last 60 s of a log that is longer. */
  readonly lastMinute?: LastMinuteCounts;
  /** No event for longer than this log is used to. */
  readonly silence?: Silence;
  /** Causes, the most likely first; those of a time that is over are last. */
  readonly causes: readonly Cause[];
}

export interface LastMinuteCounts {
  readonly count: number;
  readonly errors: number;
  readonly errorRate: number | null;
}

export interface Silence {
  /** The last event; null where lines have no time. */
  readonly since: string | null;
  /** Requests are logged all the same: they are not mirrored. Otherwise nothing at all is logged. */
  readonly traffic: boolean;
  /** Lines since the last event; of what alone is silent, events of others and requests that were looked at. */
  readonly lines: number;
  /** The agent that alone is silent, while others go on; agent, host and destination are absent where everything is. */
  readonly agent?: string;
  readonly host?: string;
  readonly destination?: string;
}

export interface Cause {
  readonly code: string;
  readonly message: string;
  /** 0–1: the part of the errors (or of the latency) that this cause explains. */
  readonly share?: number;
  /** The next step, one sentence. */
  readonly next?: string;
  /** It was so before the present state began, and has not come again. */
  readonly earlier?: true;
}

export interface ThresholdResult {
  readonly expression: string;
  readonly observed: number | null;
  readonly crossed: boolean;
  readonly reason?: string;
}

export interface Notice {
  readonly code: string;
  readonly message: string;
}

export interface GroupKey {
  readonly agent?: string;
  readonly type?: EventType;
  readonly name?: string;
  readonly host?: string;
  readonly pid?: number;
  readonly st?: number;
  /** The group of everything past the bound. */
  readonly other?: true;
}

export interface Group {
  readonly count: number;
  readonly errors: number;
  /** Null when no st=0 line exists and events are unlogged (then see errorRateLowerBound), or when count is 0. */
  readonly errorRate: number | null;
  readonly errorRateLowerBound?: number;
  readonly perSecond: number | null;
  /** Statuses by count, then code. */
  readonly status: readonly StatusCount[];
  /** Statistics of reqT, qT, wT, resT, pT; a timer no line of the group carries is absent. */
  readonly timers: { readonly [timer in TimerName]?: TimerStats };
  readonly saturation?: Saturation;
  readonly completeness?: Completeness;
  /** The share of reqT, qT, wT, resT in the slowest 1 % of pT (sums to 1). Absent on HAProxy >= 3.1. */
  readonly phaseShare?: { readonly reqT: number; readonly qT: number; readonly wT: number; readonly resT: number };
  /** Errors over time in equal steps, for a sparkline. Absent when the lines have no time. */
  readonly timeline?: Timeline;
}

export interface KeyedGroup extends Group {
  readonly key: GroupKey;
}

export interface StatusCount {
  readonly st: number;
  readonly count: number;
  /** count / group count, 0–1 */
  readonly share: number;
  readonly origin: StatusOrigin;
  readonly name: string;
  readonly meaning: string;
  readonly documented?: string;
  readonly first?: string;
  readonly last?: string;
  /** What an operator does about it, one sentence; absent for st=0. */
  readonly next?: string;
}

export const TIMER_NAMES = ['reqT', 'qT', 'wT', 'resT', 'pT'] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

/** Milliseconds over the values >= 0; quantile q is the value at rank ceil(q × count); null when count is 0. */
export interface TimerStats {
  readonly count: number;
  /** Number of -1. */
  readonly interrupted: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

export interface Saturation {
  readonly minIdles: number;
  readonly maxApplets: number;
  readonly maxSending: number;
  readonly maxWaiting: number;
}

export interface Completeness {
  /** Events HAProxy started, from nb_processed; null when several counters interleave. */
  readonly processed: number | null;
  /** Events without a line; null when several counters interleave. */
  readonly unlogged: number | null;
  readonly restarts: number;
}

/**
 * Troubles of now besides failures: answers that are redirects or client errors, slow ones, requests that were never sent, a
 * record that does not go on, requests that were handed over and are not in the record, lines of the record that could not be
 * read. Troubles of a time that is over: answers that were redirects or client errors, and requests that were never sent.
 */
export type MirrorTrait = 'refuses' | 'slow' | 'drops' | 'ends' | 'unanswered' | 'unread' | 'refused' | 'dropped';

/** Requests that HAProxy handed over, of which the record says nothing. */
export interface MirrorUnanswered {
  /** The destination; absent where the agent has one. */
  readonly destination?: string;
  /** The last request in the record. */
  readonly since: string;
  readonly seconds: number;
  /** An estimate of the requests. */
  readonly requests: number;
}

/** What the mirror answered, from the agent's record. */
export interface Mirror {
  readonly files: readonly string[];
  readonly lines: number;
  /** Lines that are no request of a record. */
  readonly unread: number;
  /** Requests that --since and --until left out. */
  readonly filtered: number;
  readonly window: Summary['window'];
  /** The status of this half alone; the verdict of the summary is the worse one of both. */
  readonly status: VerdictStatus;
  readonly traits: readonly MirrorTrait[];
  /** The mirror, or destinations of it, that has answered nothing of late; absent where all do. */
  readonly unanswered?: readonly MirrorUnanswered[];
  readonly total: MirrorGroup;
  /** Groups by origin; none where the agent has a single destination. */
  readonly destinations: readonly NamedMirrorGroup[];
}

/** Counts are of requests, `dropped` and `sampledOut` apart: those were never sent. */
export interface MirrorGroup {
  /** Lines of the record: answered, failed, dropped and sampledOut together. */
  readonly requests: number;
  readonly answered: number;
  /** Requests that were sent, but without an answer. */
  readonly failed: number;
  /** Requests that were never sent, although they were to be. */
  readonly dropped: number;
  /** Requests that were never sent because of --max-rate. */
  readonly sampledOut: number;
  /** The error rate: failed and 5xx by answered and failed, 0–1; null when nothing was sent. */
  readonly errorRate: number | null;
  readonly perSecond: number | null;
  /** How many requests at the end failed in a row, after others that did not; absent for few. */
  readonly failedInARow?: number;
  /** The last 60 s of a record that is longer. */
  readonly lastMinute?: LastMinuteCounts;
  /** Statuses by count, then code. */
  readonly status: readonly MirrorStatusCount[];
  /** Errors by count, then code. */
  readonly errors: readonly MirrorErrorCount[];
  /** Latency of answers: until the last byte, and until the first. */
  readonly latency: TimerStats;
  readonly ttfb: TimerStats;
  /** Bytes of the bodies. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Errors over time (failed and 5xx). Absent when the lines have no time. */
  readonly timeline?: Timeline;
}

export interface NamedMirrorGroup extends MirrorGroup {
  readonly destination: string;
}

export interface MirrorStatusCount {
  readonly status: number;
  readonly count: number;
  /** count / answered, 0–1 */
  readonly share: number;
  readonly first?: string;
  readonly last?: string;
}

export interface MirrorErrorCount {
  readonly error: string;
  readonly count: number;
  readonly meaning?: string;
  readonly next?: string;
  readonly first?: string;
  readonly last?: string;
}

export interface Timeline {
  readonly from: string;
  /** Width of one step. */
  readonly seconds: number;
  readonly counts: readonly number[];
  readonly errors: readonly number[];
}

export interface SeriesWindow {
  readonly from: string;
  readonly seconds: number;
  readonly count: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p99: number | null;
  /** The window of everything past the bound on windows. */
  readonly other?: true;
}

/**
 * Compares what HAProxy handed over with the agent's record: a mirror that never answers leaves no line there, so only
 * the events that go on show it. The record does not name its SPOE agent, and an agent may sample: what is expected of it
 * comes from the time in which both were there.
 */
import { SAMPLED_OUT } from '../status/mirror-errors.ts';
import { formatAmount, formatPercent } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import type { Aggregator } from './aggregator.ts';
import { GroupTally } from './group-tally.ts';
import { type MirrorRecordTally, type MirrorTally, PER_MS } from './mirror-tally.ts';
import type { Notice } from './model.ts';
import type { Present } from './silence.ts';
import type { TimelineState } from './timeline.ts';

/** Requests that were handed over, of which the record says nothing. */
export interface Unanswered {
  readonly destination: string;
  /** Epoch ms of the last request in the record. */
  readonly since: number;
  /** How long requests have been missing, in ms. */
  readonly forMs: number;
  /** An estimate of the requests. */
  readonly requests: number;
}

/** How much of what HAProxy handed over is in the record, in the time that both cover. */
export interface RecordCoverage {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly requests: number;
  /** Events before the record begins. */
  readonly before: number;
}

export interface HandedOver {
  /** By destination, the longest first. */
  readonly unanswered: readonly Unanswered[];
  /** True when the age comes from the clock: otherwise the log goes on after the end of the record. */
  readonly isLive: boolean;
  readonly coverage: RecordCoverage | undefined;
  /** Epoch ms of the last event that may be of this record; undefined without a log. */
  readonly lastEventMs: number | undefined;
}

/** Events that ended well, of one agent or of all: where the lines of the record may come from. */
interface RecordOrigin {
  readonly tally: GroupTally;
  readonly first: number;
  readonly last: number;
}

/** An origin whose events are about as many as the requests is the record's. */
const FITS = 0.1;
/** A record of half as many lines again is of other events. */
const MOST_REQUESTS = 1.25;
/** How many expected requests in a row are not missing by chance; those of a sample come in groups. */
const EXPECTED = 20;
const EXPECTED_OF_SAMPLE = 50;
/** A mirror is given this long at least, and so many times as long as nearly all of its answers took. */
const PATIENCE_MS = 1750;
const PATIENCE_LATENCIES = 2;
const PATIENCE_OF_SAMPLE_MS = 10_000;
/** The resolution of most logs: whole seconds. */
const CLOCK_MS = 2000;
const SECOND_MS = 1000;
/** A record with less than this part of the log is a sample. */
const SAMPLE = 0.75;

export function compareHandedOver(
  aggregator: Aggregator,
  record: MirrorRecordTally,
  present: Present | undefined,
): HandedOver {
  const { window } = aggregator;
  const all = window === undefined ? [] : originsOf(aggregator);
  const found = record.destinations.map(({ destination, tally }) => ({ destination, tally, ...compare(all, tally) }));
  const [first] = [...found].sort((a, b) => (b.coverage?.requests ?? 0) - (a.coverage?.requests ?? 0));
  const unanswered = found.flatMap(({ destination, tally, origins, share }) => {
    const missing = findUnanswered(origins, share, tally, present);
    return missing === undefined || isOfOneHost(aggregator, tally) ? [] : [{ destination, ...missing }];
  });
  unanswered.sort((a, b) => b.forMs - a.forMs || b.requests - a.requests);
  const lasts = (first?.origins ?? []).map(({ last }) => last);
  return {
    unanswered,
    isLive: isLive(present),
    coverage: first?.coverage,
    lastEventMs: lasts.length === 0 ? window?.to : Math.min(...lasts),
  };
}

/** Possible origins of the record: each group, each agent, and all together. */
function originsOf({ grouping }: Aggregator): readonly RecordOrigin[] {
  const groups = grouping.groups();
  const agents = new Map<string | undefined, GroupTally[]>();
  for (const { key, tally } of groups) agents.set(key.agent, [...(agents.get(key.agent) ?? []), tally]);
  const candidates = [groups.map(({ tally }) => tally)];
  if (agents.size > 1) candidates.push(...agents.values());
  if (groups.length > agents.size) candidates.push(...groups.map(({ tally }) => [tally]));
  return candidates.flatMap((tallies) => {
    const [only] = tallies;
    const tally = tallies.length === 1 && only !== undefined ? only : sumOf(tallies);
    const well = tally.statuses().find(({ st }) => st === 0);
    if (well === undefined || well.first === null || well.last === null) return [];
    return [{ tally, first: well.first, last: well.last }];
  });
}

function sumOf(tallies: readonly GroupTally[]): GroupTally {
  const sum = new GroupTally();
  for (const tally of tallies) sum.merge(tally.toState());
  return sum;
}

/** The events a record may be of, and the part of them that is in it. */
function compare(all: readonly RecordOrigin[], record: MirrorTally) {
  const seen = all.flatMap((origin) => {
    const coverage = coverageOf(origin, record);
    const share = coverage === undefined || coverage.events === 0 ? 0 : coverage.requests / coverage.events;
    return coverage === undefined || share > MOST_REQUESTS || share === 0 ? [] : [{ origin, coverage, share }];
  });
  const fitting = seen.filter(({ share }) => Math.abs(share - 1) <= FITS);
  const used = fitting.length > 0 ? fitting : seen;
  const nearest = [...used].sort((a, b) => Math.abs(1 - a.share) - Math.abs(1 - b.share))[0];
  return {
    origins: used.map(({ origin }) => origin),
    share: new Map(used.map(({ origin, share }) => [origin, Math.min(1, share)])),
    coverage: nearest?.coverage,
  };
}

/** How much of an origin the record covers; undefined where they have no time in common. */
function coverageOf({ tally, first, last }: RecordOrigin, record: MirrorTally): RecordCoverage | undefined {
  const [from, to] = [Math.max(first, record.from), Math.min(last, record.to)];
  if (!(from <= to)) return undefined;
  const requests = record.troubles.dropped.timeline.toState();
  if (requests === undefined) return undefined;
  const sampledOut = record.errors.find(({ error }) => error === SAMPLED_OUT)?.count ?? 0;
  const before = Math.round(wellIn(tally, Number.NEGATIVE_INFINITY, record.from));
  return {
    from,
    to,
    events: tally.count - tally.errors - before - Math.round(wellAfter(tally, record.to)),
    requests: Math.round(countIn(requests, first, last + CLOCK_MS)) + sampledOut,
    before,
  };
}

/** Events that ended well after a time: by the second where that is of the last minute. */
function wellAfter(tally: GroupTally, ms: number): number {
  const seconds = tally.times.lastMinute.seconds();
  const from = seconds[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  if (ms < from) return wellIn(tally, ms, Number.POSITIVE_INFINITY);
  return seconds.reduce((sum, { fromMs, count, errors }) => {
    const part = Math.min(1, (fromMs + SECOND_MS - ms) / SECOND_MS);
    return part > 0 ? sum + (count - errors) * part : sum;
  }, 0);
}

function wellIn(tally: GroupTally, from: number, to: number): number {
  const timeline = tally.times.timeline.toState();
  if (timeline === undefined) return 0;
  const { counts, errors } = timeline;
  return countIn({ ...timeline, counts: counts.map((count, i) => count - (errors[i] ?? 0)) }, from, to);
}

/** What a timeline counts between two times. A step that is cut counts in part. */
function countIn({ widthLog2, first, counts }: TimelineState, from: number, to: number): number {
  const widthMs = 2 ** widthLog2 * 1000;
  return counts.reduce((sum, count, i) => {
    const at = (first + i) * widthMs;
    const part = (Math.min(to, at + widthMs) - Math.max(from, at)) / widthMs;
    return part > 0 ? sum + count * part : sum;
  }, 0);
}

/** Requests that are missing: all possible origins go on without the record, for longer than its answers take. */
function findUnanswered(
  origins: readonly RecordOrigin[],
  share: ReadonlyMap<RecordOrigin, number>,
  record: MirrorTally,
  present: Present | undefined,
): Omit<Unanswered, 'destination'> | undefined {
  if (origins.length === 0) return undefined;
  const latencyMs = (record.latency.quantile(0.99) ?? 0) / PER_MS;
  const isSample = origins.every((origin) => (share.get(origin) ?? 0) < SAMPLE);
  const patienceMs = Math.max(isSample ? PATIENCE_OF_SAMPLE_MS : PATIENCE_MS, PATIENCE_LATENCIES * latencyMs);
  const answeredBy = record.to + (isLive(present) ? 0 : PATIENCE_LATENCIES * latencyMs);
  const missing = Math.min(...origins.map((origin) => wellAfter(origin.tally, answeredBy) * (share.get(origin) ?? 0)));
  const lastMs = Math.min(...origins.map(({ last }) => last));
  const forMs = isLive(present) ? waited(present) : lastMs - record.to;
  if (missing < (isSample ? EXPECTED_OF_SAMPLE : EXPECTED) || forMs < patienceMs) return undefined;
  if (!isLive(present) && origins.some((origin) => isShifted(origin, record))) return undefined;
  return { since: record.to, forMs, requests: Math.round(missing) };
}

/** A record that is read once says nothing of the present. */
function isLive(present: Present | undefined): present is Present {
  return present?.lastRequestMs !== undefined;
}

/** How long the oldest request has waited that came after the last line of the record. */
function waited({ nowMs, firstUnansweredMs }: Present): number {
  return typeof firstUnansweredMs === 'number' ? nowMs - firstUnansweredMs : 0;
}

/** The record is as long and as much as the log, but earlier: the clocks of two hosts differ. */
function isShifted({ tally, first, last }: RecordOrigin, { from, to, requests }: MirrorTally): boolean {
  const [begins, ends] = [first - from, last - to];
  const isSame = Math.abs(begins - ends) <= CLOCK_MS + 0.1 * ends;
  return begins > 0 && isSame && requests >= (tally.count - tally.errors) * (1 - FITS);
}

/** The events of one of several hosts end when the record does: it may be the record of that host's agent. */
function isOfOneHost({ sources }: Aggregator, { to }: MirrorTally): boolean {
  const lasts = new Map<string, number>();
  for (const { key, tally } of sources.values()) {
    const host = key.host ?? '';
    lasts.set(host, Math.max(lasts.get(host) ?? 0, tally.lastTime ?? 0));
  }
  return lasts.size > 1 && [...lasts.values()].some((last) => Math.abs(last - to) < CLOCK_MS);
}

/** From this part on a record holds all events: the ends of log and record are cut differently. */
const WHOLE = 0.95;
/** A difference this small is not reported. */
const FEW = 20;

/** Notices about requests that are not in the record: it is a sample, or they are lost. */
export function describeCoverage({ from, to, events: count, requests, before }: RecordCoverage): Notice[] {
  const notices: Notice[] = [];
  if (requests < WHOLE * count && count - requests >= FEW)
    notices.push({
      code: 'record-holds-part',
      message:
        `of ${formatAmount(count, 'event')} that went well from ${timeText(from)} to ${timeText(to)}, ${requests} are in the record (${formatPercent(requests / count)}):` +
        ' a sample (--sample and the filters of the agent), the record of one agent among several, or requests that are lost',
    });
  if (before >= FEW && before >= (1 - WHOLE) * (before + count))
    notices.push({
      code: 'record-begins-later',
      message: `the record begins at ${timeText(from)}, after ${formatAmount(before, 'event')} that went well: nothing is known of the mirror before`,
    });
  return notices;
}

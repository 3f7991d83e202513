import { STDIN } from '../logs/read.ts';
import type { LineTally } from '../logs/tally.ts';
import type { Histogram } from '../sketch/histogram.ts';
import { describeStatus } from '../status/describe.ts';
import type { Aggregator } from './aggregator.ts';
import { findCauses } from './causes.ts';
import { errorRateOf, type ReadSource, readingOf, type SourceReading } from './completeness.ts';
import { describeLastMinute, describeSeen, describeTimeline, describeTimer, isoTime } from './describe.ts';
import type { GroupTally } from './group-tally.ts';
import { compareHandedOver, describeCoverage } from './handed-over.ts';
import { describeMirror } from './mirror-summary.ts';
import type { MirrorRecordTally } from './mirror-tally.ts';
import { judgeMirrorNow } from './mirror-verdict.ts';
import {
  type Group,
  type GroupKey,
  type KeyedGroup,
  type Notice,
  type SeriesWindow,
  SUMMARY_SCHEMA,
  type Summary,
  TIMER_NAMES,
} from './model.ts';
import { findNotices } from './notices.ts';
import { failedInARow } from './outage.ts';
import { rateSeconds, stepsOfHistory, stepsOfTimeline } from './rate-seconds.ts';
import { findOwnWords } from './servers.ts';
import { findSilence, type HalfJudgement, type Present, paused, silenced } from './silence.ts';
import { findSilentDestinations, withSilentDestinations } from './silent-destinations.ts';
import { evaluateThresholds, type Threshold } from './thresholds.ts';
import { doubtEvents, doubtMissing, findUnread } from './unread.ts';
import { judge, RANK } from './verdict.ts';

const TOP_MESSAGES = 10;
const SLOWEST_PER_MILLE = 10;

export interface SummaryRequest {
  readonly files: readonly string[];
  readonly tally: LineTally;
  readonly aggregator: Aggregator;
  readonly thresholds?: readonly Threshold[] | undefined;
  /** Fewer events than this are no evidence that a threshold was kept. */
  readonly minEvents: number;
  /** The state of the present, for a log or record that is read while it is written. */
  readonly present?: Present;
  /** The agent's record, where it was read too. */
  readonly mirror?: MirrorRecordTally;
  /** What is known to be missing, in words: nothing is healthy, and no threshold is kept, on the rest alone. */
  readonly missing?: readonly string[];
  /** Notices from reading the input, such as a truncated file. */
  readonly inputNotices?: readonly Notice[];
}

/** The summary of everything counted so far. Pure: may be called again while counting goes on. */
export function summarize(request: SummaryRequest): Summary {
  const { aggregator, tally } = request;
  const { from, to, seconds } = windowOf(aggregator);
  const totalTally = aggregator.total();
  const ofRate = rateSecondsOf(aggregator, totalTally);
  const readings = [...aggregator.sources.values()].map(({ key, tally: source }) => ({
    key,
    source,
    ...source.completeness(),
  }));
  const describeAll = (key: GroupKey | undefined, group: GroupTally) =>
    describeGroup(group, ofRate, readingOf(key, aggregator, readings));
  const total = describeAll(undefined, totalTally);
  const groups: KeyedGroup[] = aggregator.grouping
    .groups()
    .map(({ key, tally: group }) => ({ key, ...describeAll(key, group) }));
  const ordered = aggregator.recent.end;
  const judged = judge(
    total,
    totalTally,
    tally,
    { all: aggregator.filtered, otherAgents: aggregator.otherAgents, byStatus: hiddenByStatus(readings, total) },
    ordered,
  );
  const causes = findCauses(judged, { aggregator, total, tally: totalTally, sources: readings, lines: tally });
  const silences = isOnlyFailures(total) ? [] : findSilence(aggregator, tally, request.present);
  const hushed = silenced({ ...judged, causes }, silences, { tally, isPiped: request.files.includes(STDIN) });
  const heard = silences.length > 0 ? hushed : paused(hushed, aggregator, request.present);
  const unread = findUnread(tally, aggregator.events + aggregator.duplicates + aggregator.filtered);
  const known = doubtMissing(doubtEvents(heard, unread), request.missing);
  const own = findOwnWords({ aggregator, total, lines: tally }, known);
  const events: HalfJudgement = { ...known, ...own?.judgement };
  const lastMinute = lastMinuteOf(totalTally, aggregator);
  const inARow = failedInARow(totalTally, totalTally.times.ending);
  const handed = request.mirror && compareHandedOver(aggregator, request.mirror, request.present);
  const silentDestinations = request.mirror === undefined ? [] : findSilentDestinations(request.mirror);
  const judgedMirror =
    request.mirror &&
    handed &&
    withSilentDestinations(judgeMirrorNow(request.mirror, handed, request.present), silentDestinations);
  const verdict = judgedMirror === undefined ? events : combine(events, judgedMirror, request.files.length > 0);
  return {
    schema: SUMMARY_SCHEMA,
    input: describeInput(request),
    window: { from: isoTime(from), to: isoTime(to), seconds },
    verdict: {
      status: verdict.status,
      since: isoTime(verdict.since),
      ...(verdict.until !== null && { until: isoTime(verdict.until) }),
      reasons: verdict.reasons,
      ...(judged.slow && { slow: true as const }),
      ...(own && { haproxy: own.words }),
      ...(unread && { unread }),
      ...(inARow !== undefined && { failedInARow: inARow }),
      ...(lastMinute && { lastMinute }),
      ...(verdict.silence && { silence: { ...verdict.silence, since: isoTime(verdict.silence.since) } }),
      causes: verdict.causes,
    },
    ...(request.thresholds && {
      thresholds: evaluateThresholds(
        request.thresholds,
        {
          aggregator,
          sources: readings,
          total,
          pT: totalTally.pT,
          mirror: request.mirror,
          doubts: judgedMirror?.doubts,
          unread,
          silences,
          missing: request.missing?.[0],
          silentDestinations,
        },
        request.minEvents,
      ),
    }),
    total,
    groups,
    ...(aggregator.series && { series: describeSeries(aggregator.series) }),
    ...(request.mirror && judgedMirror && { mirror: describeMirror(request.mirror, judgedMirror) }),
    notices: [
      ...(request.inputNotices ?? []),
      ...findNotices(aggregator, readings, total, tally, request.mirror),
      ...(handed?.coverage === undefined ? [] : describeCoverage(handed.coverage)),
    ],
  };
}

/** One verdict for both halves: the worse one's, and the reasons of both. */
function combine(events: HalfJudgement, mirror: HalfJudgement, hasLog: boolean): HalfJudgement {
  if (!hasLog) return mirror;
  const isWorse = RANK[mirror.status] > RANK[events.status];
  const [first, second] = isWorse ? [mirror, events] : [events, mirror];
  return {
    status: first.status,
    since: first.since,
    until: first.until,
    reasons: [...first.reasons, ...second.reasons],
    causes: [...first.causes, ...second.causes],
    ...silenceOf(events, mirror),
  };
}

/** The last minute, where the whole is longer than a minute and its end is known. */
function lastMinuteOf({ times }: GroupTally, { window, recent }: Aggregator): Summary['verdict']['lastMinute'] {
  const end = recent.end;
  if (window === undefined || end?.isApart !== true) return window && describeLastMinute(times.lastMinute, window);
  if (end.endMs === undefined) return undefined;
  const lastMinute = describeLastMinute(times.lastMinute, { from: window.from, to: end.endMs });
  // A clock that was set back comes to seconds that are taken: then the last minute is not known.
  const isKnown = lastMinute !== undefined && lastMinute.count > 0 && !(end.run > 0 && lastMinute.errors === 0);
  return isKnown ? lastMinute : undefined;
}

/** The silence of the events first: what the agent does not get, the mirror cannot. */
function silenceOf(events: HalfJudgement, mirror: HalfJudgement): Pick<HalfJudgement, 'silence'> {
  const silence = events.silence ?? mirror.silence;
  return silence === undefined ? {} : { silence };
}

/** Successes that are not logged are no silence. */
function isOnlyFailures({ count, errorRate }: Group): boolean {
  return count > 0 && errorRate === null;
}

/** Events that --status left out: the counters are followed before it. */
function hiddenByStatus(sources: readonly ReadSource[], { count }: Group): number {
  return Math.max(0, sources.reduce((sum, { source }) => sum + source.count, 0) - count);
}

function windowOf({ window }: Aggregator): { from: number | null; to: number | null; seconds: number | null } {
  if (window === undefined) return { from: null, to: null, seconds: null };
  return { ...window, seconds: (window.to - window.from) / 1000 };
}

function rateSecondsOf({ window, history }: Aggregator, { times }: GroupTally): number | null {
  const timeline = times.timeline.toState();
  if (window === undefined || timeline === undefined) return null;
  return rateSeconds(window, history === undefined ? stepsOfTimeline(timeline) : stepsOfHistory(history));
}

function describeInput({ files, tally, aggregator }: SummaryRequest): Summary['input'] {
  return {
    files,
    bytes: tally.bytes,
    lines: tally.lines,
    spoe: aggregator.events,
    spoeOther: tally.other,
    malformed: tally.malformed,
    spoofed: tally.spoofed,
    ...(tally.headerNotRead > 0 && { headerNotRead: tally.headerNotRead }),
    overlong: tally.overlong,
    filtered: aggregator.filtered,
    ...(aggregator.duplicates > 0 && { duplicates: aggregator.duplicates }),
    otherMessages: tally.topMessages(TOP_MESSAGES),
  };
}

function describeGroup(tally: GroupTally, seconds: number | null, reading: SourceReading | undefined): Group {
  const timeline = describeTimeline(tally.times.timeline.toState());
  const shares = tally.tail.shares(SLOWEST_PER_MILLE);
  return {
    count: tally.count,
    errors: tally.errors,
    ...errorRateOf(tally, reading),
    perSecond: seconds === null ? null : tally.count / Math.max(seconds, 1),
    status: describeStatuses(tally),
    timers: describeTimers(tally),
    ...(tally.saturation && { saturation: tally.saturation }),
    ...(reading?.shared === false && {
      completeness: { processed: reading.processed, unlogged: reading.unlogged, restarts: reading.restarts },
    }),
    ...(shares && { phaseShare: { reqT: shares[0], qT: shares[1], wT: shares[2], resT: shares[3] } }),
    ...(timeline && { timeline }),
  };
}

function describeStatuses(tally: GroupTally): Group['status'] {
  return tally.statuses().map(({ st, count, first, last }) => {
    const { origin, name, meaning, documented, next } = describeStatus(st);
    return {
      st,
      count,
      share: count / tally.count,
      origin,
      name,
      meaning,
      ...(documented !== undefined && { documented }),
      ...describeSeen(first, last),
      ...(next !== undefined && { next }),
    };
  });
}

function describeTimers(tally: GroupTally): Group['timers'] {
  const timers: { -readonly [timer in keyof Group['timers']]: Group['timers'][timer] } = {};
  for (const name of TIMER_NAMES) {
    const timer = describeTimer(tally[name]);
    if (timer.count + timer.interrupted > 0) timers[name] = timer;
  }
  return timers;
}

function describeSeries(series: NonNullable<Aggregator['series']>): SeriesWindow[] {
  const windows: SeriesWindow[] = series
    .windows()
    .map((window) => describeWindow(window.start ?? 0, series.widthMs, window));
  const { overflow } = series;
  if (overflow) windows.push({ ...describeWindow(overflow.from, series.widthMs, overflow.window), other: true });
  return windows;
}

function describeWindow(
  start: number,
  widthMs: number,
  window: { count: number; errors: number; pT: Histogram },
): SeriesWindow {
  return {
    from: isoTime(start),
    seconds: widthMs / 1000,
    count: window.count,
    errors: window.errors,
    p50: window.pT.quantile(0.5),
    p99: window.pT.quantile(0.99),
  };
}

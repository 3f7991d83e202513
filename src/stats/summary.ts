import type { LineTally } from '../logs/tally.ts';
import type { Histogram } from '../sketch/histogram.ts';
import { describeStatus } from '../status/describe.ts';
import type { Aggregator } from './aggregator.ts';
import { findCauses } from './causes.ts';
import { errorRateOf, type ReadSource, readingOf, type SourceReading } from './completeness.ts';
import { describeSeen, describeTimeline, describeTimer, isoTime } from './describe.ts';
import type { GroupTally } from './group-tally.ts';
import { describeMirror } from './mirror-summary.ts';
import type { MirrorRecordTally } from './mirror-tally.ts';
import { findMirrorNotices, judgeMirrorNow, type MirrorPresent, RANK } from './mirror-verdict.ts';
import {
  type Cause,
  type Group,
  type GroupKey,
  type KeyedGroup,
  type Notice,
  type SeriesWindow,
  SUMMARY_SCHEMA,
  type Summary,
  TIMER_NAMES,
} from './model.ts';
import { findNotices, hasStopped } from './notices.ts';
import { type FoundSilence, findSilence, type Present, silentOne } from './silence.ts';
import { evaluateThresholds, type Threshold } from './thresholds.ts';
import { type Judgement, judge } from './verdict.ts';
import { timeText } from './words.ts';

const TOP_MESSAGES = 10;
const SLOWEST_PER_MILLE = 10;

export interface SummaryRequest {
  readonly files: readonly string[];
  readonly tally: LineTally;
  readonly aggregator: Aggregator;
  readonly thresholds?: readonly Threshold[];
  readonly minEvents?: number;
  /** What is known of the present, for a log that is read while it is written. */
  readonly present?: Present;
  /** The agent's record, where it was read too. */
  readonly mirror?: MirrorRecordTally;
  /** Of a record that is read while it is written: when its last request came. */
  readonly mirrorPresent?: MirrorPresent;
  /** What reading the input had to say, such as a truncated file. */
  readonly inputNotices?: readonly Notice[];
}

/** The summary of everything counted so far. Pure: may be called again while counting goes on. */
export function summarize(request: SummaryRequest): Summary {
  const { aggregator, tally } = request;
  const { from, to, seconds } = windowOf(aggregator);
  const readings = [...aggregator.sources.values()].map(({ key, tally: source }) => ({
    key,
    source,
    ...source.completeness(),
  }));
  const totalTally = aggregator.total();
  const describeAll = (key: GroupKey | undefined, group: GroupTally) =>
    describeGroup(group, seconds, readingOf(key, aggregator, readings));
  const total = describeAll(undefined, totalTally);
  const groups: KeyedGroup[] = aggregator.grouping
    .groups()
    .map(({ key, tally: group }) => ({ key, ...describeAll(key, group) }));
  const ordered = aggregator.recent.end;
  const judged = judge(
    total,
    totalTally,
    tally,
    {
      all: aggregator.filtered,
      byStatus: hiddenByStatus(readings, total),
    },
    ordered,
  );
  const silences = isOnlyFailures(total) ? [] : findSilence(aggregator, tally, request.present);
  const [silence] = silences;
  const causes = findCauses(judged, { aggregator, total, tally: totalTally, sources: readings, lines: tally });
  const events: Half = {
    ...hush(judged, silences),
    causes: silence === undefined ? causes : [describeSilence(silence, tally), ...causes],
    ...(silence && { silence }),
  };
  const judgedMirror = request.mirror && judgeMirrorNow(request.mirror, aggregator.window?.to, request.mirrorPresent);
  const verdict = judgedMirror === undefined ? events : combine(events, judgedMirror, request.files.length > 0);
  return {
    schema: SUMMARY_SCHEMA,
    input: describeInput(request),
    window: { from: isoTime(from), to: isoTime(to), seconds },
    verdict: {
      status: verdict.status,
      since: isoTime(verdict.since),
      ...(verdict.until !== null && { until: new Date(verdict.until).toISOString() }),
      reasons: verdict.reasons,
      ...(judged.slow && { slow: true as const }),
      ...lastMinuteOf(totalTally, aggregator),
      ...(verdict.silence && { silence: { ...verdict.silence, since: isoTime(verdict.silence.since) } }),
      causes: verdict.causes,
    },
    ...(request.thresholds && {
      thresholds: evaluateThresholds(
        request.thresholds,
        { aggregator, sources: readings, total, pT: totalTally.pT, mirror: request.mirror, silences },
        request.minEvents ?? 1,
      ),
    }),
    total,
    groups,
    ...(aggregator.series && { series: describeSeries(aggregator.series) }),
    ...(request.mirror && judgedMirror && { mirror: describeMirror(request.mirror, judgedMirror) }),
    notices: [
      ...(request.inputNotices ?? []),
      ...findNotices(aggregator, readings, total, tally),
      ...findMirrorNotices(request.mirror, aggregator),
    ],
  };
}

/** What is said of one half of mirroring: HAProxy to the agent, or the agent to the mirror. */
interface Half extends Omit<Judgement, 'slow'> {
  readonly causes: readonly Cause[];
  readonly silence?: FoundSilence;
}

/** One verdict for both halves: the worse one's, and the reasons of both. */
function combine(events: Half, mirror: Half, hasLog: boolean): Half {
  if (!hasLog) return mirror;
  const isWorse = RANK[mirror.status] > RANK[events.status];
  const [first, second] = isWorse ? [mirror, events] : [events, mirror];
  return {
    status: first.status,
    since: first.since,
    until: first.until,
    reasons: [...first.reasons, ...second.reasons],
    causes: [...first.causes, ...second.causes],
    ...(events.silence && { silence: events.silence }),
  };
}

const MINUTE_S = 60;

/** Beside the whole, where there is more than a minute of it. */
function lastMinuteOf(total: GroupTally, { window, recent }: Aggregator): Pick<Summary['verdict'], 'lastMinute'> {
  if (window === undefined || (window.to - window.from) / 1000 <= MINUTE_S) return {};
  const end = recent.end;
  const isApart = end?.isApart === true;
  const { count, errors } = total.lastMinute.read((isApart ? end.endMs : undefined) ?? window.to);
  // A clock that was set back comes to seconds that are taken: then the last minute is not known.
  if (isApart && (end.endMs === undefined || count === 0 || (end.run > 0 && errors === 0))) return {};
  return { lastMinute: { count, errors, errorRate: count === 0 ? null : errors / count } };
}

/** Successes that are not logged are no silence. */
function isOnlyFailures({ count, errorRate }: Group): boolean {
  return count > 0 && errorRate === null;
}

const MOST_SILENCES = 3;

/** What was last known is of a time that is over: only that it failed still holds. */
function hush(judged: Judgement, silences: readonly FoundSilence[]): Judgement {
  const [first] = silences;
  if (first === undefined) return judged;
  const reasons = silences.slice(0, MOST_SILENCES).map(describeQuiet);
  const more = silences.length - MOST_SILENCES;
  if (more > 0) reasons.push(`${more} more are silent`);
  const isPart = silentOne(first) !== '';
  const stays = judged.status === 'failing' || (isPart && judged.status === 'degraded' && judged.until === null);
  const status = stays ? judged.status : 'unknown';
  return { ...judged, status, reasons: [...reasons, ...judged.reasons] };
}

function describeQuiet(silence: FoundSilence): string {
  const { traffic, lines } = silence;
  const since = silence.since === null ? 'any more' : `since ${timeText(silence.since)}`;
  const who = silentOne(silence);
  if (who !== '') return `${who}: nothing mirrored ${since}, while others go on`;
  return traffic
    ? `traffic, but nothing mirrored ${since}: none of the ${lines} lines since then is an event`
    : `no event ${since}: longer than this log is used to`;
}

function describeSilence(silence: FoundSilence, tally: LineTally): Cause {
  const { traffic, lines } = silence;
  const who = silentOne(silence);
  const since = silence.since === null ? 'at the end' : `since ${timeText(silence.since)}`;
  if (who !== '')
    return {
      code: 'not-mirrored',
      message: `${who} has no SPOE line ${since}, though requests go on: they are not mirrored, it is not logged, or none was to be mirrored`,
      next: 'Check on that host that the frontend still has this filter spoe line (a reload?), and the condition of its event.',
    };
  if (hasStopped(tally))
    return {
      code: 'haproxy-stopped',
      message: 'HAProxy says that it stopped: nothing more comes from this process',
      next: 'Look whether HAProxy runs (systemctl status haproxy), and whether a new process logs to another file.',
    };
  if (traffic)
    return {
      code: 'not-mirrored',
      message: `requests are logged without an SPOE line ${since} (${lines} lines): they are not mirrored, it is not logged, or none was to be mirrored (health checks)`,
      next: 'Check that the frontend still has its filter spoe line (a reload?), the condition of the event, and that the log target takes notices.',
    };
  return {
    code: 'silent',
    message:
      lines === 0
        ? 'nothing is logged any more: no request comes, HAProxy has stopped, or the log was rotated under tail -f'
        : 'no event comes any more, and few other lines: no request comes, or they are not mirrored',
    next: 'Look whether the log still grows; spoe-logs summarize --follow FILE goes on with the new file after a rotation.',
  };
}

/** Events that --status left out: the counters are followed before it. */
function hiddenByStatus(sources: readonly ReadSource[], { count }: Group): number {
  return Math.max(0, sources.reduce((sum, { source }) => sum + source.count, 0) - count);
}

function windowOf({ window }: Aggregator): { from: number | null; to: number | null; seconds: number | null } {
  if (window === undefined) return { from: null, to: null, seconds: null };
  return { ...window, seconds: (window.to - window.from) / 1000 };
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
  const timeline = describeTimeline(tally.timeline.toState());
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
    const histogram = tally[name];
    if (histogram.count + histogram.interrupted > 0) timers[name] = describeTimer(histogram);
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
    from: new Date(start).toISOString(),
    seconds: widthMs / 1000,
    count: window.count,
    errors: window.errors,
    p50: window.pT.quantile(0.5),
    p99: window.pT.quantile(0.99),
  };
}

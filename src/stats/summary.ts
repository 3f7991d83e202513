import type { LineTally } from '../logs/tally.ts';
import type { Histogram } from '../sketch/histogram.ts';
import { describeStatus } from '../status/describe.ts';
import type { Aggregator } from './aggregator.ts';
import { findCauses } from './causes.ts';
import { errorRateOf, type ReadSource, readingOf, type SourceReading } from './completeness.ts';
import type { GroupTally } from './group-tally.ts';
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
  type Timeline,
  type TimerName,
  type TimerStats,
} from './model.ts';
import { findNotices } from './notices.ts';
import { type FoundSilence, findSilence, type Present } from './silence.ts';
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
  const judged = judge(total, totalTally, tally, {
    all: aggregator.filtered,
    byStatus: hiddenByStatus(readings, total),
  });
  const silence = total.errorRate === null ? undefined : findSilence(aggregator, tally, request.present);
  const verdict = silence === undefined ? judged : hush(judged, silence);
  const causes = findCauses(judged, { aggregator, total, tally: totalTally, sources: readings, lines: tally });
  return {
    schema: SUMMARY_SCHEMA,
    input: describeInput(request),
    window: { from: isoTime(from), to: isoTime(to), seconds },
    verdict: {
      status: verdict.status,
      since: isoTime(verdict.since),
      ...(verdict.until !== null && { until: new Date(verdict.until).toISOString() }),
      reasons: verdict.reasons,
      ...lastMinuteOf(totalTally, aggregator),
      ...(silence && { silence: { ...silence, since: new Date(silence.since).toISOString() } }),
      causes: silence === undefined ? causes : [describeSilence(silence), ...causes],
    },
    ...(request.thresholds && {
      thresholds: evaluateThresholds(
        request.thresholds,
        { aggregator, sources: readings, total, pT: totalTally.pT },
        request.minEvents ?? 1,
      ),
    }),
    total,
    groups,
    ...(aggregator.series && { series: describeSeries(aggregator.series) }),
    notices: [...(request.inputNotices ?? []), ...findNotices(aggregator, readings, total, tally)],
  };
}

const MINUTE_S = 60;

/** Beside the whole, where there is more than a minute of it. */
function lastMinuteOf(total: GroupTally, { window }: Aggregator): Pick<Summary['verdict'], 'lastMinute'> {
  if (window === undefined || (window.to - window.from) / 1000 <= MINUTE_S) return {};
  const { count, errors } = total.lastMinute.read(window.to);
  return { lastMinute: { count, errors, errorRate: count === 0 ? null : errors / count } };
}

/** What was last known is of a time that is over: only that it failed still holds. */
function hush(judged: Judgement, silence: FoundSilence): Judgement {
  const since = timeText(silence.since);
  const reason = silence.traffic
    ? `traffic, but nothing mirrored since ${since}: none of the ${silence.lines} lines since then is an event`
    : `no event since ${since}: longer than this log is used to`;
  const status = judged.status === 'failing' ? 'failing' : 'unknown';
  return { ...judged, status, reasons: [reason, ...judged.reasons] };
}

function describeSilence({ since, traffic, lines }: FoundSilence): Cause {
  if (traffic)
    return {
      code: 'not-mirrored',
      message: `requests are logged without an SPOE line since ${timeText(since)} (${lines} lines): they are not mirrored, or it is not logged`,
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

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
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
  const timeline = describeTimeline(tally);
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
      ...(first !== null && { first: new Date(first).toISOString() }),
      ...(last !== null && { last: new Date(last).toISOString() }),
      ...(next !== undefined && { next }),
    };
  });
}

function describeTimers(tally: GroupTally): Group['timers'] {
  const timers: { [timer in TimerName]?: TimerStats } = {};
  for (const name of TIMER_NAMES) {
    const histogram = tally[name];
    if (histogram.count + histogram.interrupted > 0) timers[name] = describeTimer(histogram);
  }
  return timers;
}

function describeTimer(histogram: Histogram): TimerStats {
  const empty = histogram.count === 0;
  return {
    count: histogram.count,
    interrupted: histogram.interrupted,
    min: empty ? null : histogram.min,
    mean: histogram.mean,
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p95: histogram.quantile(0.95),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: empty ? null : histogram.max,
  };
}

function describeTimeline(tally: GroupTally): Timeline | undefined {
  const state = tally.timeline.toState();
  if (state === undefined) return undefined;
  const seconds = 2 ** state.widthLog2;
  const from = new Date(state.first * seconds * 1000).toISOString();
  return { from, seconds, counts: state.counts, errors: state.errors };
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

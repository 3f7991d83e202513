import type { LineTally } from '../logs/tally.ts';
import type { Histogram } from '../sketch/histogram.ts';
import { describeStatus } from '../status/describe.ts';
import type { Aggregator } from './aggregator.ts';
import { findCauses } from './causes.ts';
import { errorRateOf, type ReadSource, readingOf, type SourceReading } from './completeness.ts';
import type { GroupTally } from './group-tally.ts';
import {
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
import { evaluateThresholds, type Threshold } from './thresholds.ts';
import { judge } from './verdict.ts';

const TOP_MESSAGES = 10;
const SLOWEST_PER_MILLE = 10;

export interface SummaryRequest {
  readonly files: readonly string[];
  readonly tally: LineTally;
  readonly aggregator: Aggregator;
  readonly thresholds?: readonly Threshold[];
  readonly minEvents?: number;
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
  const verdict = judge(total, totalTally, tally, {
    all: aggregator.filtered,
    byStatus: hiddenByStatus(readings, total),
  });
  const causes = findCauses(verdict, { aggregator, total, tally: totalTally, sources: readings, lines: tally });
  return {
    schema: SUMMARY_SCHEMA,
    input: describeInput(request),
    window: { from: isoTime(from), to: isoTime(to), seconds },
    verdict: {
      status: verdict.status,
      since: isoTime(verdict.since),
      ...(verdict.until !== null && { until: new Date(verdict.until).toISOString() }),
      reasons: verdict.reasons,
      causes,
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

/** Counts of minutes as a summary: what they say, and nothing else. */
import type { MinuteSum, MinuteWindows } from '../../engines/minute-sums.ts';
import type { EventSelection, StoredEvents } from '../../engines/stored-events.ts';
import type { HistogramState } from '../../sketch/histogram.ts';
import { Histogram } from '../../sketch/histogram.ts';
import type { Aggregator } from '../../stats/aggregator.ts';
import { type GroupState, GroupTally } from '../../stats/group-tally.ts';
import type { Dimension } from '../../stats/grouping.ts';
import type { GroupKey } from '../../stats/model.ts';
import { MAX_WINDOWS } from '../../stats/series.ts';
import { type SourceState, SourceTally } from '../../stats/source-tally.ts';
import type { SourceKey } from '../../stats/state.ts';
import { CliError } from './errors.ts';
import type { FromOptions } from './summarize-from.ts';

const MINUTE_MS = 60_000;
const NO_LOWEST = 2 ** 32 - 1;
const NOT_IN_MINUTES: readonly Dimension[] = ['pid', 'st'];

export const MINUTES_REASON =
  'only counts of minutes are loaded: whether events have stopped, came without a line, or were held up by which phase is not known';

/** Adds the minutes that are asked for. Throws CliError where they cannot say it, EngineError. */
export async function addMinutes(stored: StoredEvents, aggregator: Aggregator, options: FromOptions): Promise<void> {
  refuse(options);
  const { agents, hosts, since, until } = options.filter;
  const selection: EventSelection = {
    ...{ agents, hosts, areUnnamedOfHost: true },
    ...(since !== undefined && { since: Math.floor(since / MINUTE_MS) * MINUTE_MS }),
    until,
  };
  aggregator.hasCounters = false;
  const { by, windowMs } = aggregator.options;
  const windows = windowMs === undefined ? undefined : await boundWindows(stored, selection, windowMs);
  for await (const sum of stored.minutes(selection, { by, windows })) addSum(aggregator, sum);
}

/** Windows past the bound of a series are one: that many are not asked for. */
async function boundWindows(stored: StoredEvents, selection: EventSelection, widthMs: number): Promise<MinuteWindows> {
  const found = await stored.windows(selection, widthMs, MAX_WINDOWS + 1);
  return { widthMs, lastFrom: found[MAX_WINDOWS] };
}

function refuse({ by, windowMs, filter }: FromOptions): void {
  const dimension = by.find((each) => NOT_IN_MINUTES.includes(each));
  const what =
    dimension !== undefined
      ? `--by ${dimension}`
      : filter.pids !== undefined
        ? '--pid'
        : filter.status !== undefined
          ? '--status'
          : windowMs !== undefined && windowMs % MINUTE_MS !== 0
            ? `--window ${windowMs / 1000}s`
            : undefined;
  if (what === undefined) return;
  throw new CliError(
    'minutes-only',
    `${what} is not known of counts of minutes, and no single events are loaded`,
    'load without --minutes-only, or ask without it; windows are whole minutes',
  );
}

const NOTHING: HistogramState = new Histogram().toState();

function addSum(aggregator: Aggregator, sum: MinuteSum): void {
  const { by, windowMs } = aggregator.options;
  const { kind, count, errors } = sum;
  const isGroup = kind === 'group';
  aggregator.merge({
    ...{ by, filtered: 0, undecided: 0, from: null, sourcesOverflowed: false },
    groups: isGroup ? [{ key: keyOf(sum, by), tally: groupOf(sum) }] : [],
    sources: kind === 'source' ? [sourceOf(sum)] : [],
    series:
      windowMs === undefined || kind !== 'window'
        ? null
        : { widthMs: windowMs, windows: [{ start: sum.windowFrom, count, errors, pT: timesOf(sum) }], otherFrom: null },
  });
}

function keyOf({ agent, type, event, host }: MinuteSum, by: readonly Dimension[]): GroupKey {
  return {
    ...(by.includes('agent') && { agent }),
    ...(by.includes('event') && { type: type as 'EVENT' | 'GROUP', name: event }),
    ...(by.includes('host') && { host }),
  };
}

function groupOf(sum: MinuteSum): GroupState {
  const statuses = sum.statuses.map(([st, count]) => ({ st, count, first: null, last: null }));
  return {
    ...new GroupTally().toState(),
    ...{ count: sum.count, errors: sum.errors, statuses, pT: timesOf(sum) },
    ...{ reqT: NOTHING, qT: NOTHING, wT: NOTHING, resT: NOTHING },
  };
}

function sourceOf({ host, agent, count, errors }: MinuteSum): { key: SourceKey; tally: SourceState } {
  return { key: { host, pid: undefined, agent }, tally: { ...new SourceTally().toState(), count, errors } };
}

function timesOf({ count, interrupted, sum, min, max, buckets }: MinuteSum): HistogramState {
  return {
    ...{ count: count - interrupted, interrupted, sum, max },
    min: min === NO_LOWEST ? 0 : min,
    buckets: buckets.flat(),
  };
}

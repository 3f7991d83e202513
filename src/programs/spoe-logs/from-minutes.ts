/** Counts of minutes as a summary: what they say, and nothing else. */
import type { EventSelection, StoredEvents } from '../../engines/stored-events.ts';
import type { HistogramState } from '../../sketch/histogram.ts';
import { Histogram } from '../../sketch/histogram.ts';
import type { Aggregator } from '../../stats/aggregator.ts';
import { type GroupState, GroupTally } from '../../stats/group-tally.ts';
import type { Dimension } from '../../stats/grouping.ts';
import type { GroupKey } from '../../stats/model.ts';
import { SourceTally } from '../../stats/source-tally.ts';
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
  for await (const row of stored.minutes(selection)) addMinute(aggregator, row);
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

function addMinute(aggregator: Aggregator, row: readonly unknown[]): void {
  const [minute, agent, type, name, host] = [Number(row[0]), ...row.slice(1, 5).map(String)] as [
    number,
    string,
    'EVENT' | 'GROUP',
    string,
    string,
  ];
  const [count, errors, interrupted, sum, lowest, highest] = row.slice(5, 11).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const pT: HistogramState = {
    ...{ count: count - interrupted, interrupted, sum },
    min: lowest === NO_LOWEST ? 0 : lowest,
    max: highest,
    buckets: pairsOf(row[12]).flat(),
  };
  const statuses = pairsOf(row[11]).map(([st, of]) => ({ st, count: of, first: null, last: null }));
  const group: GroupState = {
    ...new GroupTally().toState(),
    ...{ count, errors, statuses, pT },
    ...{ reqT: NOTHING, qT: NOTHING, wT: NOTHING, resT: NOTHING },
  };
  const { by } = aggregator.options;
  const key: GroupKey = {
    ...(by.includes('agent') && { agent }),
    ...(by.includes('event') && { type, name }),
    ...(by.includes('host') && { host }),
  };
  const source = { ...new SourceTally().toState(), count, errors };
  const { windowMs } = aggregator.options;
  aggregator.merge({
    ...{ by, filtered: 0, undecided: 0, from: null, sourcesOverflowed: false },
    groups: [{ key, tally: group }],
    sources: [{ key: { host, pid: undefined, agent }, tally: source }],
    series:
      windowMs === undefined
        ? null
        : {
            widthMs: windowMs,
            windows: [{ start: Math.floor(minute / windowMs) * windowMs, count, errors, pT }],
            otherFrom: null,
          },
  });
}

/** A map of an engine, by number. */
function pairsOf(map: unknown): [number, number][] {
  return Object.entries(map as { readonly [key: string]: unknown }).map(([key, value]) => [Number(key), Number(value)]);
}

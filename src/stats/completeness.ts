import type { Aggregator } from './aggregator.ts';
import type { CounterReading } from './counter-runs.ts';
import type { Group, GroupKey } from './model.ts';
import type { SourceTally } from './source-tally.ts';
import type { SourceKey } from './state.ts';

/** One process and agent, with what its counter says. */
export interface ReadSource extends CounterReading {
  readonly key: SourceKey;
  readonly source: SourceTally;
}

export interface SourceReading {
  readonly processed: number | null;
  readonly unlogged: number | null;
  readonly restarts: number;
  /** No line with st=0 was seen. */
  readonly onlyFailures: boolean;
  /** The lines of these counters are spread over several groups: their gaps belong to none of them. */
  readonly shared: boolean;
}

/** The reading of the counters behind a group's lines: all sources for the total (no key). Undefined where none are known. */
export function readingOf(
  key: GroupKey | undefined,
  aggregator: Aggregator,
  sources: readonly ReadSource[],
): SourceReading | undefined {
  if (key === undefined) return read(sources, areUnknown(aggregator), false);
  if (key.other) return undefined;
  const matching = sources.filter(({ key: source }) => isCovered(source, key, aggregator));
  if (matching.length === 0) return undefined;
  const shared = key.st !== undefined || (key.type !== undefined && !ownsItsCounters(key, aggregator));
  return read(matching, areUnknown(aggregator), shared);
}

/** The same for all groups of one agent. */
export function readingOfAgent(agent: string, aggregator: Aggregator, sources: readonly ReadSource[]): SourceReading {
  return read(
    sources.filter(({ key }) => key.agent === agent),
    areUnknown(aggregator),
    false,
  );
}

/** The error rate: errors / lines, unless successes may not be logged; then only a lower bound is known. */
export function errorRateOf(
  { count, errors }: { readonly count: number; readonly errors: number },
  reading: SourceReading | undefined,
): Pick<Group, 'errorRate' | 'errorRateLowerBound'> {
  if (count === 0) return { errorRate: null };
  if (!reading?.onlyFailures || reading.unlogged === 0) return { errorRate: errors / count };
  if (reading.unlogged === null || reading.shared) return { errorRate: null };
  return { errorRate: null, errorRateLowerBound: errors / (count + reading.unlogged) };
}

/** Whether the counters say nothing of lines that are missing. */
function areUnknown({ sourcesOverflowed, hasCounters }: Aggregator): boolean {
  return sourcesOverflowed || !hasCounters;
}

/** Grouped by event: does this event alone make up its agent's lines? */
function ownsItsCounters(key: GroupKey, { grouping }: Aggregator): boolean {
  if (key.agent === undefined) return false;
  const sameSource = ({ key: other }: { key: GroupKey }) =>
    other.agent === key.agent && other.host === key.host && other.pid === key.pid;
  return grouping.groups().filter(sameSource).length === 1;
}

function isCovered(source: SourceKey, key: GroupKey, { grouping }: Aggregator): boolean {
  return (
    (!grouping.by.includes('agent') || source.agent === key.agent) &&
    (!grouping.by.includes('host') || source.host === key.host) &&
    (!grouping.by.includes('pid') || source.pid === key.pid)
  );
}

function read(sources: readonly ReadSource[], overflowed: boolean, shared: boolean): SourceReading {
  const onlyFailures = sources.length > 0 && sources.every(({ source }) => source.count === source.errors);
  const restarts = sources.reduce((sum, source) => sum + source.restarts, 0);
  let processed: number | null = overflowed ? null : 0;
  let unlogged: number | null = overflowed ? null : 0;
  for (const source of sources) {
    processed = processed === null || source.processed === null ? null : processed + source.processed;
    unlogged = unlogged === null || source.unlogged === null ? null : unlogged + source.unlogged;
  }
  return { processed, unlogged, restarts, onlyFailures, shared };
}

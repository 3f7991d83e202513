import type { Aggregator } from './aggregator.ts';
import type { GroupKey } from './model.ts';
import type { SourceTally } from './source-tally.ts';
import type { SourceKey } from './state.ts';

/** One process and agent, with what its counter says. */
export interface ReadSource {
  readonly key: SourceKey;
  readonly source: SourceTally;
  readonly processed: number | null;
  readonly unlogged: number | null;
  readonly restarts: number;
  readonly restartTimes: readonly number[];
}

export interface SourceReading {
  readonly processed: number | null;
  readonly unlogged: number | null;
  readonly restarts: number;
  /** No line with st=0 was seen. */
  readonly onlyFailures: boolean;
}

/**
 * What the counters say about a group: all sources for the total (no key). Undefined where the lines of one counter
 * are spread over several groups, because its gaps then belong to none of them.
 */
export function completenessOf(
  key: GroupKey | undefined,
  aggregator: Aggregator,
  sources: readonly ReadSource[],
): SourceReading | undefined {
  if (key === undefined) return read(sources, aggregator.sourcesOverflowed);
  if (key.other || key.st !== undefined || (key.type !== undefined && !ownsItsCounters(key, aggregator)))
    return undefined;
  const matching = sources.filter(({ key: source }) => isCovered(source, key, aggregator));
  return matching.length === 0 ? undefined : read(matching, aggregator.sourcesOverflowed);
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

function read(sources: readonly ReadSource[], overflowed: boolean): SourceReading {
  const onlyFailures = sources.length > 0 && sources.every(({ source }) => source.count === source.errors);
  const restarts = sources.reduce((sum, source) => sum + source.restarts, 0);
  let processed: number | null = overflowed ? null : 0;
  let unlogged: number | null = overflowed ? null : 0;
  for (const source of sources) {
    processed = processed === null || source.processed === null ? null : processed + source.processed;
    unlogged = unlogged === null || source.unlogged === null ? null : unlogged + source.unlogged;
  }
  return { processed, unlogged, restarts, onlyFailures };
}

/**
 * Events that stand in several saved states: of a file that was saved twice, or of a second log target. A state holds no
 * events, so what it counts cannot be taken apart; but what its events sum up to tells whether another state has them.
 */
import { type SeenSum, sourceText } from '../logs/seen-events.ts';
import type { MirrorState } from './mirror-tally.ts';
import type { SourceState } from './source-tally.ts';
import type { AggregateState, SavedState } from './state.ts';

/** A state with what the events of its sources sum up to. */
export function withSums(aggregate: AggregateState, sums: ReadonlyMap<string, SeenSum>): AggregateState {
  const sources = aggregate.sources.map(({ key, tally }) => {
    const seen = sums.get(sourceText(key.host, key.pid, key.agent));
    return seen === undefined || seen.events !== tally.count ? { key, tally } : { key, tally: { ...tally, seen } };
  });
  return { ...aggregate, sources };
}

export interface Distinct {
  /** States in the order they were given. */
  readonly states: readonly SavedState[];
  /** States whose events are all in the others. */
  readonly repeated: readonly SavedState[];
  /** Sources that are in several states, and cannot be taken out of one of them. */
  readonly shared: readonly string[];
}

/** Finds the states that add something to the others. The largest is taken first: a smaller one may be a part of it. */
export function findDistinct(given: readonly SavedState[]): Distinct {
  const largest = [...given].sort((a, b) => countOf(b) - countOf(a));
  const kept: SavedState[] = [];
  const repeated: SavedState[] = [];
  const shared = new Set<string>();
  for (const state of largest) {
    const sources = state.aggregate.sources.filter(({ tally }) => tally.count > 0);
    const known = sources.filter((source) => kept.some((other) => isCounted(source, other)));
    if (sources.length > 0 && known.length === sources.length) repeated.push(state);
    else {
      kept.push(state);
      for (const { key } of known) shared.add(`${key.host ?? '(unknown)'}[${key.pid ?? '-'}] ${key.agent}`);
    }
  }
  return { states: given.filter((state) => kept.includes(state)), repeated, shared: [...shared].sort() };
}

/** Records that are in several states. Two that count the same, to the millisecond, are one that was saved twice. */
export function findDistinctRecords(given: readonly MirrorState[]) {
  const records = new Map<string, MirrorState>();
  const repeated: MirrorState[] = [];
  for (const record of given) {
    // The same file may be called something else on another host, and an older version has not saved its steps.
    const counts = JSON.stringify({ ...record, files: [], history: undefined });
    const known = records.get(counts);
    const isFuller = known?.history === undefined && record.history !== undefined;
    if (known === undefined || isFuller) records.set(counts, record);
    if (known !== undefined) repeated.push(isFuller ? known : record);
  }
  return { records: [...records.values()], repeated };
}

type KeyedSource = AggregateState['sources'][number];

/** All events of a source are counted in another state too: it has the same ones, or its failures are these. */
function isCounted({ key, tally }: KeyedSource, { aggregate }: SavedState): boolean {
  if (!isWhole(aggregate)) return false;
  const text = sourceText(key.host, key.pid, key.agent);
  const other = aggregate.sources.find(({ key }) => sourceText(key.host, key.pid, key.agent) === text)?.tally;
  return other !== undefined && (haveSameEvents(tally, other) || areFailuresOf(tally, other));
}

function haveSameEvents({ count, seen }: SourceState, other: SourceState): boolean {
  return (
    seen !== undefined && seen.events === other.seen?.events && seen.sum === other.seen.sum && count === other.count
  );
}

function areFailuresOf({ count, errors, seen, failedSum }: SourceState, other: SourceState): boolean {
  if (seen === undefined || other.seen === undefined || failedSum === undefined) return false;
  return count === errors && errors === other.errors && failedSum === other.failedSum;
}

/** --status leaves out events of which the sources know. */
function isWhole(aggregate: AggregateState): boolean {
  return countOf({ aggregate }) === aggregate.sources.reduce((sum, { tally }) => sum + tally.count, 0);
}

/** Events that a state counts. */
function countOf({ aggregate }: Pick<SavedState, 'aggregate'>): number {
  return aggregate.groups.reduce((sum, { tally }) => sum + tally.count, 0);
}

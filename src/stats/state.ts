import type { TallyState } from '../logs/tally.ts';
import type { GroupState } from './group-tally.ts';
import type { Dimension } from './grouping.ts';
import type { HistoryState } from './history.ts';
import type { MirrorState } from './mirror-tally.ts';
import type { GroupKey, Notice } from './model.ts';
import type { RecentState } from './recent-events.ts';
import type { Series } from './series.ts';
import type { SourceState } from './source-tally.ts';
import type { StreamsState } from './streams.ts';

/** The process and agent whose counter nb_processed is. */
export interface SourceKey {
  readonly host: string | undefined;
  readonly pid: number | undefined;
  readonly agent: string;
}

/** An aggregate as plain data: what threads send each other and `--save` writes. */
export interface AggregateState {
  readonly by: readonly Dimension[];
  readonly filtered: number;
  /** How many events came before; absent in states of older versions. */
  readonly duplicates?: number;
  /** Events of which it is not known whether they were counted already. */
  readonly unchecked?: number;
  readonly undecided: number;
  /** Epoch ms of the earliest event: states merge in this order. */
  readonly from: number | null;
  readonly groups: readonly { readonly key: GroupKey; readonly tally: GroupState }[];
  readonly sources: readonly { readonly key: SourceKey; readonly tally: SourceState }[];
  readonly sourcesOverflowed: boolean;
  /** Streams and the order of the latest events; both absent in states of older versions. */
  readonly streams?: StreamsState;
  readonly recent?: RecentState;
  /** Agents whose events a filter of agents left out, the first few. */
  readonly otherAgents?: readonly string[];
  readonly series: ReturnType<Series['toState']> | null;
  /** What happened step by step; absent in states of older versions. */
  readonly history?: HistoryState;
}

export const STATE_SCHEMA = 'spoe-logs/state/1';

/** What `summarize --save` writes and `merge` reads. */
export interface SavedState {
  readonly schema: typeof STATE_SCHEMA;
  readonly files: readonly string[];
  /** Notices from reading the inputs, such as a truncated file. */
  readonly notices: readonly Notice[];
  readonly tally: TallyState;
  readonly aggregate: AggregateState;
  /** The agent's record, where one was read. */
  readonly mirror?: MirrorState;
}

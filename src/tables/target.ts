/** Where rows go, as an engine takes them: the interface between what is loaded and what it is loaded into. */
import type { TableName } from './schema.ts';

/** Rows of one table, one after another in RowBinary (schema.ts): the columns in the table's order, no header. */
export interface RowBatch {
  readonly rows: number;
  /** No row is cut between two. Valid until the write has ended. */
  readonly chunks: readonly Uint8Array[];
}

/** Where rows belong in a store of folders. Texts are from logs: still to be escaped for a path. */
export interface Partition {
  /** The comparison; absent for the tables that have no column for it. */
  readonly run?: string;
  /** The day of its rows, UTC: `2026-11-22`; empty for a table that is not cut by days (spoe_loads). */
  readonly dt: string;
  /** Host of its rows, where all have the same one; else `mixed`; empty likewise. */
  readonly host: string;
}

/** A finished part: all rows of one table and one day of some lines of one file. */
export interface TablePart {
  readonly table: TableName;
  /**
   * Of letters, digits, `.`, `_` and `-`, up to 160 of them: two parts with the same one have the same rows, except in spoe_loads, where the
   * later one takes the place of the earlier one.
   */
  readonly token: string;
  readonly partition: Partition;
  readonly body: RowBatch;
}

/** What became of a write, for the accounting. */
export interface Written {
  /** How often it was tried again. */
  readonly retries: number;
}

/** A row of spoe_loads, of the highest version. */
export interface LoadedPart {
  readonly loadId: string;
  readonly firstLine: number;
  readonly endLine: number;
  readonly version: number;
  readonly state: string;
  readonly tables: string;
  readonly leftOut: string;
  readonly digest: number;
}

/**
 * A store of rows. Each method throws an error with a stable `code` when all that can be tried has been: the whole load then stops, and
 * another one goes on where it was.
 */
export interface RowTarget {
  /** As messages name it: no secret. */
  readonly shown: string;
  /** Another process does the work: what is written may wait for it while more is read. Else nothing is won by that but memory is lost. */
  readonly isElsewhere: boolean;
  /** Writes a part, or all of it again: with the same token there are the same rows once. Retries by itself, within its bound. */
  write(part: TablePart, signal?: AbortSignal): Promise<Written>;
  /** The parts in spoe_loads whose load_id begins so, ordered by load_id and first line. */
  loaded(prefix: string): Promise<readonly LoadedPart[]>;
  close(): Promise<void>;
}

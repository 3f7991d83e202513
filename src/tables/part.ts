/** Some lines of a file on their way into tables: what every kind of them has. */
import type { LoadedPart, TablePart } from './target.ts';

/** What is done with the lines of a part. */
export type PartTask =
  /** They were never loaded: it is decided which of their events were told before. */
  | { readonly task: 'load' }
  /** They were begun, or some of their tables are missing: the same rows are made again. */
  | { readonly task: 'finish'; readonly before: LoadedPart; readonly tables: readonly string[] }
  /** They are loaded: their events are only remembered. */
  | { readonly task: 'remember'; readonly before: LoadedPart };

/** Where it stands. */
export interface PartPlace {
  /** The load_id of its file. */
  readonly source: string;
  /** The number of its first line, from 0. */
  readonly firstLine: number;
}

/** What the lines of a part were, besides rows. */
export interface LineCounts {
  lines: number;
  bytes: number;
  other: number;
  malformed: number;
  spoofed: number;
  unread: number;
}

export function noLines(): LineCounts {
  return { lines: 0, bytes: 0, other: 0, malformed: 0, spoofed: 0, unread: 0 };
}

/** The rows of a part while its lines are read. */
export interface PartRows {
  /** Rows of events or requests. */
  readonly rows: number;
  /** Bytes of all that waits to be written. */
  readonly bytes: number;
  /** Lines of events that came before. */
  readonly duplicates: number;
  readonly untimed: number;
  /** Epoch ms of its rows; Infinity and -Infinity without any. */
  readonly timeFrom: number;
  readonly timeTo: number;
  /** LeftOut as text. */
  readonly leftOut: string;
  /** Of what was read: the same lines have the same. */
  readonly digest: number;
  /** More about its lines, as JSON, when it is settled; empty without. */
  readonly details: string;
  /** The lines of a part that is known are those that they were: its events are remembered. */
  confirm(): void;
  /** @param name what tokens begin with */
  parts(name: string): Iterable<TablePart>;
}

/** What the cockpit shows: rows that a cursor can stand on, made by whoever knows the numbers. */
import type { Tone } from '../report/screen.ts';
import type { LineChoice } from '../stats/live-detail.ts';
import type { RecordChoice } from '../stats/mirror-lines.ts';

export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
  /** Drawn in reverse: the cursor stands on it. */
  readonly chosen?: boolean | undefined;
}

/** A row of the body. */
export interface BodyRow {
  /** The same row has the same id in the next picture. */
  readonly id: string;
  readonly text: string;
  readonly tone?: Tone | undefined;
  /** A heading begins a part, and no cursor stands on it. */
  readonly heading?: true;
  /** Has rows below it, which are shown or not. */
  readonly branch?: 'open' | 'closed';
  /** The row that it is below. */
  readonly parent?: string | undefined;
  /** The lines that belong to it. */
  readonly lines?: Chosen | undefined;
}

/** Lines that can be looked at: which, and what they are called. */
export interface Chosen {
  readonly title: string;
  readonly choice: LineChoice;
  /** Of a comparison: the kind of its requests. */
  readonly kind?: string;
  /** They are lines of the agent's record, and these of them. */
  readonly record?: RecordChoice;
}

/** A line as it stands in the file. */
export interface ShownLine {
  readonly number: number;
  readonly bytes: Buffer;
  readonly failed: boolean;
}

/** The lines of what was chosen. */
export interface LinesModel {
  readonly title: string;
  /** The newest first. */
  readonly lines: readonly ShownLine[];
  /** What is not there, in words. */
  readonly missing: string;
  /** What the fields of a line begin with: one that is too long is seen from there on. */
  readonly fields?: RegExp;
}

/** Named rows of a chart, all of the same time. */
export interface ChartRow {
  readonly label: string;
  /** One value a step, the earliest first; null is a step without data. */
  readonly values: readonly (number | null)[];
  readonly format: (value: number) => string;
  readonly tone?: Tone | undefined;
  /** Rows that matter more are taller, where there is room. */
  readonly grows?: true;
}

export interface ChartModel {
  readonly rows: readonly ChartRow[];
  /** Below the charts: what time they are of. */
  readonly axis: string;
  /** Columns of one step. */
  readonly stepColumns: number;
}

/** A picture of everything at one moment. */
export interface Picture {
  /** The verdict, with the tone of it. */
  readonly verdict: Span;
  /** The age of the last event. */
  readonly age: string;
  /** Below the verdict: what it is of. */
  readonly facts: readonly string[];
  /** The name of what is read, which stays when facts are cut. */
  readonly source?: string | undefined;
  /** The likely cause and the next step, where there is one. */
  readonly cause: string | undefined;
  readonly charts: ChartModel | undefined;
  /** One list, or two beside each other. */
  readonly panes: readonly (readonly BodyRow[])[];
  readonly lines: LinesModel | undefined;
}

/**
 * What a screen is made of: sections return lines and grids, table.ts prints them.
 * Lines are plain text until the very end; a tone may colour a whole line and says nothing that the text does not.
 */

import { escapeTerminal } from '../text/terminal.ts';
import { escapeToAscii } from './escape.ts';
import { truncate } from './width.ts';

export type Tone = 'bad' | 'warn' | 'good' | 'heading' | 'faint';

export interface Line {
  readonly text: string;
  readonly tone?: Tone;
  /** Goes on with the line before: neither says anything alone. */
  readonly continues?: true;
}

export interface GridColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  /** Fewest columns it may be cut to when the screen is narrow; a column without it is never cut. */
  readonly shrinkTo?: number;
  /** Where the text is cut, its end stays. */
  readonly keepsEnd?: boolean;
  /** A column with a number may be left out when the screen is narrow, the highest first. */
  readonly drop?: number;
}

export interface Row {
  /** One text for each column. */
  readonly cells: readonly string[];
  readonly tone?: Tone;
  /** Printed under the row, outside the grid. */
  readonly after?: readonly Line[];
}

export interface Grid {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly Row[];
}

/** A part of the screen: lines before the grid, the grid, lines after it. */
export interface Section {
  readonly before?: readonly Line[];
  readonly grid?: Grid;
  readonly after?: readonly Line[];
}

/** How this screen is written: width in columns, the characters it may use, and how text of the log becomes safe. */
export interface ScreenStyle {
  readonly width: number;
  readonly unicode: boolean;
  readonly dash: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly dot: string;
  /** Makes text of the summary safe to print. */
  readonly safe: (text: string) => string;
}

/** Columns of one text of the summary: a name of 64 KiB inside a message must not fill the screen. */
const LONGEST_TEXT = 300;

export function screenStyle(width: number, unicode: boolean): ScreenStyle {
  const ellipsis = unicode ? '…' : '...';
  const visible = unicode ? escapeTerminal : escapeToAscii;
  const safe = (text: string): string => truncate(visible(text), LONGEST_TEXT, ellipsis);
  return unicode
    ? { width, unicode, dash: '—', arrow: '→', ellipsis, dot: '·', safe }
    : { width, unicode, dash: '--', arrow: '->', ellipsis, dot: '|', safe };
}

/** Lines that are shown all or not at all, where some are chosen. */
export function together(lines: readonly Line[]): Line[] {
  return lines.map((each, i) => (i === 0 ? each : { ...each, continues: true }));
}

export function line(text: string, tone?: Tone): Line {
  return tone === undefined ? { text } : { text, tone };
}

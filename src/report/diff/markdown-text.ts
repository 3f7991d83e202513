/** Text of the logs inside Markdown that GitHub renders: no markup, no link, no mention, no reference. */

import { escapeTerminal } from '../../text/terminal.ts';
import { escapeMarkdown } from '../escape.ts';
import { truncate, truncateMiddle } from '../width.ts';
import type { PlainColumn } from './plain-table.ts';

const LONGEST_CODE = 160;
const LONGEST_PROSE = 300;

/**
 * Routes, targets, ids: a code span, where no reader of Markdown links anything. Backticks and pipes become visible
 * escapes, since the ways to write them inside a span inside a table differ between readers.
 */
export function codeSpan(text: string, keepsEnd = false): string {
  const safe = escapeTerminal(text).replaceAll('`', '\\x60').replaceAll('|', '\\x7c').trim();
  return safe === '' ? '-' : `\`${(keepsEnd ? truncateMiddle : truncate)(safe, LONGEST_CODE)}\``;
}

/** Sentences that may hold a name of the logs. */
export function prose(text: string): string {
  return escapeMarkdown(truncate(escapeTerminal(text), LONGEST_PROSE));
}

/** Numbers of our own: `<0.01` is no tag. */
export function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A table's first lines. Columns from `firstNumber` on, before `end`, are right-aligned. */
export function tableHead(heads: readonly string[], firstNumber: number, end: number = heads.length): string {
  const rule = heads.map((_, i) => (i < firstNumber || i >= end ? '---' : '---:'));
  return [tableRow(heads), tableRow(rule)].join('\n');
}

/** Cells must be escaped already. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The first lines of a table of every format. */
export function plainHead<T>(columns: readonly PlainColumn<T>[]): string {
  const rule = columns.map(({ kind }) => (kind === 'number' ? '---:' : '---'));
  return [tableRow(columns.map(({ head }) => head)), tableRow(rule)].join('\n');
}

export function plainRow<T>(columns: readonly PlainColumn<T>[], row: T): string {
  return tableRow(
    columns.map(({ kind, cell, keepsEnd }) => {
      if (kind === 'log') return codeSpan(cell(row), keepsEnd);
      if (kind === 'sentence') return prose(cell(row));
      return kind === 'number' ? plain(cell(row)) : emphasized(cell(row));
    }),
  );
}

/** Words of ours that a reader must not miss. */
const STRONG = ['worse', 'lost', 'slower', 'FAIL', 'INCONCLUSIVE', 'WARN'];

export function emphasized(word: string): string {
  return STRONG.includes(word) ? `**${word}**` : word;
}

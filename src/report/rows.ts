/** Rows of an engine as text: for people, as CSV, or as JSON. Names and values are others' text. */
import { bigintReplacer, escapeJson } from '../text/json.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { escapeCsv } from './escape.ts';
import { displayWidth, truncate } from './width.ts';

/** What an engine answers with. A list or map is JSON of these. */
export type RowValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly RowValue[]
  | { readonly [name: string]: RowValue };

/** The longest cell of a table, in columns of the terminal. */
const LONGEST_CELL = 60;
const NONE = '-';

/** A table for people: each column as wide as its widest cell, numbers to the right. Ends with a newline. */
export function renderRowsTable(names: readonly string[], rows: readonly (readonly RowValue[])[]): string {
  const heads = names.map(cellOf);
  const cells = rows.map((row) => row.map(cellOf));
  const widths = heads.map((head, i) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), displayWidth(head)),
  );
  const isNumber = heads.map(
    (_, i) => rows.some((row) => isNumeric(row[i])) && rows.every((row) => isNumeric(row[i]) || row[i] === null),
  );
  const lineOf = (texts: readonly string[]) =>
    texts
      .map((text, i) => {
        const gap = ' '.repeat((widths[i] ?? 0) - displayWidth(text));
        return isNumber[i] ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd();
  return `${[heads, ...cells].map(lineOf).join('\n')}\n`;
}

function isNumeric(value: RowValue | undefined): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function cellOf(value: RowValue): string {
  return truncate(escapeTerminal(value === null ? NONE : textOf(value)), LONGEST_CELL);
}

function textOf(value: RowValue): string {
  return typeof value === 'object' ? JSON.stringify(value, bigintReplacer) : String(value);
}

/** A line of CSV (RFC 4180, \n): null is empty. */
export function renderRowCsv(row: readonly RowValue[]): string {
  const cells = row.map((value) => {
    if (value === null) return '';
    return typeof value === 'object' || typeof value === 'string' ? escapeCsv(textOf(value)) : String(value);
  });
  return `${cells.join(',')}\n`;
}

/** An object of JSON in a line, its keys the columns in their order. A whole number past 2^53 is a text of its digits. */
export function renderRowJson(names: readonly string[], row: readonly RowValue[]): string {
  const members = names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(row[i] ?? null, bigintReplacer)}`);
  return `${escapeJson(`{${members.join(',')}}`)}\n`;
}

/** Parts that several sections of the HTML report share. */

import type { GateStatus } from '../../diff/model.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { truncate } from '../width.ts';
import type { Markup } from './markup.ts';
import { joinMarkup, markup, NO_MARKUP } from './markup.ts';
import type { PlainColumn, PlainTable } from './plain-table.ts';
import { capital, type RouteWord } from './reading.ts';

export interface HtmlColumn {
  readonly head: string | Markup;
  readonly number?: boolean;
  /** Holds text of any length: it breaks anywhere, but not into a column of single letters. */
  readonly wide?: boolean;
}

export type RouteKind = Exclude<RouteWord, ''>;

export interface HtmlRow {
  /** The first cell is the heading of its row. */
  readonly cells: readonly (string | Markup)[];
  readonly kind?: 'zero' | 'sum' | 'bad' | RouteKind;
}

export function htmlTable(caption: string, columns: readonly HtmlColumn[], rows: readonly HtmlRow[]): Markup {
  const heads = columns.map((column) => markup`<th scope="col"${classOf(column)}>${column.head}</th>`);
  const body = rows.map(({ cells, kind }) => {
    const texts = cells.map((cell, i) =>
      i === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td${classOf(columns[i])}>${cell}</td>`,
    );
    return markup`<tr${kind === undefined ? NO_MARKUP : markup` class="${kind}"`}>${texts}</tr>`;
  });
  return markup`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${heads}</tr></thead>
<tbody>
${joinMarkup(body)}
</tbody></table></div>`;
}

/** A table of every format. A cell may be replaced by one that is drawn. */
export function plainHtml<T>(
  caption: string,
  { columns, rows }: PlainTable<T>,
  {
    drawHead,
    drawCell,
    kindOf,
  }: {
    readonly drawHead?: (column: PlainColumn<T>) => Markup | undefined;
    readonly drawCell?: DrawCell<T>;
    readonly kindOf?: (row: T) => HtmlRow['kind'];
  } = {},
): Markup {
  const heads = columns.map((column) => ({
    head: drawHead?.(column) ?? capital(column.head),
    number: column.kind === 'number' && drawHead?.(column) === undefined,
    wide: column.kind === 'log' || column.kind === 'sentence',
  }));
  const body = rows.map((row) => {
    const kind = kindOf?.(row);
    return {
      cells: columns.map((column) => {
        const text = column.cell(row);
        return drawCell?.(column, row) ?? (column.kind === 'log' ? code(text) : cut(text));
      }),
      ...(kind !== undefined && { kind }),
    };
  });
  return htmlTable(caption, heads, body);
}

export type DrawCell<T> = (column: PlainColumn<T>, row: T) => Markup | undefined;

function classOf(column: HtmlColumn | undefined): Markup {
  if (column?.number === true) return markup` class="num"`;
  return column?.wide === true ? markup` class="wide"` : NO_MARKUP;
}

/** Columns of one text: a target of 64 kB is no help to anybody. */
const LONGEST = 300;

export function code(text: string): Markup {
  return text === '' ? markup`-` : markup`<code>${cut(text)}</code>`;
}

export function cut(text: string): string {
  return truncate(escapeTerminal(text), LONGEST);
}

export function badge(kind: GateStatus | 'warn' | RouteKind, text: string): Markup {
  return markup`<span class="badge ${kind}">${text}</span>`;
}

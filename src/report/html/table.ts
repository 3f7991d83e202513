/** Tables, badges and texts that every page shares. */
import { escapeTerminal } from '../../text/terminal.ts';
import { truncate } from '../width.ts';
import type { Markup } from './markup.ts';
import { joinMarkup, markup, NO_MARKUP } from './markup.ts';

export interface HtmlColumn {
  readonly head: string | Markup;
  /** What a cell is called where a row is a block of them: the heading, unless that is drawn. */
  readonly label?: string;
  readonly number?: boolean;
  /** Holds text of any length: it breaks anywhere, but not into a column of single letters. */
  readonly wide?: boolean;
  /** Holds a name, which is short as a rule. */
  readonly name?: boolean;
}

/** What a badge says at a glance, and how a row is coloured. */
export type BadgeKind =
  | 'pass'
  | 'fail'
  | 'inconclusive'
  | 'healthy'
  | 'degraded'
  | 'failing'
  | 'unknown'
  | 'warn'
  | 'worse'
  | 'better'
  | 'slower'
  | 'lost';
export type RowKind = BadgeKind | 'zero' | 'sum' | 'bad';

export interface HtmlRow {
  /** The first cell in a column with a heading is the heading of its row. */
  readonly cells: readonly (string | Markup)[];
  readonly kind?: RowKind;
}

/**
 * @param narrow what becomes of it on a screen that has no room for its columns: each row a block of cells that are named, or,
 * where there are hundreds, a table that is moved sideways
 */
export function htmlTable(
  caption: string,
  columns: readonly HtmlColumn[],
  rows: readonly HtmlRow[],
  narrow: 'blocks' | 'moved' = 'blocks',
): Markup {
  // A heading that says nothing is none, for those who hear a table.
  const heads = columns.map((column) =>
    column.head === '' ? markup`<td></td>` : markup`<th scope="col"${classOf(column)}>${column.head}</th>`,
  );
  const named = Math.max(
    0,
    columns.findIndex(({ head }) => head !== ''),
  );
  const isBlocks = narrow === 'blocks';
  const labels = columns.map(({ head, label = typeof head === 'string' ? head : '' }) =>
    isBlocks && label !== '' ? markup` data-label="${label}"` : NO_MARKUP,
  );
  const body = rows.map(({ cells, kind }) => {
    const texts = cells.map((cell, i) =>
      i === named && cell !== ''
        ? markup`<th scope="row"${columns[i]?.number === true ? NO_MARKUP : classOf(columns[i])}${labels[i] ?? NO_MARKUP}>${cell}</th>`
        : markup`<td${classOf(columns[i])}${cell === '' ? NO_MARKUP : (labels[i] ?? NO_MARKUP)}>${cell}</td>`,
    );
    return markup`<tr${kind === undefined ? NO_MARKUP : markup` class="${kind}"`}>${texts}</tr>`;
  });
  // What is wider than the screen is moved by keys, too.
  return markup`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table${isBlocks ? markup` class="blocks"` : NO_MARKUP}><caption>${caption}</caption><thead><tr>${heads}</tr></thead>
<tbody>
${joinMarkup(body)}
</tbody></table></div>`;
}

function classOf(column: HtmlColumn | undefined): Markup {
  const kind = column?.number === true ? 'num' : column?.wide === true ? 'wide' : column?.name === true ? 'name' : '';
  return kind === '' ? NO_MARKUP : markup` class="${kind}"`;
}

/** Columns of one text: a target of 64 kB is no help to anybody. */
const LONGEST = 300;

export function code(text: string): Markup {
  return text === '' ? markup`-` : markup`<code>${cut(text)}</code>`;
}

export function cut(text: string): string {
  return truncate(escapeTerminal(text), LONGEST);
}

export function badge(kind: BadgeKind, text: string): Markup {
  return markup`<span class="badge ${kind}">${text}</span>`;
}

/** A figure with its name and a note. */
export function card(name: string, value: string, note: string): Markup {
  return markup`<dl class="card"><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></dl>`;
}

/** A table of every format as HTML. */
import type { Markup } from '../html/markup.ts';
import type { HtmlRow } from '../html/table.ts';
import { code, cut, htmlTable } from '../html/table.ts';
import type { PlainColumn, PlainTable } from './plain-table.ts';
import { capital } from './reading.ts';

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
    label: capital(column.head),
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

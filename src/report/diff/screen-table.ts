/** A table of every format as a grid of the screen. */
import type { Grid, GridColumn, Row, ScreenStyle, Tone } from '../screen.ts';
import { truncate } from '../width.ts';
import type { PlainTable } from './plain-table.ts';

const WIDEST_TEXT = 48;
const NARROWEST_TEXT = 12;

/** The first head, where there is one, makes place for the table's name. */
export function plainGrid<T>(
  { columns, rows }: PlainTable<T>,
  style: ScreenStyle,
  {
    title,
    most,
    toneOf,
  }: { readonly title: string; readonly most: number; readonly toneOf?: (row: T) => Tone | undefined },
): Grid {
  const named = columns.findIndex(({ head }) => head !== '');
  return {
    columns: columns.map(
      ({ head, kind, drop }, i): GridColumn => ({
        head: i === named ? title : style.safe(head),
        align: kind === 'number' ? 'right' : 'left',
        ...(isForeign(kind) && { shrinkTo: NARROWEST_TEXT }),
        ...(drop !== undefined && { drop }),
      }),
    ),
    rows: rows.slice(0, most).map((row): Row => {
      const tone = toneOf?.(row);
      return {
        cells: columns.map(({ kind, cell }) =>
          isForeign(kind) ? truncate(style.safe(cell(row)), WIDEST_TEXT, style.ellipsis) : cell(row),
        ),
        ...(tone !== undefined && { tone }),
      };
    }),
  };
}

function isForeign(kind: string): boolean {
  return kind === 'log' || kind === 'sentence';
}

/** A table of every format as a grid of the screen. */
import type { Grid, GridColumn, Line, Row, ScreenStyle, Tone } from '../screen.ts';
import { truncate, truncateMiddle } from '../width.ts';
import type { PlainTable } from './plain-table.ts';

const WIDEST_TEXT = 48;
const NARROWEST_TEXT = 12;
/** Of a narrow screen no column claims more. */
const NARROW_SHARE = 0.3;

/** The first head, where there is one, makes place for the table's name. */
export function plainGrid<T>(
  { columns, rows }: PlainTable<T>,
  style: ScreenStyle,
  {
    title,
    most,
    toneOf,
    afterOf,
  }: {
    readonly title: string;
    readonly most: number;
    readonly toneOf?: (row: T) => Tone | undefined;
    /** Lines below a row. */
    readonly afterOf?: (row: T) => readonly Line[];
  },
): Grid {
  const named = columns.findIndex(({ head }) => head !== '');
  return {
    columns: columns.map(
      ({ head, kind, drop, keepsEnd, narrowest = NARROWEST_TEXT }, i): GridColumn => ({
        head: i === named ? title : style.safe(head),
        align: kind === 'number' ? 'right' : 'left',
        ...(isForeign(kind) && { shrinkTo: Math.min(narrowest, Math.floor(NARROW_SHARE * style.width)) }),
        ...(drop !== undefined && { drop }),
        ...(keepsEnd !== undefined && { keepsEnd }),
      }),
    ),
    rows: rows.slice(0, most).map((row): Row => {
      const tone = toneOf?.(row);
      return {
        cells: columns.map(({ kind, cell, keepsEnd }) => {
          const cut = keepsEnd === true ? truncateMiddle : truncate;
          return isForeign(kind) ? cut(style.safe(cell(row)), WIDEST_TEXT, style.ellipsis) : cell(row);
        }),
        ...(tone !== undefined && { tone }),
        ...(afterOf !== undefined && { after: afterOf(row) }),
      };
    }),
  };
}

function isForeign(kind: string): boolean {
  return kind === 'log' || kind === 'sentence';
}

/** Makes a grid fit the screen: first narrower gaps, then shorter names, then fewer columns. */
import type { Grid, GridColumn } from './screen.ts';
import { displayWidth, truncate, truncateMiddle } from './width.ts';

export interface FittedGrid extends Grid {
  /** Columns of the terminal each column takes; one space between two of them. */
  readonly widths: readonly number[];
}

const GAP = 1;

/** The grid with cells cut and columns left out so that no line is wider than `width`, if that can be done at all. */
export function fitGrid(grid: Grid, width: number, ellipsis: string): FittedGrid {
  let fitted = grid;
  for (;;) {
    const natural = naturalWidths(fitted);
    const room = width - GAP * (natural.length - 1);
    const widths = shrink(fitted.columns, natural, room);
    const leaving = nextToLeave(fitted.columns);
    if (sum(widths) <= room || leaving < 0) {
      return spread(cut(fitted, widths, ellipsis), widths, room);
    }
    fitted = without(fitted, leaving);
  }
}

/**
 * Makes gaps two wide as far as there is room, the last ones first. A right-aligned column takes the space on its
 * left; between two left-aligned ones the former takes it; only right before left needs a space in the cells.
 */
function spread(grid: Grid, widths: readonly number[], room: number): FittedGrid {
  const wider = [...widths];
  const padded = new Set<number>();
  let left = room - sum(widths);
  for (let i = wider.length - 1; i > 0 && left > 0; i--, left--) {
    const widened = grid.columns[i]?.align === 'left' && grid.columns[i - 1]?.align === 'left' ? i - 1 : i;
    wider[widened] = (wider[widened] ?? 0) + 1;
    if (grid.columns[i]?.align === 'left' && widened === i) padded.add(i);
  }
  const pad = (text: string, i: number): string => (padded.has(i) ? ` ${text}` : text);
  return {
    columns: grid.columns.map((column, i) => ({ ...column, head: pad(column.head, i) })),
    rows: grid.rows.map((row) => ({ ...row, cells: row.cells.map(pad) })),
    widths: wider,
  };
}

function naturalWidths(grid: Grid): number[] {
  return grid.columns.map((column, i) =>
    grid.rows.reduce((most, row) => Math.max(most, displayWidth(row.cells[i] ?? '')), displayWidth(column.head)),
  );
}

/** Takes a column at a time off the widest shrinkable column until the sum fits or nothing can shrink. */
function shrink(columns: readonly GridColumn[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    let widest = -1;
    for (const [i, column] of columns.entries()) {
      const width = widths[i] ?? 0;
      if (column.shrinkTo === undefined || width <= column.shrinkTo) continue;
      if (widest < 0 || width > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function cut(grid: Grid, widths: readonly number[], ellipsis: string): Grid {
  const fit = (text: string, i: number): string =>
    (grid.columns[i]?.keepsEnd ? truncateMiddle : truncate)(text, widths[i] ?? 0, ellipsis);
  return {
    columns: grid.columns.map((column, i) => ({ ...column, head: fit(column.head, i) })),
    rows: grid.rows.map((row) => ({ ...row, cells: row.cells.map(fit) })),
  };
}

function nextToLeave(columns: readonly GridColumn[]): number {
  let leaving = -1;
  for (const [i, { drop }] of columns.entries()) {
    if (drop !== undefined && drop > (columns[leaving]?.drop ?? 0)) leaving = i;
  }
  return leaving;
}

function without(grid: Grid, leaving: number): Grid {
  return {
    columns: grid.columns.filter((_, i) => i !== leaving),
    rows: grid.rows.map((row) => ({ ...row, cells: row.cells.filter((_, i) => i !== leaving) })),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

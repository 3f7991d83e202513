/** Text in columns of a terminal that is seen from some column on. */
import { displayWidth, truncate } from '../report/width.ts';

/** The part of a text from column `from` on, at most `width` columns; marks say that there is more on either side. */
export function slice(text: string, from: number, width: number, mark: { left: string; right: string }): string {
  if (width <= 0) return '';
  if (from === 0) return truncate(text, width, mark.right);
  let used = 0;
  let rest = '';
  let isCut = false;
  for (const character of text) {
    const columns = displayWidth(character);
    // A character that is cut in two is not seen, nor is a mark whose letter is not.
    if (used < from || (rest === '' && columns === 0)) {
      used += columns;
      isCut = true;
      continue;
    }
    rest += character;
  }
  if (!isCut) return truncate(rest, width, mark.right);
  return truncate(mark.left + truncate(rest, Math.max(0, width - displayWidth(mark.left)), mark.right), width, '');
}

/** The text with spaces up to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/** Numbers of a row of groups, as its columns name them. */
type NumberColumn = 'count' | 'errors' | 'rate' | 'p50' | 'p95' | 'p99' | 'p999' | 'max';

/** The columns behind the name, with the width from which on each is there. */
const NUMBER_COLUMNS: readonly { readonly name: NumberColumn; readonly width: number; readonly from: number }[] = [
  { name: 'count', width: 9, from: 0 },
  { name: 'errors', width: 9, from: 0 },
  { name: 'rate', width: 7, from: 0 },
  { name: 'p50', width: 7, from: 60 },
  { name: 'p95', width: 7, from: 90 },
  { name: 'p99', width: 7, from: 50 },
  { name: 'p999', width: 7, from: 100 },
  { name: 'max', width: 7, from: 70 },
];

/** What stands in these columns; made when it is seen. */
export type NumberCells = { readonly [name in NumberColumn]: () => string };

/** How names and their numbers stand beside each other in so many columns. */
export function numberLayout(width: number): {
  readonly nameWidth: number;
  readonly row: (name: string, cells: NumberCells) => string;
} {
  const columns = NUMBER_COLUMNS.filter(({ from }) => width >= from);
  const nameWidth = Math.max(8, width - columns.reduce((sum, column) => sum + column.width, 0));
  const row = (text: string, cells: NumberCells) =>
    pad(text, nameWidth) + columns.map(({ name, width: own }) => pad(cells[name](), own, 'right')).join('');
  return { nameWidth, row };
}

/** The heads of the columns. @param count what is counted @param p50 the first quantile, with its unit */
export function numberHeads(count: string, p50: string): NumberCells {
  const heads = { count, errors: 'errors', rate: 'err %', p50, p95: 'p95', p99: 'p99', p999: 'p99.9', max: 'max' };
  const cell = (name: NumberColumn) => () => heads[name];
  return {
    ...{ count: cell('count'), errors: cell('errors'), rate: cell('rate') },
    ...{ p50: cell('p50'), p95: cell('p95'), p99: cell('p99'), p999: cell('p999'), max: cell('max') },
  };
}

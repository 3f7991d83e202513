/** Prints sections: grids without borders, tones as colours of whole lines, nothing wider than the screen. */
import { fitGrid } from '../grid.ts';
import type { Grid, Line, ScreenStyle, Section, Tone } from '../screen.ts';
import { line } from '../screen.ts';
import { displayWidth, truncate } from '../width.ts';

const ANSI: { readonly [tone in Tone]: string } = {
  bad: '\x1b[31m',
  warn: '\x1b[33m',
  good: '\x1b[32m',
  heading: '\x1b[1m',
  faint: '\x1b[2m',
};
const ANSI_RESET = '\x1b[0m';

/** One block a section, an empty line between two; a section without lines leaves no trace. */
export function printSections(sections: readonly Section[], style: ScreenStyle, color: boolean): string {
  return sections
    .map((section) => [...(section.before ?? []), ...gridLines(section.grid, style), ...(section.after ?? [])])
    .filter((block) => block.length > 0)
    .flatMap((block, i) => (i === 0 ? block : [line(''), ...block]))
    .map((each) => paint(each, style, color))
    .join('');
}

function gridLines(grid: Grid | undefined, style: ScreenStyle): Line[] {
  if (grid === undefined) return [];
  const { columns, rows, widths } = fitGrid(grid, style.width, style.ellipsis);
  const layOut = (cells: readonly string[]): string =>
    cells.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? 'left')).join(' ');
  const head = columns.map((column) => column.head);
  return [
    ...(head.every((text) => text.trim() === '') ? [] : [line(layOut(head), 'heading')]),
    ...rows.flatMap((row) => [line(layOut(row.cells), row.tone), ...(row.after ?? [])]),
  ];
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

function paint({ text, tone }: Line, style: ScreenStyle, color: boolean): string {
  const cut = truncate(text.trimEnd(), style.width, style.ellipsis);
  if (!color || tone === undefined || cut === '') return `${cut}\n`;
  return `${ANSI[tone]}${cut}${ANSI_RESET}\n`;
}

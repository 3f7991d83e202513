/** Prints a screen: blocks of sections, grids without borders, tones as colours of whole lines, nothing wider than the terminal. */
import Table from 'cli-table3';
import { fitGrid } from './grid.ts';
import type { Grid, Line, ScreenStyle, Section, Tone } from './screen.ts';
import { line, screenStyle, together } from './screen.ts';
import { truncate } from './width.ts';

/** Properties of the terminal. */
export interface PrintOptions {
  /** Columns of the terminal; default 100, never more than 100, never less than 40. */
  readonly width?: number;
  /** Adds ANSI colours to whole lines; removing them gives the same text. Default false. */
  readonly color?: boolean;
  /** False writes ASCII only. Default true. */
  readonly unicode?: boolean;
  /** Lines of the terminal: what does not fit is left out, and said. Without it everything is written. */
  readonly height?: number;
}

/** Sentences are not for reading across a whole wall. */
const WIDEST = 100;
const NARROWEST = 40;

const ANSI: { readonly [tone in Tone]: string } = {
  bad: '\x1b[31m',
  warn: '\x1b[33m',
  good: '\x1b[32m',
  heading: '\x1b[1m',
  faint: '\x1b[2m',
};
const ANSI_RESET = '\x1b[0m';

/** The style of a screen as wide as the terminal, within bounds. */
export function styleOf({ width = WIDEST, unicode = true }: PrintOptions): ScreenStyle {
  return screenStyle(Math.max(NARROWEST, Math.min(WIDEST, Math.floor(width))), unicode);
}

/**
 * Each block is one subject; blank lines stand between blocks only, for a screen has few lines. A block without lines leaves no trace.
 * `partNames` says what the part below a heading is called, where parts are left out for want of height.
 */
export function printScreen(
  blocks: readonly (readonly Section[])[],
  style: ScreenStyle,
  { color = false, height }: PrintOptions,
  partNames: { readonly [heading: string]: string } = {},
): string {
  return fitHeight(blockLines(blocks, style), height, style, partNames)
    .map((each) => paint(each, style, color))
    .join('');
}

/** All lines, with empty ones between blocks. */
export function blockLines(blocks: readonly (readonly Section[])[], style: ScreenStyle): Line[] {
  return blocks
    .map((sections) => sections.flatMap((section) => sectionLines(section, style)))
    .filter((block) => block.length > 0)
    .flatMap((block, i) => (i === 0 ? block : [line(''), ...block]));
}

/** The first lines, and how many more there are: a screen that is taller than its terminal cannot be drawn over. */
function fitHeight(
  lines: readonly Line[],
  height: number | undefined,
  style: ScreenStyle,
  partNames: { readonly [heading: string]: string },
): readonly Line[] {
  if (height === undefined || lines.length <= height) return lines;
  const shown = lines.slice(0, Math.max(1, height - 1));
  const left = lines.slice(shown.length).filter(({ text }) => text !== '');
  const heads = left.flatMap(({ text, tone }) =>
    tone === 'heading' ? (/^ *([A-Z]+(?: [A-Z]+)*)/.exec(text)?.[1] ?? []) : [],
  );
  const names = [...new Set([...heads, 'LOG'])].map((head) => partNames[head] ?? head.toLowerCase());
  return [
    ...shown,
    line(`${style.ellipsis} ${left.length} more lines: ${names.join(', ')} (--format json has all)`, 'warn'),
  ];
}

/** The lines of a section, none wider than the style once they are cut. */
export function sectionLines(section: Section, style: ScreenStyle): Line[] {
  const grid = section.grid === undefined ? [] : gridLines(section.grid, style);
  return [...(section.before ?? []), ...grid, ...(section.after ?? [])];
}

/** No cell holds a newline, so line i + 1 of what cli-table3 gives is row i. A head without a word takes no line. */
function gridLines(grid: Grid, style: ScreenStyle): Line[] {
  const { columns, rows, widths } = fitGrid(grid, style.width, style.ellipsis);
  const table = new Table({
    chars: NO_BORDER,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: columns.map((column) => column.align),
    colWidths: [...widths],
  });
  table.push(
    columns.map((column) => column.head),
    ...rows.map((row) => [...row.cells]),
  );
  const [head = '', ...body] = table.toString().split('\n');
  const lines: Line[] = head.trim() === '' ? [] : [line(head, 'heading')];
  for (const [i, row] of rows.entries()) {
    lines.push(...together([line(body[i] ?? '', row.tone), ...(row.after ?? [])]));
  }
  return lines;
}

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
} as const;

function paint({ text, tone }: Line, style: ScreenStyle, color: boolean): string {
  const cut = truncate(text.trimEnd(), style.width, style.ellipsis);
  if (!color || tone === undefined || cut === '') return `${cut}\n`;
  return `${ANSI[tone]}${cut}${ANSI_RESET}\n`;
}

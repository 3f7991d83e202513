/**
 * The screen of 3 am: verdict first, then why, what to do, the numbers, and whether the log can be trusted.
 * Low is good everywhere: errors, milliseconds, malformed lines.
 */
import Table from 'cli-table3';
import type { Summary } from '../stats/model.ts';
import { fitGrid } from './grid.ts';
import type { Grid, Line, ScreenStyle, Section, Tone } from './screen.ts';
import { line, screenStyle } from './screen.ts';
import { groupSection, phaseSection } from './screen-groups.ts';
import { hasLog, healthSection, noticeSection, seriesSection } from './screen-health.ts';
import { mirrorSection } from './screen-mirror.ts';
import { statusSection } from './screen-status.ts';
import { causeSection, type PresentAges, thresholdSection, verdictSection } from './screen-verdict.ts';
import { truncate } from './width.ts';

export interface TableOptions {
  /** Columns of the terminal; default 100, never more than 100, never less than 40. */
  readonly width?: number;
  /** Adds ANSI colours to whole lines; removing them gives the same text. Default false. */
  readonly color?: boolean;
  /** False writes ASCII only. Default true. */
  readonly unicode?: boolean;
  /** Lines of the terminal: what does not fit is left out, and said. Without it everything is written. */
  readonly height?: number;
  /** How old the last event and the last line are: for a log that is read while it is written. */
  readonly present?: PresentAges;
}

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

/** Renders the summary for a terminal: at most `width` columns, no raw control character of the log, a final newline. */
export function renderTable(summary: Summary, options: TableOptions = {}): string {
  const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(options.width ?? WIDEST)));
  const style = screenStyle(width, options.unicode ?? true);
  // Each block is one subject; blank lines between blocks only, for a screen has few lines.
  const blocks = [
    [verdictSection(summary, style, options.present)],
    [causeSection(summary, style)],
    [thresholdSection(summary, style)],
    [groupSection(summary, style), phaseSection(summary, style)],
    [mirrorSection(summary, style)],
    [statusSection(summary, style)],
    [seriesSection(summary, style)],
    [hasLog(summary) ? healthSection(summary, style) : {}, noticeSection(summary, style)],
  ].map((sections) => sections.flatMap((section) => sectionLines(section, style)));
  const all = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, i) => (i === 0 ? block : [line(''), ...block]));
  const lines = fitHeight(all, options.height, style);
  return lines.map((each) => paint(each, style, options.color ?? false)).join('');
}

/** What a part of the screen is, by the first words of its heading. */
const HEAD_NAMES: { readonly [head: string]: string } = {
  AGENT: 'groups',
  EVENT: 'groups',
  HOST: 'groups',
  PID: 'groups',
  ST: 'status codes',
  'ST MEANING': 'status codes',
  'WINDOW FROM': 'windows',
  'LIKELY CAUSE': 'causes',
  'LIKELY CAUSES': 'causes',
  EARLIER: 'earlier causes',
  MIRROR: 'the mirror',
  LOG: 'log health',
};

/** The first lines, and how many more there are: a screen that is taller than its terminal cannot be drawn over. */
function fitHeight(lines: readonly Line[], height: number | undefined, style: ScreenStyle): readonly Line[] {
  if (height === undefined || lines.length <= height) return lines;
  const shown = lines.slice(0, Math.max(1, height - 1));
  const left = lines.slice(shown.length).filter(({ text }) => text !== '');
  const heads = left.flatMap(({ text, tone }) =>
    tone === 'heading' ? (/^ *([A-Z]+(?: [A-Z]+)*)/.exec(text)?.[1] ?? []) : [],
  );
  const names = [...new Set([...heads, 'LOG'])].map((head) => HEAD_NAMES[head] ?? head.toLowerCase());
  return [
    ...shown,
    line(`${style.ellipsis} ${left.length} more lines: ${names.join(', ')} (--format json has all)`, 'warn'),
  ];
}

function sectionLines(section: Section, style: ScreenStyle): Line[] {
  const grid = section.grid === undefined ? [] : gridLines(section.grid, style);
  return [...(section.before ?? []), ...grid, ...(section.after ?? [])];
}

/** Lays the grid out without borders. No cell holds a newline, so line i + 1 of the output is row i. */
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
  const lines: Line[] = [line(head, 'heading')];
  for (const [i, row] of rows.entries()) {
    lines.push(line(body[i] ?? '', row.tone), ...(row.after ?? []));
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

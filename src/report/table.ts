/**
 * The screen of 3 am: verdict first, then why, what to do, the numbers, and whether the log can be trusted.
 * Low is good everywhere: errors, milliseconds, malformed lines.
 */
import type { Summary } from '../stats/model.ts';
import { type PrintOptions, printScreen, styleOf } from './print.ts';
import { groupSection, phaseSection } from './screen-groups.ts';
import { hasLog, healthSection, noticeSection, seriesSection } from './screen-health.ts';
import { mirrorSection } from './screen-mirror.ts';
import { statusSection } from './screen-status.ts';
import { causeSection, type PresentAges, thresholdSection, verdictSection } from './screen-verdict.ts';

export interface TableOptions extends PrintOptions {
  /** The age of the last event and the last line, for a log that is read while it is written. */
  readonly present?: PresentAges;
}

/** Renders the summary for a terminal: at most `width` columns, no raw control character of the log, a final newline. */
export function renderTable(summary: Summary, options: TableOptions = {}): string {
  const style = styleOf(options);
  const blocks = [
    [verdictSection(summary, style, options.present)],
    [causeSection(summary, style)],
    [thresholdSection(summary, style)],
    [groupSection(summary, style), phaseSection(summary, style)],
    [mirrorSection(summary, style)],
    [statusSection(summary, style)],
    [seriesSection(summary, style)],
    [hasLog(summary) ? healthSection(summary, style) : {}, noticeSection(summary, style)],
  ];
  return printScreen(blocks, style, options, HEAD_NAMES);
}

/** Names of the parts of the screen, by the first words of their headings. */
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

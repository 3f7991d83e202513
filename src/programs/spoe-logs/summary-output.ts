/** The output of a summary, and its exit code. */

import { renderSummary } from '../../report/index.ts';
import type { TableOptions } from '../../report/table.ts';
import type { Summary } from '../../stats/model.ts';
import { type SummaryRequest, summarize } from '../../stats/summary.ts';
import { CliError, Exit } from './errors.ts';
import { tableOptions } from './screen.ts';
import type { SummaryArguments } from './summary-options.ts';

/** The data of a summary, but for its options. */
export interface SummarySource extends Omit<SummaryRequest, 'minEvents'> {
  /** Inputs that nothing has come from yet, in words: the first reasons. */
  readonly waitsFor?: readonly string[];
}

export function makeSummary(
  { waitsFor = [], ...source }: SummarySource,
  { minEvents, timestamp }: SummaryArguments,
): Summary {
  const found = summarize({ ...source, minEvents });
  const reasons = [...waitsFor, ...found.verdict.reasons];
  const summary = waitsFor.length === 0 ? found : { ...found, verdict: { ...found.verdict, reasons } };
  if (!timestamp) return summary;
  return { ...summary, input: { ...summary.input, generatedAt: new Date().toISOString() } };
}

/** Renders a summary of any format but `html`; `live` are options beside those of the terminal. */
export function renderText(summary: Summary, { format }: SummaryArguments, live: TableOptions = {}): string {
  if (format === 'html') throw new TypeError('openOutput renders a page');
  return renderSummary(format, summary, format === 'table' ? { ...tableOptions(), ...live } : {});
}

export type RenderOutput = (summary: Summary, source: SummarySource) => string;

/** The renderer of the format that is asked for; what it needs besides a summary is read now. Throws CliError. */
export async function openOutput(given: SummaryArguments): Promise<RenderOutput> {
  if (given.format === 'html') return (await import('./summary-page.ts')).openPage(given.baseline);
  if (given.baseline !== undefined)
    throw new CliError('no-page', '--baseline is for a page', 'add --format html, or leave --baseline out');
  return (summary) => renderText(summary, given);
}

/** The exit code of a summary: 1 when a threshold was crossed; other codes are the caller's. */
export function exitOf(summary: Summary): Exit {
  return summary.thresholds?.some(({ crossed }) => crossed) ? Exit.crossed : Exit.ok;
}

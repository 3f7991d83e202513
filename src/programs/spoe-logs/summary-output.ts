/** The output of a summary, and its exit code. */

import { renderSummary } from '../../report/index.ts';
import type { TableOptions } from '../../report/table.ts';
import type { Summary } from '../../stats/model.ts';
import { type SummaryRequest, summarize } from '../../stats/summary.ts';
import { Exit } from './errors.ts';
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

/** Renders a summary; `live` are options beside those of the terminal. */
export function renderText(summary: Summary, given: SummaryArguments, live: TableOptions = {}): string {
  return renderSummary(given.format, summary, given.format === 'table' ? { ...tableOptions(), ...live } : {});
}

/** The exit code of a summary: 1 when a threshold was crossed; other codes are the caller's. */
export function exitOf(summary: Summary): Exit {
  return summary.thresholds?.some(({ crossed }) => crossed) ? Exit.crossed : Exit.ok;
}

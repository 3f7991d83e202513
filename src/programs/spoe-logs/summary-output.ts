/** How a summary leaves the program, and which exit code it means. */

import { renderSummary } from '../../report/index.ts';
import type { TableOptions } from '../../report/table.ts';
import type { Summary } from '../../stats/model.ts';
import { type SummaryRequest, summarize } from '../../stats/summary.ts';
import { Exit } from './errors.ts';
import { tableOptions } from './screen.ts';
import type { SummaryArguments } from './summary-options.ts';

/** All that a summary is made of but what its options say. */
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

/** `live`: more than what the terminal says about itself. */
export function renderText(summary: Summary, given: SummaryArguments, live: TableOptions = {}): string {
  return renderSummary(given.format, summary, given.format === 'table' ? { ...tableOptions(), ...live } : {});
}

/** 1 when a threshold was crossed; everything else is the caller's to know. */
export function exitOf(summary: Summary): Exit {
  return summary.thresholds?.some(({ crossed }) => crossed) ? Exit.crossed : Exit.ok;
}

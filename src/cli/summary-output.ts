/** How a summary leaves the program, and which exit code it means. */

import { renderSummary } from '../report/index.ts';
import type { TableOptions } from '../report/table.ts';
import type { Summary } from '../stats/model.ts';
import { type SummaryRequest, summarize } from '../stats/summary.ts';
import { Exit } from './errors.ts';
import { tableOptions } from './screen.ts';
import type { SummaryArguments } from './summary-options.ts';

/** All that a summary is made of but what its options say. */
export type SummarySource = Omit<SummaryRequest, 'minEvents'>;

export function makeSummary(source: SummarySource, { minEvents, timestamp }: SummaryArguments): Summary {
  const summary = summarize({ ...source, minEvents });
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

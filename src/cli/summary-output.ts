/** How a summary leaves the program, and which exit code it means. */

import type { LineTally } from '../logs/tally.ts';
import { renderSummary } from '../report/index.ts';
import type { TableOptions } from '../report/table.ts';
import type { Aggregator } from '../stats/aggregator.ts';
import type { MirrorPresent } from '../stats/handed-over.ts';
import type { MirrorRecordTally } from '../stats/mirror-tally.ts';
import type { Notice, Summary } from '../stats/model.ts';
import { summarize } from '../stats/summary.ts';
import type { Threshold } from '../stats/thresholds.ts';
import type { Arrivals } from './arrivals.ts';
import { Exit } from './errors.ts';
import { tableOptions } from './screen.ts';
import type { SummaryArguments } from './summary-options.ts';

export interface SummarySource {
  readonly files: readonly string[];
  readonly aggregator: Aggregator;
  readonly tally: LineTally;
  readonly notices?: readonly Notice[];
  readonly thresholds: readonly Threshold[] | undefined;
  /** Of a log that is read while it is written. */
  readonly arrivals?: Arrivals;
  readonly mirror?: MirrorRecordTally;
  readonly mirrorPresent?: MirrorPresent;
}

export function makeSummary(
  { files, aggregator, tally, notices, thresholds, arrivals, mirror, mirrorPresent }: SummarySource,
  given: SummaryArguments,
): Summary {
  const summary = summarize({
    files,
    aggregator,
    tally,
    minEvents: given.minEvents,
    ...(thresholds && { thresholds }),
    ...(notices && { inputNotices: notices }),
    ...(arrivals && { present: arrivals.present }),
    ...(mirror && { mirror }),
    ...(mirrorPresent && { mirrorPresent }),
  });
  if (!given.timestamp) return summary;
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

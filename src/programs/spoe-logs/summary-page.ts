/** The summary as a page. Loaded where it is asked for: drawing is most of what a small summary would otherwise not need. */
import { LineTally } from '../../logs/tally.ts';
import { type Baseline, renderSummaryHtml } from '../../report/summary-html.ts';
import { Aggregator } from '../../stats/aggregator.ts';
import { viewHistory } from '../../stats/history-view.ts';
import { MirrorRecordTally } from '../../stats/mirror-tally.ts';
import { summarize } from '../../stats/summary.ts';
import { readState } from './saved-states.ts';
import type { RenderOutput } from './summary-output.ts';

/** @param baseline a file of summarize --save. Throws CliError. */
export function openPage(baseline: string | undefined): RenderOutput {
  const before = baseline === undefined ? undefined : readBaseline(baseline);
  return (summary, { aggregator, mirror }) =>
    renderSummaryHtml(summary, { history: viewHistory(aggregator.history, mirror?.history), baseline: before });
}

function readBaseline(path: string): Baseline {
  const state = readState(path);
  const aggregator = new Aggregator({ by: state.aggregate.by, history: true });
  aggregator.merge(state.aggregate);
  const tally = new LineTally();
  tally.merge(state.tally);
  const mirror = state.mirror === undefined ? undefined : new MirrorRecordTally({ history: true });
  if (state.mirror !== undefined) mirror?.merge(state.mirror);
  const summary = summarize({ files: state.files, aggregator, tally, minEvents: 1, ...(mirror && { mirror }) });
  return { name: path, summary, history: viewHistory(aggregator.history, mirror?.history) };
}

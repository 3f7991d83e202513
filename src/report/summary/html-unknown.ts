/** What this page cannot say, and why: an empty place is not a zero. */
import type { HistoryView } from '../../stats/history-view.ts';
import type { Summary } from '../../stats/model.ts';
import { formatAmount } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { cut } from '../html/table.ts';
import { hasLog } from '../screen-health.ts';

export function unknownSection(summary: Summary, history: HistoryView | undefined): Markup {
  const items = unknowns(summary, history).map((text) => markup`<li>${cut(text)}</li>`);
  if (items.length === 0) return NO_MARKUP;
  return markup`<section class="long"><h2>What is not known</h2><ul>${items}</ul></section>`;
}

/** One sentence each. */
function unknowns(summary: Summary, history: HistoryView | undefined): string[] {
  const { total, window, mirror, verdict } = summary;
  const found: string[] = [];
  if (!hasLog(summary)) found.push('What HAProxy logged: only the agent’s record was read.');
  else if (total.count === 0) found.push('How mirroring is: no event was read.');
  if (total.count > 0) {
    if (window.from === null) found.push('When anything happened: the lines have no time that can be read.');
    if (total.errorRate === null)
      found.push('The error rate: successes are not logged, so failures alone are counted.');
    if (total.timers.reqT === undefined)
      found.push('The phases of an event and how full the connections were: HAProxy 3.1 and later log pT only.');
    if (total.completeness === undefined || total.completeness.unlogged === null)
      found.push('Whether each event has its line: the counters do not tell.');
    found.push(...historyGaps(summary, history));
  }
  if (verdict.unread !== undefined)
    found.push(`What ${verdict.unread.unread} of ${verdict.unread.all} SPOE lines say: they could not be read.`);
  if (mirror === undefined)
    found.push('Whether the mirror answers: the agent acknowledges before it asks. Add its record with --record.');
  return found;
}

function historyGaps({ total, window }: Summary, history: HistoryView | undefined): string[] {
  if (history === undefined)
    return window.from === null ? [] : ['How it went over time: it was not kept when this was counted.'];
  const gaps: string[] = [];
  const { outside, events } = history;
  if (outside !== undefined)
    gaps.push(
      `How it went around ${formatTime(outside.first)}${outside.first === outside.last ? '' : ` to ${formatTime(outside.last)}`}: ${formatAmount(outside.count, 'event')} so far from all others are in no chart.`,
    );
  const missing = total.count - events - (outside?.count ?? 0);
  if (missing > 0)
    gaps.push(
      `Where ${formatAmount(missing, 'event')} of ${total.count} stand in the charts: they have no time, or were saved by an older version.`,
    );
  return gaps;
}

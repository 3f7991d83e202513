/** What this page cannot say, and why: an empty place is not a zero. */
import type { HistoryView, Outside } from '../../stats/history-view.ts';
import type { Mirror, Summary } from '../../stats/model.ts';
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
  if (mirror !== undefined && mirror.total.requests > 0) found.push(...mirrorGaps(mirror, history));
  if (mirror === undefined)
    found.push('Whether the mirror answers: the agent acknowledges before it asks. Add its record with --record.');
  return found;
}

function historyGaps({ total, window }: Summary, history: HistoryView | undefined): string[] {
  if (history === undefined || (history.events === 0 && history.outside === undefined))
    return window.from === null ? [] : ['How it went over time: it was not kept when this was counted.'];
  const { outside, events } = history;
  const missing = total.count - events - (outside?.count ?? 0);
  return [...outsideWords('How it went', outside, 'event'), ...missingWords(missing, total.count, 'event')];
}

function mirrorGaps({ total, window }: Mirror, history: HistoryView | undefined): string[] {
  if (window.from === null) return ['When the mirror answered: the record has no time that can be read.'];
  const steps = history?.mirror;
  if (steps === undefined)
    return ['How the mirror answered over time: it was not kept when this was counted (states of older versions).'];
  const { outside, requests } = steps;
  const missing = total.requests - requests - (outside?.count ?? 0);
  return [
    ...outsideWords('How the mirror answered', outside, 'request'),
    ...missingWords(missing, total.requests, 'request'),
  ];
}

function outsideWords(what: string, outside: Outside | undefined, noun: string): string[] {
  if (outside === undefined) return [];
  const { count, first, last } = outside;
  const to = first === last ? '' : ` to ${formatTime(last)}`;
  return [
    `${what} around ${formatTime(first)}${to}: ${formatAmount(count, noun)} so far from all others are in no chart.`,
  ];
}

function missingWords(missing: number, all: number, noun: string): string[] {
  if (missing <= 0) return [];
  return [
    `Where ${formatAmount(missing, noun)} of ${all} stand in the charts: they have no time, or were saved by an older version.`,
  ];
}

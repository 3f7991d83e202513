/** The top of the page: how it is, since when, of which time this tells, and the figures that one asks for first. */
import type { Summary } from '../../stats/model.ts';
import { formatAmount, formatCount, formatDuration, formatMs, formatPercent, formatRate } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import { verdictLine } from '../headline.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { badge, card, cut } from '../html/table.ts';
import { hasLog } from '../screen-health.ts';
import type { PresentAges } from '../screen-verdict.ts';
import { fileName, filesOf, HANDED_OVER, nowParts, recordRange, windowOf } from '../screen-verdict.ts';

const MOST_FILES = 5;

export function verdictSection(summary: Summary, present: PresentAges | undefined): Markup {
  const { status, reasons } = summary.verdict;
  const line = verdictLine(summary);
  const word = line.split(' ', 1)[0] ?? '';
  const facts = [...windowFacts(summary), ...nowParts(summary, present), fileFact(summary)];
  const hints = status === 'healthy' && summary.mirror === undefined ? [HANDED_OVER] : [];
  const list = [...reasons, ...hints].map((reason) => markup`<li>${cut(reason)}</li>`);
  return markup`<header class="${status}">
<h1>${badge(status, word)} ${cut(line.slice(word.length + 1))}</h1>
<div class="facts">${facts.map((fact) => markup`<span>${cut(fact)}</span>`)}</div>
${list.length === 0 ? NO_MARKUP : markup`<ul class="reasons">${list}</ul>`}
</header>`;
}

function windowFacts(summary: Summary): string[] {
  const { from, to, seconds } = windowOf(summary);
  const { generatedAt } = summary.input;
  if (from === null || to === null) {
    const seen = summary.total.count > 0 || (summary.mirror?.total.requests ?? 0) > 0;
    return seen ? ['no times in the log: how old this is is not known', ...recordRange(summary)] : [];
  }
  const length = seconds === null ? '' : ` (${formatDuration(seconds * 1000)})`;
  const age =
    generatedAt === undefined || Date.parse(generatedAt) < Date.parse(to)
      ? []
      : [`the last event was ${formatDuration(Date.parse(generatedAt) - Date.parse(to))} old when this was made`];
  return [`${formatTime(from)} to ${formatTime(to)}${length}`, ...recordRange(summary), ...age];
}

function fileFact(summary: Summary): string {
  const files = filesOf(summary);
  const named = files.slice(0, MOST_FILES).map(fileName).join(', ');
  const more = files.length - MOST_FILES;
  return more > 0 ? `${named} and ${formatAmount(more, 'more file')}` : named;
}

export function cardSection(summary: Summary): Markup {
  const { total, mirror, verdict } = summary;
  const cards = [...(hasLog(summary) && total.count > 0 ? eventCards(summary) : [])];
  const now = verdict.lastMinute;
  if (now !== undefined)
    cards.push(
      card('Last minute', formatPercent(now.errorRate), `${now.errors} of ${formatAmount(now.count, 'event')} failed`),
    );
  if (mirror !== undefined && mirror.total.requests > 0) {
    const { answered, failed, errorRate, requests, latency } = mirror.total;
    cards.push(
      card(
        'Mirror failed',
        formatPercent(errorRate),
        `of ${formatAmount(answered + failed, 'request')} that were sent`,
      ),
      card(
        'Mirror p99',
        `${formatMs(latency.p99)} ms`,
        `p50 ${formatMs(latency.p50)} ms; ${formatCount(requests)} in the record`,
      ),
    );
  }
  return cards.length === 0 ? NO_MARKUP : markup`<div class="cards">${cards}</div>`;
}

function eventCards({ total }: Summary): Markup[] {
  const { count, errors, errorRate, errorRateLowerBound, perSecond, timers } = total;
  const { pT } = timers;
  const bound = errorRateLowerBound === undefined ? 'not known' : `≥ ${formatPercent(errorRateLowerBound)}`;
  return [
    card('Events', formatCount(count), perSecond === null ? 'rate not known' : `${formatRate(perSecond)} a second`),
    card(
      'Failed',
      errorRate === null ? bound : formatPercent(errorRate),
      errorRate === null ? `${errors} failed; successes are not logged` : `${errors} of ${count}`,
    ),
    card(
      'Added latency p99',
      pT === undefined ? 'not known' : `${formatMs(pT.p99)} ms`,
      pT === undefined
        ? 'no line has pT'
        : `pT: p50 ${formatMs(pT.p50)}, p95 ${formatMs(pT.p95)}, max ${formatMs(pT.max)} ms`,
    ),
  ];
}

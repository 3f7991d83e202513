/** The mirror's answers, where the agent's record was read. */
import type { Mirror, MirrorGroup, Summary } from '../../stats/model.ts';
import { isFailure, isRefusal, UNKNOWN_ERROR } from '../../status/mirror-errors.ts';
import { formatAmount, formatCount, formatPercent } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import type { HtmlRow } from '../html/table.ts';
import { badge, code, cut, htmlTable } from '../html/table.ts';
import { MIRROR_HEADS, mirrorNumbers, recordParts } from '../screen-mirror.ts';
import { errorBars, errorScale, worstShare } from './html-groups.ts';

const MOST_ANSWERS = 60;
const MOST_DESTINATIONS = 64;

export function mirrorSection({ mirror }: Summary): Markup {
  if (mirror === undefined) return NO_MARKUP;
  const facts = recordParts(mirror).map((part) => markup`<span>${part}</span>`);
  const record = markup`<div class="facts">${facts}</div>`;
  if (mirror.total.requests === 0)
    return markup`<section><h2>The mirror's answers</h2><p>The record holds no request.</p>${record}</section>`;
  return markup`<section class="long"><h2>The mirror's answers</h2>${destinationTable(mirror)}${answerTable(mirror.total)}${record}</section>`;
}

function destinationTable({ destinations, total }: Mirror): Markup {
  const full = worstShare([total, ...destinations].map(({ timeline }) => timeline));
  const columns = [
    { head: 'Destination', wide: true },
    ...MIRROR_HEADS.map((head) => ({ head, number: true })),
    { head: 'Errors over time' },
  ];
  const rowOf = (name: Markup | string, group: MirrorGroup): HtmlRow => ({
    cells: [name, ...mirrorNumbers(group), errorBars(group.timeline, full, 'requests')],
  });
  const rows = destinations.slice(0, MOST_DESTINATIONS).map((group) => rowOf(code(group.destination), group));
  if (destinations.length !== 1) rows.push({ ...rowOf('the mirror', total), ...(rows.length > 0 && { kind: 'sum' }) });
  return htmlTable(`Requests of the agent’s record; times in ms${errorScale(full)}`, columns, rows);
}

function answerTable({ status, errors, answered, requests }: MirrorGroup): Markup {
  const rows = [
    ...status.map((entry) => ({
      count: entry.count,
      cells: [
        String(entry.status),
        kindOf(entry.status),
        formatCount(entry.count),
        `${formatPercent(entry.share)} of ${formatAmount(answered, 'answer')}`,
        formatTime(entry.first),
        formatTime(entry.last),
        nextOf(entry.status),
      ],
    })),
    ...errors.map((entry) => ({
      count: entry.count,
      cells: [
        code(entry.error),
        cut(entry.meaning ?? UNKNOWN_ERROR.meaning),
        formatCount(entry.count),
        `${formatPercent(entry.count / requests)} of ${formatAmount(requests, 'request')}`,
        formatTime(entry.first),
        formatTime(entry.last),
        cut(entry.next ?? UNKNOWN_ERROR.next),
      ],
    })),
  ].sort((a, b) => b.count - a.count);
  const columns = [
    { head: 'Outcome' },
    { head: 'Meaning', wide: true },
    { head: 'Count', number: true },
    { head: 'Share', number: true },
    { head: 'First seen' },
    { head: 'Last seen' },
    { head: 'What to do', wide: true },
  ];
  const more = rows.length - MOST_ANSWERS;
  return htmlTable(
    `What became of the requests, most frequent first${more > 0 ? `; ${more} rarer ones are not shown` : ''}`,
    columns,
    rows.slice(0, MOST_ANSWERS),
  );
}

/** A client error may be what production answers, too. */
function nextOf(status: number): string {
  if (isFailure(status)) return "Look at the mirror's own log of that time; the record names the requests.";
  return isRefusal(status) ? 'Compare with what production answered: spoe-logs diff.' : '';
}

function kindOf(status: number): Markup {
  if (isFailure(status)) return badge('fail', 'failure');
  return isRefusal(status) ? badge('warn', 'redirect or client error') : badge('pass', 'answered');
}

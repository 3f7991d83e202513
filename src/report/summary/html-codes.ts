/** Status codes with what they mean and what to do about them. */
import type { StatusCount, Summary } from '../../stats/model.ts';
import { formatCount, formatPercent } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { cut, htmlTable } from '../html/table.ts';
import { spopNumber } from '../screen-status.ts';

const MOST_CODES = 60;

export function codeSection({ total }: Summary): Markup {
  const { status } = total;
  if (status.length === 0) return NO_MARKUP;
  const columns = [
    { head: 'st' },
    { head: 'Meaning', wide: true },
    { head: 'Count', number: true },
    { head: 'Share', number: true },
    { head: 'First seen' },
    { head: 'Last seen' },
    { head: 'What to do', wide: true },
  ];
  const rows = status.slice(0, MOST_CODES).map((entry) => ({
    cells: [
      String(entry.st),
      meaningOf(entry),
      formatCount(entry.count),
      formatPercent(entry.share),
      markup`<span class="nowrap">${formatTime(entry.first)}</span>`,
      markup`<span class="nowrap">${formatTime(entry.last)}</span>`,
      cut(entry.next ?? ''),
    ],
  }));
  const more = status.length - rows.length;
  const caption = `Status codes by count${more > 0 ? `; ${more} rarer ones are not shown` : ''}`;
  return markup`<section class="long"><h2>Codes</h2>${htmlTable(caption, columns, rows)}</section>`;
}

/** HAProxy's meaning, and the documented one where that is another. */
function meaningOf(entry: StatusCount): Markup {
  const { meaning, documented } = entry;
  const other =
    documented === undefined || documented === meaning
      ? NO_MARKUP
      : markup`<br><span class="muted small">documented for SPOP as: ${cut(documented)}</span>`;
  return markup`${cut(meaning)}${spopNumber(entry)}${other}`;
}

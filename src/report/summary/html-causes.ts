/** Likely causes, those of now and those that are over, each with its next step; and the thresholds of --fail-on. */
import type { Cause, Summary } from '../../stats/model.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { badge, code, cut, htmlTable } from '../html/table.ts';
import { causeShare, formatObserved } from '../screen-verdict.ts';

export function causeSection({ verdict }: Summary): Markup {
  const now = verdict.causes.filter(({ earlier }) => earlier !== true);
  const before = verdict.causes.filter(({ earlier }) => earlier === true);
  if (verdict.causes.length === 0) return NO_MARKUP;
  const heading = now.length === 1 ? 'Likely cause' : 'Likely causes, most telling first';
  const first = now.length === 0 ? NO_MARKUP : markup`<h2>${heading}</h2>${causeList(now)}`;
  const second = before.length === 0 ? NO_MARKUP : markup`<h2>Earlier, over now</h2>${causeList(before)}`;
  return markup`<section>${first}${second}</section>`;
}

function causeList(causes: readonly Cause[]): Markup {
  const items = causes.map((cause) => {
    const next = cause.next === undefined ? NO_MARKUP : markup`<p class="next">\u2192 ${cut(cause.next)}</p>`;
    return markup`<li>${cut(cause.message)}${causeShare(cause)}${next}</li>`;
  });
  return markup`<ol class="causes">${items}</ol>`;
}

export function thresholdSection({ thresholds = [] }: Summary): Markup {
  if (thresholds.length === 0) return NO_MARKUP;
  const rows = [...thresholds]
    .sort((a, b) => Number(b.crossed) - Number(a.crossed))
    .map((threshold) => ({
      cells: [
        code(threshold.expression),
        threshold.crossed ? badge('fail', 'crossed') : badge('pass', 'ok'),
        formatObserved(threshold),
        cut(threshold.reason ?? ''),
      ],
    }));
  const columns = [
    { head: 'Threshold', wide: true },
    { head: 'State' },
    { head: 'Observed' },
    { head: 'Why', wide: true },
  ];
  return markup`<section><h2>Thresholds</h2>${htmlTable('What --fail-on asked for', columns, rows)}</section>`;
}

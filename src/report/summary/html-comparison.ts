/** What changed against a saved summary. */
import type { RateDifference } from '../../diff/rate-difference.ts';
import type { Group, Summary } from '../../stats/model.ts';
import {
  formatAmount,
  formatCount,
  formatDuration,
  formatInterval,
  formatMs,
  formatPercent,
  formatPercentNumber,
  formatPoints,
  formatPointsNumber,
  formatRate,
  formatSignedMs,
  formatTimes,
  NOTHING,
} from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import { KEY_HEADS, keyColumns, keyTexts } from '../group-keys.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import type { HtmlRow } from '../html/table.ts';
import { badge, code, cut, htmlTable } from '../html/table.ts';
import { fileName, windowOf } from '../screen-verdict.ts';
import {
  type Baseline,
  comparisonDoubts,
  type GroupChange,
  groupChanges,
  mirrorRateChange,
  quantileOf,
  rateChange,
} from './comparison.ts';

const OPEN_GROUPS = 20;
const MOST_GROUPS = 500;
const MOST_CODES = 12;

export function comparisonSection(now: Summary, baseline: Baseline | undefined): Markup {
  if (baseline === undefined) return NO_MARKUP;
  const before = baseline.summary;
  const doubts = comparisonDoubts(now, baseline).map((doubt) => markup`<li>${cut(doubt)}</li>`);
  const list = doubts.length === 0 ? NO_MARKUP : markup`<p><b>With care:</b></p><ul>${doubts}</ul>`;
  const columns = [
    { head: 'Figure', name: true },
    { head: 'Now', number: true },
    { head: 'Change' },
    { head: 'Before', number: true },
  ];
  const [mine, its] = [windowOf(now), windowOf(before)];
  const caption = `Now from ${formatTime(mine.from)}, before from ${formatTime(its.from)}. Quantiles stand only where enough events were counted for them`;
  const table = htmlTable(caption, columns, figures(now, before));
  const note =
    rateChange(before.total, now.total) === undefined
      ? NO_MARKUP
      : markup`<p class="muted small">Intervals are of 95 %, as if events failed independently of each other; failures come together, so that the truth may lie further out.</p>`;
  return markup`<section class="long"><h2>Against ${cut(fileName(baseline.name))}</h2>${lead(now, before)}${table}${note}${codeTable(now, before)}${groupTable(now, before)}${list}</section>`;
}

/** The first thing that is asked: is it worse? */
function lead(now: Summary, before: Summary): Markup {
  const change = rateChange(before.total, now.total);
  if (change === undefined) return markup`<p>Whether more fails than before is not known.</p>`;
  const rates = `${formatPercent(now.total.errorRate)} now, ${formatPercent(before.total.errorRate)} before`;
  if (!change.isClear) return markup`<p>No clear change of the error rate: ${rates}.</p>`;
  return markup`<p>${changeBadge(change)} ${change.difference > 0 ? 'More' : 'Less'} fails than before: ${rates}.</p>`;
}

function changeBadge({ isClear, difference }: RateDifference): Markup {
  if (!isClear) return NO_MARKUP;
  return difference > 0 ? badge('worse', 'worse') : badge('better', 'better');
}

function figures(now: Summary, before: Summary): HtmlRow[] {
  const [mine, its] = [windowOf(now), windowOf(before)];
  const rows: HtmlRow[] = [
    { cells: ['Length', lengthOf(mine), '', lengthOf(its)] },
    { cells: ['Events', formatCount(now.total.count), '', formatCount(before.total.count)] },
    {
      cells: [
        'Events a second',
        formatRate(now.total.perSecond),
        timesOf(before.total.perSecond, now.total.perSecond),
        formatRate(before.total.perSecond),
      ],
    },
    {
      cells: [
        'Failed',
        formatPercent(now.total.errorRate),
        differenceOf(rateChange(before.total, now.total)),
        formatPercent(before.total.errorRate),
      ],
    },
    ...quantileRows('pT', before.total.timers.pT, now.total.timers.pT),
  ];
  if (before.mirror === undefined || now.mirror === undefined) return rows;
  const [first, second] = [before.mirror.total, now.mirror.total];
  return [
    ...rows,
    {
      cells: [
        'Mirror failed',
        formatPercent(second.errorRate),
        differenceOf(mirrorRateChange(before.mirror, now.mirror)),
        formatPercent(first.errorRate),
      ],
    },
    ...quantileRows('Mirror', first.latency, second.latency),
  ];
}

function lengthOf({ seconds }: Summary['window']): string {
  return seconds === null ? NOTHING : formatDuration(seconds * 1000);
}

function quantileRows(name: string, before: Parameters<typeof quantileOf>[0], now: typeof before): HtmlRow[] {
  return (['p50', 'p95', 'p99'] as const).map((quantile) => {
    const [first, second] = [quantileOf(before, quantile), quantileOf(now, quantile)];
    return { cells: [`${name} ${quantile}, ms`, formatMs(second), msChange(first, second), formatMs(first)] };
  });
}

function timesOf(before: number | null | undefined, now: number | null | undefined): string {
  if (typeof before !== 'number' || typeof now !== 'number' || before <= 0) return NOTHING;
  return `× ${formatTimes(now / before)}`;
}

/** Below this a time that is logged in whole ms is its rounding for the most part, so that a ratio of two says nothing. */
const FEWEST_MS = 10;

function msChange(before: number | undefined, now: number | undefined): string {
  if (before === undefined || now === undefined) return NOTHING;
  const isWhole = Number.isInteger(before) && Number.isInteger(now);
  return isWhole && Math.min(before, now) < FEWEST_MS ? formatSignedMs(now - before) : timesOf(before, now);
}

function differenceOf(change: RateDifference | undefined): Markup | string {
  if (change === undefined) return NOTHING;
  const interval = formatInterval(change.interval, formatPointsNumber);
  return markup`<span class="nowrap">${formatPoints(change.difference)} ${interval}</span> ${changeBadge(change)}`;
}

/** The codes of both, by their share of all events. */
function codeTable(now: Summary, before: Summary): Markup {
  const shares = (summary: Summary) => new Map(summary.total.status.map((entry) => [entry.st, entry]));
  const [first, second] = [shares(before), shares(now)];
  const known = now.total.errorRate !== null && before.total.errorRate !== null;
  const codes = [...new Set([...second.keys(), ...first.keys()])].filter((st) => st !== 0);
  if (codes.length === 0) return NO_MARKUP;
  const most = (st: number) => Math.max(first.get(st)?.share ?? 0, second.get(st)?.share ?? 0);
  const rows = codes
    .sort((a, b) => most(b) - most(a))
    .slice(0, MOST_CODES)
    .map((st) => ({
      cells: [
        `${st} ${(second.get(st) ?? first.get(st))?.name ?? ''}`,
        formatCount(second.get(st)?.count ?? 0),
        formatCount(first.get(st)?.count ?? 0),
        known ? formatPercentNumber(second.get(st)?.share ?? 0) : NOTHING,
        known ? formatPercentNumber(first.get(st)?.share ?? 0) : NOTHING,
        first.has(st) ? (second.has(st) ? '' : 'gone') : 'new',
      ],
    }));
  const columns = [
    { head: 'Code' },
    ...['Now', 'Before', '% now', 'before'].map((head) => ({ head, number: true })),
    { head: 'Note' },
  ];
  const more = codes.length - rows.length;
  return htmlTable(
    `Failures by code, also in % of all events${more > 0 ? `; ${more} rarer ones are not shown` : ''}`,
    columns,
    rows,
  );
}

function groupTable(now: Summary, before: Summary): Markup {
  const changes = groupChanges(now, before);
  if (changes === undefined || changes.length < 2) return NO_MARKUP;
  const keys = keyColumns(now);
  const columns = [
    ...keys.map((key) => ({
      head: KEY_HEADS[key].toLowerCase(),
      wide: key === 'event',
      name: key === 'agent' || key === 'host',
    })),
    ...['Error % now', 'before'].map((head) => ({ head, number: true })),
    { head: 'Change' },
    ...['Events now', 'before', 'p99 now', 'before'].map((head) => ({ head, number: true })),
  ];
  const rowOf = (change: GroupChange): HtmlRow => ({
    cells: [...keyTexts(change.key, keys).map(code), ...groupCells(change)],
  });
  const rest = changes.slice(OPEN_GROUPS, MOST_GROUPS);
  const folded =
    rest.length === 0
      ? NO_MARKUP
      : markup`<details><summary>${formatAmount(rest.length, 'more group')}</summary>${htmlTable('The other groups', columns, rest.map(rowOf))}</details>`;
  return markup`${htmlTable('Group by group, the worst of now first', columns, changes.slice(0, OPEN_GROUPS).map(rowOf))}${folded}`;
}

function groupCells({ before, now }: GroupChange): (string | Markup)[] {
  const p99 = (group: Group | undefined) => formatMs(quantileOf(group?.timers.pT, 'p99'));
  const change = before === undefined ? 'new' : now === undefined ? 'gone' : differenceOf(rateChange(before, now));
  return [
    formatPercentNumber(now?.errorRate),
    formatPercentNumber(before?.errorRate),
    change,
    formatCount(now?.count),
    formatCount(before?.count),
    p99(now),
    p99(before),
  ];
}

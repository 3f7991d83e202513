/** Group by group: the worst first, with its errors over time. */
import type { Group, KeyedGroup, Summary, Timeline } from '../../stats/model.ts';
import { formatAmount, formatCount, formatDuration, formatMs, formatPercent, formatRate } from '../../text/numbers.ts';
import { KEY_HEADS, keyColumns, keyTexts } from '../group-keys.ts';
import type { Markup } from '../html/markup.ts';
import { joinMarkup, markup, NO_MARKUP } from '../html/markup.ts';
import type { HtmlRow } from '../html/table.ts';
import { code, htmlTable } from '../html/table.ts';
import { errorPercent, PT_NOTE } from '../screen-groups.ts';

const OPEN_GROUPS = 20;
/** A page stays small whatever --by makes of a log. */
const MOST_GROUPS = 500;

export function groupSection(summary: Summary): Markup {
  if (summary.total.count === 0) return NO_MARKUP;
  const worst = [...summary.groups].sort((a, b) => b.errors - a.errors || b.count - a.count);
  const full = worstShare([summary.total, ...worst].map(({ timeline }) => timeline));
  const rest = worst.slice(OPEN_GROUPS, MOST_GROUPS);
  const left = worst.length - MOST_GROUPS;
  const folded =
    rest.length === 0
      ? NO_MARKUP
      : markup`<details><summary>${formatAmount(rest.length, 'more group')}</summary>${groupTable(summary, 'The other groups', full, rest)}</details>`;
  const note =
    left > 0
      ? markup`<p class="muted small">${formatAmount(left, 'more group')}: --format json has all.</p>`
      : NO_MARKUP;
  const shown = worst.slice(0, OPEN_GROUPS);
  const total: HtmlRow[] =
    worst.length === 1
      ? []
      : [
          {
            cells: [
              'total',
              ...keyColumns(summary)
                .slice(1)
                .map(() => ''),
              ...numberCells(summary.total, full),
            ],
            kind: 'sum',
          },
        ];
  return markup`<section class="long"><h2>Groups, worst first</h2>${groupTable(summary, 'Events by what --by names', full, shown, total)}${folded}${note}<p class="muted small">${PT_NOTE}.</p></section>`;
}

function groupTable(
  summary: Summary,
  caption: string,
  full: number,
  groups: readonly KeyedGroup[],
  total: readonly HtmlRow[] = [],
): Markup {
  const keys = keyColumns(summary);
  const numbers = ['Events', '/s', 'pT p50', 'p95', 'p99', 'Max'];
  const columns = [
    ...keys.map((key) => ({
      head: KEY_HEADS[key].toLowerCase(),
      wide: key === 'event',
      name: key === 'agent' || key === 'host',
    })),
    ...['Errors', 'Error %'].map((head) => ({ head, number: true })),
    { head: 'Errors over time' },
    ...numbers.map((head) => ({ head, number: true })),
    { head: 'Most frequent failure' },
  ];
  const rows = groups.map((group) => ({
    cells: [...keyTexts(group.key, keys).map(code), ...numberCells(group, full)],
  }));
  return htmlTable(`${caption}${errorScale(full)}`, columns, [...rows, ...total]);
}

function numberCells(group: Group, full: number): (string | Markup)[] {
  const { pT } = group.timers;
  const top = group.status.find(({ st }) => st !== 0);
  return [
    formatCount(group.errors),
    errorPercent(group),
    errorBars(group.timeline, full),
    formatCount(group.count),
    formatRate(group.perSecond),
    ...[pT?.p50, pT?.p95, pT?.p99, pT?.max].map(formatMs),
    top === undefined ? '-' : `${top.st} (${formatPercent(top.share)} of events)`,
  ];
}

const SPARK = { width: 128, height: 22 } as const;

/** The largest share of a step that failed in any of these rows: the full height of the bars of all of them. */
export function worstShare(timelines: readonly (Timeline | undefined)[]): number {
  return timelines.reduce(
    (most, timeline) =>
      timeline === undefined
        ? most
        : timeline.errors.reduce((max, failed, i) => Math.max(max, shareOf(failed, timeline.counts[i])), most),
    0,
  );
}

/** The scale that the bars of all rows of a table share, to stand in its caption. */
export function errorScale(full: number): string {
  return full === 0 ? '' : `; errors over time: full height is ${formatPercent(full)} of a step`;
}

/** The share of events that failed, step by step, as a part of `full`; steps without an event stay empty. */
export function errorBars(
  timeline: Timeline | undefined,
  full: number,
  counted: 'events' | 'requests' = 'events',
): Markup | string {
  if (timeline === undefined) return '-';
  const { counts, errors, seconds } = timeline;
  const worst = worstShare([timeline]);
  // These steps are wider than those of the charts.
  const step = `a step of ${formatDuration(seconds * 1000)}`;
  const name = worst === 0 ? 'no errors' : `at most ${formatPercent(worst)} of the ${counted} of ${step} failed`;
  const width = SPARK.width / counts.length;
  const bars = counts.map((count, i) => {
    if (count === 0) return NO_MARKUP;
    const share = shareOf(errors[i] ?? 0, count);
    const height = share === 0 ? 1 : Math.max(2, (share / full) * SPARK.height);
    const kind = share === 0 ? 'fine' : 'failed';
    return markup`<rect class="${kind}" x="${tenth(i * width)}" y="${tenth(SPARK.height - height)}" width="${tenth(Math.max(width, 1))}" height="${tenth(height)}"/>`;
  });
  const most = worst === 0 ? 'none' : `at most ${formatPercent(worst)}`;
  return markup`<svg class="spark" viewBox="0 0 ${SPARK.width} ${SPARK.height}" width="${SPARK.width}" height="${SPARK.height}" role="img" aria-label="${name}"><title>${name}</title>${joinMarkup(bars, '')}</svg><span class="muted small nowrap">${most}</span>`;
}

function shareOf(part: number, whole: number | undefined): number {
  return whole === undefined || whole === 0 ? 0 : part / whole;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

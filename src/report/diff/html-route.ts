/** Routes with their intervals drawn on one scale, latency, and what only the mirror does not know. */
import type { DiffReport, LatencyComparison, RouteComparison } from '../../diff/model.ts';
import { formatExact, formatInterval, formatMilliseconds, formatTimes } from '../../text/numbers.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { badge, code, htmlTable } from '../html/table.ts';
import type { ForestScale } from './html-chart.ts';
import { forestAxis, forestRow, forestScale, latencyChart } from './html-chart.ts';
import { plainHtml } from './html-table.ts';
import { generalizedTable, INTERVAL_HEAD, type PlainColumn, routeTable } from './plain-table.ts';
import {
  capital,
  hiddenWords,
  incompatibleRoutes,
  latencyNotes,
  notableLatencies,
  routeNotes,
  routeWord,
} from './reading.ts';
import { NOT_FORWARD_COMPATIBLE } from './words.ts';

/** How many routes are in sight; the others are folded. */
const WORST = 15;

export function routeSection(report: DiffReport): Markup {
  const { routes, settings } = report;
  if (routes.length === 0) return markup`<section><h2>Routes</h2><p>No route was compared.</p></section>`;
  const rest = routes.slice(WORST);
  const table = (shown: readonly RouteComparison[], caption: string): Markup => {
    const scale = forestScale(
      shown.map(({ errors }) => forestOf(errors)),
      settings.margin,
    );
    const { columns } = routeTable(report);
    return plainHtml(
      caption,
      { columns, rows: shown },
      {
        drawHead: ({ head }) => (head === INTERVAL_HEAD ? markup`${head}${forestAxis(scale)}` : undefined),
        drawCell: (column, route) => drawnCell(column, route, scale, settings.alpha),
        kindOf: (route) => routeWord(route, settings.alpha) || undefined,
      },
    );
  };
  const folded =
    rest.length === 0
      ? NO_MARKUP
      : markup`<details><summary>${rest.length} more routes${hiddenWords(rest, settings.alpha)}</summary>${table(rest, 'The other routes, on a scale of their own')}</details>`;
  const notes = [
    ...routeNotes(report),
    'an interval that crosses 0 shows no change, and rules none out that it covers',
  ];
  return markup`<section class="long"><h2>Routes, worst first</h2>${table(routes.slice(0, WORST), 'Error rates by route; the dot is the difference, the line its 95 % interval, dashed the margin')}${folded}${notes.map((note) => markup`<p class="muted small">${note}</p>`)}</section>`;
}

function forestOf({ difference, differenceCi }: RouteComparison['errors']): Parameters<typeof forestRow>[0] {
  return { difference, interval: differenceCi };
}

/** The interval is drawn beside its figures, on one scale for all rows; the word of a route is a badge. */
function drawnCell(
  { head, kind, cell }: PlainColumn<RouteComparison>,
  route: RouteComparison,
  scale: ForestScale,
  alpha: number,
): Markup | undefined {
  if (head === INTERVAL_HEAD) {
    return markup`${forestRow(forestOf(route.errors), scale)}<span class="muted small">${cell(route)}</span>`;
  }
  const word = routeWord(route, alpha);
  if (kind !== 'words' || word === '') return undefined;
  const why = word === 'worse' ? worseBy(route) : '';
  return why === '' ? badge(word, word) : markup`${badge(word, word)} <span class="muted small nowrap">${why}</span>`;
}

/** By which of its columns a route is worse: where no error differs, it is the statuses. */
function worseBy({ regressed, errors }: RouteComparison): string {
  const reasons = [...(regressed ? ['errors'] : []), ...(errors.status?.regressed === true ? ['status'] : [])];
  return reasons.length === 0 ? '' : `by ${reasons.join(' and ')}`;
}

export function latencySection(report: DiffReport): Markup {
  const { latency } = report;
  if (latency === null) {
    return markup`<section><h2>Latency</h2><p>Unknown: no pair has a time on both sides.</p></section>`;
  }
  const numbers = ['n', 'Prod. p50', 'p95', 'p99', 'Mirror p50', 'p95', 'p99', 'Ratio', '95 % interval'];
  const columns = [{ head: 'Route', wide: true }, ...numbers.map((head) => ({ head, number: true }))];
  const notable = notableLatencies(report);
  const rows = notable.map(({ route, latency: each }) => ({ cells: [code(route), ...latencyCells(each)] }));
  const table =
    rows.length === 0
      ? markup`<p class="muted small">No route has a shift of a tenth or more that is beyond chance.</p>`
      : htmlTable('Routes that shifted by a tenth or more, beyond chance; ms', columns, rows);
  const [what, ...more] = latencyNotes(report, latency);
  const note = `${what}: ${formatTimes(latency.ratio)} over all, 95 % interval ${formatInterval(latency.ratioCi, formatTimes)}`;
  return markup`<section class="long"><h2>Latency</h2>${latencyChart(latency)}<p class="muted small">\u25cb production, \u25cf mirror, logarithmic. ${capital(note)}.${more.map((each) => markup` ${capital(each)}.`)}</p>${table}</section>`;
}

function latencyCells({ n, production, mirror, ratio, ratioCi }: LatencyComparison): string[] {
  const quantiles = [production, mirror].flatMap(({ p50, p95, p99 }) => [p50, p95, p99].map(formatMilliseconds));
  return [formatExact(n), ...quantiles, formatTimes(ratio), formatInterval(ratioCi, formatTimes)];
}

export function incompatibleSection(report: DiffReport): Markup {
  const routes = incompatibleRoutes(report);
  if (routes.length === 0) return NO_MARKUP;
  const rows = routes.map(({ route, counts, total }) => ({ cells: [code(route), counts, formatExact(total)] }));
  const columns = [{ head: 'Route', wide: true }, { head: 'Pairs by status' }, { head: 'Sum', number: true }];
  const caption = `Here ${NOT_FORWARD_COMPATIBLE}`;
  return markup`<section class="long"><h2>Not forward-compatible</h2>${htmlTable(caption, columns, rows)}</section>`;
}

export function generalizedSection(report: DiffReport): Markup {
  const table = generalizedTable(report);
  if (table.rows.length === 0) return NO_MARKUP;
  const folded = plainHtml('Positions of paths that have too many values to be routes of their own', table);
  return markup`<section class="long"><details><summary><h2>Positions of many values</h2></summary>${folded}</details></section>`;
}

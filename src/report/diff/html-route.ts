/** Routes with their intervals drawn on one scale, latency, and what only the mirror does not know. */
import type { DiffReport, LatencyComparison, RouteComparison } from '../../diff/model.ts';
import {
  formatExact,
  formatInterval,
  formatP,
  formatPointsNumber,
  formatShareNumber,
  formatTimes,
} from '../../diff/numbers.ts';
import type { ForestScale } from './html-chart.ts';
import { forestAxis, forestRow, forestScale, latencyChart } from './html-chart.ts';
import type { HtmlColumn, HtmlRow } from './html-table.ts';
import { badge, code, htmlTable } from './html-table.ts';
import type { Markup } from './markup.ts';
import { markup, NO_MARKUP } from './markup.ts';
import { formatMilliseconds } from './numbers.ts';
import { capital, incompatibleRoutes, isWeak, latencyWords, notableLatencies, routeWord } from './reading.ts';
import { NOT_FORWARD_COMPATIBLE, Q_WORDS } from './words.ts';

/** In sight; the others are folded. */
const WORST = 15;

export function routeSection(report: DiffReport): Markup {
  const { routes, settings } = report;
  if (routes.length === 0) return markup`<section><h2>Routes</h2><p>No route was compared.</p></section>`;
  const worst = routes.slice(0, WORST);
  const rest = routes.slice(WORST);
  const table = (shown: readonly RouteComparison[], caption: string): Markup => {
    const scale = forestScale(
      shown.map(({ errors }) => forestOf(errors)),
      settings.margin,
    );
    return htmlTable(
      caption,
      routeColumns(isWeak(report), scale),
      shown.map((route) => routeRow(route, report, scale)),
    );
  };
  const worse = rest.filter(({ regressed }) => regressed).length;
  const folded =
    rest.length === 0
      ? NO_MARKUP
      : markup`<details><summary>${rest.length} more routes, ${worse} of them worse</summary>${table(rest, 'The other routes, on a scale of their own')}</details>`;
  return markup`<section class="long"><h2>Routes, worst first</h2>${table(worst, 'Error rates by route; the dot is the difference, the line its 95 % interval, dashed the margin')}${folded}<p class="muted small">${Q_WORDS}. An interval that crosses 0 shows no change, and rules none out that it covers.</p></section>`;
}

function forestOf({ difference, differenceCi }: RouteComparison['errors']): Parameters<typeof forestRow>[0] {
  return { difference, interval: differenceCi };
}

function routeColumns(weak: boolean, scale: ForestScale): readonly HtmlColumn[] {
  const numbers = [weak ? 'Requests' : 'Pairs', 'New', 'Fixed', 'Prod. %', 'Mirror %', 'Diff. pp'];
  return [
    { head: 'Route', wide: true },
    ...numbers.map((head) => ({ head, number: true })),
    { head: markup`95 % interval${forestAxis(scale)}` },
    { head: 'q', number: true },
  ];
}

function routeRow(route: RouteComparison, report: DiffReport, scale: ForestScale): HtmlRow {
  const { errors } = route;
  const word = routeWord(route, report.settings.alpha);
  const weak = isWeak(report);
  const label = word === '' ? NO_MARKUP : markup` ${badge(word, word)}`;
  return {
    cells: [
      markup`${code(route.route)}${label}`,
      formatExact(errors.n),
      weak ? '-' : formatExact(errors.newError),
      weak ? '-' : formatExact(errors.fixedError),
      formatShareNumber(errors.productionRate),
      formatShareNumber(errors.mirrorRate),
      formatPointsNumber(errors.difference),
      markup`${forestRow(forestOf(errors), scale)}<span class="muted small">${formatInterval(errors.differenceCi, formatPointsNumber)}</span>`,
      formatP(errors.test.q),
    ],
    ...(word === '' ? {} : { kind: word }),
  };
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
  const note = `${latencyWords(latency)}: ${formatTimes(latency.ratio)} over all, 95 % interval ${formatInterval(latency.ratioCi, formatTimes)}`;
  return markup`<section class="long"><h2>Latency</h2>${latencyChart(latency)}<p class="muted small">○ production, ● mirror, logarithmic. ${capital(note)}.</p>${table}</section>`;
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

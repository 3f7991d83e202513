/** Where it differs: routes worst first, latency, and what only the mirror does not know. */
import type { DiffReport, LatencyComparison, RouteComparison } from '../../diff/model.ts';
import { formatInterval, formatP, formatPointsNumber, formatShareNumber, formatTimes } from '../../diff/numbers.ts';
import type { Column, Row, ScreenStyle, Section } from '../screen.ts';
import { line } from '../screen.ts';
import { truncate, wrap } from '../width.ts';
import { formatMilliseconds, formatNumber } from './numbers.ts';
import { incompatibleRoutes, isWeak, latencyWords, notableLatencies, routeWord } from './reading.ts';
import { more } from './screen-verdict.ts';
import { NOT_FORWARD_COMPATIBLE, Q_WORDS } from './words.ts';

const MOST_ROUTES = 10;
const MOST_LATENCIES = 5;
const MOST_INCOMPATIBLE = 8;
const WIDEST_ROUTE = 48;

const ROUTE_COLUMNS = (weak: boolean): readonly Column[] => [
  { head: '', align: 'left' },
  { head: 'ROUTES, worst first', align: 'left', shrinkTo: 16 },
  { head: weak ? 'requests' : 'pairs', align: 'right' },
  { head: 'new', align: 'right', drop: 4 },
  { head: 'fixed', align: 'right', drop: 5 },
  { head: 'prod %', align: 'right', drop: 2 },
  { head: 'mirror %', align: 'right', drop: 1 },
  { head: 'diff pp', align: 'right' },
  { head: '95 % interval', align: 'right', drop: 3 },
  { head: 'q', align: 'right' },
];

export function routeSection(report: DiffReport, style: ScreenStyle): Section {
  const { routes } = report;
  if (routes.length === 0) return { before: [line('ROUTES  none', 'heading')] };
  const shown = routes.slice(0, MOST_ROUTES);
  const rows = shown.map((route) => routeRow(route, report, style));
  const hidden = routes.slice(MOST_ROUTES);
  const worse = hidden.filter(({ regressed }) => regressed).length;
  const remark = worse === 0 ? ', none of them worse beyond chance' : `, ${worse} of them worse`;
  return {
    grid: { columns: ROUTE_COLUMNS(isWeak(report)), rows },
    after: [
      ...more(hidden.length, 'route', style, remark),
      ...wrap(Q_WORDS, style.width, '  ').map((text) => line(text, 'faint')),
    ],
  };
}

function routeRow(route: RouteComparison, report: DiffReport, style: ScreenStyle): Row {
  const { errors } = route;
  const word = routeWord(route, report.settings.alpha);
  const weak = isWeak(report);
  return {
    cells: [
      word,
      truncate(style.safe(route.route), WIDEST_ROUTE, style.ellipsis),
      formatNumber(errors.n),
      weak ? '-' : formatNumber(errors.newError),
      weak ? '-' : formatNumber(errors.fixedError),
      formatShareNumber(errors.productionRate),
      formatShareNumber(errors.mirrorRate),
      formatPointsNumber(errors.difference),
      formatInterval(errors.differenceCi, formatPointsNumber),
      formatP(errors.test.q),
    ],
    ...(word === 'worse' ? { tone: 'bad' as const } : word === 'better' ? { tone: 'good' as const } : {}),
  };
}

const LATENCY_COLUMNS: readonly Column[] = [
  { head: 'LATENCY, ms', align: 'left', shrinkTo: 12 },
  { head: 'n', align: 'right', drop: 3 },
  { head: 'prod p50', align: 'right' },
  { head: 'p95', align: 'right', drop: 5 },
  { head: 'p99', align: 'right', drop: 2 },
  { head: 'mirror p50', align: 'right' },
  { head: 'p95', align: 'right', drop: 5 },
  { head: 'p99', align: 'right', drop: 2 },
  { head: 'ratio', align: 'right' },
  { head: '95 % interval', align: 'right', drop: 1 },
];

export function latencySection(report: DiffReport, style: ScreenStyle): Section {
  const { latency } = report;
  if (latency === null) return { before: [line('LATENCY  unknown: no pair has a time on both sides', 'heading')] };
  const notable = notableLatencies(report);
  const shown = notable.slice(0, MOST_LATENCIES);
  const rows: Row[] = [
    { cells: latencyCells('all', latency) },
    ...shown.map(({ route, latency: each }) => ({
      cells: latencyCells(truncate(style.safe(route), WIDEST_ROUTE, style.ellipsis), each),
      ...((each.ratio ?? 1) > 1 ? { tone: 'warn' as const } : {}),
    })),
  ];
  return {
    grid: { columns: LATENCY_COLUMNS, rows },
    after: [
      ...more(notable.length - shown.length, 'route', style, ' with a shift'),
      ...wrap(latencyWords(latency), style.width, '  ').map((text) => line(text, 'faint')),
    ],
  };
}

function latencyCells(name: string, { n, production, mirror, ratio, ratioCi }: LatencyComparison): string[] {
  const quantiles = [production, mirror].flatMap(({ p50, p95, p99 }) => [p50, p95, p99].map(formatMilliseconds));
  return [name, formatNumber(n), ...quantiles, formatTimes(ratio), formatInterval(ratioCi, formatTimes)];
}

export function incompatibleSection(report: DiffReport, style: ScreenStyle): Section {
  const routes = incompatibleRoutes(report);
  if (routes.length === 0) return {};
  const shown = routes.slice(0, MOST_INCOMPATIBLE);
  return {
    before: [
      line('NOT FORWARD-COMPATIBLE', 'heading'),
      ...wrap(NOT_FORWARD_COMPATIBLE, style.width, '  ').map((text) => line(text, 'faint')),
      ...shown.map(({ route, counts }) => {
        const numbers = `  ${style.safe(counts)}  `;
        return line(numbers + truncate(style.safe(route), style.width - numbers.length, style.ellipsis), 'warn');
      }),
      ...more(routes.length - shown.length, 'route', style),
    ],
  };
}

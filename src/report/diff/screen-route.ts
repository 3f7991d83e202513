/** The places of differences: routes worst first, latency, and what only the mirror does not know. */
import type { DiffReport, LatencyComparison, RouteComparison } from '../../diff/model.ts';
import { formatCount, formatInterval, formatMilliseconds, formatTimes } from '../../text/numbers.ts';
import type { GridColumn, Row, ScreenStyle, Section, Tone } from '../screen.ts';
import { line, together } from '../screen.ts';
import { truncate, wrap } from '../width.ts';
import { generalizedTable, routeTable } from './plain-table.ts';
import {
  hiddenWords,
  incompatibleRoutes,
  latencyNotes,
  notableLatencies,
  type RouteWord,
  routeNotes,
  routeWord,
} from './reading.ts';
import { plainGrid } from './screen-table.ts';
import { more } from './screen-verdict.ts';
import { NOT_FORWARD_COMPATIBLE } from './words.ts';

const MOST_ROUTES = 10;
const MOST_LATENCIES = 5;
const MOST_INCOMPATIBLE = 8;
const WIDEST_ROUTE = 48;

export function routeSection(report: DiffReport, style: ScreenStyle): Section {
  const { routes, settings } = report;
  if (routes.length === 0) return { before: [line('ROUTES  none', 'heading')] };
  const wordOf = (route: RouteComparison): RouteWord => routeWord(route, settings.alpha);
  const hidden = routes.slice(MOST_ROUTES);
  return {
    grid: plainGrid(routeTable(report), style, {
      title: 'ROUTES, worst first',
      most: MOST_ROUTES,
      toneOf: (route) => ROUTE_TONE[wordOf(route)],
    }),
    after: [
      ...more(hidden.length, 'route', style, hiddenWords(hidden, settings.alpha)),
      ...routeNotes(report).flatMap((note) =>
        together(wrap(note, style.width, '  ').map((text) => line(text, 'faint'))),
      ),
    ],
  };
}

const ROUTE_TONE: { readonly [word in RouteWord]: Tone | undefined } = {
  worse: 'bad',
  lost: 'bad',
  slower: 'warn',
  better: 'good',
  '': undefined,
};

const LATENCY_COLUMNS: readonly GridColumn[] = [
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
      ...(each.slower === true || (each.ratio ?? 1) > 1 ? { tone: 'warn' as const } : {}),
    })),
  ];
  return {
    grid: { columns: LATENCY_COLUMNS, rows },
    after: [
      ...more(notable.length - shown.length, 'route', style, ' with a shift'),
      ...latencyNotes(report, latency).flatMap((note) =>
        together(wrap(note, style.width, '  ').map((text) => line(text, 'faint'))),
      ),
    ],
  };
}

function latencyCells(name: string, { n, production, mirror, ratio, ratioCi, slower }: LatencyComparison): string[] {
  const quantiles = [production, mirror].flatMap(({ p50, p95, p99 }) => [p50, p95, p99].map(formatMilliseconds));
  return [
    slower === true ? `slower ${name}` : name,
    formatCount(n),
    ...quantiles,
    formatTimes(ratio),
    formatInterval(ratioCi, formatTimes),
  ];
}

export function incompatibleSection(report: DiffReport, style: ScreenStyle): Section {
  const routes = incompatibleRoutes(report);
  if (routes.length === 0) return {};
  const shown = routes.slice(0, MOST_INCOMPATIBLE);
  return {
    before: [
      line('NOT FORWARD-COMPATIBLE', 'heading'),
      ...together(wrap(NOT_FORWARD_COMPATIBLE, style.width, '  ').map((text) => line(text, 'faint'))),
      ...shown.map(({ route, counts }) => {
        const numbers = `  ${style.safe(counts)}  `;
        return line(numbers + truncate(style.safe(route), style.width - numbers.length, style.ellipsis), 'warn');
      }),
      ...more(routes.length - shown.length, 'route', style),
    ],
  };
}

const MOST_GENERALIZED = 8;

export function generalizedSection(report: DiffReport, style: ScreenStyle): Section {
  const table = generalizedTable(report);
  if (table.rows.length === 0) return {};
  return {
    grid: plainGrid(table, style, { title: 'POSITIONS OF MANY VALUES', most: MOST_GENERALIZED }),
    after: more(table.rows.length - MOST_GENERALIZED, 'position', style),
  };
}

/** The routes of a pull-request comment: the worst in sight, the rest folded. */
import type { DiffReport, LatencyComparison, RouteComparison } from '../../diff/model.ts';
import {
  formatExact,
  formatInterval,
  formatP,
  formatPointsNumber,
  formatShareNumber,
  formatTimes,
} from '../../diff/numbers.ts';
import type { Part } from './markdown-budget.ts';
import { codeSpan, plain, prose, tableHead, tableRow } from './markdown-text.ts';
import { formatMilliseconds } from './numbers.ts';
import { incompatibleRoutes, isWeak, latencyWords, notableLatencies, routeWord } from './reading.ts';
import { NOT_FORWARD_COMPATIBLE, Q_WORDS } from './words.ts';

const WORST = 10;

const HEADS = ['', 'route', 'n', 'new', 'fixed', 'production %', 'mirror %', 'difference pp', '95 % interval', 'q'];
const TABLE = tableHead(HEADS, 2);

export function routeParts(report: DiffReport): Part[] {
  const rows = report.routes.map((route) => routeRow(route, report));
  const worst = {
    head: `### Routes, worst first\n\n${TABLE}`,
    rows: rows.slice(0, WORST),
    noun: 'route',
    rank: 3,
    most: WORST,
  };
  const rest = {
    head: `<details><summary>More routes (${Math.max(0, rows.length - WORST)})</summary>\n\n${TABLE}`,
    rows: rows.slice(WORST),
    noun: 'route',
    foot: '</details>',
    rank: 9,
    most: 200,
  };
  return rows.length === 0 ? [] : [{ ...worst, foot: plain(Q_WORDS) }, rest];
}

function routeRow(route: RouteComparison, report: DiffReport): string {
  const { errors } = route;
  const word = routeWord(route, report.settings.alpha);
  const pairs = isWeak(report) ? ['-', '-'] : [formatExact(errors.newError), formatExact(errors.fixedError)];
  return tableRow([
    word === 'worse' ? '**worse**' : word,
    codeSpan(route.route),
    ...[
      formatExact(errors.n),
      ...pairs,
      formatShareNumber(errors.productionRate),
      formatShareNumber(errors.mirrorRate),
      formatPointsNumber(errors.difference),
      formatInterval(errors.differenceCi, formatPointsNumber),
      formatP(errors.test.q),
    ].map(plain),
  ]);
}

export function incompatiblePart(report: DiffReport): Part {
  const rows = incompatibleRoutes(report).map(({ route, counts }) => `- ${codeSpan(route)}: ${prose(counts)}`);
  const head = `### Not forward-compatible\n\n${NOT_FORWARD_COMPATIBLE}:\n`;
  return { head, rows, noun: 'route', rank: 4, most: 20 };
}

export function latencyPart(report: DiffReport): Part {
  const { latency } = report;
  const all = latency === null ? [] : [latencyRow('all', latency)];
  const notable = notableLatencies(report).map(({ route, latency: each }) => latencyRow(codeSpan(route), each));
  const heads = ['ms', 'n', 'production p50', 'p95', 'p99', 'mirror p50', 'p95', 'p99', 'ratio', '95 % interval'];
  const foot = latency === null ? '' : latencyWords(latency);
  const head = `### Latency\n\n${tableHead(heads, 1)}`;
  return { head, rows: [...all, ...notable], noun: 'route', foot, rank: 5, most: 11 };
}

function latencyRow(name: string, { n, production, mirror, ratio, ratioCi }: LatencyComparison): string {
  const quantiles = [production, mirror].flatMap(({ p50, p95, p99 }) => [p50, p95, p99].map(formatMilliseconds));
  const interval = formatInterval(ratioCi, formatTimes);
  return tableRow([name, formatExact(n), ...quantiles, plain(formatTimes(ratio)), plain(interval)]);
}

/** The routes of a pull-request comment: the worst in sight, the rest folded. */
import type { DiffReport, LatencyComparison } from '../../diff/model.ts';
import { formatExact, formatInterval, formatMilliseconds, formatTimes } from '../../text/numbers.ts';
import type { BudgetPart } from './markdown-budget.ts';
import { codeSpan, plain, plainHead, plainRow, prose, tableHead, tableRow } from './markdown-text.ts';
import { generalizedTable, routeTable } from './plain-table.ts';
import { incompatibleRoutes, latencyNotes, notableLatencies, routeNotes } from './reading.ts';
import { NOT_FORWARD_COMPATIBLE } from './words.ts';

const WORST = 10;

export function routeParts(report: DiffReport): BudgetPart[] {
  const { columns, rows } = routeTable(report);
  const head = plainHead(columns);
  const lines = rows.map((route) => plainRow(columns, route));
  const worst = {
    head: `### Routes, worst first\n\n${head}`,
    rows: lines.slice(0, WORST),
    noun: 'route',
    rank: 3,
    most: WORST,
  };
  const rest = {
    head: `<details><summary>More routes (${Math.max(0, lines.length - WORST)})</summary>\n\n${head}`,
    rows: lines.slice(WORST),
    noun: 'route',
    foot: '</details>',
    rank: 9,
    most: 200,
  };
  return lines.length === 0 ? [] : [{ ...worst, foot: routeNotes(report).map(plain).join('  \n') }, rest];
}

export function generalizedPart(report: DiffReport): BudgetPart {
  const { columns, rows } = generalizedTable(report);
  return {
    head: `<details><summary>Positions of many values</summary>\n\n${plainHead(columns)}`,
    rows: rows.map((row) => plainRow(columns, row)),
    noun: 'position',
    foot: '</details>',
    rank: 10,
    most: 50,
  };
}

export function incompatiblePart(report: DiffReport): BudgetPart {
  const rows = incompatibleRoutes(report).map(({ route, counts }) => `- ${codeSpan(route)}: ${prose(counts)}`);
  const head = `### Not forward-compatible\n\n${NOT_FORWARD_COMPATIBLE}:\n`;
  return { head, rows, noun: 'route', rank: 4, most: 20 };
}

export function latencyPart(report: DiffReport): BudgetPart {
  const { latency } = report;
  const all = latency === null ? [] : [latencyRow('all', latency)];
  const notable = notableLatencies(report).map(({ route, latency: each }) => latencyRow(codeSpan(route), each));
  const heads = ['ms', 'n', 'production p50', 'p95', 'p99', 'mirror p50', 'p95', 'p99', 'ratio', '95 % interval'];
  const foot = latency === null ? '' : latencyNotes(report, latency).join('  \n');
  const head = `### Latency\n\n${tableHead(heads, 1)}`;
  return { head, rows: [...all, ...notable], noun: 'route', foot, rank: 5, most: 11 };
}

function latencyRow(name: string, { n, production, mirror, ratio, ratioCi }: LatencyComparison): string {
  const quantiles = [production, mirror].flatMap(({ p50, p95, p99 }) => [p50, p95, p99].map(formatMilliseconds));
  const interval = formatInterval(ratioCi, formatTimes);
  return tableRow([name, formatExact(n), ...quantiles, plain(formatTimes(ratio)), plain(interval)]);
}

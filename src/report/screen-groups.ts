/** The middle of the screen: a row for each group, and where the slow ones spend their time. */
import type { Group, KeyedGroup, Saturation, Summary } from '../stats/model.ts';
import { formatCount, formatMs, formatPercent, formatPercentNumber, formatRate } from '../text/numbers.ts';
import type { KeyColumn } from './group-keys.ts';
import { KEY_HEADS, keyColumns, keyTexts } from './group-keys.ts';
import type { GridColumn, Line, Row, ScreenStyle, Section } from './screen.ts';
import { line } from './screen.ts';
import { renderBar, renderErrorLine } from './sparkline.ts';
import { flow, truncate, wrap } from './width.ts';

const MOST_GROUPS = 10;
export const SPARK_WIDTH = 9;
const BAR_WIDTH = 12;
const LABEL_WIDTH = 18;
/** Keeps one endless name from pushing numbers off the screen before anything else has to give. */
export const WIDEST_KEY = 40;
/** Numbers leave the screen before a name becomes shorter than this. */
const SHORTEST_KEY: { readonly [column in KeyColumn]: number } = { agent: 8, event: 18, host: 12, pid: 10, st: 10 };

/** The note under every pT: people take it for the mirror's response time. */
export const PT_NOTE =
  "pT, ms = latency added to the client's request until the agent's ACK, not the mirror's response time";

const NUMBER_COLUMNS: readonly GridColumn[] = [
  { head: 'events', align: 'right' },
  { head: '/s', align: 'right', drop: 4 },
  { head: 'errors', align: 'right' },
  { head: 'err %', align: 'right' },
  { head: 'pT p50', align: 'right', drop: 5 },
  { head: 'p95', align: 'right', drop: 6 },
  { head: 'p99', align: 'right' },
  { head: 'p99.9', align: 'right', drop: 8 },
  { head: 'max', align: 'right', drop: 3 },
  { head: 'err/time', align: 'left', drop: 7 },
];

/** One row a group and a total; the worst groups when there are more than fit a screen. */
export function groupSection(summary: Summary, style: ScreenStyle): Section {
  if (summary.total.count === 0) return {};
  const keys = keyColumns(summary);
  const shown = worstGroups(summary.groups);
  const rows: Row[] = shown.map((group) => ({
    cells: [
      ...keyTexts(group.key, keys).map((text) => truncate(style.safe(text), WIDEST_KEY, style.ellipsis)),
      ...numberCells(group, style),
    ],
    ...(group.errors > 0 ? { tone: 'bad' as const } : {}),
  }));
  if (summary.groups.length !== 1) {
    const labels = keys.map((_, i) => (i === 0 ? 'total' : ''));
    rows.push({ cells: [...labels, ...numberCells(summary.total, style)], tone: 'heading' });
  }
  const columns: GridColumn[] = keys.map((key) => ({
    head: KEY_HEADS[key],
    align: 'left',
    shrinkTo: SHORTEST_KEY[key],
  }));
  return {
    grid: { columns: [...columns, ...NUMBER_COLUMNS], rows },
    after: [
      ...moreGroups(summary.groups.length - shown.length, style),
      ...wrap(PT_NOTE, style.width).map((text) => line(text, 'faint')),
    ],
  };
}

function worstGroups(groups: readonly KeyedGroup[]): readonly KeyedGroup[] {
  if (groups.length <= MOST_GROUPS) return groups;
  return [...groups].sort((a, b) => b.errors - a.errors || b.count - a.count).slice(0, MOST_GROUPS);
}

function moreGroups(more: number, style: ScreenStyle): Line[] {
  if (more === 0) return [];
  const noun = more === 1 ? 'group' : 'groups';
  return [line(`${style.ellipsis} and ${more} more ${noun}, worst shown first (--format json shows all)`)];
}

function numberCells(group: Group, style: ScreenStyle): string[] {
  const pT = group.timers.pT;
  return [
    formatCount(group.count),
    formatRate(group.perSecond),
    formatCount(group.errors),
    errorPercent(group),
    ...[pT?.p50, pT?.p95, pT?.p99, pT?.p999, pT?.max].map(formatMs),
    renderErrorLine(group.timeline, SPARK_WIDTH, style.unicode),
  ];
}

/** The rate, or `>=` the lower bound when lines are missing. */
export function errorPercent(group: Group): string {
  if (group.errorRate === null && group.errorRateLowerBound !== undefined) {
    return `>=${formatPercentNumber(group.errorRateLowerBound)}`;
  }
  return formatPercentNumber(group.errorRate);
}

/** Phase names in the order a message goes through them. */
export const PHASES = [
  ['reqT', 'encode'],
  ['qT', 'queue'],
  ['wT', 'wait'],
  ['resT', 'decode'],
] as const;

/** The phases of the slowest 1 % of pT, where failed events stopped, and how full the agent's connections were. */
export function phaseSection(summary: Summary, style: ScreenStyle): Section {
  const { total } = summary;
  if (total.count === 0) return {};
  const stopped = PHASES.filter(([timer]) => (total.timers[timer]?.interrupted ?? 0) > 0).map(
    ([timer, phase]) => `${phase} ${total.timers[timer]?.interrupted}`,
  );
  const before = labelled('WHERE p99 GOES', phaseParts(total, style), '   ', style);
  if (stopped.length > 0) {
    before.push(...labelled('NEVER ENDED (-1)', stopped, ` ${style.dot} `, style));
  }
  if (total.saturation !== undefined) {
    before.push(...labelled('SATURATION', gaugeParts(total.saturation), ` ${style.dot} `, style));
  }
  return { before };
}

/** Parts behind a label, the lines after the first one indented. */
export function labelled(label: string, parts: readonly string[], separator: string, style: ScreenStyle): Line[] {
  const first = label.padEnd(LABEL_WIDTH);
  return flow(parts, separator, style.width, first, ' '.repeat(LABEL_WIDTH)).map((text) => line(text));
}

function gaugeParts(saturation: Saturation): string[] {
  return [
    `idle applets min ${saturation.minIdles}`,
    `applets max ${saturation.maxApplets}`,
    `sending max ${saturation.maxSending}`,
    `waiting max ${saturation.maxWaiting}`,
  ];
}

function phaseParts(total: Group, style: ScreenStyle): string[] {
  const { phaseShare, timers } = total;
  if (phaseShare !== undefined) {
    return PHASES.map(([timer, phase]) => {
      const bar = renderBar(phaseShare[timer], BAR_WIDTH, style.unicode);
      return `${phase} ${formatPercent(phaseShare[timer])}${bar === '' ? '' : ` ${bar}`}`;
    });
  }
  if (timers.reqT === undefined) return ['not known: HAProxy >= 3.1 logs pT only, not its phases'];
  return ['nowhere: even the slowest events took no time'];
}

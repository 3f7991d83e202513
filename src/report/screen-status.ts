/** The status codes with both tables beside each other, as HAProxy logs one and the documentation lists the other. */
import type { StatusCount, Summary } from '../stats/model.ts';
import { SPOP_OFFSET } from '../status/engine-codes.ts';
import { formatCount, formatPercent } from '../text/numbers.ts';
import { formatClock, formatShortTime } from '../text/times.ts';
import type { GridColumn, Line, Row, ScreenStyle, Section } from './screen.ts';
import { line } from './screen.ts';
import { nextStep } from './screen-verdict.ts';

const MOST_STATUSES = 6;

/** The days are left out when all happened on one: the top of the screen has the date. */
function columns(oneDay: boolean): GridColumn[] {
  const zone = oneDay ? 'UTC' : 'seen UTC';
  return [
    { head: 'ST', align: 'right' },
    { head: 'MEANING', align: 'left', shrinkTo: 18 },
    { head: 'DOCUMENTED SPOP', align: 'left', shrinkTo: 12, drop: 3 },
    { head: 'count', align: 'right' },
    { head: 'share', align: 'right' },
    { head: `first ${zone}`, align: 'left', drop: 2 },
    { head: `last ${zone}`, align: 'left', drop: 1 },
  ];
}

/** A row a status; under a failed one its next step, unless a likely cause has already said the same. */
export function statusSection(summary: Summary, style: ScreenStyle): Section {
  const { status } = summary.total;
  const { from, to } = summary.window;
  const oneDay = from !== null && to !== null && from.slice(0, 10) === to.slice(0, 10);
  if (status.length === 0) return {};
  const said = new Set(summary.verdict.causes.map((cause) => cause.next));
  const rows: Row[] = status.slice(0, MOST_STATUSES).map((entry) => {
    const fresh = entry.next !== undefined && !said.has(entry.next);
    said.add(entry.next);
    return {
      cells: statusCells(entry, oneDay, style),
      ...(entry.st === 0 ? {} : { tone: 'bad' as const }),
      ...(fresh && entry.next !== undefined ? { after: nextStep(entry.next, style) } : {}),
    };
  });
  return { grid: { columns: columns(oneDay), rows }, after: moreStatuses(status.length - rows.length, style) };
}

function statusCells(entry: StatusCount, oneDay: boolean, style: ScreenStyle): string[] {
  const seen = oneDay ? formatClock : formatShortTime;
  const differs = entry.documented !== undefined && entry.documented !== entry.meaning;
  return [
    String(entry.st),
    style.safe(entry.meaning) + spopNumber(entry),
    differs ? style.safe(entry.documented ?? '') : '-',
    formatCount(entry.count),
    formatPercent(entry.share),
    seen(entry.first),
    seen(entry.last),
  ];
}

/** ` (SPOP 8)` after 264: the number an agent's author looks for. The meaning of an agent-defined code has it. */
export function spopNumber({ st, origin, name }: StatusCount): string {
  return origin === 'spop' && st >= SPOP_OFFSET && name !== 'agent-defined' ? ` (SPOP ${st - SPOP_OFFSET})` : '';
}

function moreStatuses(more: number, style: ScreenStyle): Line[] {
  if (more <= 0) return [];
  return [line(`${style.ellipsis} and ${more} more codes (--format json shows all)`)];
}

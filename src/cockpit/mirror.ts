/** The mirror's half of a summary → rows of destinations that open to what they answered. */
import type { ScreenStyle } from '../report/screen.ts';
import { errorsOf, MIRROR_NAME } from '../report/screen-mirror.ts';
import { truncate } from '../report/width.ts';
import type { RecordChoice } from '../stats/mirror-lines.ts';
import type { Mirror, MirrorGroup } from '../stats/model.ts';
import { isFailure, SAMPLED_OUT } from '../status/mirror-errors.ts';
import { formatCount, formatMs, formatPercentNumber } from '../text/numbers.ts';
import { type NumberCells, numberHeads, numberLayout } from './columns.ts';
import type { BodyRow } from './model.ts';
import type { Sort } from './state.ts';

export interface DestinationOptions {
  readonly style: ScreenStyle;
  readonly sort: Sort;
  readonly opened: ReadonlySet<string>;
  /** Only destinations with this text, capitals aside; empty is all. The mirror as a whole stays. */
  readonly filter: string;
}

/** A destination; without a name it is all of them. */
interface Destination {
  readonly name: string | undefined;
  readonly group: MirrorGroup;
}

/** What became of requests. */
interface Outcome {
  readonly id: string;
  /** As lines of the record are chosen by. */
  readonly outcome: string;
  readonly words: string;
  readonly count: number;
  readonly failed: boolean;
}

/** Rows of destinations, the mirror as a whole behind several of them, each with its answers below where it is open. */
export function destinationRows(mirror: Mirror, { style, sort, opened, filter }: DestinationOptions): BodyRow[] {
  const { nameWidth, row } = numberLayout(style.width);
  const wanted = filter.toLowerCase();
  const named = mirror.destinations
    .filter(({ destination }) => destination.toLowerCase().includes(wanted))
    .map((group): Destination => ({ name: group.destination, group }))
    .sort((a, b) => sortValue(b.group, sort) - sortValue(a.group, sort) || compare(a.name ?? '', b.name ?? ''));
  const whole = { name: undefined, group: mirror.total };
  const text = (indent: string, name: string, cells: NumberCells) =>
    row(indent + truncate(style.safe(name), Math.max(1, nameWidth - indent.length - 1), style.ellipsis), cells);
  const rows: BodyRow[] = [
    {
      ...{ id: 'mirror', heading: true, tone: 'heading' },
      text: row(truncate(`MIRROR by ${sort}`, nameWidth - 1, ''), numberHeads('requests', 'ms p50')),
    },
  ];
  for (const { name, group } of mirror.destinations.length === 1 ? named : [...named, whole]) {
    const title = name ?? MIRROR_NAME;
    const id = `m/${name === undefined ? '' : JSON.stringify(name)}`;
    const record: RecordChoice = name === undefined ? {} : { destination: name };
    const isOpen = opened.has(id);
    const bad = (isBad: boolean) => isBad && { tone: 'bad' as const };
    rows.push({
      ...{ id, branch: isOpen ? 'open' : 'closed', lines: { title, choice: {}, record } },
      ...bad(errorsOf(group) > 0),
      text: text(isOpen ? '- ' : '+ ', title, cellsOf(group)),
    });
    if (!isOpen) continue;
    for (const { id: own, outcome, words, count, failed } of outcomesOf(group))
      rows.push({
        ...{ id: `${id}/${own}`, parent: id },
        ...bad(failed),
        text: text('    ', words, {
          ...NO_CELLS,
          count: () => formatCount(count),
          errors: () => formatCount(failed ? count : 0),
        }),
        lines: { title: `${title}, ${words}`, choice: {}, record: { ...record, outcome } },
      });
  }
  return rows.length === 1 ? [] : rows;
}

const none = () => formatMs(null);
const NO_CELLS: NumberCells = {
  ...{ count: none, errors: none, rate: none, p50: none, p95: none, p99: none, p999: none, max: none },
};

function cellsOf(group: MirrorGroup): NumberCells {
  const { latency, requests, errorRate } = group;
  return {
    count: () => formatCount(requests),
    errors: () => formatCount(errorsOf(group)),
    rate: () => formatPercentNumber(errorRate),
    p50: () => formatMs(latency.p50),
    p95: () => formatMs(latency.p95),
    p99: () => formatMs(latency.p99),
    p999: () => formatMs(latency.p999),
    max: () => formatMs(latency.max),
  };
}

/** Answers and failures, the most frequent first. */
function outcomesOf({ status, errors }: MirrorGroup): Outcome[] {
  return [
    ...status.map((each) => ({
      ...{ id: `a${each.status}`, outcome: String(each.status), words: String(each.status), count: each.count },
      failed: isFailure(each.status),
    })),
    ...errors.map(({ error, meaning, count }) => ({
      ...{ id: `e${error}`, outcome: error, words: meaning === undefined ? error : `${error}: ${meaning}`, count },
      failed: error !== SAMPLED_OUT,
    })),
  ].sort((a, b) => b.count - a.count);
}

/** How many requests lines of the record are of, whether their lines are kept or not. */
export function answersOf({ total, destinations }: Mirror, { destination, outcome }: RecordChoice): number {
  const group = destination === undefined ? total : destinations.find((each) => each.destination === destination);
  if (group === undefined) return 0;
  if (outcome === undefined) return group.requests;
  return outcomesOf(group).find((each) => each.outcome === outcome)?.count ?? 0;
}

function sortValue(group: MirrorGroup, sort: Sort): number {
  if (sort === 'errors') return errorsOf(group);
  if (sort === 'error rate') return group.errorRate ?? -1;
  if (sort === 'p99') return group.latency.p99 ?? -1;
  return sort === 'name' ? 0 : group.requests;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The groups as RFC 4180 CSV, with \n line ends: a header, one row a group in the summary's order, `total` last.
 *
 * `row` is `group`, `other` (everything past the bound on groups) or `total`. Key columns are always there, empty when
 * --by did not ask for them. Times are ms, rates 0–1, an unknown number is empty. `status` is `st:count` pairs,
 * by count. `verdict` is of the total; where it is silent, `silentSince` is the last event (empty without times) and
 * `silent` what: `all`, or what alone is silent. Series and notices are in the other formats.
 *
 * With --record, a row `mirror` for each destination and one, without a name, for all: in columns of their own.
 */
import type { Group, GroupKey, NamedMirrorGroup, Summary, TimerStats } from '../stats/model.ts';
import { TIMER_NAMES } from '../stats/model.ts';
import { silentOne } from '../stats/silence.ts';
import { escapeCsv } from './escape.ts';

const KEYS = ['agent', 'type', 'name', 'host', 'pid', 'st'] as const;
const STATISTICS = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const;

/** The heading and the value of each number of a group. */
const NUMBERS: readonly (readonly [head: string, value: (group: Group) => number | null | undefined])[] = [
  ['count', (group) => group.count],
  ['errors', (group) => group.errors],
  ['errorRate', (group) => group.errorRate],
  ['errorRateLowerBound', (group) => group.errorRateLowerBound],
  ['perSecond', (group) => group.perSecond],
  ['minIdles', (group) => group.saturation?.minIdles],
  ['maxApplets', (group) => group.saturation?.maxApplets],
  ['maxSending', (group) => group.saturation?.maxSending],
  ['maxWaiting', (group) => group.saturation?.maxWaiting],
  ['processed', (group) => group.completeness?.processed],
  ['unlogged', (group) => group.completeness?.unlogged],
  ['restarts', (group) => group.completeness?.restarts],
];

const TIMER_FIELDS = ['count', 'interrupted', ...STATISTICS] as const;

export function renderCsv(summary: Summary): string {
  const timerHeads = TIMER_NAMES.flatMap((timer) => TIMER_FIELDS.map((field) => `${timer}_${field}`));
  const head = ['row', ...KEYS, ...NUMBERS.map(([name]) => name), ...timerHeads, 'status', ...VERDICT_HEADS];
  const rows = summary.groups.map((group) => row(group.key.other === true ? 'other' : 'group', group.key, group));
  const { mirror } = summary;
  const all = [
    head,
    ...rows,
    [...row('total', {}, summary.total).slice(0, -VERDICT_HEADS.length), ...verdictCells(summary)],
  ];
  if (mirror === undefined) return toText(all);
  const heads = MIRROR_FIELDS.map(([name]) => name);
  const padded = all.map((cells, i) => [...cells, ...(i === 0 ? heads : heads.map(() => ''))]);
  const groups = [...mirror.destinations, { destination: '', ...mirror.total }];
  return toText([...padded, ...groups.map((group) => mirrorRow(group, head.length))]);
}

/** Columns that only the row `total` fills. */
const VERDICT_HEADS = ['verdict', 'silentSince', 'silent'];

function verdictCells({ verdict }: Summary): string[] {
  const { status, silence } = verdict;
  if (silence === undefined) return [status, '', ''];
  return [status, silence.since ?? '', escapeCsv(silentOne(silence) || 'all')];
}

function toText(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.join(',')}\n`).join('');
}

/** Columns of the agent's record, which are there when one was read. */
const MIRROR_FIELDS: readonly (readonly [head: string, value: (group: NamedMirrorGroup) => string])[] = [
  ['destination', ({ destination }) => escapeCsv(destination)],
  ['requests', ({ requests }) => String(requests)],
  ['answered', ({ answered }) => String(answered)],
  ['failed', ({ failed }) => String(failed)],
  ['dropped', ({ dropped }) => String(dropped)],
  ['sampledOut', ({ sampledOut }) => String(sampledOut)],
  ['mirrorErrorRate', ({ errorRate }) => numberCell(errorRate)],
  ['mirrorPerSecond', ({ perSecond }) => numberCell(perSecond)],
  ...STATISTICS.map(
    (field) => [`latency_${field}`, ({ latency }: NamedMirrorGroup) => numberCell(latency[field])] as const,
  ),
  ['requestBytes', ({ requestBytes }) => String(requestBytes)],
  ['responseBytes', ({ responseBytes }) => String(responseBytes)],
  [
    'outcomes',
    ({ status, errors }) => {
      const outcomes = [
        ...status.map((entry) => `${entry.status}:${entry.count}`),
        ...errors.map((entry) => `${entry.error}:${entry.count}`),
      ];
      return escapeCsv(outcomes.join(' '));
    },
  ],
];

/** `mirror` in front; everything about events is empty. */
function mirrorRow(group: NamedMirrorGroup, before: number): string[] {
  const empty = Array.from({ length: before - 1 }, () => '');
  return ['mirror', ...empty, ...MIRROR_FIELDS.map(([, value]) => value(group))];
}

function row(kind: 'group' | 'other' | 'total', key: GroupKey, group: Group): string[] {
  return [
    kind,
    ...KEYS.map((name) => keyCell(key[name])),
    ...NUMBERS.map(([, value]) => numberCell(value(group))),
    ...TIMER_NAMES.flatMap((timer) => timerCells(group.timers[timer])),
    group.status.map(({ st, count }) => `${st}:${count}`).join(' '),
    ...VERDICT_HEADS.map(() => ''),
  ];
}

function keyCell(value: string | number | undefined): string {
  return typeof value === 'string' ? escapeCsv(value) : numberCell(value);
}

function timerCells(timer: TimerStats | undefined): string[] {
  return TIMER_FIELDS.map((field) => numberCell(timer?.[field]));
}

function numberCell(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

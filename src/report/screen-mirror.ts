/** The mirror's half of the screen: what became of the requests that the agent mirrored. */
import type { Mirror, MirrorGroup, Summary } from '../stats/model.ts';
import { isFailure } from '../status/mirror-errors.ts';
import { formatAmount, formatBytes, formatCount, formatMs, formatPercentNumber, formatRate } from '../text/numbers.ts';
import type { GridColumn, Line, Row, ScreenStyle, Section } from './screen.ts';
import { line } from './screen.ts';
import { labelled, SPARK_WIDTH, WIDEST_KEY } from './screen-groups.ts';
import { renderErrorLine } from './sparkline.ts';
import { truncateMiddle } from './width.ts';

const MOST_DESTINATIONS = 10;
const MOST_ANSWERS = 8;

const NUMBER_COLUMNS: readonly GridColumn[] = [
  { head: 'requests', align: 'right' },
  { head: '/s', align: 'right', drop: 4 },
  { head: 'errors', align: 'right' },
  { head: 'err %', align: 'right' },
  { head: '2xx', align: 'right', drop: 6 },
  { head: '3xx', align: 'right', drop: 6 },
  { head: '4xx', align: 'right', drop: 6 },
  { head: '5xx', align: 'right', drop: 5 },
  { head: 'ms p50', align: 'right' },
  { head: 'p99', align: 'right' },
  { head: 'max', align: 'right', drop: 3 },
  { head: 'dropped', align: 'right', drop: 2 },
];

const COLUMNS: readonly GridColumn[] = [
  { head: 'MIRROR', align: 'left', shrinkTo: 12, keepsEnd: true },
  ...NUMBER_COLUMNS,
  { head: 'err/time', align: 'left', drop: 7 },
];

/** Headings of the cells of mirrorNumbers. */
export const MIRROR_HEADS: readonly string[] = NUMBER_COLUMNS.map(({ head }) => head);

/** The name for all destinations together, and where the agent has one, which has no name. */
export const MIRROR_NAME = 'the mirror';

/** A row a destination, the worst first; then what they answered. */
export function mirrorSection({ mirror }: Summary, style: ScreenStyle): Section {
  if (mirror === undefined || mirror.total.requests === 0) return {};
  const named = [...mirror.destinations].sort((a, b) => errorsOf(b) - errorsOf(a) || b.requests - a.requests);
  const shown = named.slice(0, MOST_DESTINATIONS);
  const rows: Row[] = shown.map((group) => mirrorRow(style.safe(group.destination), group, style));
  if (named.length !== 1) rows.push(mirrorRow(MIRROR_NAME, mirror.total, style));
  const more = named.length - shown.length;
  return {
    grid: { columns: COLUMNS, rows },
    after: [
      ...(more === 0
        ? []
        : [line(`${style.ellipsis} and ${formatAmount(more, 'more destination')} (--format json shows all)`)]),
      ...mirrorFacts(mirror, style),
    ],
  };
}

/** What all destinations answered, and what was read. */
export function mirrorFacts(mirror: Mirror, style: ScreenStyle): Line[] {
  return [
    ...labelled('ANSWERS', answerParts(mirror.total).map(style.safe), ` ${style.dot} `, style),
    ...labelled('RECORD', recordParts(mirror), ` ${style.dot} `, style),
  ];
}

function mirrorRow(name: string, group: MirrorGroup, style: ScreenStyle): Row {
  return {
    cells: [
      truncateMiddle(name, WIDEST_KEY, style.ellipsis),
      ...mirrorNumbers(group),
      renderErrorLine(group.timeline, SPARK_WIDTH, style.unicode),
    ],
    ...(errorsOf(group) > 0 ? { tone: 'bad' as const } : {}),
  };
}

export function mirrorNumbers(group: MirrorGroup): string[] {
  const { latency } = group;
  return [
    formatCount(group.requests),
    formatRate(group.perSecond),
    formatCount(errorsOf(group)),
    formatPercentNumber(group.errorRate),
    ...['2', '3', '4', '5'].map((digit) => formatCount(classCount(group, digit))),
    ...[latency.p50, latency.p99, latency.max].map(formatMs),
    formatCount(group.dropped),
  ];
}

/** Requests that ended badly: without an answer, or with one that is a failure. */
export function errorsOf({ failed, status }: MirrorGroup): number {
  return status.reduce((sum, entry) => (isFailure(entry.status) ? sum + entry.count : sum), failed);
}

/** Answers of a class; 6xx and above are no class of HTTP and stand with none. */
function classCount({ status }: MirrorGroup, digit: string): number {
  return status.reduce((sum, entry) => (String(entry.status).startsWith(digit) ? sum + entry.count : sum), 0);
}

/** The outcomes as every renderer in prose says them: `200 900`, `connect-refused 12 (nobody listens at the mirror)`. */
export function answerParts({ status, errors }: MirrorGroup): string[] {
  const parts = [
    ...status.map((entry) => ({ count: entry.count, text: `${entry.status} ${formatCount(entry.count)}` })),
    ...errors.map(({ error, count, meaning }) => ({
      count,
      text: `${error} ${formatCount(count)}${meaning === undefined ? '' : ` (${meaning})`}`,
    })),
  ].sort((a, b) => b.count - a.count);
  const more = parts.length - MOST_ANSWERS;
  return [...parts.slice(0, MOST_ANSWERS).map(({ text }) => text), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** The parts of a sentence: what was read, and how much was sent and received. */
export function recordParts({ lines, unread, filtered, total }: Mirror): string[] {
  return [
    `lines ${lines}`,
    `unread ${unread}`,
    `filtered ${filtered}`,
    `dropped ${total.dropped}`,
    ...(total.sampledOut === 0 ? [] : [`over --max-rate ${total.sampledOut}`]),
    `bodies sent ${formatBytes(total.requestBytes)}`,
    `received ${formatBytes(total.responseBytes)}`,
  ];
}

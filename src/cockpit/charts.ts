/** Charts over time: rows of one time axis below each other, made of block characters. */
import type { Tone } from '../report/screen.ts';
import type { DetailView } from '../stats/live-detail.ts';
import { MIRROR_KINDS } from '../stats/mirror-history.ts';
import { type Column, EXACT, MOST_KINDS, type TimeCells } from '../stats/time-cells.ts';
import { formatAmount, formatDuration, formatMs, formatRate } from '../text/numbers.ts';
import type { ChartModel, ChartRow } from './model.ts';

/** Steps that are read easily, ms. */
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);
const MOST_CODES = 3;
/** The widest step, in columns. */
const WIDEST_STEP = 4;

export interface ChartSources {
  readonly detail: DetailView;
  /** `ahead`: requests that are in no cell, as their times are later than this clock. */
  readonly mirror?: { readonly cells: TimeCells; readonly ahead: number } | undefined;
  readonly windowMs: number;
  /** Columns of the charts. */
  readonly width: number;
  readonly hasLog: boolean;
}

/** The columns of cells on one axis, the seconds of each, and the axis. */
interface Axis {
  readonly columns: (cells: TimeCells) => Column[];
  readonly seconds: Seconds;
  readonly words: string;
  readonly stepColumns: number;
}

function axisOf(edgeMs: number, windowMs: number, width: number): Axis {
  const stepMs = STEPS_MS.find((step) => windowMs / step <= width) ?? windowMs;
  const steps = Math.ceil(windowMs / stepMs);
  // On a grid of whole steps, so that a bar that is there does not change its neighbours.
  const endMs = (Math.floor(edgeMs / stepMs) + 1) * stepMs;
  return {
    columns: (cells) => cells.columns(endMs, steps * stepMs, steps),
    // The last step is not over: its rate is that of the part which is.
    seconds: (i) => (i === steps - 1 ? Math.max(1000, edgeMs - (endMs - stepMs)) : stepMs) / 1000,
    words: `the last ${formatDuration(windowMs)}, a step is ${formatDuration(stepMs)}`,
    stepColumns: Math.max(1, Math.min(WIDEST_STEP, Math.floor(width / steps))),
  };
}

/** The charts of the time before the edge; undefined before the first event. */
export function chartsOf({ detail, mirror, windowMs, width, hasLog }: ChartSources): ChartModel | undefined {
  const { edgeMs } = detail;
  if (edgeMs === undefined || width < 1) return undefined;
  const { columns, seconds, words, stepColumns } = axisOf(edgeMs, windowMs, width);
  const ahead = [
    ...(detail.ahead > 0 ? [formatAmount(detail.ahead, 'event')] : []),
    ...(mirror !== undefined && mirror.ahead > 0 ? [formatAmount(mirror.ahead, 'mirrored request')] : []),
  ];
  const left = [
    NEAR_WORDS,
    ...(ahead.length > 0 ? [`not in it: ${ahead.join(' and ')} with a time later than this clock`] : []),
    ...(detail.tooOld > 0 ? [`not in it: ${formatAmount(detail.tooOld, 'event')} of more than a day ago`] : []),
  ];
  const rows = [
    ...(hasLog ? logRows(columns(detail.cells), detail.codes, seconds) : []),
    ...(mirror === undefined ? [] : mirrorRows(columns(mirror.cells), seconds)),
  ];
  return { rows, axis: [words, ...left].join('; '), stepColumns };
}

/** Charts of kinds of requests by the time of production; the latency is the mirror's. */
export function kindCharts(
  cells: TimeCells,
  kinds: readonly string[],
  windowMs: number,
  width: number,
): ChartModel | undefined {
  if (cells.newestMs === Number.NEGATIVE_INFINITY || width < 1) return undefined;
  const { columns, seconds, words, stepColumns } = axisOf(cells.newestMs, windowMs, width);
  const drawn = columns(cells);
  const rows = kinds.flatMap((name, kind) => {
    const has = drawn.some(({ counts }) => (counts[kind] as number) > 0);
    const tone = name === 'new_error' ? 'bad' : name === 'new_4xx' ? 'warn' : undefined;
    return has ? [rateRow(name, drawn, seconds, (counts) => counts[kind] as number, tone)] : [];
  });
  const all: ChartRow = { ...rateRow('requests/s', drawn, seconds, sum), grows: true };
  const axis = `${words} up to the last request; ${NEAR_WORDS}`;
  return { rows: [all, ...rows, quantileRow('mir. p99', drawn, ({ p99 }) => p99)], axis, stepColumns };
}

type Seconds = (column: number) => number;

function rateRow(
  label: string,
  columns: readonly Column[],
  seconds: Seconds,
  of: (counts: Float64Array) => number,
  tone?: Tone,
): ChartRow {
  return {
    label,
    values: columns.map(({ counts }, i) => of(counts) / seconds(i)),
    format: formatRate,
    ...(tone && { tone }),
  };
}

/** What the mark before a quantile means. */
const NEAR_WORDS = '~ within 6 %';

/** A quantile of a chart is that of its bucket: only the small ones are exact. */
function formatNear(ms: number): string {
  return ms < EXACT ? formatMs(ms) : `~${formatMs(ms)}`;
}

function quantileRow(label: string, columns: readonly Column[], of: (column: Column) => number | null): ChartRow {
  return { label, values: columns.map(of), format: formatNear, tone: 'warn' };
}

function sum(counts: Float64Array, from = 0): number {
  let all = 0;
  for (let kind = from; kind < MOST_KINDS; kind++) all += counts[kind] as number;
  return all;
}

/** The rows that matter most come first: what has no room is left out from the end. */
function logRows(columns: readonly Column[], codes: DetailView['codes'], seconds: Seconds): ChartRow[] {
  const totals = Array.from({ length: MOST_KINDS }, (_, kind) =>
    columns.reduce((all, { counts }) => all + (counts[kind] as number), 0),
  );
  const kinds = [...totals.keys()]
    .filter((kind) => kind > 0 && (totals[kind] as number) > 0)
    .sort((a, b) => (totals[b] as number) - (totals[a] as number));
  const ofCode = kinds
    .slice(0, MOST_CODES)
    .map((kind) =>
      rateRow(
        codes[kind] === undefined ? 'other st' : `st=${codes[kind]}`,
        columns,
        seconds,
        (counts) => counts[kind] as number,
        'bad',
      ),
    );
  return [
    { ...rateRow('events/s', columns, seconds, sum), grows: true },
    { ...rateRow('errors/s', columns, seconds, (counts) => sum(counts, 1), 'bad'), grows: true },
    { ...quantileRow('pT p99 ms', columns, ({ p99 }) => p99), grows: true },
    quantileRow('pT p50 ms', columns, ({ p50 }) => p50),
    ...ofCode,
  ];
}

function mirrorRows(columns: readonly Column[], seconds: Seconds): ChartRow[] {
  const classes = MIRROR_KINDS.flatMap((name, kind) => {
    if (!columns.some(({ counts }) => (counts[kind] as number) > 0)) return [];
    const tone =
      name === '5xx' || name === 'no answer' ? 'bad' : name === '4xx' || name === 'not sent' ? 'warn' : 'good';
    // A label of another width would move its bars to another time.
    return [
      rateRow(name.endsWith('xx') ? `mir. ${name}` : name, columns, seconds, (counts) => counts[kind] as number, tone),
    ];
  });
  return [...classes.reverse(), quantileRow('mir. p99', columns, ({ p99 }) => p99)];
}

const UNICODE_LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const ASCII_LEVELS = ['_', '.', ':', '-', '=', '+', '*', '#'] as const;

/** A row of a chart as `height` lines, the highest first: nothing of a step is a space, a value above 0 at least the lowest bar. */
export function barLines({ values }: ChartRow, height: number, stepColumns: number, unicode: boolean): string[] {
  const levels = unicode ? UNICODE_LEVELS : ASCII_LEVELS;
  const largest = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  const perLine = levels.length;
  const lines: string[] = [];
  for (let line = height - 1; line >= 0; line--) {
    let text = '';
    for (const value of values) {
      const filled = value === null || value <= 0 ? 0 : Math.max(1, Math.round((value / largest) * height * perLine));
      const here = filled - line * perLine;
      const bar = here <= 0 ? ' ' : (levels[Math.min(perLine, here) - 1] as string);
      text += bar.repeat(stepColumns);
    }
    lines.push(text);
  }
  return lines;
}

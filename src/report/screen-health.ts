/** The bottom of the screen: can the log be trusted, how it went window by window, and what else to know. */
import type { SeriesWindow, Summary } from '../stats/model.ts';
import { formatAmount, formatCount, formatDuration, formatMs, formatPercentNumber } from '../text/numbers.ts';
import { formatTime } from '../text/times.ts';
import type { GridColumn, Line, Row, ScreenStyle, Section } from './screen.ts';
import { line } from './screen.ts';
import { flow, truncate, wrap } from './width.ts';

const MOST_MESSAGES = 3;
const MOST_NOTICES = 5;
const MOST_WINDOWS = 8;

/** The possible reasons for unlogged events. */
export const UNLOGGED_READING =
  'skipped by an ACL (sampling), interrupted (client abort), normal ones under option dontlog-normal,' +
  ' or lost on the way; they cannot be told apart';

/** A summary may be of the agent's record alone. */
export function hasLog({ input }: Summary): boolean {
  return input.files.length > 0 || input.lines > 0;
}

/** The numbers of the input, `LOG` in front. */
export function healthSection(summary: Summary, style: ScreenStyle): Section {
  const separator = ` ${style.dot} `;
  return {
    before: [
      ...flow(healthParts(summary), separator, style.width, 'LOG  ', '     ').map((text) => line(text)),
      ...otherMessages(summary, style),
      ...unloggedLines(summary, style),
    ],
  };
}

/** `lines 7`, `SPOE 3`, …: what every renderer in prose says about the input. */
export function healthParts(summary: Summary): string[] {
  const { input, total } = summary;
  const restarts = total.completeness?.restarts;
  return [
    `lines ${input.lines}`,
    `SPOE ${input.spoe}`,
    `other SPOE ${input.spoeOther}`,
    `malformed ${input.malformed}`,
    `spoofed ${input.spoofed}`,
    ...(input.headerNotRead === undefined ? [] : [`header not read ${input.headerNotRead}`]),
    `overlong ${input.overlong}`,
    `filtered ${input.filtered}`,
    ...(input.duplicates === undefined ? [] : [`duplicates ${input.duplicates}`]),
    `unlogged ${total.completeness?.unlogged ?? 'unknown'}`,
    `restarts ${restarts ?? 'unknown'}`,
  ];
}

function otherMessages(summary: Summary, style: ScreenStyle): Line[] {
  return summary.input.otherMessages.slice(0, MOST_MESSAGES).map(({ message, count }) => {
    const text = `     ${formatCount(count)} x ${style.safe(message)}`;
    return line(truncate(text, style.width, style.ellipsis));
  });
}

function unloggedLines(summary: Summary, style: ScreenStyle): Line[] {
  const unlogged = summary.total.completeness?.unlogged ?? 0;
  if (unlogged === 0) return [];
  const text = `unlogged = ${formatAmount(unlogged, 'event')} without a line: ${UNLOGGED_READING}`;
  return wrap(text, style.width, '     ').map((part) => line(part, 'faint'));
}

const SERIES_COLUMNS: readonly GridColumn[] = [
  { head: 'WINDOW FROM', align: 'left', shrinkTo: 10 },
  { head: 'events', align: 'right' },
  { head: 'errors', align: 'right' },
  { head: 'err %', align: 'right' },
  { head: 'pT p50', align: 'right', drop: 1 },
  { head: 'p99', align: 'right' },
];

/** The last windows of --window; the one past the bound on windows is always among them. */
export function seriesSection(summary: Summary, style: ScreenStyle): Section {
  const { series } = summary;
  if (series === undefined || series.length === 0) return {};
  const regular = withEmpty(series.filter((window) => window.other !== true));
  const rest = series.filter((window) => window.other === true);
  const shown = [...regular.slice(-MOST_WINDOWS), ...rest];
  const step = formatDuration((regular[0]?.seconds ?? 0) * 1000);
  const hidden = regular.length + rest.length - shown.length;
  const earlier = `${style.ellipsis} and ${formatAmount(hidden, 'earlier window')} of ${step} (--format json shows all)`;
  return {
    grid: { columns: SERIES_COLUMNS, rows: shown.map(windowRow) },
    after: hidden === 0 ? [] : [line(earlier)],
  };
}

/** The last windows with those in which nothing was logged: a pause is something to see. */
function withEmpty(series: readonly SeriesWindow[]): SeriesWindow[] {
  const filled: SeriesWindow[] = [];
  for (const [i, window] of series.entries()) {
    const before = series[i - 1];
    const stepMs = window.seconds * 1000;
    const from = before === undefined ? Date.parse(window.from) : Date.parse(before.from) + stepMs;
    // A long pause is shown only as far as there is room.
    const start = Math.max(from, Date.parse(window.from) - MOST_WINDOWS * stepMs);
    for (let at = start; at < Date.parse(window.from); at += stepMs)
      filled.push({
        from: new Date(at).toISOString(),
        seconds: window.seconds,
        count: 0,
        errors: 0,
        p50: null,
        p99: null,
      });
    filled.push(window);
  }
  return filled;
}

function windowRow(window: SeriesWindow): Row {
  return {
    cells: [
      window.other === true ? '(other)' : formatTime(window.from),
      formatCount(window.count),
      formatCount(window.errors),
      formatPercentNumber(window.count === 0 ? null : window.errors / window.count),
      formatMs(window.p50),
      formatMs(window.p99),
    ],
    ...(window.errors > 0 ? { tone: 'bad' as const } : {}),
  };
}

/** `! message`, wrapped. */
export function noticeSection(summary: Summary, style: ScreenStyle): Section {
  const shown = summary.notices.slice(0, MOST_NOTICES);
  const lines = shown.flatMap(({ message }) =>
    wrap(style.safe(message), style.width, '! ', '  ').map((text) => line(text, 'warn')),
  );
  const more = summary.notices.length - shown.length;
  if (more > 0) {
    lines.push(line(`${style.ellipsis} and ${formatAmount(more, 'more notice')} (--format json shows all)`));
  }
  return { before: lines };
}

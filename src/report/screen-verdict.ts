/** The top of the screen: is it healthy, since when not, why, and what to do. */

import { SHORTEST_QUIET_MS } from '../stats/mirror-verdict.ts';
import type { Cause, Group, LastMinuteCounts, Summary, ThresholdResult } from '../stats/model.ts';
import { NO_EVENTS_HINT } from '../stats/notices.ts';
import { isRate } from '../stats/thresholds.ts';
import { formatAmount, formatDuration, formatMs, formatPercent } from '../text/numbers.ts';
import { formatTime } from '../text/times.ts';
import { verdictLine } from './headline.ts';
import type { Line, ScreenStyle, Section, Tone } from './screen.ts';
import { line } from './screen.ts';
import { hasLog } from './screen-health.ts';
import { flow, wrap } from './width.ts';

const MOST_REASONS = 3;
const MOST_CAUSES = 3;

const VERDICT_TONE: { readonly [status in Summary['verdict']['status']]: Tone } = {
  healthy: 'good',
  degraded: 'warn',
  failing: 'bad',
  unknown: 'warn',
};

/** A live log of lines without an event: nothing tells whether all is well. A file's reading ends with the same words. */
const NOTHING_LOGGED =
  'no line is an SPOE event: they are logged elsewhere, nothing is mirrored, or all is well and only failures are logged (option dontlog-normal)';

function nothingLogged({ input, total, verdict }: Summary, style: ScreenStyle): Line[] {
  const seen = total.count + input.filtered + input.malformed + (input.headerNotRead ?? 0) + input.spoeOther;
  if (seen > 0 || input.lines === 0 || verdict.haproxy !== undefined) return [];
  return [
    ...wrap(NOTHING_LOGGED, style.width, '  - ', '    ').map((text) => line(text)),
    ...nextStep(`${NO_EVENTS_HINT}.`, style),
  ];
}

/** An agent acknowledges before it asks the mirror. */
export const HANDED_OVER = 'the agent took them; whether the mirror answers: its /readyz, or spoe-logs diff';

/** Verdict, window, reasons. */
export function verdictSection(summary: Summary, style: ScreenStyle, present?: PresentAges): Section {
  const { reasons, status } = summary.verdict;
  const before: Line[] = [
    ...wrap(style.safe(verdictLine(summary, style.dash)), style.width, '', '  ').map((text) =>
      line(text, VERDICT_TONE[status]),
    ),
    ...flow(windowParts(summary, style), ` ${style.dot} `, style.width, '  ').map((text) => line(text, 'faint')),
    ...nowLines(summary, style, present),
    ...(status === 'healthy' && summary.mirror === undefined
      ? wrap(HANDED_OVER, style.width, '  ', '  ').map((text) => line(text, 'faint'))
      : []),
    ...reasons
      .slice(0, summary.mirror === undefined ? MOST_REASONS : 2 * MOST_REASONS)
      .flatMap((reason) => wrap(style.safe(reason), style.width, '  - ', '    ').map((text) => line(text))),
    ...(present === undefined ? [] : nothingLogged(summary, style)),
  ];
  return { before };
}

/** The age of the last event, line and request, in ms; null before the first, absent where it is not read. */
export interface PresentAges {
  readonly eventMs?: number | null;
  readonly lineMs?: number | null;
  /** The age of the last request in the agent's record. */
  readonly requestMs?: number | null;
}

/** The parts of a sentence about now, beside the whole. */
export function nowParts({ verdict, total, mirror }: Summary, present: PresentAges | undefined): string[] {
  const parts: string[] = [];
  const { lastMinute } = verdict;
  if (lastMinute !== undefined) {
    const whole = `since the start: ${total.errors} of ${total.count} (${errorPercentOf(total)})`;
    parts.push(`last minute: ${failedOf(lastMinute, 'event')}`, whole);
  }
  const ofMirror = mirror?.total.lastMinute;
  if (ofMirror !== undefined) parts.push(`mirror, last minute: ${failedOf(ofMirror, 'request')}`);
  if (present !== undefined) {
    const age = (ms: number | null) => (ms === null ? 'none yet' : `${formatDuration(ms)} ago`);
    if (present.eventMs !== undefined) parts.push(`last event ${age(present.eventMs)}`);
    if (present.lineMs !== undefined) parts.push(`last line ${age(present.lineMs)}`);
    if (present.requestMs !== undefined) parts.push(`last mirrored request ${age(present.requestMs)}`);
  }
  return parts;
}

function failedOf({ count, errors, errorRate }: LastMinuteCounts, noun: string): string {
  return count === 0 ? `no ${noun}` : `${errors} of ${formatAmount(count, noun)} failed (${formatPercent(errorRate)})`;
}

function nowLines(summary: Summary, style: ScreenStyle, present: PresentAges | undefined): Line[] {
  const parts = nowParts(summary, present);
  return parts.length === 0 ? [] : flow(parts, ` ${style.dot} `, style.width, '  ').map((text) => line(text));
}

function errorPercentOf({ errorRate, errorRateLowerBound }: Group): string {
  if (errorRate === null && errorRateLowerBound !== undefined) return `at least ${formatPercent(errorRateLowerBound)}`;
  return errorRate === null ? 'rate not known' : formatPercent(errorRate);
}

/** The window of the log, or of the record where only that was read. */
export function windowOf(summary: Summary): Summary['window'] {
  return hasLog(summary) ? summary.window : (summary.mirror?.window ?? summary.window);
}

/** `record 2026-11-27 08:00:00Z to 2026-11-27 08:59:58Z` of a record that goes beyond the window of its log; empty otherwise. */
export function recordRange(summary: Summary): readonly string[] {
  const { window, mirror } = summary;
  if (mirror === undefined || !hasLog(summary)) return [];
  const { from, to } = mirror.window;
  if (from === null || to === null) return [];
  const isOutside =
    window.from === null ||
    window.to === null ||
    Date.parse(window.from) - Date.parse(from) > SHORTEST_QUIET_MS ||
    Date.parse(to) - Date.parse(window.to) > SHORTEST_QUIET_MS;
  return isOutside ? [`record ${formatTime(from)} to ${formatTime(to)}`] : [];
}

/** The log's, then the record's. */
export function filesOf({ input, mirror }: Summary): readonly string[] {
  return [...input.files, ...(mirror?.files ?? [])];
}

function windowParts(summary: Summary, style: ScreenStyle): string[] {
  const { from, to, seconds } = windowOf(summary);
  const length = seconds === null ? '' : ` (${formatDuration(seconds * 1000)})`;
  const times = from === null ? 'no times in the log' : `${formatTime(from)} to ${formatTime(to)}${length}`;
  const files = filesOf(summary);
  const [first] = files;
  const count = files.length;
  const seen = summary.total.count === 0 && summary.mirror === undefined ? [] : [times, ...recordRange(summary)];
  return [...seen, count === 1 && first !== undefined ? style.safe(fileName(first)) : formatAmount(count, 'file')];
}

/** A file as a reader knows it. */
export function fileName(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** The likely causes, each with its next step. */
export function causeSection(summary: Summary, style: ScreenStyle): Section {
  const all = summary.verdict.causes;
  const present = all.filter(({ earlier }) => earlier !== true).slice(0, MOST_CAUSES);
  const earlier = all.filter(({ earlier }) => earlier === true).slice(0, MOST_CAUSES);
  const heading = present.length === 1 ? 'LIKELY CAUSE' : 'LIKELY CAUSES, most telling first';
  const block = (causes: readonly Cause[], head: string) =>
    causes.length === 0 ? [] : [line(head, 'heading'), ...causes.flatMap((cause) => causeLines(cause, style))];
  const before = [...block(present, heading), ...block(earlier, 'EARLIER, over now')];
  const left = all.length - present.length - earlier.length;
  if (left > 0) before.push(line(`  ${formatAmount(left, 'more cause')} (--format json has all)`, 'faint'));
  return before.length === 0 ? {} : { before };
}

/** Causes whose share is one of time, see stats/phases.ts. */
const OF_TIME: readonly string[] = ['encode-time', 'queue-time', 'wait-time', 'decode-time'];

/** ` (72 % of errors)`: what part of what a cause explains. */
export function causeShare({ code, share }: Cause): string {
  if (share === undefined) return '';
  return ` (${formatPercent(share)} of ${OF_TIME.includes(code) ? 'their time' : 'errors'})`;
}

function causeLines(cause: Cause, style: ScreenStyle): Line[] {
  const lines = wrap(style.safe(cause.message) + causeShare(cause), style.width, '  ').map((text) => line(text));
  return cause.next === undefined ? lines : [...lines, ...nextStep(cause.next, style)];
}

/** `→ what to check next`, indented under what it belongs to. */
export function nextStep(next: string, style: ScreenStyle): Line[] {
  const first = `    ${style.arrow} `;
  return wrap(style.safe(next), style.width, first, ' '.repeat(first.length)).map((text) => line(text));
}

/** The thresholds of --fail-on, the crossed ones first to the eye. */
export function thresholdSection(summary: Summary, style: ScreenStyle): Section {
  const { thresholds } = summary;
  if (thresholds === undefined || thresholds.length === 0) return {};
  const lines = thresholds.flatMap((threshold) => {
    const reason = threshold.reason === undefined ? '' : ` ${style.dash} ${style.safe(threshold.reason)}`;
    const state = threshold.crossed ? 'CROSSED' : 'ok     ';
    const text = `${style.safe(threshold.expression)}   observed ${formatObserved(threshold)}${reason}`;
    const tone = threshold.crossed ? 'bad' : undefined;
    return wrap(text, style.width, `  ${state}  `, ' '.repeat(11)).map((part) => line(part, tone));
  });
  return { before: [line('THRESHOLDS', 'heading'), ...lines] };
}

/** The observed value in the unit of its expression: rates are ratios, everything else milliseconds. */
export function formatObserved(threshold: ThresholdResult): string {
  if (threshold.observed === null) return 'unknown';
  if (isRate(threshold.expression)) return formatPercent(threshold.observed);
  return `${formatMs(threshold.observed)} ms`;
}

/** The top of the screen: is it healthy, since when not, why, and what to do. */

import type {
  Cause,
  Group,
  LastMinuteCounts,
  Mirror,
  MirrorGroup,
  MirrorTrait,
  Silence,
  Summary,
  ThresholdResult,
} from '../stats/model.ts';
import { silentOne } from '../stats/silence.ts';
import { isRate } from '../stats/thresholds.ts';
import { isNeverSent, isRefusal } from '../status/mirror-errors.ts';
import type { Line, ScreenStyle, Section, Tone } from './screen.ts';
import { line } from './screen.ts';
import { formatAmount, formatCount, formatDuration, formatMs, formatPercent, formatTime } from './units.ts';
import { flow, wrap } from './width.ts';

const MOST_REASONS = 3;
const MOST_CAUSES = 3;

const VERDICT_TONE: { readonly [status in Summary['verdict']['status']]: Tone } = {
  healthy: 'good',
  degraded: 'warn',
  failing: 'bad',
  unknown: 'warn',
};

/** `FAILING since 2026-11-22 07:02:28Z — 100 % of 3 events failed`, without colour or escape. */
export function verdictLine(summary: Summary, dash = '—'): string {
  const { status, since, until, silence } = summary.verdict;
  if (silence !== undefined) return silenceLine(silence, failedShare(summary.total), dash);
  const period =
    until === undefined ? `since ${formatTime(since)}` : `from ${formatTime(since)} to ${formatTime(until)}, recovered`;
  const start = since === null ? '' : ` ${period}`;
  return `${status.toUpperCase()}${start} ${dash} ${headline(summary)}`;
}

/** `SILENT since 2026-11-22 07:10:00Z — traffic, but nothing mirrored since; before that 3 % of 200 events failed`. */
function silenceLine(silence: Silence, before: string, dash: string): string {
  const { since, traffic, lines } = silence;
  const who = silentOne(silence);
  const period = since === null ? '' : ` since ${formatTime(since)}`;
  if (who !== '') return `SILENT${period} ${dash} ${who}: nothing mirrored since, others go on; of all ${before}`;
  const what = traffic
    ? `traffic, but nothing mirrored since (${formatAmount(lines, 'line')})`
    : 'no event comes any more';
  return `SILENT${period} ${dash} ${what}; until then ${before}`;
}

/** What the verdict is about, in a few words: of both halves where both are known. */
function headline(summary: Summary): string {
  const { mirror, input } = summary;
  if (mirror === undefined) return eventHeadline(summary);
  const ofMirror = `mirror: ${mirrorHeadline(mirror)}`;
  return input.files.length === 0 ? ofMirror : `${eventHeadline(summary)}; ${ofMirror}`;
}

function eventHeadline({ total, verdict, input }: Summary): string {
  if (total.count === 0) return input.filtered > 0 ? 'the filters left no event' : 'no SPOE event found';
  const { pT } = total.timers;
  const { lastMinute } = verdict;
  if (lastMinute !== undefined && isWorseNow(lastMinute, total.errorRate))
    return `${formatPercent(lastMinute.errorRate)} of ${formatAmount(lastMinute.count, 'event')} of the last minute failed`;
  if (total.errors > 0 || verdict.slow !== true || pT === undefined) return failedShare(total);
  return `no errors, but slow: pT p50 ${formatMs(pT.p50)} ms, p99 ${formatMs(pT.p99)} ms`;
}

/** `100 % of 40 requests failed (connect-refused 40)`, and whatever else is wrong of now. */
function mirrorHeadline(mirror: Mirror): string {
  if (mirror.total.requests === 0) return 'nothing is known';
  const words: { readonly [trait in MirrorTrait]: string } = {
    refuses: `answers ${refusalsOf(mirror.total)}`,
    slow: `slow, p99 ${formatMs(mirror.total.latency.p99)} ms`,
    drops: `${formatCount(mirror.total.dropped)} never sent`,
    ends: `nothing is known since ${formatTime(mirror.window.to)}`,
  };
  return [failedOfMirror(mirror), ...mirror.traits.map((trait) => words[trait])].join(', ');
}

/** Of the worst destination, where it is far worse than all together. */
function failedOfMirror({ total, destinations }: Mirror): string {
  const worst = [...destinations].sort((a, b) => (b.errorRate ?? 0) - (a.errorRate ?? 0))[0];
  const isWorse = worst !== undefined && (worst.errorRate ?? 0) > 1.5 * (total.errorRate ?? 0);
  const { answered, failed, errorRate, lastMinute, requests, errors, status } = isWorse ? worst : total;
  const to = isWorse ? ` to ${worst.destination}` : '';
  const sent = answered + failed;
  if (sent === 0) return `none of ${formatAmount(requests, 'request')}${to} was sent`;
  const isNow = lastMinute !== undefined && isWorseNow(lastMinute, errorRate);
  const [rate, of] = isNow
    ? [lastMinute.errorRate, `${formatAmount(lastMinute.count, 'request')} of the last minute`]
    : [errorRate, formatAmount(sent, 'request')];
  const top = topOutcome(errors, status, sent);
  return `${rate === 0 ? 'none' : formatPercent(rate)} of ${of}${to} failed${top === undefined ? '' : ` (${top})`}`;
}

/** `404 3000, 302 20`: redirects and client errors, the most frequent first. */
function refusalsOf({ status }: MirrorGroup): string {
  const refusals = status.filter((entry) => isRefusal(entry.status)).slice(0, 2);
  return refusals.map((entry) => `${entry.status} ${formatCount(entry.count)}`).join(', ');
}

/** What most of the failures were. */
function topOutcome(errors: MirrorGroup['errors'], status: MirrorGroup['status'], sent: number): string | undefined {
  const [top] = [
    ...errors.filter(({ error }) => !isNeverSent(error)).map(({ error, count }) => ({ name: error, count })),
    ...status
      .filter((entry) => entry.status >= 500)
      .map((entry) => ({ name: String(entry.status), count: entry.count })),
  ].sort((a, b) => b.count - a.count);
  return top === undefined || top.count / sent < WORTH_A_WORD ? undefined : `${top.name} ${formatCount(top.count)}`;
}

const WORTH_A_WORD = 0.01;
/** So many events of the last minute say more than all the others. */
const ENOUGH_NOW = 5;

/** The last minute is what the verdict is about when it is worse than the whole. */
function isWorseNow({ count, errorRate }: LastMinuteCounts, overall: number | null): boolean {
  return (
    count >= ENOUGH_NOW &&
    errorRate !== null &&
    overall !== null &&
    errorRate > 1.5 * overall &&
    errorRate >= WORTH_A_WORD
  );
}

/** `100 % of 3 events failed`; says what is known when the rate is not. */
function failedShare(total: Group): string {
  const { count, errors, errorRate, errorRateLowerBound } = total;
  if (errorRate !== null) {
    const share = errors === 0 ? 'none' : formatPercent(errorRate);
    return `${share} of ${formatAmount(count, 'event')} failed`;
  }
  const bound = errorRateLowerBound === undefined ? '' : `, at least ${formatPercent(errorRateLowerBound)} of all`;
  return `${errors} of ${formatAmount(count, 'logged event')} failed${bound}`;
}

/** An agent acknowledges before it asks the mirror. */
const HANDED_OVER = 'the agent took them; whether the mirror answers: its /readyz, or spoe-logs diff';

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
      .slice(0, summary.mirror === undefined ? MOST_REASONS : MOST_REASONS + MOST_REASONS)
      .flatMap((reason) => wrap(style.safe(reason), style.width, '  - ', '    ').map((text) => line(text))),
  ];
  return { before };
}

/** How old the last event, line and request are, in ms; null before the first, absent where it is not read. */
export interface PresentAges {
  readonly eventMs?: number | null;
  readonly lineMs?: number | null;
  /** Of the agent's record. */
  readonly requestMs?: number | null;
}

/** What is of now, beside what is of the whole. */
function nowParts({ verdict, total, mirror }: Summary, present: PresentAges | undefined): string[] {
  const parts: string[] = [];
  const { lastMinute } = verdict;
  if (lastMinute !== undefined) {
    const { count, errors, errorRate } = lastMinute;
    const rate =
      count === 0 ? 'no event' : `${errors} of ${formatAmount(count, 'event')} failed (${formatPercent(errorRate)})`;
    parts.push(`last minute: ${rate}`, `since the start: ${total.errors} of ${total.count} (${errorPercentOf(total)})`);
  }
  const ofMirror = mirror?.total.lastMinute;
  if (ofMirror !== undefined) {
    const rate =
      ofMirror.count === 0
        ? 'no request'
        : `${ofMirror.errors} of ${formatAmount(ofMirror.count, 'request')} failed (${formatPercent(ofMirror.errorRate)})`;
    parts.push(`mirror, last minute: ${rate}`);
  }
  if (present !== undefined) {
    const age = (ms: number | null) => (ms === null ? 'none yet' : `${formatDuration(ms)} ago`);
    if (present.eventMs !== undefined) parts.push(`last event ${age(present.eventMs)}`);
    if (present.lineMs !== undefined) parts.push(`last line ${age(present.lineMs)}`);
    if (present.requestMs !== undefined) parts.push(`last mirrored request ${age(present.requestMs)}`);
  }
  return parts;
}

function nowLines(summary: Summary, style: ScreenStyle, present: PresentAges | undefined): Line[] {
  const parts = nowParts(summary, present);
  return parts.length === 0 ? [] : flow(parts, ` ${style.dot} `, style.width, '  ').map((text) => line(text));
}

function errorPercentOf({ errorRate, errorRateLowerBound }: Group): string {
  if (errorRate === null && errorRateLowerBound !== undefined) return `at least ${formatPercent(errorRateLowerBound)}`;
  return errorRate === null ? 'rate not known' : formatPercent(errorRate);
}

/** Of the log, or of the record where only that was read. */
export function windowOf({ input, window, mirror }: Summary): Summary['window'] {
  return input.files.length > 0 ? window : (mirror?.window ?? window);
}

function windowParts(summary: Summary, style: ScreenStyle): string[] {
  const { from, to, seconds } = windowOf(summary);
  const length = seconds === null ? '' : ` (${formatDuration(seconds * 1000)})`;
  const times = from === null ? 'no times in the log' : `${formatTime(from)} to ${formatTime(to)}${length}`;
  const files = [...summary.input.files, ...(summary.mirror?.files ?? [])];
  const [first] = files;
  const count = files.length;
  const seen = summary.total.count === 0 && summary.mirror === undefined ? [] : [times];
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

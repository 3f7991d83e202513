/** The summary as Markdown (GitHub tables), for an incident ticket. Text of the log never becomes markup. */
import type { Group, MirrorGroup, Summary } from '../stats/model.ts';
import { formatCount, formatMs, formatPercent, formatPercentNumber, formatRate } from '../text/numbers.ts';
import { formatTime } from '../text/times.ts';
import { escapeMarkdown } from './escape.ts';
import { KEY_HEADS, keyColumns, keyTexts } from './group-keys.ts';
import { verdictLine } from './headline.ts';
import { errorPercent, PHASES, PT_NOTE } from './screen-groups.ts';
import { hasLog, healthParts, UNLOGGED_READING } from './screen-health.ts';
import { answerParts, MIRROR_HEADS, mirrorNumbers, recordParts } from './screen-mirror.ts';
import { causeShare, fileName, filesOf, formatObserved, recordRange, windowOf } from './screen-verdict.ts';

const NUMBER_HEADS = ['events', '/s', 'errors', 'err %', 'pT p50', 'p95', 'p99', 'p99.9', 'max'] as const;

/** Files named one by one; a ticket is no place for a hundred of them. */
const MOST_FILES = 10;

/** Every group, status, window and notice: nothing is left out, unlike on the screen. */
export function renderMarkdown(summary: Summary): string {
  const parts = [
    ...verdictPart(summary),
    ...thresholdPart(summary),
    ...groupPart(summary),
    ...mirrorPart(summary),
    ...statusPart(summary),
    ...seriesPart(summary),
    ...healthPart(summary),
  ];
  return `${parts.join('\n\n')}\n`;
}

function verdictPart(summary: Summary): string[] {
  const { reasons, causes } = summary.verdict;
  const { from, to } = windowOf(summary);
  const window = from === null ? 'no times in the log' : `${formatTime(from)} to ${formatTime(to)}`;
  const all = filesOf(summary);
  const files = all.slice(0, MOST_FILES).map((file) => escapeMarkdown(fileName(file)));
  if (all.length > MOST_FILES) files.push(`${all.length - MOST_FILES} more`);
  const parts = [
    `# ${escapeMarkdown(verdictLine(summary))}`,
    [window, ...recordRange(summary), files.join(', ')].filter((part) => part !== '').join(' · '),
  ];
  if (reasons.length > 0) parts.push(list(reasons.map(escapeMarkdown)));
  if (causes.length > 0) {
    const items = causes.map((cause) => {
      const next = cause.next === undefined ? '' : ` → ${escapeMarkdown(cause.next)}`;
      return `${escapeMarkdown(cause.message)}${escapeMarkdown(causeShare(cause))}${next}`;
    });
    parts.push('## Likely causes', list(items));
  }
  return parts;
}

function thresholdPart(summary: Summary): string[] {
  const { thresholds } = summary;
  if (thresholds === undefined || thresholds.length === 0) return [];
  const rows = thresholds.map((threshold) => [
    escapeMarkdown(threshold.expression),
    number(formatObserved(threshold)),
    threshold.crossed ? '**crossed**' : 'ok',
    escapeMarkdown(threshold.reason ?? ''),
  ]);
  return ['## Thresholds', table(['threshold', 'observed', 'state', 'reason'], rows, 1)];
}

function groupPart(summary: Summary): string[] {
  if (summary.total.count === 0) return [];
  const keys = keyColumns(summary);
  const rows = summary.groups.map((group) => [...keyTexts(group.key, keys).map(escapeMarkdown), ...numbers(group)]);
  rows.push([...keys.map((_, i) => (i === 0 ? '**total**' : '')), ...numbers(summary.total)]);
  const heads = [...keys.map((key) => KEY_HEADS[key].toLowerCase()), ...NUMBER_HEADS];
  const { phaseShare } = summary.total;
  const parts = ['## Events', table(heads, rows, keys.length), PT_NOTE];
  if (phaseShare !== undefined) {
    const shares = PHASES.map(([timer, phase]) => `${phase} ${number(formatPercent(phaseShare[timer]))}`);
    parts.push(`Where p99 goes: ${shares.join(', ')}`);
  }
  return parts;
}

function numbers(group: Group): string[] {
  const pT = group.timers.pT;
  return [
    formatCount(group.count),
    number(formatRate(group.perSecond)),
    formatCount(group.errors),
    number(errorPercent(group)),
    ...[pT?.p50, pT?.p95, pT?.p99, pT?.p999, pT?.max].map(formatMs),
  ];
}

function mirrorPart({ mirror }: Summary): string[] {
  if (mirror === undefined || mirror.total.requests === 0) return [];
  const cells = (group: MirrorGroup) => mirrorNumbers(group).map(number);
  const rows = mirror.destinations.map((group) => [escapeMarkdown(group.destination), ...cells(group)]);
  if (mirror.destinations.length !== 1) rows.push(['**total**', ...cells(mirror.total)]);
  return [
    '## Mirror',
    table(['mirror', ...MIRROR_HEADS], rows, 1),
    list([
      `Answers: ${answerParts(mirror.total).map(escapeMarkdown).join(', ')}`,
      `Record: ${recordParts(mirror).join(', ')}`,
    ]),
  ];
}

function statusPart(summary: Summary): string[] {
  const { status } = summary.total;
  if (status.length === 0) return [];
  const rows = status.map((entry) => [
    String(entry.st),
    escapeMarkdown(entry.meaning),
    escapeMarkdown(entry.documented ?? '-'),
    formatCount(entry.count),
    number(formatPercent(entry.share)),
    formatTime(entry.first),
    formatTime(entry.last),
    escapeMarkdown(entry.next ?? ''),
  ]);
  const heads = ['st', 'meaning', 'documented SPOP', 'count', 'share', 'first seen', 'last seen', 'next'];
  return ['## Status', table(heads, rows, heads.length)];
}

function seriesPart(summary: Summary): string[] {
  const { series } = summary;
  if (series === undefined || series.length === 0) return [];
  const rows = series.map((window) => [
    window.other === true ? '(other)' : formatTime(window.from),
    formatCount(window.count),
    formatCount(window.errors),
    number(formatPercentNumber(window.count === 0 ? null : window.errors / window.count)),
    formatMs(window.p50),
    formatMs(window.p99),
  ]);
  return ['## Windows', table(['from', 'events', 'errors', 'err %', 'pT p50', 'p99'], rows, 1)];
}

function healthPart(summary: Summary): string[] {
  const items = healthParts(summary);
  for (const { message, count } of summary.input.otherMessages) items.push(`${count} x ${escapeMarkdown(message)}`);
  const parts = hasLog(summary) ? ['## Log health', list(items)] : [];
  const unlogged = summary.total.completeness?.unlogged ?? 0;
  if (unlogged > 0) parts.push(`unlogged = events without a line: ${UNLOGGED_READING}`);
  if (summary.notices.length > 0) {
    parts.push('## Notices', list(summary.notices.map((notice) => escapeMarkdown(notice.message))));
  }
  return parts;
}

/** A number in Markdown: one below what can be shown begins with `<`, a lower bound with `>`. */
function number(text: string): string {
  return text.replace('<', '&lt;').replace('>', '&gt;');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Cells must be escaped already; columns from `firstNumber` on are right-aligned. */
function table(heads: readonly string[], rows: readonly (readonly string[])[], firstNumber: number): string {
  const rule = heads.map((_, i) => (i < firstNumber ? '---' : '---:'));
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A summary, the charts and the counts of now → the picture that is drawn. */

import { verdictLine } from '../report/headline.ts';
import { sectionLines } from '../report/print.ts';
import { type Line, type ScreenStyle, type Section, screenStyle, type Tone } from '../report/screen.ts';
import { phaseSection } from '../report/screen-groups.ts';
import { hasLog, healthSection, noticeSection, seriesSection } from '../report/screen-health.ts';
import { mirrorFacts } from '../report/screen-mirror.ts';
import {
  causeSection,
  fileName,
  filesOf,
  type PresentAges,
  recordRange,
  thresholdSection,
  windowOf,
} from '../report/screen-verdict.ts';
import { wrap } from '../report/width.ts';
import type { Dimension } from '../stats/grouping.ts';
import type { DetailView } from '../stats/live-detail.ts';
import type { RecordChoice, RecordLines } from '../stats/mirror-lines.ts';
import type { Summary } from '../stats/model.ts';
import { formatAmount, formatDuration, formatPercent } from '../text/numbers.ts';
import { formatClock, formatTime } from '../text/times.ts';
import { type ChartSources, chartsOf } from './charts.ts';
import { codeRows, groupRows } from './groups.ts';
import { answersOf, destinationRows } from './mirror.ts';
import type { BodyRow, Chosen, LinesModel, Picture } from './model.ts';
import { type CockpitState, WINDOWS_MS } from './state.ts';

/** Everything of one moment. */
export interface SummaryMoment {
  readonly summary: Summary;
  readonly ages: PresentAges;
  readonly detail: DetailView;
  readonly mirror?: (NonNullable<ChartSources['mirror']> & { readonly lines: RecordLines }) | undefined;
  /** When groups and codes began to count anew, epoch ms. */
  readonly resetMs?: number | undefined;
}

export interface PictureOptions {
  readonly by: readonly Dimension[];
  readonly width: number;
  readonly height: number;
  readonly unicode: boolean;
}

/** From this width on there are two lists beside each other. */
const TWO_PANES = 150;
/** Sentences are not for reading across a whole wall. */
const WIDEST_TEXT = 100;
/** The columns of a chart before its bars: name and value. */
export const CHART_LABEL = 20;
/** The most lines that are listed at once; `/` looks through all that are kept. */
const MOST_LINES = 1000;
/** What the fields of an event begin with, and those of a request of the record, which may be JSON in JSON. */
const EVENT_FIELDS = / sid=/;
const REQUEST_FIELDS = /\\?"method\\?":/;

const VERDICT_TONE: { readonly [status in Summary['verdict']['status']]: Tone } = {
  healthy: 'good',
  degraded: 'warn',
  failing: 'bad',
  unknown: 'warn',
};

export function summaryPicture(moment: SummaryMoment, state: CockpitState, options: PictureOptions): Picture {
  const { summary, detail, mirror, ages } = moment;
  const { width, unicode } = options;
  const isWide = width >= TWO_PANES;
  const listWidth = isWide ? Math.floor(width * 0.55) : width;
  const style = screenStyle(listWidth, unicode);
  const textStyle = screenStyle(Math.min(WIDEST_TEXT, isWide ? width - listWidth - 3 : width), unicode);
  const lists = [...counted(moment, state, options, style)];
  const texts = described(summary, textStyle);
  return {
    verdict: { text: style.safe(verdictLine(summary, style.dash)), tone: VERDICT_TONE[summary.verdict.status] },
    age: ageText(ages),
    facts: factsOf(moment),
    source: sourceOf(summary, style),
    cause: topCause(summary, style),
    charts: chartsOf({
      ...{ detail, mirror, hasLog: hasLog(summary) },
      windowMs: WINDOWS_MS[state.window] as number,
      width: width - CHART_LABEL,
    }),
    panes: isWide ? [lists, texts] : [[...lists, ...texts]],
    lines: state.lines === undefined ? undefined : linesOf(state, moment),
  };
}

/** `last event 3 s ago`; of a record alone its last request. */
export function ageText({ eventMs, requestMs }: PresentAges): string {
  const ms = eventMs === undefined ? requestMs : eventMs;
  const what = eventMs === undefined ? 'request' : 'event';
  return ms === null || ms === undefined ? `no ${what} yet` : `last ${what} ${formatDuration(ms)} ago`;
}

function factsOf({ summary, ages, detail, resetMs }: SummaryMoment): string[] {
  const { lastMinute } = summary.verdict;
  const { from, to, seconds } = windowOf(summary);
  const ofMirror = summary.mirror?.total.lastMinute;
  const length = seconds === null ? '' : ` (${formatDuration(seconds * 1000)})`;
  return [
    ...(lastMinute === undefined
      ? []
      : [`last minute ${lastMinute.errors} of ${lastMinute.count} failed (${formatPercent(lastMinute.errorRate)})`]),
    ...(ofMirror === undefined
      ? []
      : [`mirror ${ofMirror.errors} of ${ofMirror.count} (${formatPercent(ofMirror.errorRate)})`]),
    ...(ages.lineMs === undefined || ages.lineMs === null ? [] : [`last line ${formatDuration(ages.lineMs)} ago`]),
    ...(ages.eventMs !== undefined && ages.requestMs !== undefined && ages.requestMs !== null
      ? [`last mirrored request ${formatDuration(ages.requestMs)} ago`]
      : []),
    ...(resetMs === undefined ? [] : [`groups and codes since ${formatClock(new Date(resetMs).toISOString())}Z`]),
    ...(from === null ? [] : [`${formatTime(from)} to ${formatClock(to)}Z${length}`]),
    ...recordRange(summary),
    ...(detail.overflowed ? ['more groups than are counted apart: (other)'] : []),
  ];
}

function sourceOf(summary: Summary, style: ScreenStyle): string {
  const files = filesOf(summary);
  return files.length === 1 ? style.safe(fileName(files[0] as string)) : formatAmount(files.length, 'file');
}

/** The likely cause with its next step; without one, the first reason of what is not healthy. */
function topCause({ verdict }: Summary, style: ScreenStyle): string | undefined {
  const cause = verdict.causes.find(({ earlier }) => earlier !== true);
  if (cause !== undefined)
    return style.safe(cause.message) + (cause.next === undefined ? '' : ` ${style.arrow} ${style.safe(cause.next)}`);
  const [reason] = verdict.reasons;
  return verdict.status === 'healthy' || reason === undefined ? undefined : style.safe(reason);
}

/** Groups, codes and the mirror: what opens. */
function* counted(
  moment: SummaryMoment,
  state: CockpitState,
  options: PictureOptions,
  style: ScreenStyle,
): Generator<BodyRow> {
  const { mirror } = moment.summary;
  if (hasLog(moment.summary)) yield* countedOfLog(moment, state, options, style);
  if (mirror === undefined || mirror.total.requests === 0) return;
  yield* destinationRows(mirror, { style, sort: state.sort, opened: state.opened, filter: state.filter });
  yield* part('mirror', '', mirrorFacts(mirror, style));
}

function* countedOfLog(
  { summary, detail }: SummaryMoment,
  state: CockpitState,
  { by }: PictureOptions,
  style: ScreenStyle,
): Generator<BodyRow> {
  const { unlogged } = summary.total.completeness ?? {};
  const { rows, shown, all, isPart } = groupRows(detail.leaves, {
    ...{ by, style, width: style.width, sort: state.sort, opened: state.opened, filter: state.filter },
    knowsSuccesses: unlogged === 0,
  });
  yield* rows;
  if (state.filter !== '')
    yield {
      id: 'filtered',
      text: isPart
        ? `  ${shown} of ${formatAmount(all, 'group')}, counted where host or process has "${style.safe(state.filter)}"; esc shows all`
        : `  ${shown} of ${formatAmount(all, 'group')} with "${style.safe(state.filter)}" in its name, host or process; esc shows all`,
      tone: 'warn',
    };
  else if (all === 0) yield { id: 'no-groups', text: '  no event yet', tone: 'faint' };
  yield* codeRows(detail.leaves, style, style.width, state.filter === '' ? 'CODES' : 'CODES of all groups');
}

/** What is read, and not chosen: causes, the mirror, the log. */
function described(summary: Summary, style: ScreenStyle): BodyRow[] {
  const causes = sectionLines(causeSection(summary, style), style);
  return [
    ...part('why', 'WHY', [
      ...summary.verdict.reasons.flatMap((text) =>
        wrap(style.safe(text), style.width, '  - ', '    ').map((each) => ({ text: each })),
      ),
      ...(summary.verdict.reasons.length + causes.length === 0
        ? [{ text: '  nothing is wrong', tone: 'good' as const }]
        : []),
      ...causes,
    ]),
    ...sectionPart('thresholds', '', thresholdSection(summary, style), style),
    ...sectionPart('phases', '', phaseSection(summary, style), style),
    ...sectionPart('windows', '', seriesSection(summary, style), style),
    ...(hasLog(summary) ? sectionPart('log', 'LOG HEALTH', healthSection(summary, style), style) : []),
    ...sectionPart('notices', 'NOTICES', noticeSection(summary, style), style),
  ];
}

function sectionPart(id: string, head: string, section: Section, style: ScreenStyle): BodyRow[] {
  return part(id, head, sectionLines(section, style));
}

/** Rows of a part; one whose lines have no heading gets one. */
function part(id: string, head: string, lines: readonly Line[]): BodyRow[] {
  if (lines.length === 0) return [];
  const own = head === '' ? [] : [{ id, text: head, tone: 'heading' as const, heading: true as const }];
  return [
    ...own,
    ...lines.map(({ text, tone }, i) => ({
      id: `${id}/${i}`,
      text,
      ...(tone && { tone }),
      ...(tone === 'heading' && { heading: true as const }),
    })),
  ];
}

function linesOf({ lines }: CockpitState, moment: SummaryMoment): LinesModel | undefined {
  if (lines === undefined) return undefined;
  const { detail, resetMs } = moment;
  const { chosen, filter } = lines;
  if (chosen.record !== undefined) return recordLinesOf(chosen, chosen.record, filter, moment);
  const found = detail.lines({ ...chosen.choice, ...(filter !== '' && { text: filter.toLowerCase() }) }, MOST_LINES);
  const all = filter === '' ? detail.count(chosen.choice) : undefined;
  // Lines stay when groups begin to count anew: their events are more than the group says.
  const since = resetMs === undefined ? '' : ' since the start';
  const ofAll = all === undefined ? '' : ` of ${formatAmount(all, 'event')}${since}`;
  const missing =
    all !== undefined && all > found.lines.length
      ? `${ofAll.trimStart()}: the others are kept no longer`
      : resetMs === undefined
        ? ''
        : `also those before the counts began anew`;
  return {
    title: chosen.title,
    fields: EVENT_FIELDS,
    lines: found.lines.map(({ number, bytes, status }) => ({ number, bytes, failed: status !== 0 })),
    missing: found.more ? `the newest ${MOST_LINES}${ofAll}; / looks through all that are kept` : missing,
  };
}

function recordLinesOf(
  { title }: Chosen,
  choice: RecordChoice,
  filter: string,
  { summary, mirror }: SummaryMoment,
): LinesModel {
  const wanted = { ...choice, ...(filter !== '' && { text: filter.toLowerCase() }) };
  const found = mirror?.lines.lines(wanted, MOST_LINES) ?? { lines: [], more: false };
  const all = filter !== '' || summary.mirror === undefined ? undefined : answersOf(summary.mirror, choice);
  const ofAll = all === undefined ? '' : ` of ${formatAmount(all, 'request')}`;
  return {
    title,
    fields: REQUEST_FIELDS,
    lines: found.lines.map(({ number, key, bytes }) => ({
      ...{ number, bytes },
      failed: mirror?.lines.isFailed(key) === true,
    })),
    missing: found.more
      ? `the newest ${MOST_LINES}${ofAll}; / looks through all that are kept`
      : all !== undefined && all > found.lines.length
        ? `${ofAll.trimStart()}: the others are kept no longer`
        : '',
  };
}

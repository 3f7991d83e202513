/**
 * The summary as one HTML file: what a release manager is shown, what is attached to a ticket, what a second screen has on it.
 * Readable without its script; names and messages are others' text, so every value goes through the tag `markup`.
 */
import type { HistoryView } from '../stats/history-view.ts';
import type { Summary } from '../stats/model.ts';
import { formatTime } from '../text/times.ts';
import { VERSION } from '../text/version.ts';
import { verdictLine } from './headline.ts';
import { type Markup, markup } from './html/markup.ts';
import { htmlPage, type LivePage, type PageSection, pageSection } from './html/page.ts';
import { PAGE_SCRIPT } from './html/page-script.ts';
import { STYLE } from './html/style.ts';
import { cut } from './html/table.ts';
import type { PresentAges } from './screen-verdict.ts';
import type { Baseline } from './summary/comparison.ts';
import { causeSection, thresholdSection } from './summary/html-causes.ts';
import { codeSection } from './summary/html-codes.ts';
import { comparisonSection } from './summary/html-comparison.ts';
import { groupSection } from './summary/html-groups.ts';
import { healthSection, noticeSection } from './summary/html-health.ts';
import { mirrorSection } from './summary/html-mirror.ts';
import { nextSection } from './summary/html-next.ts';
import { timeSection } from './summary/html-time.ts';
import { unknownSection } from './summary/html-unknown.ts';
import { cardSection, verdictSection } from './summary/html-verdict.ts';

export interface SummaryHtmlOptions {
  /** What happened over time; without it the page says why it has no charts. */
  readonly history?: HistoryView | undefined;
  /** A summary of another time, which this one is held against. */
  readonly baseline?: Baseline | undefined;
  /** How old the last event, line and request are, for a log that is read while it is written. */
  readonly present?: PresentAges | undefined;
  /** Where a server serves the page and keeps it up to date. */
  readonly live?: LivePage | undefined;
}

export type { Baseline };

/** The whole page. Ends with a newline. */
export function renderSummaryHtml(summary: Summary, options: SummaryHtmlOptions = {}): string {
  return htmlPage({
    title: summaryTitle(summary),
    style: STYLE,
    script: PAGE_SCRIPT,
    live: options.live,
    sections: renderSummarySections(summary, options),
  });
}

function summaryTitle(summary: Summary): string {
  return cut(verdictLine(summary));
}

/** The sections of the page in their order, each in an element of its id. */
export function renderSummarySections(summary: Summary, options: SummaryHtmlOptions = {}): PageSection[] {
  const sections: readonly (readonly [id: string, content: Markup])[] = [
    ['verdict', verdictSection(summary, options.present)],
    ['figures', cardSection(summary)],
    ['thresholds', thresholdSection(summary)],
    ['causes', causeSection(summary)],
    ['comparison', comparisonSection(summary, options.baseline)],
    ['time', timeSection(summary, options.history, options.baseline)],
    ['groups', groupSection(summary)],
    ['codes', codeSection(summary)],
    ['mirror', mirrorSection(summary)],
    ['notices', noticeSection(summary)],
    ['health', healthSection(summary)],
    ['unknown', unknownSection(summary, options.history)],
    ['next', nextSection(summary)],
    ['made', footer(summary)],
  ];
  return sections.map(([id, content]) => pageSection(id, content));
}

function footer({ input }: Summary): Markup {
  const made = input.generatedAt === undefined ? '' : `, ${formatTime(input.generatedAt)}`;
  return markup`<footer>spoe-logs ${VERSION}${made}. All times are UTC.</footer>`;
}

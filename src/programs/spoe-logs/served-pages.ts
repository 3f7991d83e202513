/** The pages of `serve`: what each path answers. */
import { renderDiffHtml } from '../../report/diff-html.ts';
import { renderDiffJson } from '../../report/diff-json.ts';
import { diffFamilies } from '../../report/diff-prometheus.ts';
import { renderJson } from '../../report/json.ts';
import { summaryFamilies } from '../../report/prometheus.ts';
import { type LivePage, PAGE_POLICY } from '../../report/served-page.ts';
import { renderSummaryHtml } from '../../report/summary-html.ts';
import { renderVerdictJson, renderVerdictText, type ServedVerdict } from '../../report/verdict-json.ts';
import { type Answer, HTML, JSON_TYPE, textAnswer } from '../../serving/answers.ts';
import type { EventStreams, StreamCounts } from '../../serving/event-streams.ts';
import { Kept } from '../../serving/kept.ts';
import type { Asked, Page, WebCounts } from '../../serving/web-server.ts';
import { answerScrape, type MetricFamily } from '../../text/exposition.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import type { ServedComparison } from './served-comparison.ts';
import type { ServedLogs } from './served-logs.ts';

export interface Served {
  readonly logs: ServedLogs;
  /** Undefined without a production side. */
  readonly comparison: ServedComparison | undefined;
  readonly streams: EventStreams;
  readonly counts: WebCounts & StreamCounts;
  readonly version: string;
  /** The command line of the report, for the page. */
  readonly command: readonly string[];
  readonly isEnding: () => boolean;
}

/** How soon who waits for a verdict may ask again, s. */
const RETRY_SECONDS = 10;
/** Ages change without anything new: a page is not older than that. */
const FRESH_MS = 1_000;
const NO_DIFF = 'there is no comparison: start with --production and --mirror (or --record)\n';

export function makePages(served: Served, now = () => performance.now()): ReadonlyMap<string, Page> {
  const { logs, comparison, streams } = served;
  /** Makes a page once for each version of what it shows, which it bears. */
  const kept = (name: LivePage['name'], version: () => number, make: (live: LivePage) => Answer): (() => Answer) => {
    const page = new Kept({
      version,
      make: (made) => make({ events: 'events', name, version: String(made), links: linksOf(served) }),
      staleMs: FRESH_MS,
      now,
    });
    return () => page.get(0).value;
  };
  const summaryPage = kept(
    'Summary',
    () => logs.made().version,
    (live) => htmlAnswer(renderSummaryHtml(logs.summary(), { history: logs.history, present: logs.ages, live })),
  );
  const diffPage =
    comparison &&
    kept(
      'Comparison',
      () => comparison.reportVersion,
      (live) => {
        const report = comparison.report();
        const { command } = served;
        return report === undefined ? notYet(comparison) : htmlAnswer(renderDiffHtml(report, { command, live }));
      },
    );
  const ofComparison =
    (make: (compared: ServedComparison, asked: Asked) => Answer): Page['answer'] =>
    (asked) =>
      comparison === undefined ? textAnswer(404, NO_DIFF) : make(comparison, asked);
  const apiDiff = (compared: ServedComparison): Answer => {
    const report = compared.report();
    if (report === undefined) return notYet(compared);
    return { status: 200, type: JSON_TYPE, body: renderDiffJson(report) };
  };
  const verdict = (compared: ServedComparison, asked: Asked): Answer => {
    const since = readSince(asked);
    if (typeof since === 'object') return since;
    return { status: 200, type: JSON_TYPE, body: renderVerdictJson(verdictOf(served, compared, since)) };
  };
  const gate =
    (wanted: 'pass' | 'fail') =>
    (compared: ServedComparison, asked: Asked): Answer => {
      const since = readSince(asked);
      if (typeof since === 'object') return since;
      const { standing, report } = verdictOf(served, compared, since);
      const status = standing.status === wanted ? 200 : standing.status === 'inconclusive' ? 503 : 412;
      return textAnswer(status, renderVerdictText(standing, report), status === 503 ? retry() : {});
    };
  return new Map<string, Page>([
    ['/', { answer: summaryPage }],
    ['/diff', { answer: diffPage ?? (() => textAnswer(404, NO_DIFF)) }],
    ['/verdict', { answer: ofComparison(verdict) }],
    ['/verdict/promote', { answer: ofComparison(gate('pass')), takesPost: true }],
    ['/verdict/rollback', { answer: ofComparison(gate('fail')), takesPost: true }],
    ['/api/summary', { answer: () => ({ status: 200, type: JSON_TYPE, body: renderJson(logs.summary()) }) }],
    ['/api/diff', { answer: ofComparison(apiDiff) }],
    ['/metrics', { answer: ({ request }) => metrics(served, request.headers.accept) }],
    ['/events', { answer: (asked) => events(streams, asked) }],
    [
      '/healthz',
      { isOpen: true, answer: () => (served.isEnding() ? textAnswer(503, 'ending\n') : textAnswer(200, 'ok\n')) },
    ],
  ]);
}

function htmlAnswer(text: string): Answer {
  return { status: 200, type: HTML, body: Buffer.from(text), headers: { 'content-security-policy': PAGE_POLICY } };
}

function notYet({ whyNoReport }: ServedComparison): Answer {
  return textAnswer(503, `not yet: ${escapeTerminal(whyNoReport)}\n`, retry());
}

function linksOf({ comparison }: Served): LivePage['links'] {
  const summary = ['./', 'Summary'] as const;
  return comparison === undefined ? [summary] : [summary, ['diff', 'Comparison'], ['verdict', 'Verdict (JSON)']];
}

function retry(): { readonly 'retry-after': string } {
  return { 'retry-after': String(RETRY_SECONDS) };
}

/**
 * `?since=`: who asks knows since when the release runs. What is mistyped must not be left out: the answer would be about any
 * release.
 * @returns epoch ms; an answer for what cannot be read
 */
function readSince({ query }: Asked): number | undefined | Answer {
  const names = [...query.keys()];
  if (names.some((name) => name !== 'since')) return textAnswer(400, 'unknown parameter: since is the only one\n');
  if (names.length > 1) return textAnswer(400, 'since is given more than once\n');
  const text = query.get('since');
  if (text === null) return undefined;
  const ms = /^\d{1,12}(?:\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  return textAnswer(400, 'since is no time: write 2026-11-22T07:00:00Z or seconds since 1970\n');
}

function verdictOf(
  { logs, version }: Served,
  comparison: ServedComparison,
  askedSinceMs: number | undefined,
): ServedVerdict {
  const standing = comparison.verdict({ ...(askedSinceMs !== undefined && { askedSinceMs }) });
  const { eventMs, requestMs } = logs.ages;
  return {
    standing,
    report: comparison.report(),
    version,
    nowMs: Date.now(),
    sinceMs: comparison.sinceMs,
    maxAgeMs: comparison.maxAgeMs,
    eventMs,
    recordMs: requestMs,
  };
}

function metrics({ logs, comparison, counts, streams }: Served, accept: string | undefined): Answer {
  const families = [
    ...summaryFamilies(logs.summary()),
    ...(comparison === undefined ? [] : diffFamilies(comparison.verdict(), comparison.report())),
    ...serverFamilies(counts, streams),
  ];
  const { contentType, body } = answerScrape(accept, families);
  return { status: 200, type: contentType, body };
}

function serverFamilies(counts: Served['counts'], streams: EventStreams): MetricFamily[] {
  const counter = (name: string, help: string, value: number): MetricFamily => ({
    name: `spoe_logs_serve_${name}`,
    type: 'counter',
    help,
    samples: [{ value }],
  });
  return [
    counter('requests_total', 'HTTP requests.', counts.requests),
    counter('connections_cut_total', 'Connections ended: too many.', counts.connectionsCut),
    counter('hosts_refused_total', 'Requests for an unknown host.', counts.hostsRefused),
    counter('unauthorized_total', 'Requests without the token.', counts.unauthorized),
    counter('streams_refused_total', 'Event streams turned away: too many.', counts.streamsRefused),
    counter('streams_left_total', 'Event streams ended: the client did not read.', counts.streamsLeft),
    counter('events_dropped_total', 'Events that a client which did not read has not got.', counts.eventsDropped),
    { name: 'spoe_logs_serve_streams', type: 'gauge', help: 'Open event streams.', samples: [{ value: streams.size }] },
  ];
}

function events(streams: EventStreams, { request, response, done }: Asked): Answer | undefined {
  if (request.method === 'HEAD') return { status: 200, type: 'text/event-stream', body: '' };
  return streams.open(response, done) ? undefined : textAnswer(503, 'too many event streams\n', retry());
}

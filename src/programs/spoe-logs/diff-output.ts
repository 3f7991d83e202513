/** The output of a diff report, and its exit code. */
import type { Analysis } from '../../diff/analysis.ts';
import { DEFAULT_MAX_REQUESTS } from '../../diff/collection.ts';
import type { DiffReport } from '../../diff/model.ts';
import type { RequestLine } from '../../diff/request-line.ts';
import { requestLine } from '../../diff/request-line.ts';
import { DEFAULT_CHOICES } from '../../diff/settings.ts';
import { renderDiffGithub } from '../../report/diff-github.ts';
import { renderDiffHtml } from '../../report/diff-html.ts';
import { renderDiffJson } from '../../report/diff-json.ts';
import { renderDiffJunit } from '../../report/diff-junit.ts';
import { renderDiffMarkdown } from '../../report/diff-markdown.ts';
import { renderRequest } from '../../report/diff-ndjson.ts';
import type { DiffTableOptions } from '../../report/diff-table.ts';
import { diffLines, renderDiffTable } from '../../report/diff-table.ts';
import type { Line } from '../../report/screen.ts';
import { BufferedOutput } from './buffered-output.ts';
import type { DiffArguments, ReportFormat } from './diff-options.ts';
import { Exit } from './errors.ts';
import { tableOptions } from './screen.ts';

/** @param exitCode the exit code of the program: an input without a request ends it with 2, whatever the verdict */
export function renderReport(report: DiffReport, given: DiffArguments, exitCode: Exit = exitOf(report)): string {
  return renderAs(given.format, report, { ...tableOptions(), command: commandOf(given), exitCode });
}

/** The same for a file: of the width that a terminal has where nothing is known of it, without colours. */
export function renderFile(format: ReportFormat, report: DiffReport, given: DiffArguments, exitCode: Exit): string {
  return renderAs(format, report, { command: commandOf(given), exitCode });
}

function renderAs(format: DiffArguments['format'], report: DiffReport, options: DiffTableOptions): string {
  switch (format) {
    case 'json':
      return renderDiffJson(report);
    case 'markdown':
      return renderDiffMarkdown(report, options);
    case 'html':
      return renderDiffHtml(report, options);
    case 'junit':
      return renderDiffJunit(report, options);
    case 'github':
      return renderDiffGithub(report, options);
    default:
      return renderDiffTable(report, options);
  }
}

/** The report of a terminal as lines that are not painted yet. */
export function reportLines(report: DiffReport, given: DiffArguments): Line[] {
  return diffLines(report, { ...tableOptions(), command: commandOf(given), exitCode: exitOf(report) });
}

/**
 * The single requests that --only and --route choose, in the order of production's log, for one destination of the mirror
 * after the other.
 */
export async function writeRequests(analyses: readonly Analysis[], given: DiffArguments): Promise<void> {
  const output = new BufferedOutput();
  const options = { showQueries: given.showQueries };
  for (const analysis of analyses) {
    for (const joined of analysis.joined()) {
      const line = requestLine(joined, analysis.nameAt(joined.row), options, analysis.destination);
      if (chooses(given, line)) output.write(renderRequest(line));
      if (process.stdout.writableNeedDrain) await output.flush();
    }
  }
  await output.flush();
}

/** Whether --only and --route choose a request. */
export function chooses({ only, route }: DiffArguments, line: RequestLine): boolean {
  if (only !== undefined && !isOfKind(line, only)) return false;
  return route === undefined || route.some((wanted) => isOfRoute(line.route, wanted));
}

/** The buckets of `--only missing`: every request that got lost on its way to the mirror. */
const LOST = ['missing', 'dropped', 'not_mirrored', 'spoe_failed', 'acked_but_missing'];

function isOfKind({ kind, bucket, responses }: RequestLine, only: string): boolean {
  // In headers or bodies: their status may be the same.
  if (only === 'differing') return (responses?.differences.length ?? 0) > 0;
  return only === 'missing' ? LOST.includes(bucket) : kind === only;
}

/** Whether a route is the wanted one: `GET /orders/{…}`, or any method without one. */
function isOfRoute(route: string, wanted: string): boolean {
  return route === wanted || route.slice(route.indexOf(' ') + 1) === wanted;
}

export function exitOf({ verdict }: DiffReport): Exit {
  return verdict.exitCode === 3 ? Exit.inconclusive : verdict.exitCode === 1 ? Exit.crossed : Exit.ok;
}

/** The command line of this report without what concerns its output: the next one begins with it. */
export function commandOf(given: DiffArguments): readonly string[] {
  const files = [
    ['production', given.production],
    ['mirror', given.mirror],
    ['spoe', given.spoe],
    ['mirror-noise', given.mirrorNoise],
  ] as const;
  // Each of these takes one value and may be given again.
  const lists = [
    ['ignore', given.ignore],
    ['route', given.route],
    ['error', given.error.join(',') === '5xx' ? undefined : given.error],
    ['host', given.host],
    ['pid', given.pid?.map(String)],
    ['fail-on', given.failOn],
    ['warn-on', given.warnOn],
  ] as const;
  const texts = [
    ['from', given.from],
    ['run', given.run],
    ['production-format', given.productionFormat],
    ['mirror-format', given.mirrorFormat],
    ['production-id', given.productionId],
    ['mirror-id', given.mirrorId],
    ['production-latency-unit', given.productionLatencyUnit],
    ['mirror-latency-unit', given.mirrorLatencyUnit],
    ['openapi', given.openapi],
    ['since', given.since],
    ['until', given.until],
    ['agent', given.agent === 'mirror' ? undefined : given.agent],
    ['key', given.key === 'auto' ? undefined : given.key],
    ['event', given.event],
    ['destination', given.destination],
    ['baseline-destination', given.baselineDestination],
    ['tz', given.tz],
    ['year', given.year?.toString()],
    ['mirror-duplicates', given.mirrorDuplicates === 'last' ? undefined : given.mirrorDuplicates],
    ['noise-baseline', given.noiseBaseline],
    ['expect-coverage', given.expectCoverage],
    ['compare-latency', given.compareLatency],
    ['gates', given.gates],
    ['min-effect', given.minEffect === DEFAULT_CHOICES.minEffect ? undefined : given.minEffect],
    ['margin', given.margin === DEFAULT_CHOICES.margin ? undefined : given.margin],
    ['allow-slower', given.allowSlower === DEFAULT_CHOICES.allowSlower ? undefined : given.allowSlower],
    ['max-requests', given.maxRequests === DEFAULT_MAX_REQUESTS ? undefined : String(given.maxRequests)],
  ] as const;
  return [
    'spoe-logs',
    'diff',
    ...files.flatMap(([name, paths]) => (paths === undefined || paths.length === 0 ? [] : [`--${name}`, ...paths])),
    ...lists.flatMap(([name, values = []]) => values.flatMap((value) => [`--${name}`, value])),
    ...texts.flatMap(([name, value]) => (value === undefined ? [] : argumentOf(name, value))),
    ...(given.anytime ? ['--anytime'] : []),
  ];
}

/** The arguments of an option. A list that begins with what is left out (`--gates=-latency`) would be read as an option itself. */
function argumentOf(name: string, value: string): string[] {
  return name === 'gates' && value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];
}

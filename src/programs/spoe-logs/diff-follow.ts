/** `diff --follow`: both sides as they grow, compared until Ctrl-C. */
import { setTimeout as delay } from 'node:timers/promises';
import { DiffError } from '../../diff/errors.ts';
import { LiveDiff, type LiveDiffOptions } from '../../diff/live-diff.ts';
import type { DiffReport, InputReport, Warning } from '../../diff/model.ts';
import { readingWarnings } from '../../diff/reading-warnings.ts';
import type { ReportOptions } from '../../diff/report.ts';
import type { RequestLine } from '../../diff/request-line.ts';
import { describeSide, type Side, type SideFacts } from '../../diff/sides.ts';
import { renderRequest } from '../../report/diff-ndjson.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { BufferedOutput } from './buffered-output.ts';
import type { DiffArguments } from './diff-options.ts';
import { exitOf, renderReport } from './diff-output.ts';
import { openGivenSides } from './diff-reading.ts';
import { refuseSides } from './diff-refusals.ts';
import { DiffSources } from './diff-sources.ts';
import { Exit } from './errors.ts';
import type { Interruption } from './interrupt.ts';
import type { LogOptions } from './log-options.ts';
import { reportAwaited, reportProblem, setExit } from './report-problem.ts';
import { canRedraw, Display, rewriteMs } from './screen.ts';

const POLL_MS = 250;
/** A comparison takes longer to make than a summary, and is longer to read. */
const REDRAW_MS = 2_000;

export interface FollowSetup {
  readonly given: DiffArguments;
  readonly options: LogOptions;
  readonly interruption: Interruption;
  /** All but the inputs. */
  readonly report: Omit<ReportOptions, 'inputs'>;
  /** What it is compared by. */
  readonly comparing: Pick<LiveDiffOptions, 'rules' | 'overrides' | 'accepts'>;
  /** With ndjson: which requests are written. */
  readonly chooses: (line: RequestLine) => boolean;
}

export interface Followed {
  readonly inputs: readonly InputReport[];
  /** Some could not be read; it is reported. */
  readonly failed: boolean;
}

/**
 * Follows both sides until the signal and writes the report: on a terminal every two seconds and at the end, elsewhere
 * at the end; with ndjson each request once its bucket is decided. Sets the exit code. Throws CliError,
 * AccessFormatError.
 */
export async function followDiff(setup: FollowSetup): Promise<Followed> {
  const { given, interruption } = setup;
  const output = new BufferedOutput();
  const live = makeLiveDiff(setup, output);
  const sources = new DiffSources(live);
  const sides = openGivenSides(given, sources.taker);
  sources.open(sides, setup.options);
  const facts = () => describeFollowed(sides, sources);
  let unread: readonly Warning[] = [];
  const makeReport = () => {
    const now = facts();
    refuseSides(given, now);
    const inputs = now.flatMap((side) => side.inputs);
    const warnings = [...unread, ...describeAwaited(sources), ...readingWarnings(now, live.idsWithoutPair)];
    return withTime(live.report({ ...setup.report, inputs, warnings }), given);
  };
  let failure: unknown;
  const draw = () => {
    try {
      return renderReport(makeReport(), given);
    } catch (error) {
      // It may come with the next line.
      if (error instanceof DiffError && error.code === 'unknown-destination')
        return escapeTerminal(`not yet: ${error.message} (${error.hint})`);
      failure ??= error;
      interruption.stop();
      return '';
    }
  };
  const hasVerdict = given.format === 'table';
  const redraws = hasVerdict && canRedraw();
  const everyMs = redraws ? REDRAW_MS : hasVerdict ? rewriteMs(undefined) : undefined;
  const display = new Display(draw, { redraws, hasVerdict, everyMs });
  process.stdout.on('error', () => interruption.stop());
  try {
    await follow(sources, output, () => display.changed(), interruption.signal);
  } finally {
    display.stop();
  }
  if (sources.hasMore) unread = [UNREAD];
  sources.close();
  if (failure !== undefined) throw failure;
  // Where the logs go on, what was just asked may be answered yet.
  if (sources.isOpen) live.settlePairs(sources.isCaughtUp ? Date.now() - given.grace : Number.NEGATIVE_INFINITY);
  else live.settleAll();
  const report = makeReport();
  if (given.format === 'ndjson') await output.flush();
  else display.finish(renderReport(report, given));
  for (const problem of sources.problems) reportProblem(problem);
  setExit(exitAfter(report, interruption));
  return { inputs: report.inputs, failed: sources.problems.length > 0 };
}

const UNREAD: Warning = {
  code: 'stopped-early',
  message: 'it was stopped before all of what the files hold was read: the report is about their beginnings',
};

function makeLiveDiff({ given, report, comparing, chooses }: FollowSetup, output: BufferedOutput): LiveDiff {
  const onSettled = (line: RequestLine) => {
    if (chooses(line)) output.write(renderRequest(line));
  };
  const { settings, since, until, showQueries } = report;
  return new LiveDiff({
    ...comparing,
    settings,
    showQueries,
    graceMs: given.grace,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(given.format === 'ndjson' && { onSettled }),
  });
}

async function follow(
  sources: DiffSources,
  output: BufferedOutput,
  onTurn: () => void,
  signal: AbortSignal,
): Promise<void> {
  let isFirst = true;
  while (!signal.aborted && sources.isOpen) {
    const hasMore = sources.poll();
    // A word about a file that may never come, once.
    if (isFirst) sources.awaited.forEach(reportAwaited);
    isFirst = false;
    onTurn();
    await output.flush();
    await delay(hasMore ? 0 : POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Lines wait for their turn, so that only the sources know of duplicates. */
function describeFollowed(sides: readonly Side[], sources: DiffSources): SideFacts[] {
  return sides.map((side) => {
    const facts = describeSide(side);
    const count = (input: InputReport) => ({ ...input, duplicateLines: sources.duplicatesOf(side, input.path) });
    return { ...facts, inputs: facts.inputs.map(count) };
  });
}

function describeAwaited({ awaited }: DiffSources): Warning[] {
  return awaited.map((path) => ({
    code: 'not-there-yet',
    message: `${path} is not there yet: what is in it is waited for`,
  }));
}

function withTime(report: DiffReport, { timestamp }: DiffArguments): DiffReport {
  return timestamp ? { ...report, generatedAt: new Date().toISOString() } : report;
}

/** Ctrl-C is how it ends: only a failed gate says more than that. */
function exitAfter(report: DiffReport, { interrupted }: Interruption): Exit {
  const exit = exitOf(report);
  return interrupted() && exit !== Exit.crossed ? Exit.interrupted : exit;
}

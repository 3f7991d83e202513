/** `diff --follow`: both sides as they grow, compared until Ctrl-C. */
import { DiffError } from '../../diff/errors.ts';
import { FollowedSides } from '../../diff/followed-sides.ts';
import { LiveDiff, type LiveDiffOptions } from '../../diff/live-diff.ts';
import type { DiffReport, InputReport, Warning } from '../../diff/model.ts';
import { readingWarnings } from '../../diff/reading-warnings.ts';
import type { ReportOptions } from '../../diff/report.ts';
import type { RequestLine } from '../../diff/request-line.ts';
import { renderRequest } from '../../report/diff-ndjson.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { BufferedOutput } from './buffered-output.ts';
import type { DiffArguments } from './diff-options.ts';
import { exitOf, renderReport } from './diff-output.ts';
import { refuseSides } from './diff-refusals.ts';
import { openGivenSides } from './diff-sides.ts';
import { Exit } from './errors.ts';
import type { Interruption } from './interrupt.ts';
import type { LogOptions } from './log-options.ts';
import { reportAwaited, reportGivenUp, reportProblem, setExit } from './report-problem.ts';
import { canRedraw, Display, rewriteMs } from './screen.ts';

/** A comparison takes longer to make than a summary, and is longer to read. */
const REDRAW_MS = 2_000;

export interface FollowSetup {
  readonly given: DiffArguments;
  readonly options: LogOptions;
  readonly interruption: Interruption;
  /** The options of the report, but for the inputs. */
  readonly report: Omit<ReportOptions, 'inputs'>;
  /** The rules and routes of the comparison. */
  readonly comparing: Pick<LiveDiffOptions, 'rules' | 'overrides' | 'accepts'>;
  /** With ndjson, the choice of requests that are written. */
  readonly chooses: (line: RequestLine) => boolean;
}

export interface Followed {
  readonly inputs: readonly InputReport[];
  /** True when some could not be read, which is reported. */
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
  const followed = new FollowedSides(live);
  const sides = openGivenSides(given, followed.sink);
  let unread: readonly Warning[] = [];
  const makeReport = () => {
    const now = sides.map((side) => followed.describe(side));
    refuseSides(given, now);
    const inputs = now.flatMap((side) => side.inputs);
    const warnings = [...unread, ...describeAwaited(followed), ...readingWarnings(now, live.idsWithoutPair)];
    return withTime(live.report({ ...setup.report, inputs, warnings }), given);
  };
  let failure: unknown;
  const draw = () => {
    try {
      return renderReport(makeReport(), given);
    } catch (error) {
      // The destination may come with the next line.
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
    await followed.follow(sides, setup.options, {
      signal: interruption.signal,
      onTurn: () => {
        display.changed();
        return output.flush();
      },
      onAwaited: reportAwaited,
      onGivenUp: reportGivenUp,
    });
  } finally {
    display.stop();
  }
  if (followed.isCutShort) unread = [UNREAD];
  if (failure !== undefined) throw failure;
  // Where the logs go on, what was just asked may be answered yet.
  if (followed.isOpen) live.settlePairs(followed.isCaughtUp ? Date.now() - given.grace : Number.NEGATIVE_INFINITY);
  else live.settleAll();
  const report = makeReport();
  if (given.format === 'ndjson') await output.flush();
  else display.finish(renderReport(report, given));
  for (const problem of followed.problems) reportProblem(problem);
  setExit(exitAfter(report, interruption));
  return { inputs: report.inputs, failed: followed.problems.length > 0 };
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

function describeAwaited({ awaited }: FollowedSides): Warning[] {
  return awaited.map((path) => ({
    code: 'not-there-yet',
    message: `${path} is not there yet: what is in it is waited for`,
  }));
}

function withTime(report: DiffReport, { timestamp }: DiffArguments): DiffReport {
  return timestamp ? { ...report, generatedAt: new Date().toISOString() } : report;
}

/** The exit code after Ctrl-C, which is how it ends: only a failed gate changes it. */
function exitAfter(report: DiffReport, { interrupted }: Interruption): Exit {
  const exit = exitOf(report);
  return interrupted() && exit !== Exit.crossed ? Exit.interrupted : exit;
}

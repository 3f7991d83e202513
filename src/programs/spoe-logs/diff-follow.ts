/** `diff --follow`: both sides as they grow, compared until Ctrl-C. */
import { DiffError } from '../../diff/errors.ts';
import type { DiffReport, InputReport } from '../../diff/model.ts';
import type { RequestLine } from '../../diff/request-line.ts';
import { renderRequest } from '../../report/diff-ndjson.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { BufferedOutput } from './buffered-output.ts';
import type { DiffArguments } from './diff-options.ts';
import { exitOf, renderReport } from './diff-output.ts';
import type { DiffSetup } from './diff-setup.ts';
import { writeReportFiles } from './diff-report-files.ts';
import { Exit } from './errors.ts';
import { FollowedDiff } from './followed-diff.ts';
import type { Interruption } from './interrupt.ts';
import type { LogOptions } from './log-options.ts';
import { reportAwaited, reportGivenUp, reportProblem, setExit } from './report-problem.ts';
import { canRedraw, Display, rewriteMs } from './screen.ts';

/** A comparison takes longer to make than a summary, and is longer to read. */
const REDRAW_MS = 2_000;

export interface FollowSetup extends DiffSetup {
  readonly given: DiffArguments;
  readonly options: LogOptions;
  readonly interruption: Interruption;
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
  const { given, interruption, chooses } = setup;
  const output = new BufferedOutput();
  const onSettled = (line: RequestLine) => {
    if (chooses(line)) output.write(renderRequest(line));
  };
  const followed = new FollowedDiff(given, setup, given.format === 'ndjson' ? { onSettled } : {});
  let failure: unknown;
  const draw = () => {
    try {
      return renderReport(followed.report(), given);
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
    await followed.follow(setup.options, {
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
  if (failure !== undefined) throw failure;
  followed.settle();
  const report = followed.report();
  if (given.format === 'ndjson') await output.flush();
  else display.finish(renderReport(report, given));
  for (const problem of followed.problems) reportProblem(problem);
  setExit(exitAfter(report, interruption));
  writeReportFiles(report, given);
  return { inputs: report.inputs, failed: followed.problems.length > 0 };
}

/** The exit code after Ctrl-C, which is how it ends: only a failed gate changes it. */
function exitAfter(report: DiffReport, { interrupted }: Interruption): Exit {
  const exit = exitOf(report);
  return interrupted() && exit !== Exit.crossed ? Exit.interrupted : exit;
}

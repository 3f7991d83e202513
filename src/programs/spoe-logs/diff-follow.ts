/** `diff --follow`: both sides as they grow, compared until Ctrl-C. */
import { DiffError } from '../../diff/errors.ts';
import type { DiffReport, InputReport } from '../../diff/model.ts';
import type { RequestLine } from '../../diff/request-line.ts';
import { renderRequest } from '../../report/diff-ndjson.ts';
import type { Line } from '../../report/screen.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { BufferedOutput } from './buffered-output.ts';
import type { DiffArguments } from './diff-options.ts';
import { exitOf, renderReport, reportLines } from './diff-output.ts';
import { writeReportFiles } from './diff-report-files.ts';
import type { DiffSetup } from './diff-setup.ts';
import { Exit } from './errors.ts';
import { FollowedDiff } from './followed-diff.ts';
import type { Interruption } from './interrupt.ts';
import type { LogOptions } from './log-options.ts';
import { reportProblem, setExit } from './report-problem.ts';
import { reportAwaited, reportGivenUp } from './report-reading.ts';
import { canFillScreen, canRedraw, Display, rewriteMs } from './screen.ts';

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
  const cockpit =
    given.format === 'table' && !given.plain && canFillScreen() ? await import('./diff-cockpit.ts') : undefined;
  const watch = cockpit && new cockpit.RequestWatch();
  const write = (line: RequestLine) => {
    if (chooses(line)) output.write(renderRequest(line));
  };
  const onSettled = given.format === 'ndjson' ? write : watch?.add;
  const followed = new FollowedDiff(given, setup, onSettled === undefined ? {} : { onSettled });
  let failure: unknown;
  /** What is made of the report; of one that cannot be made, what is made of the reason. */
  const show = <Shown>(make: (report: DiffReport) => Shown, say: (reason: string) => Shown): Shown => {
    try {
      return make(followed.report());
    } catch (error) {
      // The destination may come with the next line.
      if (error instanceof DiffError && error.code === 'unknown-destination')
        return say(escapeTerminal(`not yet: ${error.message} (${error.hint})`));
      failure ??= error;
      interruption.stop();
      return say('');
    }
  };
  const draw = () =>
    show(
      (report) => renderReport(report, given),
      (reason) => reason,
    );
  const arrival = { lines: 0, ms: Number.NaN };
  const present = () => {
    const shown = show<{ verdict: string; lines: readonly Line[] }>(
      (report) => {
        const lines = report.inputs.reduce((sum, input) => sum + input.lines, 0);
        if (lines !== arrival.lines) Object.assign(arrival, { lines, ms: performance.now() });
        return { verdict: report.verdict.status.toUpperCase(), lines: reportLines(report, given) };
      },
      (reason) => ({ verdict: '', lines: [{ text: reason }] }),
    );
    return { ...shown, lineMs: Number.isNaN(arrival.ms) ? null : performance.now() - arrival.ms };
  };
  const hasVerdict = given.format === 'table';
  const redraws = hasVerdict && canRedraw();
  const everyMs = redraws ? REDRAW_MS : hasVerdict ? rewriteMs(undefined) : undefined;
  const display =
    (watch && cockpit.openDiffCockpit(watch, { interruption, captureMs: REDRAW_MS, present })) ??
    new Display(draw, { redraws, hasVerdict, everyMs });
  const told: (() => void)[] = [];
  // On a full screen there is no place for a line of its own before its end.
  const later = (report: (path: string) => void) => (path: string) => {
    if (watch === undefined) report(path);
    else told.push(() => report(path));
  };
  process.stdout.on('error', () => interruption.stop());
  try {
    await followed.follow(setup.options, {
      signal: interruption.signal,
      onTurn: () => {
        display.changed();
        return output.flush();
      },
      // On a full screen it is among the warnings.
      onAwaited: (path) => watch ?? reportAwaited(path),
      onGivenUp: later(reportGivenUp),
    });
  } finally {
    display.stop();
    for (const tell of told) tell();
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

/** The report of what could not be read, or was not found. */
import { describeContent, isAgentRecord, isSavedState } from '../../logs/describe-content.ts';
import type { Inputs, Unread } from '../../logs/inputs.ts';
import { inputName } from '../../logs/read.ts';
import { NO_EVENTS_HINT } from '../../stats/notices.ts';
import { Exit } from './errors.ts';
import type { Interruption } from './interrupt.ts';
import type { RecordIngest } from './record-ingest.ts';
import { type ReportedProblem, reportProblem, setExit } from './report-problem.ts';

/**
 * Reports at the end of every command that reads logs what could not be read, or that no line of interest was `found`.
 * Sets the exit code of both and of Ctrl-C.
 */
export function reportReading(
  paths: readonly string[],
  { problems, sample, unread }: Inputs,
  found: number,
  { interrupted, signal }: Interruption,
): void {
  for (const problem of problems) reportProblem(problem);
  if (problems.length > 0) setExit(Exit.unusable);
  if (interrupted()) setExit(Exit.interrupted);
  // Where nothing could be read, that is the answer already.
  if (found > 0 || signal.aborted || problems.length >= paths.length) return;
  if (unread === undefined) reportProblem(nothingFound(paths, sample));
  else reportUnread(unread);
  setExit(Exit.unusable);
}

/** Reports the same for the agent's record. */
export function reportRecord({ paths, inputs, tally }: RecordIngest, { signal }: Interruption): void {
  for (const problem of inputs.problems) reportProblem(problem);
  if (inputs.problems.length > 0) setExit(Exit.unusable);
  if (tally.requests + tally.filtered > 0 || signal.aborted || inputs.problems.length >= paths.length) return;
  const what = inputs.sample.trim() === '' ? 'it is empty' : `it begins with ${describeContent(inputs.sample)}`;
  reportProblem({
    code: 'no-record',
    message: `no mirrored request in ${paths.map(inputName).join(', ')}: ${what}`,
    hint: 'name what spoa-mirror --record FILE writes',
  });
  setExit(Exit.unusable);
}

/** Reports unread lines where no summary tells of them. */
export function reportUnread(unread: Unread): void {
  reportProblem({ code: 'header-not-read', ...unread });
}

function nothingFound(paths: readonly string[], sample: string): ReportedProblem {
  const names = paths.map(inputName).join(', ');
  if (sample.trim() === '') {
    const what = paths.length === 1 ? 'it is empty' : 'they are empty';
    return {
      code: 'no-spoe-lines',
      message: `no SPOE line in ${names}: ${what}`,
      hint: 'check that this is the log, and that it was not rotated a moment ago',
    };
  }
  if (isSavedState(sample))
    return {
      code: 'no-spoe-lines',
      message: `no SPOE line in ${names}: it is a state that summarize --save wrote`,
      hint: `read it so: spoe-logs merge ${paths.length === 1 ? (paths[0] ?? '') : 'FILE...'}`,
    };
  if (isAgentRecord(sample)) {
    return {
      code: 'no-spoe-lines',
      message: `no SPOE line in ${names}: it is the record of spoa-mirror`,
      hint: `read it so: spoe-logs summarize --record ${paths.length === 1 ? (paths[0] ?? '') : 'FILE'}`,
    };
  }
  const subject = paths.length === 1 ? 'it' : 'the first text';
  return {
    code: 'no-spoe-lines',
    message: `no SPOE line in ${names}: ${subject} begins with ${describeContent(sample)}`,
    hint: NO_EVENTS_HINT,
  };
}

/** Reports a followed file that is not there: it may come later, but a mistyped name never does. */
export function reportAwaited(path: string): void {
  reportProblem({ code: 'awaited', message: `${path} is not there yet: waiting for it` });
}

/** The same as a text, among reasons. */
export function describeAwaited(path: string): string {
  return `${path} does not exist: waiting for it`;
}

/** The report about a pipe that may be there by accident, and then never ends. */
export const IDLE_INPUT = 'nothing comes from standard input, which is read as the log: waiting for it';

export function reportIdleInput(): void {
  reportProblem({ code: 'awaited', message: IDLE_INPUT, hint: 'for the record alone: < /dev/null' });
}

/** Reports a renamed file that is read no further: only so many are. */
export function reportGivenUp(path: string): void {
  const message = `${path} was renamed more often than its old files can be read on: what is still written to them is lost`;
  reportProblem({ code: 'rotated-too-fast', message });
}

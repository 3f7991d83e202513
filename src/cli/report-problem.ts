/** One line on standard error for whatever went wrong, and the exit code it leads to. */
import { describeContent } from '../logs/input/describe-content.ts';
import { inputName } from '../logs/input/read.ts';
import { escapeTerminal } from '../report/escape.ts';
import { Exit } from './errors.ts';

export interface ReportedProblem {
  readonly code?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** `spoe-logs: <what> (<code>); <hint>` */
export function reportProblem({ code, message, hint }: ReportedProblem): void {
  const what = escapeTerminal(
    `${message}${code === undefined ? '' : ` (${code})`}${hint === undefined ? '' : `; ${hint}`}`,
  );
  process.stderr.write(`spoe-logs: ${what}\n`);
}

const PRECEDENCE: readonly Exit[] = [Exit.unusable, Exit.crossed, Exit.interrupted, Exit.ok];

/** Sets the exit code unless a stronger one is set: unusable before crossed before interrupted. */
export function setExit(code: Exit): void {
  const current = (process.exitCode ?? Exit.ok) as Exit;
  process.exitCode = PRECEDENCE.indexOf(code) < PRECEDENCE.indexOf(current) ? code : current;
}

/** An input without a single SPOE line: says what it holds instead, from a sample of its beginning. */
export function nothingFound(paths: readonly string[], sample: string): ReportedProblem {
  return {
    code: 'no-spoe-lines',
    message: `no SPOE line in ${paths.map(inputName).join(', ')}: it begins with ${describeContent(sample)}`,
    hint: "HAProxy writes them where the spoe-agent section's log line points: add 'log global' there and read that log",
  };
}

/** The report of problems: one line on standard error each, and the exit code. */
import { escapeTerminal } from '../../text/terminal.ts';
import { Exit } from './errors.ts';

export interface ReportedProblem {
  readonly code?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Writes a problem as `spoe-logs: <what> (<code>); <hint>`. */
export function reportProblem({ code, message, hint }: ReportedProblem): void {
  const what = escapeTerminal(
    `${message}${code === undefined ? '' : ` (${code})`}${hint === undefined ? '' : `; ${hint}`}`,
  );
  process.stderr.write(`spoe-logs: ${what}\n`);
}

const PRECEDENCE: readonly Exit[] = [Exit.unusable, Exit.crossed, Exit.inconclusive, Exit.interrupted, Exit.ok];

/** Sets the exit code unless a stronger one is set: unusable before crossed before interrupted. */
export function setExit(code: Exit): void {
  const current = (process.exitCode ?? Exit.ok) as Exit;
  process.exitCode = PRECEDENCE.indexOf(code) < PRECEDENCE.indexOf(current) ? code : current;
}

import { AgentError } from '../../spoa/errors.ts';

/** Exit codes of sysexits.h, as the original agent has them. */
export const EX_OK = 0;
export const EX_USAGE = 64;
/** The exit code when the address cannot be used, or a worker did not start. */
export const EX_SOFTWARE = 70;
/** The exit code for a log file or pidfile that cannot be opened, for which the original returns -1. */
export const EX_FILE = 255;

export function exitCodeOf(error: unknown): number {
  if (error instanceof AgentError) {
    if (error.code === 'usage' || error.code === 'bad-limit') return EX_USAGE;
    return error.code === 'log-file' || error.code === 'pid-file' ? EX_FILE : EX_SOFTWARE;
  }
  // MirrorError, known by its code: loading its room for it alone would cost start-up time.
  return (error as { code?: unknown } | null)?.code === 'invalid-option' ? EX_USAGE : EX_SOFTWARE;
}

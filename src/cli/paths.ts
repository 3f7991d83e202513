import { STDIN } from '../logs/input/read.ts';
import { CliError } from './errors.ts';

/** The inputs of a command: its files, or standard input when there are none. Throws CliError. */
export function inputPaths(files: readonly string[] | undefined, follow: boolean): readonly string[] {
  const paths = files === undefined || files.length === 0 ? [STDIN] : files;
  if (paths.filter((path) => path === STDIN).length > 1)
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  if (follow && paths.includes(STDIN))
    throw new CliError(
      'cannot-follow',
      '--follow needs files',
      'standard input is followed without it: tail -f LOG | spoe-logs …',
    );
  if ((files === undefined || files.length === 0) && process.stdin.isTTY) {
    throw new CliError(
      'no-input',
      'no FILE, and standard input is a terminal',
      'name a log, or pipe one in: tail -f lb-access.log | spoe-logs summarize',
    );
  }
  return paths;
}

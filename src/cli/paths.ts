import { isatty } from 'node:tty';
import { STDIN } from '../logs/input/read.ts';
import { CliError } from './errors.ts';

/** What `-` is while the arguments are read. Whoever writes it means the same. */
export const STDIN_PATH = '/dev/stdin';

/** The inputs of a command: its files, or standard input when there are none. Throws CliError. */
export function inputPaths(files: readonly string[] | undefined, follow: boolean): readonly string[] {
  const given = files === undefined || files.length === 0 ? [STDIN] : files;
  const paths = given.map((path) => (path === STDIN_PATH ? STDIN : path));
  if (paths.filter((path) => path === STDIN).length > 1)
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  if (follow && paths.includes(STDIN))
    throw new CliError(
      'cannot-follow',
      '--follow needs files',
      'standard input is followed without it: tail -f LOG | spoe-logs …',
    );
  if ((files === undefined || files.length === 0) && isatty(0)) {
    throw new CliError(
      'no-input',
      'no FILE, and standard input is a terminal',
      'name a log, or pipe one in: tail -f lb-access.log | spoe-logs summarize',
    );
  }
  return paths;
}

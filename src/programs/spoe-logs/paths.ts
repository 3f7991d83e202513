import { fstatSync } from 'node:fs';
import { STDIN } from '../../logs/read.ts';
import { CliError } from './errors.ts';

/** The path that replaces `-` while the arguments are read. A user who writes it means the same. */
export const STDIN_PATH = '/dev/stdin';

/** The kind of standard input; undefined for a terminal, /dev/null and the like. */
export function standardInputKind(): 'file' | 'pipe' | undefined {
  try {
    const stats = fstatSync(0);
    if (stats.isFile()) return 'file';
    return stats.isFIFO() || stats.isSocket() ? 'pipe' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The inputs of a command: its files, or standard input when there are none. `isBesideFiles`: other inputs are files, so
 * that standard input may be one that is read while they are followed. Throws CliError.
 */
export function inputPaths(
  files: readonly string[] | undefined,
  follow: boolean,
  isBesideFiles = false,
): readonly string[] {
  const given = files === undefined || files.length === 0 ? [STDIN] : files;
  const paths = given.map((path) => (path === STDIN_PATH ? STDIN : path));
  if (paths.filter((path) => path === STDIN).length > 1)
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  const [other] = paths.filter((path) => path !== STDIN);
  if (follow && other !== undefined && paths.includes(STDIN))
    throw new CliError(
      'cannot-follow',
      `--follow cannot read standard input (-) and ${other} as one log`,
      `pipe both: tail -F ${other} … | spoe-logs …`,
    );
  if (follow && !isBesideFiles && paths.includes(STDIN))
    throw new CliError(
      'cannot-follow',
      '--follow needs files',
      'standard input is followed without it: tail -f LOG | spoe-logs …',
    );
  if ((files === undefined || files.length === 0) && isTerminal(0)) {
    throw new CliError(
      'no-input',
      'no FILE, and standard input is a terminal',
      'name a log, or pipe one in: tail -f lb-access.log | spoe-logs summarize',
    );
  }
  return paths;
}

/** Node loads its terminals, sockets and streams for this alone, so they are loaded when it is asked. */
function isTerminal(descriptor: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

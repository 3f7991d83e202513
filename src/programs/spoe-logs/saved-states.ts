/** Files that summarize --save wrote. */
import { readFileSync } from 'node:fs';
import { fromSystemError, InputError } from '../../logs/input-errors.ts';
import { parseState, StateError } from '../../stats/parse-state.ts';
import type { SavedState } from '../../stats/state.ts';
import { CliError } from './errors.ts';
import { STDIN_PATH } from './paths.ts';

/** Reads one. Throws CliError. */
export function readState(path: string): SavedState {
  try {
    return parseState(readText(path));
  } catch (error) {
    if (error instanceof StateError)
      throw new CliError(error.code, `${path}: ${error.message}`, 'name files that spoe-logs summarize --save wrote');
    if (error instanceof InputError) throw new CliError(error.code, error.message, error.hint);
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path === STDIN_PATH ? 0 : path, 'utf8');
  } catch (error) {
    throw fromSystemError(error, path);
  }
}

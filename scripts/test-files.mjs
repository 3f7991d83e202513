/** Which files hold tests. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptError } from './project.mjs';

/**
 * Node's own globs and folder arguments differ between 20, 22 and 24, so the files are listed here.
 * @throws {ScriptError} for a path that is not there
 */
export function listTests(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ScriptError(`${path}: no such test file or folder`);
  if (stat.isFile()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name));
}

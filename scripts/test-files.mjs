// @ts-check
/** Which files hold tests, and what can be told of one by reading it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { ROOT, ScriptError } from './project.mjs';

/**
 * What none of the tests of `npm run test:fast` has: programs, threads and sockets; cases by chance; a number of 10,000 or
 * more, which is a bound that is tried or many lines that are made.
 */
const SLOW = [
  /from 'node:(child_process|worker_threads|cluster|net|http|https|http2|tls)'/,
  /from 'fast-check'/,
  /\b\d{2,}(_\d{3})+\b|\b\d(_\d{3}){2,}\b/,
];

/**
 * Node's own globs and folder arguments differ between 20, 22 and 24, so the files are listed here.
 * @param {string} path
 * @returns {string[]}
 * @throws {ScriptError} for a path that is not there
 */
export function listTests(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ScriptError(`${path}: no such test file or folder`);
  if (stat.isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(path, name));
}

/**
 * Whether one of the patterns is in a file, or in a file of test/ that it imports.
 * @param {string} file
 * @param {readonly RegExp[]} patterns
 * @returns {boolean}
 */
export function holdsAny(file, patterns) {
  const text = readFileSync(file, 'utf8');
  if (patterns.some((pattern) => pattern.test(text))) return true;
  const imported = [...text.matchAll(/^(?:import|export|\}) .*\bfrom '(\.{1,2}\/[^']+)'/gm)].map(([, path = '']) =>
    join(dirname(file), path),
  );
  return imported.some((path) => path.startsWith(join(ROOT, 'test') + sep) && holdsAny(path, patterns));
}

/** @param {string} file */
export function isFast(file) {
  return !holdsAny(file, SLOW);
}

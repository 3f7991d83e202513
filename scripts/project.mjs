// @ts-check
/** Where the project lies, and which Node it needs. It is JavaScript and imports nothing else, because it runs before anything is installed. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @returns {{ engines: { node: string } }} */
function readPackage() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}

/** An error that is told in one line, without a stack. */
export class ScriptError extends Error {}

/** @throws {ScriptError} when Node is older than package.json's engines say */
export function requireNode(version = process.versions.node) {
  const wanted = readPackage().engines.node.replace('>=', '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new ScriptError(`Node ${wanted} or newer is needed, this is ${version} (node-too-old)`);
}

/**
 * Runs a script's main function: its errors become one line and exit code 1, its number the exit code.
 * @param {() => Promise<number | void>} body
 */
export async function main(body) {
  try {
    const code = await body();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    process.stderr.write(error instanceof ScriptError ? `spoe-logs: ${error.message}\n` : `${stackOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** @param {unknown} error */
function stackOf(error) {
  return error instanceof Error ? error.stack : error;
}

/**
 * True in the script that was started, false in one that is imported.
 * @param {{ readonly url: string }} meta
 */
export function isMain(meta) {
  return process.argv[1] !== undefined && fileURLToPath(meta.url) === realpathSync(process.argv[1]);
}

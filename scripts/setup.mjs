// @ts-check
/** Installs the dependencies when, and only when, node_modules is not what package-lock.json says. It is JavaScript because it runs before tsx is there. */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand, run } from './child.mjs';
import { isMain, main, ROOT, requireNode, ScriptError } from './project.mjs';

const OFFLINE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

/**
 * As npm writes it, of the lock file and of what is installed.
 * @typedef {{ optional?: boolean, version?: string, integrity?: string }} Package
 */

/**
 * @param {string} file
 * @returns {Record<string, Package> | undefined} by path
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Compares npm's own record of what it installed with the lock file; optional packages of other platforms may be absent. */
function isInstalled(root = ROOT) {
  const locked = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  if (locked === undefined || installed === undefined) return false;
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '') continue;
    const there = installed[path];
    if (there === undefined) {
      if (entry.optional === true) continue;
      return false;
    }
    if (there.version !== entry.version || there.integrity !== entry.integrity) return false;
    if (entry.optional !== true && !existsSync(join(root, path))) return false;
  }
  return true;
}

/**
 * @param {(line: string) => void} say told one line when it installs
 * @throws {ScriptError} when the installation fails
 */
export async function ensureInstalled(say = console.log) {
  if (isInstalled()) return;
  // npm ci empties the folder first, and through a link it would be that of another checkout.
  if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new ScriptError(
      'node_modules is a link, and what it leads to does not fit package-lock.json (linked-modules)',
    );
  }
  say('installing the dependencies (npm ci) …');
  const npm = npmCommand();
  const { code, output } = await run(npm.command, [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm goes on for seconds after SIGTERM and would be in the way of a second try; half an installation is found and redone.
    killSignal: 'SIGKILL',
  });
  if (code === 0) return;
  if (OFFLINE.test(output)) {
    throw new ScriptError('the dependencies are not installed and the npm registry cannot be reached (offline)');
  }
  const errors = output.split('\n').filter((line) => /^npm (ERR!|error)/.test(line));
  const reason =
    errors.find((line) => !/ (code|errno|syscall|path|dest) /.test(line)) ??
    errors[0] ??
    output.trim().split('\n').at(-1);
  throw new ScriptError(`npm ci failed: ${reason} (install-failed)`);
}

if (isMain(import.meta)) {
  await main(async () => {
    requireNode();
    await ensureInstalled();
  });
}

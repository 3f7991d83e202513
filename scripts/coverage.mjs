// @ts-check
/**
 * npm run coverage: which lines, branches and functions of src/ the tests run, by Node's own reporter, so by no package.
 *
 *   npm run coverage                   all tests
 *   npm run coverage -- test/logs      what those of a folder run
 *   npm run coverage -- --node PATH    with another Node
 *
 * It needs a Node that runs TypeScript as it stands: bundles, which `npm test` runs, have other lines than their sources, and what has
 * no code, as comments and imports, would count as not run. Programs and threads that a test starts are not counted: of src/programs and of
 * the life cycle of the agent more is run than it says. It is JavaScript because it may have to install tsx first.
 */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { endWithChildren, run } from './child.mjs';
import { main, ROOT, ScriptError } from './project.mjs';
import { ensureInstalled } from './setup.mjs';
import { listTests } from './test-files.mjs';

/** The first that runs TypeScript without an option. */
const NEEDED = { major: 22, minor: 18 };

/** @param {string[]} args */
function parseArguments(args) {
  const at = args.indexOf('--node');
  if (at < 0) return { node: process.execPath, paths: args };
  return { node: resolve(args[at + 1] ?? ''), paths: args.toSpliced(at, 2) };
}

/** @param {string} node */
function requireTypes(node) {
  let version;
  try {
    version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  } catch {
    throw new ScriptError(`${node}: cannot be run as Node`);
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor)) return;
  throw new ScriptError(
    `coverage needs Node ${NEEDED.major}.${NEEDED.minor} or newer, this is ${version}; npm run coverage -- --node PATH takes another (node-too-old)`,
  );
}

await main(async () => {
  endWithChildren();
  const { node, paths } = parseArguments(process.argv.slice(2));
  requireTypes(node);
  const files = (paths.length > 0 ? paths : [join(ROOT, 'test')]).flatMap((/** @type {string} */ path) =>
    listTests(resolve(path)),
  );
  await ensureInstalled();
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();
  const options = ['--test', '--test-reporter=spec', '--test-timeout=180000', '--no-warnings'];
  const coverage = [
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    '--test-coverage-exclude=src/**/scanner-wasm.ts',
    '--test-coverage-exclude=src/report/html/page-script.ts',
    '--test-coverage-exclude=src/report/html/browser/**',
  ];
  const { code } = await run(node, [...options, ...coverage, ...files.sort()], { cwd: ROOT, stdio: 'inherit' });
  return code;
});

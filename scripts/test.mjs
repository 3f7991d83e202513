// @ts-check
/**
 * npm test: installs and builds when needed, then runs node:test.
 *
 *   npm test                            all of test/
 *   npm test -- test/logs               the test files below a folder, or single files
 *   npm test -- --test-name-pattern=x   other options go to node
 *   npm test -- --node PATH             with another Node
 *   npm run test:fast                   those that start no program and are not long (test-files.mjs has the rule)
 *
 * SPOE_LOGS_TEST_AGAIN=1: programs with a failed test run once more, one at a time, and are named. What fails then fails; what does
 * not was a test that loses against a busy machine, which is to be mended, and no reason to refuse a change.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { endWithChildren, run } from './child.mjs';
import { main, ROOT, requireNode, ScriptError } from './project.mjs';
import { ensureInstalled } from './setup.mjs';
import { isFast, listTests } from './test-files.mjs';

/** More programs than these do not fail by chance. */
const MAX_AGAIN = 3;

/** @param {readonly string[]} args */
function parseArguments(args) {
  const paths = [];
  const options = [];
  let node = process.execPath;
  let fast = false;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--node') node = resolve(rest.shift() ?? '');
    else if (arg === '--fast') fast = true;
    else if (arg.startsWith('-')) options.push(arg);
    else paths.push(arg);
  }
  return { node, fast, options, paths: paths.length > 0 ? paths : [join(ROOT, 'test')] };
}

/** @param {string} node */
function versionOf(node) {
  try {
    return execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  } catch {
    throw new ScriptError(`${node}: cannot be run as Node`);
  }
}

await main(async () => {
  requireNode();
  endWithChildren();
  const { node, fast, options, paths } = parseArguments(process.argv.slice(2));
  if (node !== process.execPath) requireNode(versionOf(node));
  const files = [...new Set(paths.flatMap((path) => listTests(resolve(path))))].sort();
  const chosen = fast ? files.filter(isFast) : files;
  if (chosen.length === 0) throw new ScriptError(`no *.test.ts file in ${paths.join(', ')} (no-tests)`);

  await ensureInstalled();
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();

  const { bundleTests } = await import('./test-bundle.mjs');
  const { folder, programs } = await bundleTests(chosen);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const nodeArguments = [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    // A test that waits for what never comes shall fail, not hang.
    '--test-timeout=400000',
    '--test-reporter-destination=stdout',
    `--test-reporter=${import.meta.resolve('./failed-files.mjs')}`,
    `--test-reporter-destination=${join(folder, 'failed')}`,
    ...options,
  ];
  // One more than cores: many tests wait for a time limit or for another process. Real HAProxies are busy themselves.
  const concurrency = availableParallelism() + (process.env.SPOE_LOGS_HAPROXIES === undefined ? 1 : 0);
  // Every Node reads this file when it starts, some thousand of them, and no test trusts what the machine trusts.
  const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
  // Programs that a test starts as `node` must get the Node under test.
  const env = { ...inherited, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  /** @param {readonly string[]} paths @param {number} atATime */
  const runPrograms = async (paths, atATime) => {
    const some = paths.map((path) => relative(ROOT, path));
    const args = [...nodeArguments, `--test-concurrency=${atATime}`, ...some];
    return (await run(node, args, { cwd: ROOT, stdio: 'inherit', env })).code;
  };

  const code = await runPrograms(
    programs.map(({ path }) => path),
    concurrency,
  );
  if (code === 0 || !process.env.SPOE_LOGS_TEST_AGAIN) return code;
  const list = join(folder, 'failed');
  if (!existsSync(list)) return code;
  const failed = new Set(readFileSync(list, 'utf8').split('\n').filter(Boolean));
  const again = programs.filter(({ path, files }) => [path, ...files].some((file) => failed.has(file)));
  if (again.length === 0 || again.length > MAX_AGAIN) return code;
  const names = [...failed].map((file) => relative(ROOT, file)).join(', ');
  console.log(`\n== failed, and run once more, alone: ${names}`);
  const secondCode = await runPrograms(
    again.map(({ path }) => path),
    1,
  );
  console.log(
    `== failed once${secondCode === 0 ? ', and not when run alone' : ', and again when run alone'}: ${names}`,
  );
  return secondCode;
});

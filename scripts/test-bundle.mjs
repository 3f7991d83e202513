// @ts-check
/**
 * Makes the programs that `npm test` runs from the test files, with esbuild and once for all of them: a compiler in each
 * process took a third of the time. Stacks still name the sources, and import.meta.url is still that of the source.
 *
 * Small files share a process, for Node and what they import take longer to start than most of them to run. A file has one
 * of its own when it may not share it (PROCESS_WIDE) or is long; long ones come first, so that all cores end together.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './project.mjs';
import { holdsAny } from './test-files.mjs';

const CACHE = join(ROOT, '.cache');
/** Above this one failing file would take too many others with it. */
const FILES_IN_A_PROCESS = 12;

/**
 * The longest, which are started first, those that wait between those that work. What is missing here or gone costs seconds,
 * no test.
 */
const LONG = [
  'programs/spoa-mirror/descriptors',
  'otel/faults',
  'diff/hostile',
  'programs/spoa-mirror/command',
  'programs/spoe-logs/threads',
  'programs/spoe-logs/diff-truth',
  'demo/demo',
  'readme',
  'package',
  'otel/agent-command',
  'programs/spoe-logs/diff',
  'programs/spoa-mirror/privileges',
  'otel/spans',
  'programs/spoa-mirror/tls',
  'otel/hostile-grpc',
  'diff/report',
  'programs/spoa-mirror/entrance',
  'programs/spoe-logs/summarize',
  'programs/spoa-mirror/health',
  'mirror/hostile-http2',
  'programs/spoe-logs/exit-codes',
  'schemas/schemas',
  'diff/join/live/follow',
  'logs/framing/spoof',
  'diff/statistics/betting',
  'programs/spoe-logs/export',
  'programs/spoe-logs/record',
  'programs/spoe-logs/duplicates',
  'logs/input/gunzip',
].map((name) => join(ROOT, 'test', `${name}.test.ts`));

/** Where a file starts programs or threads, has hooks around every test, or changes what the whole process has. */
const PROCESS_WIDE = [
  /from 'node:(child_process|worker_threads|cluster)'/,
  /^(before|after)Each\(/m,
  /process\.env\.\w+ = |process\.(chdir|exitCode|on)\b|mock\.method\(process|^import 'tsx'/m,
];

/** Lists of files, each for one process, in the order in which they are to start. @param {readonly string[]} files */
function groupFiles(files) {
  const long = LONG.filter((file) => files.includes(file));
  const rest = files.filter((file) => !long.includes(file));
  // Without HAProxies nothing is started in these: each says why it is skipped.
  const isSkipped = (/** @type {string} */ file) =>
    roomOf(file) === 'haproxy' && process.env.SPOE_LOGS_HAPROXIES === undefined;
  const alone = rest.filter((file) => holdsAny(file, PROCESS_WIDE) && !isSkipped(file));
  const groups = [...long, ...alone].map((file) => [file]);
  const sharing = rest.filter((file) => !alone.includes(file));
  for (const room of new Set(sharing.map(roomOf))) {
    const ofRoom = sharing.filter((file) => roomOf(file) === room);
    while (ofRoom.length > 0) groups.push(ofRoom.splice(0, FILES_IN_A_PROCESS));
  }
  return groups;
}

/** The folder of test/ it lies in. @param {string} file */
const roomOf = (file) => relative(join(ROOT, 'test'), file).split(sep)[0];

/** In place of import.meta.url, where the program lies, the tests and the sources get where they lie themselves. @type {import('esbuild').Plugin} */
export const sourceUrls = {
  name: 'source-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: text.replaceAll(/import\.meta\.url/g, url), loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/**
 * Properties are tried on the same cases every time, so that a change fails for what it is. SPOE_LOGS_FUZZ has them chosen anew;
 * a failure prints the seed.
 * @type {import('esbuild').Plugin}
 */
const sameCases = {
  name: 'same-cases',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^fast-check$/ }, ({ path, namespace }) =>
      namespace === 'same-cases' ? { path, external: true } : { path, namespace: 'same-cases' },
    );
    onLoad({ filter: /./, namespace: 'same-cases' }, () => ({
      contents: `import fc from 'fast-check';
        if (!process.env.SPOE_LOGS_FUZZ) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1 });
        export * from 'fast-check';
        export default fc;`,
      resolveDir: ROOT,
    }));
  },
};

/**
 * An entry `group:N` imports the files of that group.
 * @param {readonly (readonly string[])[]} groups
 * @returns {import('esbuild').Plugin}
 */
const groupEntries = (groups) => ({
  name: 'group-entries',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^group:/ }, ({ path }) => ({ path, namespace: 'group' }));
    onLoad({ filter: /^group:/, namespace: 'group' }, ({ path }) => {
      const files = groups[Number(path.slice('group:'.length))] ?? [];
      return { contents: files.map((file) => `import ${JSON.stringify(file)};\n`).join(''), resolveDir: ROOT };
    });
  },
});

/**
 * @param {string[]} files absolute paths of *.test.ts
 * @returns {Promise<{ folder: string, programs: { path: string, files: readonly string[] }[] }>} a new folder, for the caller to
 *   remove, and the programs in it with the test files of each; their names sort as they are to start
 */
export async function bundleTests(files) {
  const groups = groupFiles(files);
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'tests-'));
  const names = groups.map(([first = ''], i) => {
    const name = relative(join(ROOT, 'test'), first)
      .replaceAll(sep, '-')
      .replace(/\.test\.ts$/, '');
    return `${String(i).padStart(3, '0')}-${name}`;
  });
  await build({
    entryPoints: names.map((out, i) => ({ in: `group:${i}`, out })),
    plugins: [groupEntries(groups), sameCases, sourceUrls],
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    outdir: folder,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  return { folder, programs: names.map((name, i) => ({ path: join(folder, `${name}.js`), files: groups[i] ?? [] })) };
}

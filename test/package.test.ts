/** What npm would publish: only what a user needs, and it runs where nothing else is installed. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

/** Files by name, and the folders whose files may all go in. */
const WANTED = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'bin/compiled-code.js',
  'bin/package.json',
  'bin/spoa-mirror.js',
  'bin/spoe-logs.js',
  'dashboards/spoe-logs.json',
  'dashboards/spoe-logs.rules.test.yaml',
  'dashboards/spoe-logs.rules.yaml',
  'dashboards/spoe-logs.silence.test.yaml',
  'dist/THIRD-PARTY-LICENSES.txt',
  'dist/completions/bash/spoa-mirror',
  'dist/completions/bash/spoe-logs',
  'dist/completions/fish/spoa-mirror.fish',
  'dist/completions/fish/spoe-logs.fish',
  'dist/completions/zsh/_spoa-mirror',
  'dist/completions/zsh/_spoe-logs',
  'dist/lib/index.d.ts',
  'dist/lib/index.js',
  'dist/man/spoa-mirror.8',
  'dist/man/spoe-logs-diff.1',
  'dist/man/spoe-logs-serve.1',
  'dist/man/spoe-logs-config.1',
  'dist/man/spoe-logs-doctor.1',
  'dist/man/spoe-logs-explain.1',
  'dist/man/spoe-logs-lnav.1',
  'dist/man/spoe-logs-mirroring.1',
  'dist/man/spoe-logs-export.1',
  'dist/man/spoe-logs-load.1',
  'dist/man/spoe-logs-sql.1',
  'dist/man/spoe-logs-merge.1',
  'dist/man/spoe-logs-parse.1',
  'dist/man/spoe-logs-summarize.1',
  'dist/man/spoe-logs.1',
  'dist/spoa-mirror-collector.cjs',
  'dist/spoa-mirror-otel.cjs',
  'dist/spoa-mirror.cjs',
  'dist/spoe-logs-config.cjs',
  'dist/spoe-logs-doctor.cjs',
  'dist/spoe-logs-from.cjs',
  'dist/spoe-logs-summarize.cjs',
  'dist/spoe-logs-merge.cjs',
  'dist/spoe-logs-parse.cjs',
  'dist/spoe-logs-explain.cjs',
  'dist/spoe-logs-lnav.cjs',
  'dist/spoe-logs-parser.cjs',
  'dist/spoe-logs-diff.cjs',
  'dist/spoe-logs-serve.cjs',
  'dist/spoe-logs-mirror.cjs',
  'dist/spoe-logs-mirroring.cjs',
  'dist/spoe-logs-page.cjs',
  'dist/spoe-logs-pipe-thread.cjs',
  'dist/spoe-logs-cockpit.cjs',
  'dist/spoe-logs-record.cjs',
  'dist/spoe-logs-load.cjs',
  'dist/spoe-logs-sql.cjs',
  'dist/spoe-logs-engine.cjs',
  'dist/spoe-logs-parquet.cjs',
  'dist/spoe-logs-otel.cjs',
  'dist/spoe-logs-thread.cjs',
  'dist/spoe-logs.cjs',
  'examples/README.md',
  'examples/allow-deny-agent.mjs',
  'examples/ci-gate.mjs',
  'examples/custom-access-format.mjs',
  'examples/live-split2.mjs',
  'examples/own-agent.mjs',
  'examples/own-report.mjs',
  'examples/read-log.mjs',
  'examples/record-to-database.mjs',
  'gates/argo-rollouts.yaml',
  'gates/ask.sh',
  'gates/flagger.yaml',
  'gates/github-actions.yml',
  'gates/gitlab-ci.yml',
  'packaging/spoa-mirror.service',
  'pipelines/clickhouse-otel-views.sql',
  'pipelines/fluent-bit.yaml',
  'pipelines/haproxy_spoe_log.json',
  'pipelines/logstash.conf',
  'pipelines/opentelemetry-collector.yaml',
  'pipelines/prometheus-textfile.sh',
  'pipelines/rsyslog.conf',
  'pipelines/rsyslog.rulebase',
  'pipelines/spoe-event.re',
  'pipelines/vector.yaml',
  'package.json',
];
const ALLOWED =
  /^(dist\/help\/[a-z-]+\.txt|dist\/lib\/[a-z0-9/-]+\.d\.ts|dist\/lib\/[a-zA-Z0-9-]+\.js|docs\/[A-Za-z-]+\.(md|svg)|docs\/(schemas|pictures)\/[a-z.-]+)$/;

/** An event and its access line, as HAProxy 2.6 writes them. */
const LINES = `Nov 22 06:56:47 lb1 haproxy[27301]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=5 st=0 0/1/2/0/3 1/1 0/0 0/5
Nov 22 06:56:47 lb1 haproxy[27301]: 127.0.0.1:48094 [22/Nov/2026:06:56:47.524] fe be/srv1 0/0/0/0/0 200 127 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
`;

let folder: string;
let user: string;
let packed: readonly string[];

/** Runs a program of npm's in the temporary folder; npm's own settings of this run must not reach it. */
function run(program: 'npm' | 'npx', args: readonly string[], cwd: string, input = ''): string {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|INIT_CWD)/.test(name)),
  );
  return execFileSync(program, args, {
    cwd,
    env: { ...env, NO_COLOR: '1' },
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
}

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-package-'));
  const report = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT));
  const [{ filename, files }] = Array.isArray(report) ? report : Object.values(report);
  packed = files.map((file: { path: string }) => file.path).sort();
  copyFileSync(path.join(folder, filename), path.join(folder, 'spoe-logs.tgz'));
  user = path.join(folder, 'user');
  mkdirSync(user);
  writeFileSync(path.join(user, 'package.json'), '{"name":"user","version":"1.0.0"}');
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '../spoe-logs.tgz'], user);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds the program, the library, their licences and the documents for users, nothing else', () => {
  assert.deepEqual(
    WANTED.filter((name) => !packed.includes(name)),
    [],
    'missing',
  );
  assert.deepEqual(
    packed.filter((name) => !WANTED.includes(name) && !ALLOWED.test(name)),
    [],
    'not wanted',
  );
});

/** How GitHub names a heading in an address. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Addresses of links and pictures in a document, as Markdown and as HTML has them; none of its examples. */
function linksOf(markdown: string): string[] {
  const text = markdown.replace(/^```.*?^```/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)|\s(?:src|srcset|href)="([^"]+)"/g)]
    .map(([, link = '', attribute = '']) => link || attribute)
    .filter((link) => !/^[a-z]+:/.test(link));
}

test('every link of a document in the package leads to a file of the package, and to a heading of it', () => {
  const read = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');
  const broken = packed
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => linksOf(read(name)).map((link) => [name, link] as const))
    .filter(([name, link]) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? name : path.posix.join(path.posix.dirname(name), file);
      if (!packed.some((each) => each === target || each.startsWith(`${target}/`))) return true;
      if (anchor === undefined || !target.endsWith('.md')) return false;
      const headings = read(target)
        .replace(/^```.*?^```/gms, '')
        .matchAll(/^#+ (.*)$/gm);
      return ![...headings].some(([, heading = '']) => anchorOf(heading) === anchor);
    });
  assert.deepEqual(broken, []);
});

test('the package brings no other package with it, so it installs offline', () => {
  assert.equal(manifest.dependencies, undefined);
  const installed = JSON.parse(run('npm', ['ls', '--all', '--json'], user));
  assert.deepEqual(Object.keys(installed.dependencies), ['spoe-logs']);
  // Optional peers that are not there: only who asks Parquet files in SQL, or writes TypeScript, needs one.
  const peers = ['@duckdb/node-api', '@types/node'];
  assert.deepEqual(
    installed.dependencies['spoe-logs'].dependencies ?? {},
    Object.fromEntries(peers.map((name) => [name, {}])),
  );
  assert.deepEqual(Object.keys(manifest.peerDependencies), peers);
  for (const name of peers) assert.equal(manifest.peerDependenciesMeta[name].optional, true);
});

test('every manual page is one that npm installs', () => {
  assert.deepEqual(
    manifest.man.map((name: string) => path.posix.normalize(name)).sort(),
    WANTED.filter((name) => name.startsWith('dist/man/')).sort(),
  );
});

test('npx runs the installed programs', () => {
  assert.match(run('npx', ['--no-install', 'spoa-mirror', '-V'], user), new RegExp(` v${manifest.version} `));
  const installed = (...args: string[]) =>
    execFileSync(path.join(user, 'node_modules/.bin/spoe-logs'), args, { input: LINES, encoding: 'utf8' });
  assert.equal(installed('--version').trim(), manifest.version);

  const summary = JSON.parse(run('npx', ['--no-install', 'spoe-logs', 'summarize', '--format', 'json'], user, LINES));
  assert.equal(summary.schema, 'spoe-logs/summary/1');
  assert.equal(summary.input.spoe, 1);
  assert.equal(summary.total.count, 1);
  assert.equal(summary.total.errors, 0);

  assert.match(installed('export', '--dry-run'), /CLIENT SPOE on-frontend-http-request/);
});

test('the library of the installed package counts, compares and exports, and loads OpenTelemetry for that alone', () => {
  writeFileSync(path.join(user, 'mirror.log'), LINES);
  const script = `
    import { readFileSync } from 'node:fs';
    import { createAgent, openExporter, parseLine, summarize } from 'spoe-logs';
    const counter = summarize();
    await counter.read('mirror.log');
    console.log(typeof createAgent, typeof parseLine, counter.summary().total.count);
    const exporter = await openExporter({ otlpFile: 'spans.jsonl' });
    exporter.end(readFileSync('mirror.log'), () => console.log(exporter.report.written.traces));`;
  writeFileSync(path.join(user, 'library.mjs'), script);
  const output = execFileSync(process.execPath, ['library.mjs'], { cwd: user, encoding: 'utf8' });
  assert.deepEqual(output.trim().split('\n'), ['function function 1', '5']);
  const index = readFileSync(path.join(user, 'node_modules/spoe-logs/dist/lib/index.js'), 'utf8');
  assert.match(index, /import\("\.\/exporter-[A-Z0-9]+\.js"\)/);
  assert.doesNotMatch(index, /@opentelemetry\/|undici/);
});

test('the version that the library tells is that of the package', async () => {
  const { VERSION } = await import('../src/text/version.ts');
  assert.equal(VERSION, manifest.version);
});

test('no command but export, and no agent without --otel, loads OpenTelemetry', () => {
  const isLoaded = `
    const { Module } = require('node:module');
    const load = Module._load;
    Module._load = function (id, ...rest) {
      if (/otel/.test(id)) process.stderr.write('loaded ' + id);
      return load.call(this, id, ...rest);
    };`;
  const preload = path.join(folder, 'preload.cjs');
  writeFileSync(preload, isLoaded);
  const bins = path.join(user, 'node_modules/spoe-logs/bin');
  const bin = path.join(bins, 'spoe-logs.js');
  const loads = (...args: string[]) =>
    spawnSync(process.execPath, ['--require', preload, bin, ...args], { input: LINES, encoding: 'utf8' }).stderr;
  const agentLoads = (...args: string[]) => {
    const socket = path.join(folder, `agent-${args.length}`);
    const all = [
      '--require',
      preload,
      path.join(bins, 'spoa-mirror.js'),
      '-r1ms',
      '-n1',
      '-a',
      `unix:${socket}`,
      ...args,
    ];
    return spawnSync(process.execPath, all, { encoding: 'utf8' }).stderr;
  };
  assert.doesNotMatch(agentLoads('-u', 'http://127.0.0.1:9/'), /loaded/);
  assert.match(agentLoads('-u', 'http://127.0.0.1:9/', '--otel'), /loaded \.\/spoa-mirror-otel\.cjs/);
  for (const command of ['summarize', 'parse', '--help']) assert.doesNotMatch(loads(command), /loaded/);
  assert.match(loads('export', '--dry-run'), /loaded \.\/spoe-logs-otel\.cjs/);
});

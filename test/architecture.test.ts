/** The import table of docs/ARCHITECTURE.md, and the few other rules about which code may stand where. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Who may import whom. A room that is not here may not exist; `(type-only)` allows `import type` alone. */
const ROOMS: Record<string, readonly string[]> = {
  text: [],
  options: ['text'],
  status: [],
  sketch: [],
  http2: [],
  answers: ['text'],
  spop: ['status'],
  spoa: ['spop'],
  mirror: ['spop', 'http2', 'answers', 'text'],
  logs: ['status', 'text'],
  stats: ['logs', 'status', 'sketch', 'text', 'options'],
  diff: ['logs', 'stats', 'answers', 'status', 'text', 'options', 'mirror (type-only)'],
  otel: ['logs', 'status', 'sketch', 'http2', 'text', 'mirror (type-only)'],
  report: ['logs', 'stats', 'diff', 'status', 'text'],
  serving: ['text'],
  cockpit: ['logs', 'stats', 'sketch', 'diff', 'report', 'status', 'text'],
  tables: ['logs', 'stats', 'diff', 'sketch', 'status', 'text'],
  engines: ['tables', 'text'],
  operate: ['spop', 'status', 'logs', 'text'],
  'programs/spoa-mirror': [
    'spop',
    'spoa',
    'mirror',
    'answers',
    'status',
    'sketch',
    'text',
    'options',
    'otel',
    'serving',
  ],
  'programs/spoe-logs': [
    'text',
    'options',
    'status',
    'sketch',
    'answers',
    'logs',
    'stats',
    'diff',
    'otel',
    'report',
    'tables',
    'engines',
    'operate',
    'serving',
    'cockpit',
  ],
};

/** Single files that a room may import of another: a command line is read by the table of the program it is for. */
const FILES: Record<string, readonly string[]> = {
  'programs/spoe-logs': ['src/programs/spoa-mirror/option-table.ts'],
};

/** Files of JSON that a program is built with. */
const DATA = ['package.json', 'pipelines/haproxy_spoe_log.json'];

/** Never, whatever the table above comes to say. */
const AGENT_HALF = ['spoa', 'mirror', 'spop'];
const LOG_HALF = ['logs', 'stats', 'diff', 'report', 'cockpit', 'otel', 'tables', 'engines'];

/** Which file or folder may import which package; any other package is not a dependency of the program. */
const PACKAGES: Record<string, readonly string[]> = {
  yargs: ['src/programs/spoe-logs/', 'src/options/yargs.ts'],
  'cli-table3': ['src/report/print.ts'],
  yaml: ['src/programs/spoe-logs/diff-files.ts'],
  hyparquet: ['src/engines/parquet-format.ts'],
  'hyparquet-writer': ['src/engines/parquet-format.ts'],
  undici: ['src/otel/', 'src/operate/'],
  '@opentelemetry/*': ['src/otel/'],
};

/** Rooms that compute and nothing else, with the few modules of Node they may use all the same. */
const PURE_ROOMS: Record<string, readonly string[]> = {
  text: [],
  options: [],
  status: [],
  sketch: [],
  answers: ['node:buffer', 'node:crypto', 'node:zlib'],
  prometheus: [],
  spop: ['node:buffer'],
};

/** Where the process may be touched: its arguments, environment, streams, exit and signals. The agent's files come with it. */
const PROCESS_FILES = [
  'src/programs/',
  'src/spoa/ownership.ts',
  // The processor time of its own process is all it asks.
  'src/mirror/tls-watch.ts',
];

/** Compiled to WebAssembly by its own compiler: it can import nothing from here. */
const ASSEMBLY = 'src/logs/scanner/assembly/';

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  readonly imports: readonly Import[];
  readonly usesProcess: boolean;
  /** True when every statement is an `export … from`. */
  readonly onlyExports: boolean;
}

type Node = { readonly type: string; readonly [key: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child);
  }
}

function literal(node: unknown): string | undefined {
  return isNode(node) && typeof node.value === 'string' ? node.value : undefined;
}

function isName(node: unknown, name: string): boolean {
  return isNode(node) && node.type === 'Identifier' && node.name === name;
}

/** `import type …`, `export type …`, or every single name in the braces marked `type`. */
function isTypeOnly(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const names = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : [];
  return names.length > 0 && names.every((name) => name.importKind === 'type' || name.exportKind === 'type');
}

function readSource(file: string, text: string): SourceFile {
  const { program, errors } = parseSync(file, text);
  assert.deepEqual(errors, [], `${file} does not parse`);
  const root = program as unknown as Node & { readonly body: readonly Node[] };
  const imports: Import[] = [];
  let usesProcess = false;
  for (const node of walk(root)) {
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) {
      const from = literal(node.source);
      if (from !== undefined) imports.push({ from, typeOnly: isTypeOnly(node) });
    } else if (node.type === 'ImportExpression') {
      imports.push({ from: literal(node.source) ?? '(computed)', typeOnly: false });
    } else if (node.type === 'TSImportType') {
      imports.push({ from: literal(node.source) ?? literal(node.argument) ?? '(computed)', typeOnly: true });
    } else if (node.type === 'MemberExpression') {
      if (isName(node.object, 'process')) usesProcess = true;
      if (isName(node.object, 'globalThis') && isName(node.property, 'process')) usesProcess = true;
    }
  }
  const isExport = (node: Node) => /^Export(Named|All)Declaration$/.test(node.type) && isNode(node.source);
  return { imports, usesProcess, onlyExports: root.body.every(isExport) };
}

function under(file: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The room of a file, `index` for src/index.ts, undefined for any other file that lies directly in src/. */
function roomOf(file: string): string | undefined {
  if (file === 'src/index.ts') return 'index';
  return /^src\/(programs\/[^/]+|[^/]+)\//.exec(file)?.[1];
}

/** What lies in a folder of a room is its own affair. */
function isPrivate(target: string, room: string): boolean {
  return target.slice(`src/${room}/`.length).includes('/');
}

function checkPackage(file: string, specifier: string): string | undefined {
  const name = packageName(specifier);
  const rule = Object.entries(PACKAGES).find(([key]) =>
    key.endsWith('/*') ? name.startsWith(key.slice(0, -1)) : name === key,
  );
  if (rule === undefined) return `${name} is not a package the program may use`;
  return under(file, rule[1]) ? undefined : `${name} belongs in ${rule[1].join(', ')} only`;
}

function checkRoom(file: string, from: string, { from: specifier, typeOnly }: Import): string | undefined {
  const target = path.posix.join(path.posix.dirname(file), specifier);
  // The version is kept in one place.
  if (DATA.includes(target) && from.startsWith('programs/')) return undefined;
  if (!specifier.endsWith('.ts')) return `${specifier} must name its file, with .ts`;
  const to = roomOf(target);
  if (to === undefined || to === 'index') return `${specifier} is in no room`;
  if (to === from || FILES[from]?.includes(target)) return undefined;
  if (isPrivate(target, to)) return `${specifier} is behind the door of ${to}: others import what lies at its top`;
  if (from === 'index') return to.startsWith('programs/') ? 'the library surface may not import programs' : undefined;
  if (AGENT_HALF.includes(from) && LOG_HALF.includes(to)) return `the agent half (${from}) may not import ${to}`;
  const allowed = ROOMS[from] ?? [];
  if (allowed.includes(to) || (typeOnly && allowed.includes(`${to} (type-only)`))) return undefined;
  return allowed.includes(`${to} (type-only)`)
    ? `${from} may import types only from ${to}`
    : `${from} may not import ${to}`;
}

/** What one file of src/ breaks, one sentence each. */
function violations(file: string, text: string): string[] {
  if (file.startsWith(ASSEMBLY)) {
    return /^\s*(import\b|export\b.*\bfrom\b)/m.test(text) ? [`${file}: AssemblyScript imports nothing`] : [];
  }
  const room = roomOf(file);
  if (room === undefined) return [`${file}: only index.ts may lie outside the rooms`];
  if (room !== 'index' && ROOMS[room] === undefined) return [`${file}: ${room} is not a room of the table`];

  const source = readSource(file, text);
  const found = source.imports.map((entry) => {
    const { from } = entry;
    if (from === '(computed)') return 'import() needs a plain string';
    if (from.startsWith('.')) return checkRoom(file, room, entry);
    if (!isBuiltin(from)) return checkPackage(file, from);
    if (!from.startsWith('node:')) return `${from} needs its node: prefix`;
    const allowed = PURE_ROOMS[room];
    if (allowed !== undefined && !allowed.includes(from)) return `${room} is pure and may not import ${from}`;
    if (from === 'node:process' && !under(file, PROCESS_FILES)) return 'process belongs in programs only';
    return undefined;
  });
  if (source.usesProcess && !under(file, PROCESS_FILES)) found.push('process belongs in programs only');
  if (room === 'index' && !source.onlyExports) found.push('the library surface holds exports only');
  return found.filter((sentence) => sentence !== undefined).map((sentence) => `${file}: ${sentence}`);
}

/** Kebab-case, and a noun that says what is inside. */
function nameViolation(file: string): string | undefined {
  for (const part of file.split('/')) {
    const stem = part.replace(/(\.test|\.fuzz|\.bench|\.d)?\.[a-z]+$/, '');
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) && stem !== 'README') return `${file}: ${part} is not kebab-case`;
    if (/(^|-)(utils?|helpers?|common|misc)(-|$)/.test(stem)) return `${file}: ${part} does not say what is inside`;
  }
  return undefined;
}

function listFiles(folder: string): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

test('every file of src/ keeps to the import table', () => {
  const files = listFiles('src').filter((file) => file.endsWith('.ts'));
  assert.ok(files.length > 0);
  assert.deepEqual(
    files.flatMap((file) => violations(file, readFileSync(path.join(ROOT, file), 'utf8'))),
    [],
  );
});

test('file names are kebab-case nouns, none of them utils, helpers, common or misc', () => {
  const files = ['src', 'test', 'scripts', 'bin', 'bench'].flatMap(listFiles);
  assert.deepEqual(
    files.map(nameViolation).filter((sentence) => sentence !== undefined),
    [],
  );
});

test('the table names no room it does not define, and keeps the two halves apart', () => {
  for (const [room, allowed] of Object.entries(ROOMS)) {
    for (const name of allowed) assert.ok(ROOMS[name.replace(' (type-only)', '')], `${room} may import ${name}`);
    if (AGENT_HALF.includes(room)) assert.ok(!allowed.some((name) => LOG_HALF.includes(name)), room);
  }
});

const PLANTED: readonly (readonly [what: string, file: string, text: string, expected: string | undefined])[] = [
  ['a static import', 'src/logs/a.ts', "import { x } from '../stats/b.ts';", 'logs may not import stats'],
  ['an import for its effect', 'src/logs/a.ts', "import '../stats/b.ts';", 'logs may not import stats'],
  ['a dynamic import', 'src/logs/a.ts', "const x = await import('../stats/b.ts');", 'logs may not import stats'],
  ['a computed import', 'src/programs/spoe-logs/a.ts', 'await import(name);', 'import() needs a plain string'],
  [
    'an export from',
    'src/logs/a.ts',
    "export * from '../programs/spoe-logs/b.ts';",
    'logs may not import programs/spoe-logs',
  ],
  ['an inline type import', 'src/logs/a.ts', "type X = import('../stats/b.ts').X;", 'logs may not import stats'],
  ['a type import', 'src/stats/a.ts', "import type { X } from '../report/b.ts';", 'stats may not import report'],
  ['types of mirror in diff', 'src/diff/a.ts', "import type { X } from '../mirror/record.ts';", undefined],
  ['marked types of mirror', 'src/diff/a.ts', "import { type X } from '../mirror/record.ts';", undefined],
  [
    'values of mirror',
    'src/diff/a.ts',
    "import { x } from '../mirror/b.ts';",
    'diff may import types only from mirror',
  ],
  [
    'a type among values of mirror',
    'src/otel/a.ts',
    "import { x, type X } from '../mirror/b.ts';",
    'otel may import types only from mirror',
  ],
  [
    'the agent half reading logs',
    'src/spoa/a.ts',
    "import type { X } from '../logs/record.ts';",
    'the agent half (spoa) may not import logs',
  ],
  [
    "the agent's table of options",
    'src/programs/spoe-logs/a.ts',
    "import { x } from '../spoa-mirror/option-table.ts';",
    undefined,
  ],
  [
    'another file of the agent',
    'src/programs/spoe-logs/a.ts',
    "import { x } from '../spoa-mirror/options.ts';",
    'programs/spoe-logs may not import programs/spoa-mirror',
  ],
  ['an allowed import', 'src/stats/a.ts', "import { x } from '../sketch/b.ts';", undefined],
  ['the own room, from a folder', 'src/logs/input/a.ts', "import { x } from '../record.ts';", undefined],
  [
    'a room one folder down',
    'src/logs/input/a.ts',
    "import { x } from '../../stats/b.ts';",
    'logs may not import stats',
  ],
  ['an unknown room', 'src/tools/a.ts', '', 'tools is not a room of the table'],
  ['a file outside the rooms', 'src/a.ts', '', 'only index.ts may lie outside the rooms'],
  ['an import without .ts', 'src/stats/a.ts', "import { x } from './b.js';", './b.js must name its file, with .ts'],
  [
    'the library surface as a module',
    'src/programs/spoe-logs/a.ts',
    "import { x } from '../../index.ts';",
    '../../index.ts is in no room',
  ],
  [
    'programs in the library surface',
    'src/index.ts',
    "export { x } from './programs/spoe-logs/a.ts';",
    'the library surface may not import programs',
  ],
  ['code in the library surface', 'src/index.ts', 'export const x = 1;', 'the library surface holds exports only'],
  [
    'yargs outside programs',
    'src/report/a.ts',
    "import yargs from 'yargs';",
    'yargs belongs in src/programs/spoe-logs/, src/options/yargs.ts only',
  ],
  [
    'part of yargs',
    'src/report/a.ts',
    "import { x } from 'yargs/helpers';",
    'yargs belongs in src/programs/spoe-logs/, src/options/yargs.ts only',
  ],
  ['cli-table3 in its place', 'src/report/print.ts', "import Table from 'cli-table3';", undefined],
  [
    'cli-table3 elsewhere',
    'src/report/a.ts',
    "import Table from 'cli-table3';",
    'cli-table3 belongs in src/report/print.ts only',
  ],
  [
    'undici in the log half',
    'src/stats/a.ts',
    "import { fetch } from 'undici';",
    'undici belongs in src/otel/, src/operate/ only',
  ],
  [
    'OpenTelemetry in programs',
    'src/programs/spoe-logs/a.ts',
    "import { x } from '@opentelemetry/sdk-node';",
    '@opentelemetry/sdk-node belongs in src/otel/ only',
  ],
  ['a new package', 'src/logs/a.ts', "import split from 'split2';", 'split2 is not a package the program may use'],
  ['a module without node:', 'src/logs/a.ts', "import fs from 'fs';", 'fs needs its node: prefix'],
  ['files in a leaf', 'src/sketch/a.ts', "import fs from 'node:fs';", 'sketch is pure and may not import node:fs'],
  ['process in a renderer', 'src/report/a.ts', 'const tty = process.stdout.isTTY;', 'process belongs in programs only'],
  [
    'process by another name',
    'src/report/a.ts',
    'const { env } = globalThis.process;',
    'process belongs in programs only',
  ],
  ['the process module', 'src/logs/a.ts', "import { env } from 'node:process';", 'process belongs in programs only'],
  ['a field named process', 'src/logs/a.ts', 'const name = header.process;', undefined],
  ['process in programs', 'src/programs/spoe-logs/a.ts', 'process.exitCode = 1;', undefined],
  [
    'a comment and a string',
    'src/logs/a.ts',
    "// import '../programs/spoe-logs/a.ts'\nconst x = 'process.exit()';",
    undefined,
  ],
  ['an import in AssemblyScript', `${ASSEMBLY}index.ts`, "import { x } from './b';", 'AssemblyScript imports nothing'],
];

for (const [what, file, text, expected] of PLANTED) {
  test(`the checker ${expected === undefined ? 'accepts' : 'finds'} ${what}`, () => {
    assert.deepEqual(violations(file, text), expected === undefined ? [] : [`${file}: ${expected}`]);
  });
}

test('the checker finds a bad file name', () => {
  assert.equal(nameViolation('src/logs/spoe-line.ts'), undefined);
  assert.equal(nameViolation('test/logs/spoe-line.test.ts'), undefined);
  assert.match(nameViolation('src/logs/spoeLine.ts') ?? '', /kebab-case/);
  assert.match(nameViolation('src/logs/line_reader.ts') ?? '', /kebab-case/);
  assert.match(nameViolation('src/logs/utils.ts') ?? '', /what is inside/);
  assert.match(nameViolation('src/common/x.ts') ?? '', /what is inside/);
  assert.match(nameViolation('test/test-helpers.ts') ?? '', /what is inside/);
});

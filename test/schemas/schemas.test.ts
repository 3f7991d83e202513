/** What the command line writes, held against docs/schemas. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ACCESS_FORMAT_NAMES } from '../../src/logs/access-record.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { summarizeLog } from '../stats/read-log.ts';
import { assertFits } from './schema.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function logsIn(folder: string): string[] {
  return readdirSync(`${ROOT}fixtures/${folder}`)
    .filter((name) => name.endsWith('.log'))
    .map((name) => `fixtures/${folder}/${name}`);
}

const CORPUS = logsIn('logs/corpus');
const FORMATS = logsIn('logs/formats');

/** Only failures logged, no event at all, two agents. */
const SPECIAL = CORPUS.filter((name) => /2\.6\.12--(ok-dontlog-normal|group-interrupt|two-engines)/.test(name));

async function run(...args: string[]): Promise<string> {
  const { stdout, stderr, code } = await spoeLogs([...args, '--tz', 'UTC', '--year', '2026'], { cwd: ROOT });
  // 1: a threshold was crossed; 2: no SPOE line, the summary is printed all the same.
  assert.ok(code !== null && code <= 2, stderr);
  return stdout;
}

const VARIANTS: readonly (readonly string[])[] = [
  [],
  ['--by', 'host,pid'],
  ['--by', 'agent,event,host,pid,st'],
  ['--by', 'st'],
  ['--window', '1s'],
  ['--fail-on', 'error-rate>1%', '--fail-on', 'mirror:p99>50ms', '--min-events', '10'],
  ['--status', 'error', '--timestamp'],
  ['--since', '2030-01-01'],
];

for (const options of VARIANTS) {
  test(`summarize --format json ${options.join(' ')} fits its schema`, async () => {
    for (const files of [...SPECIAL.map((file) => [file]), [...CORPUS, ...FORMATS]])
      assertFits('summary', await run('summarize', '--format', 'json', ...options, ...files), files.join());
  });
}

test('the summary of every log of the corpus fits its schema', () => {
  for (const file of CORPUS) {
    const summary = summarizeLog(readFileSync(`${ROOT}${file}`, 'utf8'), { windowMs: 1000 });
    assertFits('summary', JSON.stringify(summary), file);
  }
});

test('parse --format ndjson fits its schema, line by line', async () => {
  for (const args of [[], ['--source']]) {
    const lines = (await run('parse', '--format', 'ndjson', ...args, ...CORPUS, ...FORMATS)).trimEnd().split('\n');
    assert.ok(lines.length > 1500, `${lines.length} lines`);
    for (const line of lines) assertFits('record', line);
  }
});

test('the report of diff calls formats as its schema does', () => {
  const schema = readFileSync(new URL('../../docs/schemas/diff-report.schema.json', import.meta.url), 'utf8');
  const named: readonly string[] = JSON.parse(schema).properties.inputs.items.properties.format.enum;
  assert.deepEqual([...named].sort(), [...ACCESS_FORMAT_NAMES, 'haproxy-spoe', 'otlp-json'].sort());
});

test('every name of a schema that a program writes is that of a file here', () => {
  const named = (folder: string, pattern: RegExp) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|json)$/.test(name))
      .flatMap((name) => readFileSync(`${ROOT}${folder}/${name}`, 'utf8').match(pattern) ?? []);
  const written = new Set(named('src', /spoe-logs\/[a-z-]+\/\d+/g));
  const described = new Set(named('docs/schemas', /spoe-logs\/[a-z-]+\/\d+/g));
  // What --save writes is for --load of the same version: nobody else is to read it. That of explain is not described yet.
  for (const name of ['spoe-logs/state/1', 'spoe-logs/explain/1']) written.delete(name);
  assert.ok(written.size >= 6);
  assert.deepEqual(
    [...written].filter((name) => !described.has(name)),
    [],
  );
});

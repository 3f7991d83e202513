/** `spoe-logs sql` as it is typed: definitions, questions, what is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { TABLES } from '../../../src/tables/schema.ts';
import { DUCKDB_ENV, SKIP_CLICKHOUSE, SKIP_DUCKDB, startClickHouse } from '../../engines/engines.ts';
import { spoeLogs } from './one-process.ts';
import { STALL } from './run.ts';

const base = mkdtempSync(path.join(tmpdir(), 'spoe-logs-sql-'));
after(() => rmSync(base, { recursive: true, force: true }));
const FROM = `parquet:${path.join(base, 'parquet')}`;
const WITHOUT_DUCKDB = { PATH: base, SPOE_LOGS_DUCKDB: undefined };

test('--schema clickhouse makes each table, and nothing else than tables, views and its version', async () => {
  const { code, stdout, stderr } = await spoeLogs(['sql', '--schema', 'clickhouse']);
  assert.deepEqual([code, stderr], [0, '']);
  for (const name of Object.keys(TABLES))
    assert.match(stdout, new RegExp(`^CREATE TABLE IF NOT EXISTS ${name}\n`, 'm'));
  const verbs = [...stdout.matchAll(/^(?:CREATE [A-Z ]+|INSERT|ALTER|DROP)/gm)].map(([verb]) => verb.trim());
  assert.deepEqual([...new Set(verbs)], ['CREATE TABLE IF NOT EXISTS', 'CREATE OR REPLACE VIEW', 'INSERT']);
  assert.doesNotMatch(stdout, /ON CLUSTER|Replicated|Distributed|TTL/);
});

test('--cluster cuts events by the host and both sides of a request by its id, and copies the small tables', async () => {
  const { stdout } = await spoeLogs([
    'sql',
    '--schema',
    'clickhouse',
    '--cluster',
    'prod',
    '--keep',
    '30d',
    '--keep-minutes',
    '400d',
  ]);
  const shards = [
    ...stdout.matchAll(/ENGINE = Distributed\('prod', currentDatabase\(\), '(\w+)_local', cityHash64\((\w+)\)\)/g),
  ];
  assert.deepEqual(
    shards.map(([, table, column]) => [table, column]),
    [
      ['spoe_events', 'host'],
      ['spoe_minutes', 'host'],
      ['prod_requests', 'unique_id'],
      ['mirror_answers', 'unique_id'],
      ['prod_answers', 'unique_id'],
      ['spoe_streams', 'host'],
    ],
  );
  assert.match(
    stdout,
    /CREATE TABLE IF NOT EXISTS spoe_loads ON CLUSTER `prod`\n[\s\S]*?ReplicatedReplacingMergeTree\('\/clickhouse\/tables\/all\//,
  );
  assert.match(stdout, /spoe_minutes_local ON CLUSTER `prod`\n[\s\S]*?INTERVAL 400 DAY/);
  assert.match(stdout, /spoe_events_local ON CLUSTER `prod`\n[\s\S]*?INTERVAL 30 DAY/);
});

test('--since-version prints the steps from there: none from this one', async () => {
  const { code, stdout } = await spoeLogs(['sql', '--schema', 'clickhouse', '--since-version', '1']);
  assert.deepEqual([code, stdout], [0, '']);
});

test('--schema duckdb has an empty view of a table without files', async () => {
  const { code, stdout } = await spoeLogs(['sql', '--schema', 'duckdb', '--from', `parquet:${base}/it's [new]`]);
  assert.equal(code, 0);
  for (const name of Object.keys(TABLES))
    assert.match(stdout, new RegExp(`CREATE OR REPLACE VIEW ${name} AS\nSELECT .* WHERE false;`));
});

const REFUSED: readonly (readonly [what: string, args: readonly string[], stderr: RegExp])[] = [
  ['nothing', [], /^spoe-logs: nothing to do \(usage\); write --schema clickhouse, or --from and SQL/],
  ['a question without an engine', ['SELECT 1'], /nothing to do \(usage\)/],
  ['an engine without a question', ['--from', 'parquet:x'], /nothing to do \(usage\)/],
  ['a question beside --schema', ['--schema', 'duckdb', 'SELECT 1'], /--schema is no question/],
  ['--keep without --schema', ['--from', 'parquet:x', '--keep', '30d', 'SELECT 1'], /belong to --schema/],
  ['a cluster of DuckDB', ['--schema', 'duckdb', '--cluster', 'c'], /without a cluster/],
  ['hours', ['--schema', 'clickhouse', '--keep', '5h'], /bad-duration/],
  ['--apply without an engine', ['--schema', 'clickhouse', '--apply'], /--apply needs --from clickhouse/],
  [
    'another engine',
    ['--from', 'postgres://u:secret@x/y', 'SELECT 1'],
    /^spoe-logs: 'postgres:\/\/\*\*\*@x\/y' is no engine \(bad-engine\); write clickhouse:/,
  ],
  ['a password in the address', ['--from', 'clickhouse://u:secret@x/y', 'SELECT 1'], /bad-engine.*CLICKHOUSE_PASSWORD/],
  [
    'a password file that is not there',
    ['--from', 'clickhouse://x/y', '--password-file', '/nope', 'SELECT 1'],
    /cannot read --password-file \/nope: ENOENT/,
  ],
  ['a folder that is not there', ['--from', 'parquet:/nope', 'SELECT 1'], /\/nope: ENOENT \(no-schema\)/],
];

for (const [what, args, expected] of REFUSED) {
  test(`${what} is refused in one line`, async () => {
    const { code, stdout, stderr } = await spoeLogs(['sql', ...args], { env: WITHOUT_DUCKDB });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, expected);
    assert.match(stderr, /^[^\n]+\n$/);
    assert.doesNotMatch(stderr, /secret/);
  });
}

test('without DuckDB one line says how it comes', async () => {
  await spoeLogs(['load', '--to', FROM, STALL]);
  const { code, stdout, stderr } = await spoeLogs(['sql', '--from', FROM, 'SELECT 1'], { env: WITHOUT_DUCKDB });
  assert.deepEqual([code, stdout], [2, '']);
  assert.equal(
    stderr,
    `spoe-logs: DuckDB, which reads ${FROM}, is not installed (engine-missing); npm install @duckdb/node-api beside spoe-logs, or put the program duckdb on PATH\n`,
  );
});

test('a ClickHouse that is not there is waited for only as long as --retry-for says', async () => {
  const { code, stderr } = await spoeLogs([
    'sql',
    '--from',
    'clickhouse://127.0.0.1:1/x',
    '--retry-for',
    '0s',
    'SELECT 1',
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /^spoe-logs: clickhouse:\/\/127\.0\.0\.1:1\/x: .*ECONNREFUSED.* \(engine-unavailable\)/);
});

const HOSTILE = "'a\x1b[31m\u202e,\"b'";
const QUESTION = `SELECT agent, count, status, NULL AS none, ${HOSTILE} AS hostile FROM spoe_summary`;
const ANSWERS = {
  table: 'agent   count  status          none  hostile\nmirror     20  {"0":15,"1":5}  -     a\\x1b[31m\\u202e,"b\n',
  csv: 'agent,count,status,none,hostile\nmirror,20,"{""0"":15,""1"":5}",,"a\\x1b[31m\\u202e,""b"\n',
  json: '{"agent":"mirror","count":20,"status":{"0":15,"1":5},"none":null,"hostile":"a\\u001b[31m\\u202e,\\"b"}\n',
} as const;

describe('rows of an engine', { skip: SKIP_DUCKDB || SKIP_CLICKHOUSE }, () => {
  for (const [format, expected] of Object.entries(ANSWERS)) {
    test(`as ${format} of DuckDB, escaped`, async () => {
      await spoeLogs(['load', '--to', FROM, STALL]);
      const answer = await spoeLogs(['sql', '--from', FROM, '--format', format, QUESTION], { env: DUCKDB_ENV });
      assert.deepEqual(answer, { code: 0, stdout: expected, stderr: '' });
    });
  }

  test('of ClickHouse, whose tables --apply makes, are the same', async () => {
    const { port } = await startClickHouse([], { CLICKHOUSE_USER: 'alice', CLICKHOUSE_PASSWORD: 'secret' });
    const from = `clickhouse://127.0.0.1:${port}/default`;
    const password = path.join(base, 'password');
    writeFileSync(password, 'secret\n');
    const user = ['--user', 'alice', '--password-file', password];
    const applied = await spoeLogs(['sql', '--schema', 'clickhouse', '--from', from, '--apply', ...user]);
    assert.match(applied.stderr, /statements done/);
    assert.equal((await spoeLogs(['load', '--to', from, ...user, STALL])).code, 0);
    for (const [format, expected] of Object.entries(ANSWERS)) {
      const answer = await spoeLogs(['sql', '--from', from, ...user, '--format', format, QUESTION]);
      assert.deepEqual(answer, { code: 0, stdout: expected, stderr: '' });
    }
    const wrong = await spoeLogs(['sql', '--from', from, 'SELECT 1'], { env: { CLICKHOUSE_PASSWORD: 'secr3t' } });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /\(engine-denied\); check --user/);
  });
});

/** `diff --from` when a run is not there, or in part, or the engine stops: one clear line, exit 2, and no report of half the rows. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { SCHEMA_VERSION } from '../../src/tables/schema.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import { DUCKDB_ENV, SKIP_DUCKDB } from './engines.ts';

const servers: Server[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-diff-faults-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const OURS = { 'x-clickhouse-format': 'JSONCompactEachRowWithNamesAndTypes', 'x-clickhouse-query-id': '1' };

type Rows = readonly { readonly [name: string]: string | number }[];
type Answer = Rows | ((response: ServerResponse) => void);

function body(rows: Rows): string {
  const [first = { none: 0 }] = rows;
  const types = Object.values(first).map((value) => (typeof value === 'number' ? 'Float64' : 'String'));
  return [Object.keys(first), types, ...rows.map((row) => Object.values(row))]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** A ClickHouse with one answer a question, by what is in its text; the first one that fits. */
async function serve(answers: { readonly [part: string]: Answer }): Promise<string> {
  const all: { readonly [part: string]: Answer } = { spoe_schema: [{ version: SCHEMA_VERSION }], ...answers };
  const server = createServer(async (request, response) => {
    let sql = '';
    for await (const piece of request) sql += piece;
    const [, answer = []] = Object.entries(all).find(([part]) => sql.includes(part)) ?? [];
    if (typeof answer === 'function') answer(response);
    else response.writeHead(200, OURS).end(body(answer));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `clickhouse://127.0.0.1:${(server.address() as AddressInfo).port}/spoe`;
}

function loaded(role: string, fields: { readonly [name: string]: string | number } = {}) {
  const counts = {
    lines: 2,
    parsed: 2,
    answers: 0,
    cut: 0,
    unparsed: 0,
    notices: 0,
    spoe: 0,
    malformedSpoe: 0,
    overlong: 0,
  };
  return {
    ...{ load_id: `${role}.v2.1`, first_line: 0, state: 'loaded', role, host: 'a', path: `${role}.log`, rows: 2 },
    ...{ details: JSON.stringify({ counts, order: 0 }), loaded_ms: 1, ...fields },
  };
}

const BOTH = [loaded('production'), loaded('mirror')];

async function fails(from: string, words: RegExp, args: readonly string[] = []): Promise<void> {
  const given = ['diff', '--from', from, '--run', 'v2', '--retry-for', '0s', '--format', 'json', ...args];
  const { code, stdout, stderr } = await spoeLogs(given, { env: DUCKDB_ENV });
  assert.deepEqual([code, stdout], [2, ''], stderr);
  assert.match(stderr, words);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
}

describe('a run that cannot be compared', () => {
  test('is not there: a name near to it is', async () => {
    const from = await serve({ 'SELECT load_id': [], 'DISTINCT run': [{ run: 'v1' }, { run: 'other' }] });
    await fails(from, /has no run v2 \(unknown-run\); did you mean v1\?/);
  });

  test('none is there', async () => {
    await fails(await serve({}), /has no run v2 \(unknown-run\); none was loaded/);
  });

  test('has one side', async () => {
    const from = await serve({ 'SELECT load_id': [loaded('production')] });
    await fails(
      from,
      /of v2 nothing of the mirror was loaded \(run-of-one-side\); load it: spoe-logs load --run v2 --mirror FILE/,
    );
  });

  test('is loaded in part', async () => {
    const from = await serve({
      'SELECT load_id': [loaded('production', { state: 'begun', first_line: 70 }), loaded('mirror')],
    });
    await fails(
      from,
      /production\.log is loaded in part: lines from 70 on were begun and not finished \(run-incomplete\)/,
    );
  });

  test('has rows that are gone', async () => {
    await fails(
      await serve({ 'SELECT load_id': BOTH }),
      /of 2 rows of production\.log that were loaded 0 are there \(run-incomplete\)/,
    );
  });

  test('and in parts', async () => {
    const from = await serve({ 'SELECT load_id': BOTH });
    await fails(from, /of 2 rows of production\.log that were loaded 0 are there \(run-incomplete\)/, [
      '--part-rows',
      '1',
    ]);
  });

  test('has tables of another version', async () => {
    await fails(
      await serve({ spoe_schema: [{ version: 99 }] }),
      /its tables are of version 99, not of \d+ \(no-schema\)/,
    );
  });
});

describe('an engine that stops', () => {
  const stops: { readonly [name: string]: readonly [answer: (response: ServerResponse) => void, words: RegExp] } = {
    'answers 500': [(response) => response.writeHead(500).end('out of order'), /out of order.*\(engine-\w+\)/],
    'hangs up in the middle of the rows': [
      (response) => {
        response.writeHead(200, { ...OURS, 'content-length': '9999999' });
        response.write(body([{ part: 0 }]), () => response.destroy());
      },
      /\(engine-\w+\)/,
    ],
    'ends the rows with an exception': [
      (response) =>
        response
          .writeHead(200, OURS)
          .end(`${body([{ part: 0 }])}Code: 241. DB::Exception: Memory limit exceeded (version 26.7.3.1)\n`),
      /Memory limit exceeded.*\(engine-\w+\)/,
    ],
  };
  for (const table of ['prod_requests', 'mirror_answers', 'prod_answers', 'spoe_streams'])
    for (const [name, [answer, words]] of Object.entries(stops))
      test(`${name}, of ${table}`, async () => {
        await fails(await serve({ 'SELECT load_id': BOTH, [`FROM ${table}`]: answer }), words);
      });
});

test('options about logs are none about what was loaded', async () => {
  for (const [args, words] of [
    [['--production', 'x'], /--production is about logs, and --from about what was loaded of them \(usage\)/],
    [['--mirror-noise', 'x'], /--mirror-noise is about logs/],
    [['--follow'], /--follow is about logs/],
  ] as const)
    await fails('parquet:nowhere', words, args);
  const { code, stderr } = await spoeLogs(['diff', '--from', 'parquet:nowhere']);
  assert.deepEqual([code, stderr.includes('--run is missing (usage)')], [2, true]);
});

test('a file of Parquet that is gone is said', { skip: SKIP_DUCKDB }, async () => {
  const from = path.join(folder, 'parquet');
  const files = ['production.log', 'mirror.jsonl'].map((name) => fixture(`diff/3.0.11--broken-orders--${name}`));
  const [production = '', mirror = ''] = files;
  const given = ['--to', `parquet:${from}`, '--run', 'v2', '--tz', 'UTC', '--year', '2026'];
  const load = await spoeLogs(['load', ...given, '--production', production, '--mirror', mirror]);
  assert.equal(load.code, 0, load.stderr);
  const table = path.join(from, 'mirror_answers');
  const [name = ''] = readdirSync(table, { recursive: true, encoding: 'utf8' }).filter((each) =>
    each.endsWith('.parquet'),
  );
  rmSync(path.join(table, name));
  await fails(`parquet:${from}`, /of 320 rows of .*mirror\.jsonl that were loaded 0 are there \(run-incomplete\)/);
});

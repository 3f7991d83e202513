/** What `npm start -- scale` shows, as a program: its numbers belong together, and it leaves nothing behind. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';
import { DUCKDB_ENV, SKIP_DUCKDB } from '../engines/engines.ts';

const SCALE = fileURLToPath(new URL('../../scripts/scale.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function play(env: NodeJS.ProcessEnv) {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const child = new Child(process.execPath, ['--import', 'tsx', SCALE], {
    // What is on PATH could be a DuckDB.
    env: { ...process.env, TMPDIR: temporary, TSX_DISABLE_CACHE: '1', PATH: dirname(process.execPath), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = await child.exit;
  return { code, output: child.stdout, errors: child.stderr, left: readdirSync(temporary) };
}

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, number]) => Number(number));

test('without DuckDB it loads, says how DuckDB is installed, and shows the tables of a cluster', async () => {
  const { code, output, errors, left } = await play({ SPOE_LOGS_DUCKDB: join(folder, 'nowhere') });
  assert.deepEqual([code, errors, left], [0, '', []]);
  assert.match(output, /DuckDB, which reads parquet:spoe, is not installed \(engine-missing\)/);
  assert.match(output, /npm install --prefix \S+ @duckdb\/node-api/);
  const loaded = all(output, /^loaded (\d+) events/gm);
  const [lines] = all(output, /have written (\d+) lines/g);
  // Each event has a request's line beside it; what was loaded again was there.
  assert.equal(2 * loaded.reduce((sum, count) => sum + count, 0), lines);
  assert.deepEqual([loaded.length, loaded.at(-1), all(output, /there before (\d+)/g).at(3)], [4, 0, loaded[0]]);
  assert.match(output, /Distributed\('prod', currentDatabase\(\), 'spoe_events_local', cityHash64\(host\)\)/);
});

test('with DuckDB its questions are answered from what was loaded', { skip: SKIP_DUCKDB }, async () => {
  const { code, output, errors, left } = await play(DUCKDB_ENV);
  assert.deepEqual([code, errors, left], [0, '', []]);
  assert.deepEqual(all(output, /^lb\d +(\d+)/gm), all(output, /^loaded (\d+) events/gm).slice(0, 3));
  assert.match(output, /^\/orders\/\{…\} +\d+ +[1-9]\d+$/m);
});

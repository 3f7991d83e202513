/** `diff --from` of Parquet: byte for byte the report of the logs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { checkSet, loadSet } from './diff-from.ts';
import { diffSets } from './diff-sets.ts';
import { DUCKDB_ENV, SKIP_DUCKDB } from './engines.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-diff-from-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sets = SKIP_DUCKDB ? [] : diffSets(folder);
/** More than any of these has: all in one part. */
const WHOLE = 1_000_000;

describe('Parquet', { skip: SKIP_DUCKDB }, () => {
  const from = `parquet:${path.join(folder, 'parquet')}`;

  for (const set of sets)
    test(set.name, async () => {
      await loadSet(from, set);
      await checkSet(from, set, ['--format', 'json'], [WHOLE, 101]);
      for (const options of set.options ?? []) await checkSet(from, set, ['--format', 'json', ...options], [211]);
    });

  test('--max-requests is of each side of a part', async () => {
    const [set] = sets;
    const compare = async (rows: string) => {
      const args = ['diff', '--from', from, '--run', set?.name ?? '', '--max-requests', '100', '--part-rows', rows];
      return await spoeLogs(args, { env: DUCKDB_ENV });
    };
    assert.equal((await compare('211')).code, 1);
    const whole = await compare(String(WHOLE));
    assert.match(whole.stderr, /more than 100 requests of production \(too-many-requests\)/);
    assert.equal(whole.code, 2);
  });

  for (const format of ['table', 'markdown', 'html', 'junit', 'ndjson'])
    test(`as ${format}`, async () => {
      for (const set of sets.slice(0, 2)) await checkSet(from, set, ['--format', format], [300]);
    });
});

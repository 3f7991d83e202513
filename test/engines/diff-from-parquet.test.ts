/** `diff --from` of Parquet: byte for byte the report of the logs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { checkSet, loadSet } from './diff-from.ts';
import { diffSets } from './diff-sets.ts';
import { SKIP_DUCKDB } from './engines.ts';

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

  for (const format of ['table', 'markdown', 'html', 'junit', 'ndjson'])
    test(`as ${format}`, async () => {
      for (const set of sets.slice(0, 2)) await checkSet(from, set, ['--format', format], [300]);
    });
});

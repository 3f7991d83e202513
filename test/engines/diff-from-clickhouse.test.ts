/** `diff --from` of ClickHouse: byte for byte the report of the logs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import { checkSet, loadSet } from './diff-from.ts';
import { diffSets } from './diff-sets.ts';
import { clientOf, SKIP_CLICKHOUSE, startClickHouse } from './engines.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-diff-from-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sets = SKIP_CLICKHOUSE ? [] : diffSets(folder);
/** More than any of these has: all in one part. */
const WHOLE = 1_000_000;

describe('ClickHouse', { skip: SKIP_CLICKHOUSE }, () => {
  let port = 0;
  const from = (database: string) => `clickhouse://127.0.0.1:${port}/${database}`;
  before(async () => {
    ({ port } = await startClickHouse());
    for (const statement of clickhouseSchema({ keepDays: 100_000 })) await clientOf(port).run(statement);
  });

  for (const set of sets)
    test(set.name, async () => {
      await loadSet(from('default'), set);
      await checkSet(from('default'), set, ['--format', 'json'], [WHOLE, 211]);
      for (const options of set.options ?? [])
        await checkSet(from('default'), set, ['--format', 'json', ...options], [211]);
    });

  for (const format of ['table', 'markdown', 'html', 'junit', 'ndjson'])
    test(`as ${format}`, async () => {
      for (const set of sets.slice(0, 2)) await checkSet(from('default'), set, ['--format', format], [300]);
    });
});

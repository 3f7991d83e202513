/** `diff --from` of rows that are cut over three databases by their ids, as a cluster has them: the report is that of the logs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import { TABLES } from '../../src/tables/schema.ts';
import { checkSet, loadSet } from './diff-from.ts';
import { diffSets } from './diff-sets.ts';
import { clientOf, SKIP_CLICKHOUSE, startClickHouse } from './engines.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-diff-from-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sets = SKIP_CLICKHOUSE
  ? []
  : diffSets(folder).filter(({ name }) => ['separate', 'destinations', 'key-trace'].includes(name));
describe('three databases', { skip: SKIP_CLICKHOUSE }, () => {
  let port = 0;
  const from = (database: string) => `clickhouse://127.0.0.1:${port}/${database}`;
  const run = async (statements: readonly string[]) => {
    for (const statement of statements) await clientOf(port).run(statement);
  };
  before(async () => {
    ({ port } = await startClickHouse());
    await run(clickhouseSchema({ keepDays: 100_000 }));
  });

  test('are one to who asks', async () => {
    for (const set of sets) await loadSet(from('default'), set);
    const shards = ['shard0', 'shard1', 'shard2'];
    await run(['CREATE DATABASE IF NOT EXISTS cut', ...shards.map((name) => `CREATE DATABASE IF NOT EXISTS ${name}`)]);
    for (const { name, shardBy } of Object.values(TABLES) as { name: string; shardBy?: string }[]) {
      await run(
        shards.flatMap((shard, i) => [
          `CREATE TABLE ${shard}.${name} AS default.${name}`,
          `INSERT INTO ${shard}.${name} SELECT * FROM default.${name} WHERE ${shardBy === undefined ? `${i} = 0` : `cityHash64(${shardBy}) % 3 = ${i}`}`,
        ]),
      );
      await run([`CREATE TABLE cut.${name} AS default.${name} ENGINE = Merge(REGEXP('^shard[012]$'), '^${name}$')`]);
    }
    for (const set of sets) await checkSet(from('cut'), set, ['--format', 'json'], [211]);
  });
});

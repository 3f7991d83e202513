/** ClickHouse itself: its tables, tokens, users, and what becomes of rows when it is killed in between. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ClickHouse } from '../../src/engines/clickhouse.ts';
import { clickhouseMigration, clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import { openClickHouseTarget, readSchemaVersion } from '../../src/engines/clickhouse-target.ts';
import { readObjects } from '../../src/engines/engine.ts';
import type { EngineError } from '../../src/engines/errors.ts';
import { RowWriter } from '../../src/tables/row-writer.ts';
import { TABLES } from '../../src/tables/schema.ts';
import type { TablePart } from '../../src/tables/target.ts';
import { reservePort } from '../ports.ts';
import { clientOf, locationOf, patientClock, SKIP_CLICKHOUSE, startClickHouse } from './engines.ts';

const base = mkdtempSync(path.join(tmpdir(), 'spoe-logs-clickhouse-'));
after(() => rmSync(base, { recursive: true, force: true }));

function partOf(token: string, times: readonly number[]): TablePart {
  const writer = new RowWriter();
  for (const time of times) writer.record(TABLES.spoe_events.columns, { time, host: 'lb1', agent: 'mirror', times: 1 });
  return { table: 'spoe_events', token, partition: { dt: '2026-11-22', host: 'lb1' }, body: writer.toBatch() };
}

const NOON = Date.UTC(2026, 10, 22, 12);

describe('ClickHouse', { skip: SKIP_CLICKHOUSE }, () => {
  let port = 0;
  let engine: ClickHouse;
  before(async () => {
    ({ port } = await startClickHouse());
    engine = clientOf(port);
  });
  after(() => engine?.close());
  const count = async () => (await readObjects(engine, 'SELECT count() AS n FROM spoe_events'))[0]?.n;
  const openTarget = () => openClickHouseTarget({ location: locationOf(port), retryForMs: 0, clock: patientClock() });

  test('without tables says how they are made', async () => {
    await assert.rejects(
      openTarget(),
      (error: EngineError) => error.code === 'no-schema' && /sql --schema clickhouse/.test(error.hint ?? ''),
    );
  });

  test('takes the tables, and takes them again', async () => {
    for (const _ of [1, 2]) for (const statement of clickhouseSchema({ keepDays: 36_500 })) await engine.run(statement);
    assert.equal(await readSchemaVersion(engine), 1);
    const [versions] = await readObjects(engine, 'SELECT count() AS n FROM spoe_schema');
    assert.equal(versions?.n, 1);
  });

  test('understands those of a cluster, and a name of one that is no name', async () => {
    for (const cluster of ['prod', "x`'; DROP TABLE t --\\"]) {
      for (const statement of clickhouseSchema({ cluster, keepDays: 30, keepMinutesDays: 400 })) {
        const [row] = await readObjects(engine, 'SELECT formatQuery({statement:String}) AS text', { statement });
        assert.ok(typeof row?.text === 'string');
      }
    }
  });

  test('takes the rows of a token once, and what a view makes of them', async () => {
    const target = await openTarget();
    for (const _ of [1, 2, 3]) await target.write(partOf('a', [NOON, NOON + 86_400_000]));
    await target.write(partOf('b', [NOON]));
    await target.close();
    assert.equal(await count(), 3);
  });

  test('takes a part of any number of rows as one block', async () => {
    await engine.run('CREATE TABLE many (n UInt32) ENGINE = MergeTree ORDER BY n');
    const body = [Buffer.from(new Uint32Array(1_200_000).buffer)];
    await engine.insert({ table: 'many', columns: ['n'], body, token: 'many' });
    const [parts] = await readObjects(
      engine,
      "SELECT max(max_block_number) AS last, sum(rows) AS n FROM system.parts WHERE table = 'many' AND active",
    );
    assert.deepEqual(parts, { last: 1, n: 1_200_000 });
  });

  test('drops what is older than it is to keep, and neither rows without a time nor of a far future', async () => {
    const target = await openTarget();
    const tables = clickhouseSchema({ keepDays: 30 }).filter((statement) =>
      statement.startsWith('CREATE TABLE IF NOT EXISTS spoe_events\n'),
    );
    assert.equal(tables.length, 1);
    await engine.run('DROP TABLE spoe_events');
    await engine.run(tables[0] as string);
    const years = [2001, 2199].map((year) => Date.UTC(year, 1, 1));
    await target.write(partOf('c', [0, ...years, Date.now()]));
    await engine.run('OPTIMIZE TABLE spoe_events FINAL');
    const rows = await readObjects(engine, 'SELECT toYear(time) AS year FROM spoe_events ORDER BY time');
    assert.deepEqual(
      rows.map(({ year }) => year).filter((year) => year !== new Date().getUTCFullYear()),
      [1970, 2199],
    );
    await target.close();
  });

  test('keeps the latest row of spoe_loads, also under one token', async () => {
    const target = await openTarget();
    for (const [version, state] of [
      [1, 'begun'],
      [2, 'loaded'],
    ] as const) {
      const writer = new RowWriter();
      writer.record(TABLES.spoe_loads.columns, { load_id: "e-'1", first_line: 5, version, state });
      await target.write({
        table: 'spoe_loads',
        token: 'same',
        partition: { dt: '', host: '' },
        body: writer.toBatch(),
      });
    }
    assert.deepEqual(
      (await target.loaded("e-'")).map(({ version, state }) => [version, state]),
      [[2, 'loaded']],
    );
    assert.deepEqual(await target.loaded('e-%'), []);
    await target.close();
  });

  test('refuses what is no question', async () => {
    await assert.rejects(
      readObjects(engine, 'DROP TABLE spoe_events'),
      (error: EngineError) => error.code === 'engine-denied',
    );
  });

  test('gives values of all kinds', async () => {
    const sql =
      'SELECT 18446744073709551615 AS big, [1, 2]::Array(UInt64) AS list, map(1::UInt32, 2::UInt64) AS map, nan AS none, NULL AS absent, {p:String} AS text';
    const text = "a'\\\n\tb`{x}";
    assert.deepEqual(await readObjects(engine, sql, { p: text }), [
      { big: 18446744073709551615n, list: [1, 2], map: { '1': 2 }, none: Number.NaN, absent: null, text },
    ]);
  });

  test('is changed by the steps from an older version, once each', async () => {
    const steps = [2, 3].map((version) => ({
      version,
      statements: () => [`ALTER TABLE spoe_events ADD COLUMN IF NOT EXISTS extra${version} UInt8`],
    }));
    for (const _ of [1, 2]) for (const statement of clickhouseMigration(1, {}, steps)) await engine.run(statement);
    assert.equal(await readSchemaVersion(engine), 3);
    assert.deepEqual(clickhouseMigration(3, {}, steps), []);
    await assert.rejects(
      openTarget(),
      (error: EngineError) => error.code === 'no-schema' && /of version 3, not of 1/.test(error.message),
    );
  });
});

describe('a ClickHouse with a password', { skip: SKIP_CLICKHOUSE }, () => {
  test('is asked with it, and a wrong one is refused at once without being shown', async () => {
    const { port } = await startClickHouse([], { CLICKHOUSE_USER: 'alice', CLICKHOUSE_PASSWORD: 'pässword:1' });
    const right = clientOf(port, { user: 'alice', password: 'pässword:1' });
    assert.deepEqual(await readObjects(right, 'SELECT 1 AS n'), [{ n: 1 }]);
    const wrong = clientOf(port, { user: 'alice', password: 'wr0ng', retryForMs: 60_000 });
    await assert.rejects(
      readObjects(wrong, 'SELECT 1'),
      (error: EngineError) => error.code === 'engine-denied' && !error.message.includes('wr0ng'),
    );
    await Promise.all([right.close(), wrong.close()]);
  });
});

describe('a ClickHouse that is killed', { skip: SKIP_CLICKHOUSE }, () => {
  test('and started again has each row once', async () => {
    const port = await reservePort();
    const args = [String(port), path.join(base, 'data')];
    let { server } = await startClickHouse(args);
    const engine = clientOf(port);
    for (const statement of clickhouseSchema()) await engine.run(statement);
    // Its waits are the restart of the server: what was sent is sent again until it is there.
    const sleep = async () => {
      ({ server } = await startClickHouse(args));
    };
    const clock = { ...patientClock(), sleep };
    const target = await openClickHouseTarget({ location: locationOf(port), retryForMs: 60_000, clock });
    await target.write(partOf('before', [NOON]));
    for (const token of ['one', 'two']) {
      server.child.kill('SIGKILL');
      await server.exit;
      assert.deepEqual(await target.write(partOf(token, [NOON + 1, NOON + 2])), { retries: 1 });
    }
    // An answer that never came: the same part is written once more.
    await target.write(partOf('two', [NOON + 1, NOON + 2]));
    await target.write(partOf('before', [NOON]));
    assert.deepEqual(await readObjects(engine, 'SELECT count() AS n FROM spoe_events'), [{ n: 5 }]);
    await Promise.all([target.close(), engine.close()]);
  });
});

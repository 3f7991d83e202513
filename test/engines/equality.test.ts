/** The views of ClickHouse and of DuckDB, as package and as program, and the report of summarize: the same numbers of the same logs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ClickHouse } from '../../src/engines/clickhouse.ts';
import { clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import { openClickHouseTarget } from '../../src/engines/clickhouse-target.ts';
import { openDuckDb } from '../../src/engines/duckdb.ts';
import { type Engine, type EngineObject, readObjects } from '../../src/engines/engine.ts';
import { openParquetTarget } from '../../src/engines/parquet.ts';
import type { RowTarget } from '../../src/tables/target.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import { loadEvents } from '../tables/loading.ts';
import {
  clientOf,
  DUCKDB_ENV,
  locationOf,
  patientClock,
  SKIP_CLICKHOUSE,
  SKIP_DUCKDB,
  startClickHouse,
} from './engines.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-equality-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Events of several hosts, agents and minutes, some repeated by syslog, with times where buckets are wider than a millisecond. */
function generatedLog(): string {
  const lines: string[] = [];
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let i = 0; i < 3000; i++) {
    const clock = `Nov 22 0${1 + Math.floor(i / 1200)}:${String(Math.floor(i / 20) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`;
    const [host, agent] = [`lb${random(3)}`, `agent${random(2)}`];
    const pT = random(4) === 0 ? random(200_000) : random(40);
    const head = `${clock} ${host} haproxy[${100 + random(2)}]: `;
    lines.push(
      `${head}SPOE: [${agent}] <EVENT:on-frontend-http-request> sid=${i} st=${random(50) === 0 ? 256 : 0} ${pT} 0/${i}`,
    );
    if (random(40) === 0)
      lines.push(
        `${head}message repeated 3 times: [SPOE: [${agent}] <GROUP:g> sid=${i} st=0 1/-1/-1/0/${pT} 1/1 0/0 0/${i}]`,
      );
  }
  return `${lines.join('\n')}\n`;
}

const generated = path.join(folder, 'generated.log');
writeFileSync(generated, generatedLog());
const LOGS = [...['demo/2.6.12--stall-some.log', 'demo/2.6.12--ok-load--first-1203-lines.log'].map(fixture), generated];

const parquet = { engine: 'parquet', folder: path.join(folder, 'parquet'), shown: 'parquet' } as const;
const engines: { [name: string]: Engine } = {};
after(async () => {
  for (const engine of Object.values(engines)) await engine.close();
});

/** The rows are there once. */
async function loadTwice(target: RowTarget): Promise<void> {
  for (const already of [false, true]) {
    const { counts, problems, fault } = await loadEvents(target, LOGS);
    assert.deepEqual([problems, fault, counts.loaded > 0], [[], undefined, !already]);
  }
}

async function openClickHouse(): Promise<ClickHouse> {
  const { port } = await startClickHouse();
  const engine = clientOf(port);
  for (const statement of clickhouseSchema({ keepDays: 100_000 })) await engine.run(statement);
  const target = await openClickHouseTarget({ location: locationOf(port), retryForMs: 0, clock: patientClock() });
  await loadTwice(target);
  await target.close();
  return engine;
}

async function openParquet(): Promise<Engine> {
  const target = await openParquetTarget(parquet);
  await loadTwice(target);
  await target.close();
  return await openDuckDb({ location: parquet, env: DUCKDB_ENV });
}

/** What summarize says of agent and event, in the words of the views. */
async function summarized(): Promise<EngineObject[]> {
  const { stdout } = await spoeLogs([
    'summarize',
    '--format',
    'json',
    '--by',
    'agent,event',
    '--tz',
    'UTC',
    '--year',
    '2026',
    ...LOGS,
  ]);
  const { groups } = JSON.parse(stdout);
  return groups.map((group: SummaryGroup) => ({
    agent: group.key.agent,
    event: group.key.name,
    count: group.count,
    errors: group.errors,
    status: Object.fromEntries(group.status.map(({ st, count }) => [String(st), count])),
    ...Object.fromEntries(
      ['pT', 'reqT', 'qT', 'wT', 'resT'].flatMap((timer) =>
        ['min', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'].map((word) => [
          `${timer}_${word}`,
          group.timers[timer]?.[word] ?? null,
        ]),
      ),
    ),
  }));
}

interface SummaryGroup {
  readonly key: { readonly agent: string; readonly name: string };
  readonly count: number;
  readonly errors: number;
  readonly status: readonly { readonly st: number; readonly count: number }[];
  readonly timers: { readonly [timer: string]: { readonly [word: string]: number } | undefined };
}

const skip = SKIP_CLICKHOUSE || SKIP_DUCKDB;

describe('ClickHouse, DuckDB and summarize agree', { skip }, () => {
  before(async () => {
    engines.clickhouse = await openClickHouse();
    engines.duckdb = await openParquet();
  });

  for (const view of ['spoe_summary', 'spoe_summary_by_host', 'spoe_per_minute', 'spoe_summary_of_minutes']) {
    test(`${view}, column by column`, async () => {
      const [clickhouse, duckdb] = await Promise.all(
        [engines.clickhouse, engines.duckdb].map(async (engine) => {
          const rows = await readObjects(engine as Engine, `SELECT * FROM ${view}`);
          return rows.map((row) => JSON.stringify(row)).sort();
        }),
      );
      assert.ok((clickhouse?.length ?? 0) > 0);
      // A minute of ClickHouse is a DateTime.
      assert.deepEqual(
        clickhouse?.map((row) => row.replace(/("minute":"[^"]{19})"/, '$1.000"')),
        duckdb,
      );
    });
  }

  test('with summarize', async () => {
    const sorted = (rows: readonly EngineObject[]) => rows.map((row) => JSON.stringify(row)).sort();
    const expected = await summarized();
    const names = Object.keys(expected[0] ?? {});
    for (const engine of Object.values(engines)) {
      const rows = await readObjects(engine, 'SELECT * FROM spoe_summary');
      const found = rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])));
      assert.deepEqual(sorted(found), sorted(expected), engine.dialect);
    }
  });

  test('and minutes with the events', async () => {
    for (const engine of Object.values(engines)) {
      const columns =
        'agent, type, event, count, errors, pT_min, pT_mean, pT_p50, pT_p90, pT_p95, pT_p99, pT_p999, pT_max';
      const [events, minutes] = await Promise.all(
        ['spoe_summary', 'spoe_summary_of_minutes'].map((view) =>
          readObjects(engine, `SELECT ${columns} FROM ${view} ORDER BY agent, type, event`),
        ),
      );
      assert.deepEqual(minutes, events, engine.dialect);
    }
  });
});

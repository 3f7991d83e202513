/** `summarize --from` of counts of minutes: what engines add up, and how many rows of it they send. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import type { Engine, EngineRow } from '../../src/engines/engine.ts';
import { parseLocation } from '../../src/engines/location.ts';
import { openEngine } from '../../src/engines/open-engine.ts';
import { StoredEvents } from '../../src/engines/stored-events.ts';
import { addMinutes } from '../../src/programs/spoe-logs/from-minutes.ts';
import { type AggregateOptions, Aggregator } from '../../src/stats/aggregator.ts';
import { MAX_GROUPS } from '../../src/stats/grouping.ts';
import { MAX_WINDOWS } from '../../src/stats/series.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import {
  clientOf,
  DUCKDB_ENV,
  DUCKDB_PROGRAM_ENV,
  locationOf,
  patientClock,
  SKIP_CLICKHOUSE,
  SKIP_DUCKDB,
  SKIP_DUCKDB_PROGRAM,
  startClickHouse,
} from './engines.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-minutes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const READING = ['--tz', 'UTC', '--year', '2026'];
const HOSTS = 12;
const MINUTES = 30;
let port = 0;
let places = 0;

before(async () => {
  if (!SKIP_CLICKHOUSE) ({ port } = await startClickHouse());
});

async function newDatabase(): Promise<string> {
  const name = `m${++places}`;
  await clientOf(port).run(`CREATE DATABASE ${name}`);
  const client = clientOf(port, { location: locationOf(port, name) });
  for (const statement of clickhouseSchema()) await client.run(statement);
  return `clickhouse://127.0.0.1:${port}/${name}`;
}

const newFolder = async () => `parquet:${path.join(folder, `p${++places}`)}`;

const ENGINES = [
  ['DuckDB', SKIP_DUCKDB, newFolder, DUCKDB_ENV],
  ['the program duckdb', SKIP_DUCKDB_PROGRAM, newFolder, DUCKDB_PROGRAM_ENV],
  ['ClickHouse', SKIP_CLICKHOUSE, newDatabase, {}],
] as const;

const two = (value: number) => String(value).padStart(2, '0');

function lineOf(minute: number, host: string, event: string, st: number, pT: number, number: number): string {
  const time = `Nov ${22 + Math.floor(minute / 1440)} ${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}:${two(number % 60)}`;
  return `${time} ${host} haproxy[7]: SPOE: ${event} sid=${number} st=${st} ${pT} 0/${number}`;
}

/** Some hosts, agents and names, with times in each part of a histogram, and one host that fails alone. */
function fleetLog(): string {
  const lines: string[] = [];
  let state = 11;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let minute = 0; minute < MINUTES; minute++)
    for (let i = 0; i < 60; i++) {
      const host = random(HOSTS);
      const st = host === 3 ? 1 : random(20) === 0 ? 256 + random(3) : 0;
      const pT = random(30) === 0 ? -1 : random(4) === 0 ? 500 + random(9000) : random(40);
      const event = ['[mirror] <EVENT:on-frontend-http-request>', '[mirror] <GROUP:g>', '[waf] <GROUP:g>'][random(3)];
      lines.push(lineOf(minute, `lb${host}`, event as string, st, pT, minute * 60 + i));
    }
  return `${lines.join('\n')}\n`;
}

/** New hosts each minute: more than there are groups, and not in the order of their names. */
function manyHostsLog(): string {
  const lines: string[] = [];
  for (let i = 0; i < MAX_GROUPS + 40; i++) {
    const host = `h${String(999 - (i - (i % 10)) + (i % 10)).padStart(4, '0')}`;
    lines.push(lineOf(Math.floor(i / 10), host, '[mirror] <GROUP:g>', 0, i % 7, i));
  }
  return `${lines.join('\n')}\n`;
}

/** More minutes than there are windows. */
function manyMinutesLog(): string {
  const minutes = Array.from({ length: MAX_WINDOWS + 30 }, (_, minute) => minute);
  return `${minutes.map((minute) => lineOf(minute, 'lb', '[mirror] <GROUP:g>', minute % 5 === 0 ? 1 : 0, minute, minute)).join('\n')}\n`;
}

const logs = { fleet: fleetLog(), manyHosts: manyHostsLog(), manyMinutes: manyMinutesLog() };
const fileOf = (name: keyof typeof logs) => path.join(folder, `${name}.log`);
for (const name of Object.keys(logs) as (keyof typeof logs)[]) writeFileSync(fileOf(name), logs[name]);

const BOUNDS = ['groups-overflow', 'windows-overflow', 'sources-overflow'];

/** What both know, of a report of events and of one of counts. */
async function read(args: readonly string[], env: { readonly [name: string]: string | undefined } = {}) {
  const { stdout, stderr } = await spoeLogs(['summarize', '--format', 'json', ...READING, ...args], { env });
  assert.notEqual(stdout, '', stderr);
  const { total, groups, series, notices } = JSON.parse(stdout);
  const known = ({ count, errors, errorRate, status, timers }: ReturnType<typeof JSON.parse>) => ({
    ...{ count, errors, errorRate, pT: timers.pT },
    status: status.map(({ st, count: times }: { st: number; count: number }) => [st, times]),
  });
  return {
    ...{ total: known(total), series },
    groups: groups.map((group: { key: unknown }) => ({ key: group.key, ...known(group) })),
    overflows: notices.map(({ code }: { code: string }) => code).filter((code: string) => BOUNDS.includes(code)),
  };
}

const OPTIONS = [
  [],
  ['--by', 'agent'],
  ['--by', 'host'],
  ['--by', 'agent,host', '--window', '1m'],
  ['--by', 'event', '--window', '5m'],
  ['--window', '7m', '--since', '2026-11-22T00:05:00Z', '--until', '2026-11-22T00:20:00Z'],
  ['--host', 'lb1,lb3', '--window', '1m'],
  ['--agent', 'waf', '--by', 'agent,event,host'],
];

for (const [name, skip, newPlace, env] of ENGINES)
  describe(`${name}: counts of minutes`, { skip }, () => {
    const load = async (log: keyof typeof logs) => {
      const to = await newPlace();
      // Small parts, which cut minutes.
      const args = ['load', '--to', to, '--minutes-only', '--batch-rows', '170', ...READING, fileOf(log)];
      const { code, stderr } = await spoeLogs(args);
      assert.equal(code, 0, stderr);
      return to;
    };

    test('say of each option what the events do', async () => {
      const from = await load('fleet');
      for (const options of OPTIONS)
        assert.deepEqual(
          await read([...options, '--from', from], env),
          await read([...options, fileOf('fleet')]),
          options.join(' '),
        );
    });

    test('are told apart in the order of time, up to the same bounds', async () => {
      const ofHosts = ['--by', 'host'];
      const hosts = await read([...ofHosts, '--from', await load('manyHosts')], env);
      assert.deepEqual(hosts, await read([...ofHosts, fileOf('manyHosts')]));
      assert.deepEqual([hosts.groups.length, hosts.overflows], [MAX_GROUPS + 1, ['groups-overflow']]);
      const ofWindows = ['--window', '1m'];
      const minutes = await read([...ofWindows, '--from', await load('manyMinutes')], env);
      assert.deepEqual(minutes, await read([...ofWindows, fileOf('manyMinutes')]));
      assert.deepEqual([minutes.series.length, minutes.overflows], [MAX_WINDOWS + 1, ['windows-overflow']]);
    });

    test('are none where an answer ends behind a row', async () => {
      const access = { retryForMs: 0, env, clock: patientClock() };
      const engine = await openEngine(parseLocation(await load('fleet')), access);
      for (const windowMs of [undefined, 600_000]) {
        const options = { by: ['agent'] as const, ...(windowMs && { windowMs }) };
        const add = async (most?: number) => {
          const counted = new CountedRows(engine, most);
          await addMinutes(new StoredEvents(counted), new Aggregator(options), { ...options, filter: {} });
          return counted.rows;
        };
        const all = await add();
        for (const most of [0, 2, all - 1])
          await assert.rejects(add(most), /the answer stops in the middle/, `${most} of ${all}`);
      }
      await engine.close();
    });

    // ClickHouse has no files that could come in between.
    if (name !== 'ClickHouse')
      test('are those of one moment, while others load', async () => {
        const from = await load('fleet');
        const engine = await openEngine(parseLocation(from), { retryForMs: 0, env, clock: patientClock() });
        const stored = new StoredEvents(engine);
        assert.equal((await stored.windows({ areUnnamedOfHost: true }, 60_000, 100)).length, MINUTES);
        const files = path.join(from.replace('parquet:', ''), 'spoe_minutes');
        for (const entry of readdirSync(files, { recursive: true, withFileTypes: true }))
          if (entry.isFile()) {
            const file = path.join(entry.parentPath, entry.name);
            copyFileSync(file, `${file}.again[1].parquet`);
          }
        const countOf = async (asked: StoredEvents) => {
          for await (const { count } of asked.minutes({ areUnnamedOfHost: true }, { by: [] })) return count;
          return 0;
        };
        const events = logs.fleet.trim().split('\n').length;
        assert.equal(await countOf(stored), events);
        assert.equal(await countOf(new StoredEvents(engine)), 2 * events);
        await engine.close();
      });

    test('come in as many rows as the answer has, however many hosts and minutes there are', async () => {
      const rowsOf = async (log: keyof typeof logs, options: Pick<AggregateOptions, 'by' | 'windowMs'>) => {
        const access = { retryForMs: 0, env, clock: patientClock() };
        const engine = await openEngine(parseLocation(await load(log)), access);
        const counted = new CountedRows(engine);
        await addMinutes(new StoredEvents(counted), new Aggregator(options), { ...options, filter: {} });
        await engine.close();
        return counted.rows;
      };
      // Groups, a row of few numbers for each host and agent, and the end.
      assert.equal(await rowsOf('fleet', { by: ['agent', 'event'] }), 3 + 2 * HOSTS + 1);
      assert.equal(await rowsOf('fleet', { by: ['agent'] }), 2 + 2 * HOSTS + 1);
      assert.equal(await rowsOf('fleet', { by: ['host'] }), HOSTS + 2 * HOSTS + 1);
      // Windows, once where they begin, and once all of them.
      assert.equal(await rowsOf('fleet', { by: ['host'], windowMs: 60_000 }), 3 * HOSTS + 2 * MINUTES + 2);
      assert.equal(await rowsOf('manyMinutes', { by: ['event'], windowMs: 60_000 }), 2 + 2 * (MAX_WINDOWS + 1) + 2);
    });
  });

class CountedRows implements Engine {
  readonly dialect: Engine['dialect'];
  readonly shown: string;
  readonly #engine: Engine;
  readonly #most: number;
  rows = 0;

  /** @param most rows that are given, of all questions together */
  constructor(engine: Engine, most = Number.POSITIVE_INFINITY) {
    this.#engine = engine;
    this.#most = most;
    this.dialect = engine.dialect;
    this.shown = engine.shown;
  }

  async query(...[sql, parameters]: Parameters<Engine['query']>) {
    const { columns, rows } = await this.#engine.query(sql, parameters);
    return { columns, rows: this.#count(rows) };
  }

  async *#count(rows: AsyncIterable<EngineRow>): AsyncGenerator<EngineRow, void> {
    for await (const row of rows) {
      if (this.rows === this.#most) continue;
      this.rows++;
      yield row;
    }
  }

  blocks: Engine['blocks'] = (...asked) => this.#engine.blocks(...asked);
  run: Engine['run'] = (...asked) => this.#engine.run(...asked);
  close: Engine['close'] = () => this.#engine.close();
}

/** `summarize --from` gives the report of `summarize FILES`, byte by byte: of ClickHouse, of DuckDB, and of three shards. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ClickHouse } from '../../src/engines/clickhouse.ts';
import { clickhouseSchema } from '../../src/engines/clickhouse-schema.ts';
import { readObjects } from '../../src/engines/engine.ts';
import { EVENT_COLUMNS } from '../../src/engines/stored-events.ts';
import type { FilterOptions } from '../../src/programs/spoe-logs/filter-options.ts';
import { readFrom } from '../../src/programs/spoe-logs/summarize-from.ts';
import { summarize as summarizeCounts } from '../../src/stats/summary.ts';
import { TABLES } from '../../src/tables/schema.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { fixture } from '../programs/spoe-logs/run.ts';
import {
  type ClickHouseServer,
  clientOf,
  DUCKDB_ENV,
  locationOf,
  patientClock,
  SKIP_CLICKHOUSE,
  SKIP_DUCKDB,
  startClickHouse,
} from './engines.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'spoe-logs-from-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const READING = ['--tz', 'UTC', '--year', '2026'];
const env = { SPOE_LOGS_DUCKDB: DUCKDB_ENV.SPOE_LOGS_DUCKDB ?? '' };
let clickhouse: ClickHouseServer | undefined;
let databases = 0;

function fileOf(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** A client of a database with the tables. */
async function newDatabase(): Promise<{
  readonly client: ClickHouse;
  readonly location: string;
  readonly name: string;
}> {
  const { port } = clickhouse as ClickHouseServer;
  const name = `d${++databases}`;
  await clientOf(port).run(`CREATE DATABASE ${name}`);
  const client = clientOf(port, { location: locationOf(port, name) });
  for (const statement of clickhouseSchema()) await client.run(statement);
  return { client, location: `clickhouse://127.0.0.1:${port}/${name}`, name };
}

const ENGINES = [
  ['DuckDB', SKIP_DUCKDB, async () => `parquet:${path.join(folder, `p${++databases}`)}`],
  ['ClickHouse', SKIP_CLICKHOUSE, async () => (await newDatabase()).location],
] as const;

async function load(to: string, files: readonly string[], more: readonly string[] = []): Promise<void> {
  const { code, stderr } = await spoeLogs(['load', '--to', to, ...READING, ...more, ...files]);
  assert.equal(code, 0, stderr);
}

async function summarize(args: readonly string[]) {
  const { code, stdout, stderr } = await spoeLogs(['summarize', ...READING, ...args], { env });
  return { code, stdout, stderr };
}

/** The outputs of both, and the exit codes. */
async function assertEqual(from: string, files: readonly string[], options: readonly string[]): Promise<void> {
  const [ofFiles, ofTables] = [await summarize([...options, ...files]), await summarize([...options, '--from', from])];
  const { stderr, ...expected } = ofFiles;
  assert.ok(expected.stdout.length > 100, stderr);
  assert.deepEqual({ ...ofTables, stderr }, ofFiles, `${options.join(' ')} ${files.join(' ')}: ${ofTables.stderr}`);
}

/** The lines of some hosts and processes, with all that logs do. @param seed another one, other lines */
function trapLog(seed: number, hosts: readonly string[]): string {
  const lines: string[] = [];
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const processed = hosts.map(() => 0);
  const two = (value: number) => String(value).padStart(2, '0');
  for (let i = 0; i < 1500; i++) {
    // Threads log out of order, and once the clock is set back.
    const second = Math.floor(i / 5) + (random(9) === 0 ? -1 : 0) - (i > 900 && i < 930 ? 40 : 0) + 60;
    const clock = `Nov 22 0${5 + Math.floor(second / 3600)}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
    const which = random(hosts.length);
    // The process begins anew, with another pid or the same one.
    if (i === 700 || i === 1100) processed.fill(0);
    const host = hosts[which];
    const head = `${clock} ${host === '' ? '' : `${host} `}haproxy[${100 + which + (i > 700 ? 50 : 0)}]: `;
    // One of them stops while others go on.
    if (which === 1 && i > 1200) continue;
    const st = i > 400 && i < 440 ? 1 : random(60) === 0 ? 256 + random(3) : 0;
    const pT = random(20) === 0 ? random(5000) : random(30);
    const agent = random(5) === 0 ? 'waf' : 'mirror';
    const counters = `${random(2)}/${processed[which]}`;
    processed[which] = (processed[which] ?? 0) + 1;
    const line =
      random(3) === 0
        ? `SPOE: [${agent}] <GROUP:g> sid=${i} st=${st} 0/-1/-1/0/${pT} ${random(5)}/${5 + random(3)} ${random(4)}/0 ${counters}`
        : `SPOE: [${agent}] <EVENT:on-frontend-http-request> sid=${i} st=${st} ${pT} ${counters}`;
    lines.push(head + line);
    if (random(12) === 0) lines.push(head + line);
    if (random(50) === 0) lines.push(`${head}message repeated 3 times: [${line}]`);
    if (random(80) === 0) lines.push(`${head}${line.slice(0, 40)}`);
    if (random(90) === 0)
      lines.push(
        `${head}10.0.0.1:1 [22/Nov/2026:05:00:00.000] fe be/s1 0/0/0/1/1 200 1 - - ---- 1/1/0/0/0 0/0 {${line}} "GET / HTTP/1.1"`,
      );
    if (random(200) === 0) lines.push(`${head}SPOE: [${agent}] failed to process`);
    if (random(300) === 0)
      lines.push(`${head}Server agents/a1 is DOWN, reason: Layer4 timeout, 0 active and 0 backup servers left.`);
    lines.push(
      `${head}10.0.0.1:1 [22/Nov/2026:05:00:00.000] fe be/s1 0/0/0/1/1 200 1 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const traps = [
  fileOf('traps-1.log', trapLog(1, ['lb1', 'lb2', 'lb3'])),
  fileOf('traps-2.log', trapLog(2, ['lb1', 'lb4', 'a,b%2C'])),
];
// Two targets of one log, and lines that name no host.
const twice = fileOf('twice.log', readFileSync(traps[0] as string, 'utf8'));
const hostless = fileOf('hostless.log', trapLog(3, ['', '']));
const demo = ['demo/2.6.12--stall-some.log', 'demo/2.6.12--ok-load--first-1203-lines.log'].map(fixture);

/** Logs of a folder of fixtures whose last line has an end: what has none is left for another time. */
function logsOf(name: string): string[] {
  return readdirSync(fixture(name))
    .filter((file) => file.endsWith('.log'))
    .map((file) => path.join(fixture(name), file))
    .filter((file) => readFileSync(file).at(-1) === 10);
}
const timed = logsOf('logs/formats').filter((file) => !/raw|short|priority/.test(file));

const OPTIONS = [
  ['--format', 'json'],
  ['--format', 'json', '--by', 'agent,event,host,pid,st'],
  ['--format', 'json', '--window', '10s', '--by', 'host'],
  ['--format', 'json', '--since', '2026-11-22T05:02:00Z', '--until', '2026-11-22T05:04:00Z'],
  ['--format', 'json', '--agent', 'mirror', '--host', 'lb1'],
  ['--format', 'json', '--status', 'error', '--pid', '100,101'],
  ['--format', 'table'],
  ['--format', 'markdown'],
  ['--format', 'csv'],
  ['--format', 'prometheus', '--fail-on', 'error-rate>1%'],
  ['--format', 'json', '--fail-on', 'p99>1ms', '--fail-on', 'error-rate>90%', '--min-events', '10'],
  ['--format', 'json', '--fail-on', 'error-rate>99%', '--min-events', '1000000'],
];

before(async () => {
  if (!SKIP_CLICKHOUSE) clickhouse = await startClickHouse();
});

for (const [name, skip, newLocation] of ENGINES)
  describe(`${name} and files`, { skip }, () => {
    test('traps, in every output', async () => {
      const from = await newLocation();
      const files = [...traps, twice];
      await load(from, files);
      for (const options of OPTIONS) await assertEqual(from, files, options);
    });

    test('the same in small parts, without a host, and of a file that was loaded in two runs', async () => {
      const from = await newLocation();
      const files = [hostless, ...traps];
      await load(from, [hostless], ['--batch-rows', '50']);
      await load(from, traps, ['--batch-rows', '400']);
      for (const options of OPTIONS.slice(0, 3)) await assertEqual(from, files, options);
    });

    test('logs of HAProxy, all in one place', async () => {
      const from = await newLocation();
      const files = [...demo, ...logsOf('logs/corpus').slice(0, 40), ...timed];
      await load(from, files);
      await assertEqual(from, files, ['--format', 'json']);
    });
  });

/** Two logs of one day, the first of which is all that the second one is not: its events fail. */
const failing = fixture('demo/2.6.12--stall-some.log');
const slow = fixture('demo/2.6.12--slow-serial.log');

/** Takes the rows away that are of the file with this id, or with any. */
type Forget = (table: 'spoe_events' | 'spoe_minutes' | 'spoe_loads', loadId?: string) => Promise<void>;

async function parquetPlace(): Promise<{ location: string; forget: Forget }> {
  const dir = path.join(folder, `lost${++databases}`);
  const forget: Forget = async (table, loadId = '') => {
    for (const entry of readdirSync(path.join(dir, table), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && entry.name.startsWith(loadId)) rmSync(path.join(entry.parentPath, entry.name));
  };
  return { location: `parquet:${dir}`, forget };
}

async function clickhousePlace(): Promise<{ location: string; forget: Forget }> {
  const { client, location } = await newDatabase();
  const forget: Forget = async (table, loadId) => {
    // What is dropped is no longer known by its token either.
    if (loadId === undefined) await client.run(`TRUNCATE TABLE ${table}`);
    else await client.run(`ALTER TABLE ${table} DELETE WHERE load_id = '${loadId}' SETTINGS mutations_sync = 2`);
  };
  return { location, forget };
}

for (const [name, skip, newPlace] of [
  ['DuckDB', SKIP_DUCKDB, parquetPlace],
  ['ClickHouse', SKIP_CLICKHOUSE, clickhousePlace],
] as const)
  describe(`${name}: rows that are gone`, { skip }, () => {
    const ask = async (location: string) => {
      const { code, stdout, stderr } = await summarize([
        ...['--format', 'json', '--from', location, '--fail-on', 'error-rate>1%'],
      ]);
      return { code, stderr, summary: stdout === '' ? undefined : JSON.parse(stdout) };
    };

    test('those of the first minutes of a day that is kept are lost, not expired', async () => {
      const { location, forget } = await newPlace();
      await load(location, [failing]);
      await forget('spoe_events');
      // It names the file by what spoe_loads has of it.
      const id = /events-[0-9a-f]+-\d+-[0-9a-f]+/.exec((await ask(location)).stderr)?.[0] ?? '';
      await load(location, [slow]);
      const { code, summary } = await ask(location);
      assert.match(
        summary.verdict.reasons[0],
        /^20 events that were loaded are not in spoe_events \(.*stall-some\.log\): to load them again, delete what spoe_loads has of load_id events-/,
      );
      assert.ok(summary.verdict.reasons[0].includes(id));
      assert.deepEqual([summary.verdict.status, summary.thresholds[0].crossed, code], ['unknown', true, 1]);
      // What it says to do does it.
      await forget('spoe_loads', id);
      const { code: again, stderr } = await spoeLogs(['load', '--to', location, ...READING, failing, slow]);
      assert.equal(again, 0, stderr);
      const whole = await ask(location);
      assert.deepEqual(whole.summary.total.count, 100);
      assert.deepEqual(whole.summary.thresholds[0].crossed, true);
      assert.notEqual(whole.summary.verdict.status, 'unknown');
    });

    test('those of days before all that are kept are a notice', async () => {
      const { location, forget } = await newPlace();
      await load(location, [failing]);
      await forget('spoe_events');
      const later = fileOf('later.log', readFileSync(slow, 'utf8').replaceAll('Nov 22', 'Nov 23'));
      await load(location, [later]);
      const { code, summary } = await ask(location);
      assert.deepEqual(
        summary.notices
          .filter(({ code }: { code: string }) => code === 'rows-expired')
          .map(({ message }: { message: string }) => message),
        ['20 events of days before those in spoe_events are no longer kept: they are not counted'],
      );
      assert.deepEqual([summary.verdict.status, code], ['healthy', 0]);
    });

    test('events of a file that spoe_loads does not know are said, and nothing is healthy without them', async () => {
      const { location, forget } = await newPlace();
      await load(location, [failing]);
      await forget('spoe_loads');
      const alone = await ask(location);
      assert.deepEqual([alone.code, alone.summary], [2, undefined]);
      assert.match(
        alone.stderr,
        /^spoe-logs: 20 events in .* are of no part that spoe_loads knows \(events-gone\); load the logs/,
      );
      await load(location, [slow]);
      const { code, summary } = await ask(location);
      assert.match(summary.verdict.reasons[0], /^20 events in spoe_events are of no part that spoe_loads knows/);
      assert.deepEqual([summary.total.count, summary.verdict.status, code], [80, 'unknown', 1]);
    });

    test('events of no part are looked for in what the filters want, where that alone is read', async () => {
      const { location, forget } = await newPlace();
      await load(location, [failing]);
      await forget('spoe_loads');
      await load(location, [slow]);
      const access = { retryForMs: 0, env: DUCKDB_ENV, clock: patientClock() };
      const missing = async (filter: FilterOptions) =>
        (await readFrom(location, access, { by: ['agent'], filter, fewEvents: -1 })).missing?.join() ?? 'none';
      assert.match(
        await missing({ hosts: ['localhost'], since: Date.UTC(2026, 10, 22) }),
        /^20 events in spoe_events are of no part/,
      );
      assert.equal(await missing({ until: Date.UTC(2026, 10, 22), since: Date.UTC(2026, 10, 21) }), '');
    });

    for (const [table, more] of [
      ['spoe_events', []],
      ['spoe_minutes', ['--minutes-only']],
    ] as const)
      test(`where all are gone from ${table}, it says so and how they come back`, async () => {
        const { location, forget } = await newPlace();
        await load(location, [failing], more);
        assert.doesNotMatch((await ask(location)).summary.verdict.reasons.join(), /spoe_minutes/);
        await forget(table);
        const { code, stderr, summary } = await ask(location);
        assert.deepEqual([code, summary], [2, undefined]);
        assert.match(
          stderr,
          /^spoe-logs: 20 events were loaded into .* and are gone from spoe_(events|minutes) \(events-gone\); delete (all its files |what spoe_loads has of load_id )events-.*, then load again\n$/,
        );
        assert.ok(stderr.includes(`gone from ${table}`));
      });
  });

test('what was deleted in ClickHouse comes back while it knows no tokens', { skip: SKIP_CLICKHOUSE }, async () => {
  const { client, location } = await newDatabase();
  await load(location, [failing, slow]);
  const whole = await summarize(['--format', 'json', '--from', location]);
  const minutes = 'SELECT sum(count) AS events FROM spoe_minutes';
  const { rows: before } = await client.query(minutes);
  for (const [table, column] of [
    ['spoe_events', 'source'],
    ['spoe_loads', 'load_id'],
  ])
    await client.run(
      `ALTER TABLE ${table} DELETE WHERE ${column} = (SELECT load_id FROM spoe_loads WHERE path LIKE '%stall-some%' LIMIT 1) SETTINGS mutations_sync = 2`,
    );
  await client.run('ALTER TABLE spoe_events MODIFY SETTING non_replicated_deduplication_window = 0');
  await load(location, [failing, slow]);
  const again = await summarize(['--format', 'json', '--from', location]);
  assert.deepEqual(JSON.parse(again.stdout).total, JSON.parse(whole.stdout).total);
  // Those of minutes are known by their tokens, and not counted twice.
  assert.deepEqual((await client.query(minutes)).rows, before);
});

test('what the TTL of ClickHouse has let go is no loss, within a day as well', { skip: SKIP_CLICKHOUSE }, async () => {
  const { client, location } = await newDatabase();
  // Of long ago, whenever this runs.
  await spoeLogs(['load', '--to', location, '--tz', 'UTC', '--year', '2024', failing, slow]);
  await client.run('ALTER TABLE spoe_events DELETE WHERE st > 0 SETTINGS mutations_sync = 2');
  const asked = async () => JSON.parse((await summarize(['--format', 'json', '--from', location])).stdout);
  assert.match((await asked()).verdict.reasons.join(), /5 events that were loaded are not in spoe_events/);
  // Rows of that day stay where the table is not materialized again.
  await client.run(
    "ALTER TABLE spoe_events MODIFY TTL toDateTime(time + INTERVAL 1 DAY, 'UTC') SETTINGS materialize_ttl_after_modify = 0",
  );
  const { notices, verdict } = await asked();
  assert.match(JSON.stringify(notices), /rows-expired/);
  assert.doesNotMatch(verdict.reasons.join(), /not in spoe_events/);
});

describe('what is not all there', { skip: SKIP_CLICKHOUSE }, () => {
  let place: Awaited<ReturnType<typeof newDatabase>>;
  const asked = async (...more: string[]) => {
    const { code, stdout, stderr } = await summarize(['--format', 'json', '--from', place.location, ...more]);
    return { code, stderr, summary: stdout === '' ? undefined : JSON.parse(stdout) };
  };
  before(async () => {
    place = await newDatabase();
    await load(place.location, demo, ['--batch-rows', '100']);
  });

  test('a part that was begun is said, and nothing is healthy nor kept without it', async () => {
    const { summary: whole } = await asked();
    const changed = TABLES.spoe_loads.columns.map(({ name }) =>
      name === 'version' ? 'version + 1' : name === 'state' ? "'begun'" : name,
    );
    const when = changed.map((name) => (name === 'loaded_at' ? "toDateTime64('2026-01-01 00:00:00', 3, 'UTC')" : name));
    const { summary, code } = await (async () => {
      await place.client.run(
        `INSERT INTO spoe_loads SELECT ${when.join(', ')} FROM spoe_loads FINAL WHERE path LIKE '%ok-load%' ORDER BY first_line DESC LIMIT 1`,
      );
      return await asked('--fail-on', 'error-rate>99%');
    })();
    assert.ok(summary.total.count < whole.total.count);
    assert.match(summary.verdict.reasons[0], /^lines \d+ to \d+ of .*ok-load.* are not loaded, or only in part/);
    assert.notEqual(summary.verdict.status, 'healthy');
    assert.equal(summary.notices[0].code, 'not-loaded');
    assert.deepEqual([code, summary.thresholds[0].crossed], [1, true]);
    await load(place.location, demo);
    assert.deepEqual((await asked()).summary, whole);
  });

  test('rows that are gone, or of no part, are said; rows that are there twice are one', async () => {
    const { summary: whole } = await asked();
    await place.client.run('INSERT INTO spoe_events SELECT * FROM spoe_events WHERE number = 3');
    assert.deepEqual((await asked()).summary, whole);
    await place.client.run(
      `INSERT INTO spoe_events SELECT * REPLACE (part + 1 AS part) FROM spoe_events WHERE number = 50 LIMIT 1`,
    );
    const strays = await asked();
    assert.match(strays.summary.verdict.reasons[0], /^1 event in spoe_events are of no part that spoe_loads knows/);
    await place.client.run(
      'ALTER TABLE spoe_events DELETE WHERE sid = (SELECT max(sid) FROM spoe_events) SETTINGS mutations_sync = 2',
    );
    const lost = await asked();
    assert.match(lost.summary.verdict.reasons.join(), /1 event that was loaded is not in spoe_events/);
    assert.equal(lost.summary.verdict.status === 'healthy', false);
  });

  test('minutes that are gone, there twice, or of a part that was begun, are said', async () => {
    const { client, location } = await newDatabase();
    await load(location, [failing, slow], ['--minutes-only']);
    const asked = async () => {
      const args = ['--format', 'json', '--from', location, '--fail-on', 'error-rate>99%'];
      const { total, verdict, thresholds } = JSON.parse((await summarize(args)).stdout);
      assert.deepEqual([verdict.status === 'healthy', thresholds[0].crossed], [false, true]);
      return { count: total.count, reasons: verdict.reasons.join() };
    };
    const whole = await asked();
    assert.doesNotMatch(whole.reasons, /spoe_minutes/);
    const [row] = await readObjects(client, 'SELECT sum(count) AS failed FROM spoe_minutes WHERE errors > 0');
    const failed = Number(row?.failed);
    await client.run('ALTER TABLE spoe_minutes DELETE WHERE errors > 0 SETTINGS mutations_sync = 2');
    const lost = await asked();
    assert.ok(lost.reasons.includes(`${failed} events that were loaded are not in spoe_minutes`), lost.reasons);
    assert.equal(lost.count, whole.count - failed);
    await client.run('INSERT INTO spoe_minutes SELECT * FROM spoe_minutes');
    const more = await asked();
    assert.match(more.reasons, /\d+ events more are in spoe_minutes than were loaded/);
    const begun = TABLES.spoe_loads.columns.map(({ name }) =>
      name === 'version'
        ? 'version + 1'
        : name === 'state'
          ? "'begun'"
          : name === 'loaded_at'
            ? "toDateTime64('2026-01-01 00:00:00', 3, 'UTC')"
            : name,
    );
    await client.run(
      `INSERT INTO spoe_loads SELECT ${begun.join(', ')} FROM spoe_loads FINAL WHERE path LIKE '%slow%' LIMIT 1`,
    );
    const open = await asked();
    assert.match(open.reasons, /slow-serial\.log are not loaded, or only in part: their events may be counted or not/);
    // What is written meanwhile explains any difference.
    assert.doesNotMatch(open.reasons, /spoe_minutes/);
  });

  test('counts of minutes alone say what they say, and no more', async () => {
    const { location } = await newDatabase();
    await load(location, demo, ['--minutes-only']);
    const ofMinutes = await summarize(['--format', 'json', '--from', location, '--fail-on', 'error-rate>99%']);
    const found = JSON.parse(ofMinutes.stdout);
    const whole = JSON.parse((await summarize(['--format', 'json', ...demo])).stdout);
    assert.deepEqual(found.total.timers.pT, whole.total.timers.pT);
    const plain = (group: { status: { st: number; count: number }[] }) =>
      group.status.map(({ st, count }) => [st, count]);
    assert.deepEqual(plain(found.total), plain(whole.total));
    assert.deepEqual([found.total.count, found.total.errors], [whole.total.count, whole.total.errors]);
    assert.deepEqual({ ...found.input, filtered: 0 }, { ...whole.input, filtered: 0 });
    assert.match(found.verdict.reasons[0], /^only counts of minutes are loaded/);
    assert.notEqual(found.verdict.status, 'healthy');
    assert.equal(ofMinutes.code, 1);
    const byPid = await summarize(['--from', location, '--by', 'pid']);
    assert.deepEqual([byPid.code, byPid.stdout], [2, '']);
    assert.match(byPid.stderr, /^spoe-logs: --by pid is not known of counts of minutes.* \(minutes-only\)/);
    // Single events of another log beside them.
    await load(location, [traps[0] as string]);
    const mixed = JSON.parse((await summarize(['--format', 'json', '--from', location])).stdout);
    assert.match(mixed.verdict.reasons.join(), /623 events are there as counts of minutes alone/);
    assert.notEqual(mixed.verdict.status, 'healthy');
  });
});

test('three shards, by host, are one', { skip: SKIP_CLICKHOUSE }, async () => {
  const whole = await newDatabase();
  await load(whole.location, traps);
  const shards = [await newDatabase(), await newDatabase(), await newDatabase()];
  for (const [i, { name }] of shards.entries())
    await whole.client.run(
      `INSERT INTO ${name}.spoe_events SELECT * FROM spoe_events WHERE cityHash64(host) % 3 = ${i}`,
    );
  const view = shards.map(({ name }) => `SELECT * FROM ${name}.spoe_events`).join(' UNION ALL ');
  const cluster = await newDatabase();
  await cluster.client.run(`INSERT INTO spoe_loads SELECT * FROM ${whole.name}.spoe_loads`);
  await cluster.client.run('DROP TABLE spoe_events');
  await cluster.client.run(`CREATE VIEW spoe_events AS ${view}`);
  for (const options of OPTIONS.slice(0, 4)) await assertEqual(cluster.location, traps, options);
});

test('of many events that the filters leave out, only those that are wanted are read', {
  skip: SKIP_CLICKHOUSE || SKIP_DUCKDB,
}, async () => {
  const filter = { agents: ['waf'], hosts: ['lb1', 'a,b%2C'], since: Date.UTC(2026, 10, 22, 5, 2) };
  const options = ['--agent', 'waf', '--host', 'lb1', '--host', 'a,b%2C', '--since', '2026-11-22T05:02:00Z'];
  const { total, groups, input } = JSON.parse((await summarize(['--format', 'json', ...options, ...traps])).stdout);
  for (const [, , newLocation] of ENGINES) {
    const from = await newLocation();
    await load(from, traps);
    const access = { retryForMs: 0, env: DUCKDB_ENV, clock: patientClock() };
    const source = await readFrom(from, access, { by: ['agent', 'event'], filter, fewEvents: 0 });
    const found = JSON.parse(JSON.stringify(summarizeCounts({ ...source, minEvents: 1 })));
    assert.deepEqual([found.total, found.groups, found.input.filtered], [total, groups, input.filtered]);
    assert.deepEqual(
      found.notices
        .map(({ code }: { code: string }) => code)
        .filter((code: string) => code !== 'spoofed' && code !== 'malformed')[0],
      'filtered-in-engine',
    );
  }
});

/** ClickHouse behind something that does this to answers in RowBinary. */
async function startBreaking(
  port: number,
  broken: (answer: Buffer, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, { method: 'POST', body: Buffer.concat(body) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const format = answer.headers.get('x-clickhouse-format') ?? '';
    response.setHeader('x-clickhouse-format', format);
    response.statusCode = answer.status;
    if (format === 'RowBinary') broken(bytes, response);
    else response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('an answer that breaks is no report, wherever and however it does', { skip: SKIP_CLICKHOUSE }, async () => {
  const { port } = clickhouse as ClickHouseServer;
  const { location, name } = await newDatabase();
  await load(location, demo);
  const { stdout: whole } = await summarize(['--format', 'json', ...demo]);
  let answers = 0;
  const ways: [string, (answer: Buffer, response: ServerResponse) => void][] = [
    ['ends early, inside a row', (answer, response) => response.end(answer.subarray(0, answer.length - 3))],
    ['ends early, behind a row', (answer, response) => response.end(answer.subarray(0, -lastRowBytes()))],
    [
      'is cut off',
      (answer, response) =>
        response
          .writeHead(200, { 'content-length': answer.length })
          .write(answer.subarray(0, 900), () => response.destroy()),
    ],
    [
      'is an exception behind rows',
      (answer, response) =>
        response.end(
          Buffer.concat([answer.subarray(0, 900), Buffer.from('Code: 241. DB::Exception: Memory limit exceeded')]),
        ),
    ],
  ];
  for (const [way, broken] of ways) {
    const server = await startBreaking(port, broken);
    const from = `clickhouse://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
    const { code, stdout, stderr } = await summarize(['--from', from, '--retry-for', '0s']);
    assert.deepEqual([code, stdout, stderr.split('\n').length], [2, '', 2], `${way}: ${stderr}`);
    assert.match(stderr, /the answer stops in the middle.* \(engine-(answer|unavailable)\)/, way);
    server.close();
    server.closeAllConnections();
  }
  // What passes is asked for again.
  const server = await startBreaking(port, (answer, response) =>
    answers++ === 0 ? response.destroy() : response.end(answer),
  );
  const from = `clickhouse://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  const again = await summarize(['--format', 'json', '--from', from, '--retry-for', '20s']);
  assert.deepEqual([again.code, again.stdout], [0, whole], again.stderr);
  server.close();
  server.closeAllConnections();
});

/** Bytes of a row whose text is empty. */
function lastRowBytes(): number {
  const sizes = { u8: 1, i32: 4, u32: 4, f64: 8, text: 1 };
  return EVENT_COLUMNS.reduce((sum, { type }) => sum + sizes[type], 0);
}

const REFUSED = [
  ['files', ['a.log'], /--from and files do not go together \(usage\)/],
  ['--follow', ['--follow'], /--from and --follow do not go together \(usage\)/],
  ['--record', ['--record', 'r.jsonl'], /--from and --record do not go together \(usage\)/],
  ['--keep-duplicates', ['--keep-duplicates'], /--from and --keep-duplicates do not go together \(usage\)/],
] as const;

test('one clear line, exit code 2 and no summary', async (t) => {
  const empty = path.join(folder, 'empty');
  mkdirSync(empty);
  const old = path.join(folder, 'old');
  mkdirSync(path.join(old, 'spoe_schema'), { recursive: true });
  writeFileSync(path.join(old, 'spoe_schema/7.parquet'), '');
  const refused = [
    ...REFUSED.map(([, args, message]) => ['parquet:x', args, message] as const),
    ['nowhere', [], /'nowhere' is no engine \(bad-engine\)/] as const,
    ['parquet:/nope', [], /\/nope: ENOENT \(no-schema\)/] as const,
    ['clickhouse://127.0.0.1:1/x', ['--retry-for', '0s'], /ECONNREFUSED.* \(engine-unavailable\)/] as const,
    [`parquet:${empty}`, [], /nothing was loaded into it \(no-schema\)/] as const,
    [`parquet:${old}`, [], /its tables are of version 7, not of 1 \(no-schema\)/] as const,
  ];
  for (const [from, args, message] of refused) {
    const { code, stdout, stderr } = await summarize(['--from', from, ...args]);
    assert.deepEqual([code, stdout, stderr.split('\n').length], [2, '', 2], `${from} ${args}: ${stderr}`);
    assert.match(stderr, message);
  }
  await t.test('an engine without tables, and one with none in them', { skip: SKIP_CLICKHOUSE }, async () => {
    const { port } = clickhouse as ClickHouseServer;
    await clientOf(port).run('CREATE DATABASE bare');
    const bare = await summarize(['--from', `clickhouse://127.0.0.1:${port}/bare`]);
    assert.deepEqual([bare.code, bare.stdout], [2, '']);
    assert.match(bare.stderr, /\(no-schema\); create the tables/);
    const { location } = await newDatabase();
    const none = await summarize(['--format', 'json', '--from', location]);
    assert.deepEqual([none.code, JSON.parse(none.stdout).total.count], [2, 0]);
    assert.match(none.stderr, /no event in clickhouse:.* \(no-spoe-lines\)/);
  });
});

/** Parquet files of parts: whole or not there, by names that nothing in a log can choose. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openParquetTarget } from '../../src/engines/parquet.ts';
import { encodeParquet, readParquet } from '../../src/engines/parquet-format.ts';
import { RowWriter } from '../../src/tables/row-writer.ts';
import { TABLES } from '../../src/tables/schema.ts';
import type { Partition, RowBatch, TablePart } from '../../src/tables/target.ts';

const base = mkdtempSync(path.join(tmpdir(), 'spoe-logs-parquet-'));
after(() => rmSync(base, { recursive: true, force: true }));

function folderOf(name: string): string {
  return path.join(base, name);
}

async function openIn(folder: string) {
  return await openParquetTarget({ engine: 'parquet', folder, shown: `parquet:${folder}` });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

function batchOf(records: readonly { readonly [column: string]: number | string }[]): RowBatch {
  const writer = new RowWriter();
  for (const record of records) writer.record(TABLES.spoe_events.columns, record);
  return writer.toBatch();
}

const DAY = '2026-11-22';

function partOf(token: string, partition: Partial<Partition> = {}, hosts: readonly string[] = ['lb1']): TablePart {
  const body = batchOf(hosts.map((host, i) => ({ host, agent: 'mirror', pid: i, pT: -1, nb_processed: 2 ** 53 - 1 })));
  return { table: 'spoe_events', token, partition: { dt: DAY, host: 'lb1', ...partition }, body };
}

test('a part is a file, and written again it takes its place', async () => {
  const folder = folderOf('again');
  const target = await openIn(folder);
  await target.write(partOf('t-1'));
  await target.write(partOf('t-1'));
  await target.write(partOf('t-2', { run: 'v2' }));
  await target.write({ ...partOf('t-3', { dt: '', host: '' }), table: 'spoe_events' });
  assert.deepEqual(filesOf(folder), [
    `spoe_events/dt=${DAY}/host=lb1/t-1.parquet`,
    `spoe_events/run=v2/dt=${DAY}/host=lb1/t-2.parquet`,
    'spoe_events/t-3.parquet',
    'spoe_schema/1.parquet',
  ]);
});

test('no host of a log leaves the folder, meets another one, or makes a name that is too long', async () => {
  const hosts = [
    '..',
    '.',
    '../../etc',
    '/',
    'a/b',
    'a%2Fb',
    '\x1b[31m',
    'ü\u202e',
    "x'y*z",
    'é'.repeat(300),
    'é'.repeat(301),
    '\ud800',
  ];
  const folder = folderOf('hostile');
  const target = await openIn(folder);
  for (const host of hosts) await target.write(partOf('t', { host }));
  const found = filesOf(folder).filter((file) => file !== 'spoe_schema/1.parquet');
  assert.equal(found.length, hosts.length);
  for (const file of found) assert.match(file, /^spoe_events\/dt=2026-11-22\/host=[\w%-][\w%.-]{0,199}\/t\.parquet$/);
});

test('no token is a path', async () => {
  const target = await openIn(folderOf('token'));
  await assert.rejects(target.write(partOf('../t')), /no name of a part/);
});

test('what a killed load left is removed when it is old, and never read', async () => {
  const folder = folderOf('left');
  const inside = path.join(folder, 'spoe_events', `dt=${DAY}`, 'host=lb1');
  mkdirSync(inside, { recursive: true });
  for (const name of ['.t-1.parquet.aa.tmp', '.t-2.parquet.bb.tmp']) writeFileSync(path.join(inside, name), 'PAR1');
  const old = new Date(Date.now() - 7_200_000);
  utimesSync(path.join(inside, '.t-1.parquet.aa.tmp'), old, old);
  const target = await openIn(folder);
  await target.write(partOf('t-1'));
  assert.deepEqual(readdirSync(inside).sort(), ['.t-2.parquet.bb.tmp', 't-1.parquet']);
});

test('a folder that cannot be written to is one clear error', async () => {
  const file = folderOf('file');
  writeFileSync(file, '');
  await assert.rejects(openIn(path.join(file, 'below')), {
    name: 'EngineError',
    code: 'cannot-write-parquet',
    message: /ENOTDIR/,
  });
});

test('rows come back as they went in, absent ones as null', async () => {
  const [row] = await readParquet(encodeParquet(TABLES.spoe_events, partOf('t').body));
  assert.equal(row?.host, 'lb1');
  assert.equal(row?.nb_processed, 9007199254740991n);
  assert.equal(row?.pT, -1);
  const absent = encodeParquet(TABLES.spoe_events, batchOf([{ pid: -1, reqT: -2, qT: -1 }]));
  const [other] = await readParquet(absent);
  assert.deepEqual([other?.pid, other?.reqT, other?.qT], [null, null, -1]);
});

test('the same rows are the same bytes', () => {
  const hosts = Array.from({ length: 300 }, (_, i) => `lb${i % 7}`);
  assert.deepEqual(
    encodeParquet(TABLES.spoe_events, partOf('t', {}, hosts).body),
    encodeParquet(TABLES.spoe_events, partOf('t', {}, hosts).body),
  );
});

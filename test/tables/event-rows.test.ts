/** Rows of spoe_events and spoe_minutes say what the lines say, and what summarize counts. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Histogram, type SpoeLine, spoeLines, summarize } from '../../src/index.ts';
import { loadEvents, TIMES } from './loading.ts';
import { MemoryTarget, type Row } from './memory-target.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const LOGS = ['demo', 'logs/corpus', 'logs/formats'].flatMap((folder) =>
  readdirSync(path.join(FIXTURES, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(log|txt|jsonl?|csv)$/.test(name))
    .map((name) => path.join(FIXTURES, folder, name)),
);
const READING = { tz: 'UTC', year: 2026, nowMs: TIMES.nowMs };

let folder = '';
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spoe-rows-'));
});
after(() => rmSync(folder, { recursive: true }));

/** A copy whose last line has an end: what has none is left for another time. */
function wholeCopy(content: Buffer): string {
  const file = path.join(folder, 'whole.log');
  writeFileSync(file, content.at(-1) === 0x0a ? content : Buffer.concat([content, Buffer.from('\n')]));
  return file;
}

async function eventsOf(content: Buffer): Promise<SpoeLine[]> {
  const lines = spoeLines({ ...READING, dropDuplicates: true });
  lines.end(content);
  const events: SpoeLine[] = [];
  for await (const line of lines) events.push(line);
  return events;
}

/** What a row has to be. */
function expectedRow({ timeMs, header, event }: SpoeLine): Row {
  const hasPhases = event.reqT !== undefined;
  return {
    ...{ time: timeMs, host: header.host ?? 'here', named: header.host === undefined ? 0 : 1 },
    ...{ process: header.process ?? '', pid: header.pid ?? -1 },
    ...{ agent: event.agent, type: event.type, event: event.name, sid: event.sid, st: event.st, pT: event.pT },
    timers: hasPhases ? 5 : 1,
    ...{ reqT: event.reqT ?? -2, qT: event.qT ?? -2, wT: event.wT ?? -2, resT: event.resT ?? -2 },
    ...{ idles: event.idles ?? 0, applets: event.applets ?? 0 },
    ...{ sending: event.nbSending ?? 0, waiting: event.nbWaiting ?? 0 },
    ...{ nb_error: event.nbError, nb_processed: event.nbProcessed, times: 1 },
  };
}

test('each event of every log here is a row with all that its line says', async () => {
  let events = 0;
  for (const log of LOGS) {
    const content = readFileSync(log);
    const target = new MemoryTarget();
    const { counts } = await loadEvents(target, [wholeCopy(content)]);
    const timed = (await eventsOf(content)).filter(({ timeMs }) => timeMs !== undefined && timeMs >= 0);
    const rows = target.rows('spoe_events');
    events += rows.length;
    const order = (row: Row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    const places = rows.map(({ source, part, number }) => [source, part, number]);
    const said = rows.map(({ source: _source, part: _part, number: _number, ...row }) => row);
    assert.deepEqual(said.map(order).sort(), timed.map(expectedRow).map(order).sort(), log);
    assert.equal(new Set(places.map((place) => JSON.stringify(place))).size, rows.length, log);
    const text = content.toString('latin1');
    assert.equal(counts.loaded, timed.length, log);
    if (!/^\d+ </.test(text)) assert.equal(counts.lines, text.split('\n').length - (text.endsWith('\n') ? 1 : 0), log);
  }
  assert.ok(events > 2000, `${events} events`);
});

/** The histogram of rows of spoe_minutes. */
function histogramOf(rows: readonly Row[]): Histogram {
  const histogram = new Histogram();
  for (const row of rows) {
    const buckets = Object.entries(row.pT as Record<string, number>).flatMap(([bucket, count]) => [
      Number(bucket),
      count,
    ]);
    const { pT_interrupted: interrupted, pT_sum: sum, pT_min: min, pT_max: max } = row as Record<string, number>;
    const count = Number(row.count) - Number(interrupted);
    histogram.merge({ ...{ count, buckets }, ...({ interrupted, sum, min, max } as Record<'sum', number>) } as never);
  }
  return histogram;
}

test('minutes give the counts, codes and quantiles of summarize', async () => {
  for (const log of LOGS.filter((each) => each.includes('demo'))) {
    const content = readFileSync(log);
    const target = new MemoryTarget();
    await loadEvents(target, [wholeCopy(content)], {
      tables: ['spoe_minutes'],
      limits: { rows: 50 },
      turnBytes: 20_000,
    });
    assert.deepEqual(target.rows('spoe_events'), []);
    const summary = summarize(READING);
    summary.write(content);
    for (const { key, count, errors, timers, status } of summary.summary().groups) {
      const rows = target
        .rows('spoe_minutes')
        .filter(({ agent, type, event }) => agent === key.agent && type === key.type && event === key.name);
      const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
      assert.deepEqual([sum('count'), sum('errors')], [count, errors], log);
      const codes = new Map<number, number>();
      for (const row of rows)
        for (const [code, times] of Object.entries(row.status as Record<string, number>))
          codes.set(Number(code), (codes.get(Number(code)) ?? 0) + times);
      assert.deepEqual(
        new Map([...codes].sort()),
        new Map(status.map((each) => [each.st, each.count] as const).sort()),
      );
      const { pT } = timers;
      const histogram = histogramOf(rows);
      assert.deepEqual(
        [histogram.quantile(0.5), histogram.quantile(0.99), histogram.max, histogram.mean, histogram.interrupted],
        [pT?.p50, pT?.p99, pT?.max, pT?.mean, pT?.interrupted],
        log,
      );
    }
  }
});

test('counters of 64 bits are whole, and hosts and days apart', async () => {
  const target = new MemoryTarget();
  const line = (day: number, host: string, sid: number) =>
    `Nov ${day} 23:59:59 ${host} haproxy[5]: SPOE: [mirror] <GROUP:g> sid=${sid} st=0 -1/0/0/0/-1 1/2 3/4 18446744073709551615/18446744073709551${sid}\n`;
  writeFileSync(path.join(folder, 'wide.log'), line(22, 'a', 614) + line(22, 'b', 613) + line(23, 'b', 612));
  const parts: string[] = [];
  const write = target.write.bind(target);
  target.write = async (part) => {
    parts.push(`${part.table} ${part.partition.dt} ${part.partition.host} ${part.body.rows}`);
    return await write(part);
  };
  await loadEvents(target, [path.join(folder, 'wide.log')]);
  const [first] = target.rows('spoe_events');
  assert.deepEqual([first?.nb_error, first?.nb_processed], [18446744073709551615n, 18446744073709551614n]);
  assert.deepEqual([first?.reqT, first?.pT, first?.waiting, first?.type], [-1, -1, 4, 'GROUP']);
  assert.deepEqual(parts.sort(), [
    'spoe_events 2026-11-22 mixed 2',
    'spoe_events 2026-11-23 b 1',
    'spoe_loads   1',
    'spoe_loads   1',
    'spoe_minutes 2026-11-22 mixed 2',
    'spoe_minutes 2026-11-23 b 1',
  ]);
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { divide } from '../../../src/logs/regions.ts';
import { parseZone } from '../../../src/logs/zone.ts';
import { Ingest } from '../../../src/programs/spoe-logs/ingest.ts';
import { countRegions, readInThreads } from '../../../src/programs/spoe-logs/parallel.ts';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';
import { fixture } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;

const MIB = 1024 * 1024;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As long as a log with captured headers has them: fewer lines to make for a large file. */
const ACCESS = `192.0.2.7:40000 fe be/s1 0/0/0/1/1 200 100 - - ---- 1/1/0/0/0 0/0 {${'x'.repeat(3600)}} "GET / HTTP/1.1"`;
/** At least this long is an event line with its access line. */
const PAIR_BYTES = 3800;

/** A log without years in its times; several threads take a part of it each when it is larger than 32 MiB. */
function writeLog(name: string, bytes: number, from: Date, days: number): string {
  const path = folder.write(name, '');
  const lines = Math.ceil(bytes / PAIR_BYTES);
  let block = '';
  for (let i = 0; i < lines; i += 1) {
    const time = new Date(from.getTime() + Math.floor((days * 86_400 * i) / lines) * 1000);
    const stamp = `${MONTHS[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2)} ${time.toISOString().slice(11, 19)}`;
    const host = i % 3;
    const st = i % 97 === 0 ? 1 : 0;
    const timers = st === 0 ? `0/${i % 3}/0/${i % 40}/${(i % 3) + (i % 40)}` : '0/0/-1/-1/1000';
    const line = `${stamp} lb${host} haproxy[${700 + host}]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${i} st=${st} ${timers} 1/4 0/${i % 5} 0/${i + 1}`;
    block += `${line}\n${stamp} lb${host} haproxy[${700 + host}]: ${ACCESS}\n`;
    if (block.length > MIB) {
      appendFileSync(path, block);
      block = '';
    }
  }
  appendFileSync(path, block);
  assert.ok(statSync(path).size >= bytes);
  return name;
}

/** Pairs of an event, whose line `event` makes, and a request, as many as are at least so long. */
function writePairs(name: string, bytes: number, event: (i: number, of: number) => string): string {
  const of = Math.ceil(bytes / PAIR_BYTES);
  folder.write(name, Array.from({ length: of }, (_, i) => `${event(i, of)}\n${ACCESS}\n`).join(''));
  return name;
}

/** The json of a summary, and the hash that says whether two are the same. */
async function summarize(...args: string[]) {
  const { code, stdout, stderr } = await spoeLogs(['summarize', '--format', 'json', '--tz', 'UTC', ...args], { cwd });
  assert.equal(code, 0, stderr);
  return { hash: createHash('sha256').update(stdout).digest('hex'), summary: JSON.parse(stdout) };
}

describe('threads', () => {
  const logs: readonly (readonly [string, () => string, string, RegExp])[] = [
    [
      'a file of an hour',
      () => writeLog('haproxy-2026-11-22.log', 68 * MIB, new Date('2026-11-22T06:00:00Z'), 1 / 24),
      '2026-11-22T06:00:00.000Z',
      /^2026-11-22T06:59:59/,
    ],
    [
      'a file that spans New Year',
      () => writeLog('haproxy-2026-01-02.log', 34 * MIB, new Date('2025-12-30T00:00:00Z'), 3),
      '2025-12-30T00:00:00.000Z',
      /^2026-01-01T23:59:/,
    ],
  ];
  for (const [what, write, from, to] of logs) {
    test(`change nothing in the summary of ${what}`, async () => {
      const path = write();
      const options = ['--by', 'agent,host,st', '--window', '10m'];
      const one = await summarize('--threads', '1', ...options, path);
      assert.equal(one.summary.window.from, from);
      assert.match(one.summary.window.to, to);
      for (const threads of ['2', '4'])
        assert.equal((await summarize('--threads', threads, ...options, path)).hash, one.hash, `${threads} threads`);
      assert.equal((await summarize(...options, path)).hash, one.hash, 'the default');
    });
  }

  test('change nothing in the summary of more than a year, whose parts are read again', async () => {
    const path = writeLog('long.log', 34 * MIB, new Date('2023-11-01T00:00:00Z'), 800);
    const one = await summarize('--threads', '1', '--year', '2023', path);
    assert.equal(one.summary.window.from, '2023-11-01T00:00:00.000Z');
    assert.match(one.summary.window.to, /^2026-01-0/);
    assert.equal((await summarize('--threads', '2', '--year', '2023', path)).hash, one.hash);
  });

  /** The summary, and what it saves of the events that were counted. */
  async function saved(threads: string, path: string) {
    const { hash, summary } = await summarize('--threads', threads, '--year', '2026', '--save', 'state.json', path);
    const { aggregate } = JSON.parse(readFileSync(join(cwd, 'state.json'), 'utf8'));
    const seen: unknown[] = aggregate.sources.map(({ tally }: { tally: { seen?: unknown } }) => tally.seen);
    assert.ok(seen.every((sum) => sum !== undefined));
    return { hash, seen, silent: summary.verdict.silence?.agent, duplicates: summary.input.duplicates };
  }

  test('change nothing where a file holds its events twice, and those of an agent only in the first half of each', async () => {
    const processed = { a: 0, b: 0 };
    const path = writePairs('twice.log', 40 * MIB, (i, of) => {
      const once = i % (of >> 1);
      if (once === 0) Object.assign(processed, { a: 0, b: 0 });
      const agent = once % 2 === 0 || once > of >> 2 ? 'b' : 'a';
      processed[agent] += 1;
      const time = new Date(Date.UTC(2026, 10, 22, 7) + Math.floor(once / 20) * 1000).toISOString().slice(11, 19);
      return `Nov 22 ${time} lb1 haproxy[7]: SPOE: [${agent}] <EVENT:e> sid=${once} st=0 1 0/${processed[agent]}`;
    });
    const one = await saved('1', path);
    assert.equal(one.silent, 'a');
    assert.deepEqual(await saved('2', path), one);
  });

  test('change nothing where lines have no time, and counters begin anew again and again', async () => {
    const path = writePairs('no-times.log', 40 * MIB, (i) => {
      const own = (i % 700) + 1;
      return `SPOE: [mirror] <EVENT:e> sid=${own} st=0 1 0/${own}`;
    });
    const one = await saved('1', path);
    assert.equal(one.duplicates, undefined);
    for (const threads of ['2', '4']) assert.deepEqual(await saved(threads, path), one);
  });

  test('leave no hole where the reading is stopped in the first part', async () => {
    const path = folder.file(writeLog('stopped.log', 40 * MIB, new Date('2026-11-22T06:00:00Z'), 1 / 24));
    const ingest = new Ingest({
      ...{ by: ['agent'], history: false, filter: {}, keepDuplicates: false, plain: false },
      ...{ zone: parseZone('UTC'), nowMs: Date.UTC(2026, 10, 22, 12) },
    });
    const stopping = new AbortController();
    const control = { signal: stopping.signal, onTurn: () => stopping.abort() };
    const side = { signal: new AbortController().signal, send: () => undefined };
    await readInThreads(ingest, divide([path], 2, 0), control, async (task) => (await countRegions(task, side)).result);
    const { bytes, lines, malformed } = ingest.tally;
    const read = readFileSync(path).subarray(0, bytes);
    assert.ok(bytes > 0 && bytes < 20 * MIB);
    assert.equal(lines, read.filter((byte) => byte === 0x0a).length, 'whole lines from its beginning on');
    assert.deepEqual([malformed, ingest.aggregator.events], [0, read.toString().match(/ SPOE: .*\n/g)?.length]);
  });

  test('change nothing in the summary of several files, one of which is missing', async () => {
    writeLog('a.log', 20 * MIB, new Date('2026-11-22T06:00:00Z'), 1 / 24);
    writeLog('b.log', 30 * MIB, new Date('2026-11-22T07:00:00Z'), 1 / 24);
    const run = (threads: string) =>
      spoeLogs(
        [
          'summarize',
          '--format',
          'json',
          '--year',
          '2026',
          '--tz',
          'UTC',
          '--threads',
          threads,
          'a.log',
          'none.log',
          'b.log',
        ],
        { cwd },
      );
    const one = await run('1');
    assert.equal(one.code, 2);
    for (const threads of ['2', '3']) assert.deepEqual(await run(threads), one);
  });
});

describe('the plain path', () => {
  for (const name of ['demo', 'logs/formats']) {
    test(`gives the same summary as the fast one: fixtures/${name}`, async () => {
      const paths = readdirSync(fixture(name))
        .filter((file) => file.endsWith('.log'))
        .map((file) => fixture(`${name}/${file}`));
      assert.ok(paths.length > 0);
      const options = ['--by', 'agent,event,host,pid,st', '--window', '1m', '--year', '2026'];
      for (const path of paths)
        assert.equal(
          (await summarize('--plain-scanner', ...options, path)).hash,
          (await summarize(...options, path)).hash,
          path,
        );
      assert.equal(
        (await summarize('--plain-scanner', ...options, ...paths)).hash,
        (await summarize(...options, ...paths)).hash,
      );
    });
  }

  test('gives the same summary as the fast one: a generated log', async () => {
    const path = writeLog('generated.log', 2 * MIB, new Date('2026-11-22T06:00:00Z'), 1);
    const options = ['--by', 'agent,host,st', '--window', '1h', '--year', '2026'];
    assert.equal((await summarize('--plain-scanner', ...options, path)).hash, (await summarize(...options, path)).hash);
  });
});

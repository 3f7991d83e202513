/** `spoe-logs load` as a process: what it says and its exit codes; what is in the tables after it was killed. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { TableServer } from '../../tables/table-server.ts';
import { until, untilTrue } from '../../until.ts';
import { fixture, LiveRun, STALL, spoeLogs } from './run.ts';

const TIMES = ['--tz', 'UTC', '--year', '2026'];
const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const MIRROR = fixture('diff/3.0.11--broken-orders--mirror.jsonl');

let folder = '';
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spoe-load-'));
});
after(() => rmSync(folder, { recursive: true }));

async function withServer(use: (server: TableServer, to: string) => Promise<void>): Promise<void> {
  const server = new TableServer();
  try {
    await use(server, await server.listen());
  } finally {
    await server.close();
  }
}

/** Events from one number to another, each behind a request's line. */
function eventLines(from: number, to: number): string {
  let text = '';
  for (let n = from; n < to; n++) {
    const clock = [Math.floor(n / 3600) % 24, Math.floor(n / 60) % 60, n % 60].map((part) =>
      `${part}`.padStart(2, '0'),
    );
    const header = `Nov 22 ${clock.join(':')} lb1 haproxy[77]: `;
    text += `${header}127.0.0.1:${n % 60_000} [22/Nov/2026:06:56:47.524] fe be/s 0/0/0/0/0 200 1 - - ---- 1/1/0/0/0 0/0 "GET /${n} HTTP/1.1"\n`;
    text += `${header}SPOE: [mirror] <EVENT:on-request> sid=${n} st=${n % 9 === 0 ? 264 : 0} 0/1/2/0/${n % 3000} 1/1 0/0 0/${n}\n`;
  }
  return text;
}

function sidsOf(server: TableServer): number[] {
  return server.target
    .rows('spoe_events')
    .map(({ sid }) => Number(sid))
    .sort((a, b) => a - b);
}

function numbers(end: number): number[] {
  return Array.from({ length: end }, (_, n) => n);
}

function countOfMinutes(server: TableServer): number {
  return server.target.rows('spoe_minutes').reduce((sum, { count }) => sum + Number(count), 0);
}

test('says what became of all, and of nothing new the second time', async () => {
  await withServer(async (server, to) => {
    const first = await spoeLogs(['load', '--to', to, ...TIMES, STALL]);
    assert.deepEqual(first, {
      code: 0,
      stdout: `loaded 20 events · there before 0 · duplicates 0 · failed 0 · retried 0 · of 41 lines to ${to}\n`,
      stderr: '',
    });
    const second = await spoeLogs(['load', '--to', to, ...TIMES, STALL]);
    assert.deepEqual(second, {
      code: 0,
      stdout: `loaded 0 events · there before 20 · duplicates 0 · failed 0 · retried 0 · of 41 lines to ${to}\n`,
      stderr: '',
    });
    assert.equal(server.target.rows('spoe_events').length, 20);
    assert.equal(countOfMinutes(server), 20);
  });
});

test('loads both sides of a comparison, each once', async () => {
  await withServer(async (server, to) => {
    const args = ['load', '--to', to, ...TIMES, '--run', 'v2', '--production', PRODUCTION, '--mirror', MIRROR];
    const { code, stdout, stderr } = await spoeLogs(args);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^loaded 640 requests and SPOE lines of production .*\nloaded 320 answers of the mirror .*\n$/,
    );
    await spoeLogs(args);
    for (const table of ['prod_requests', 'mirror_answers', 'spoe_streams'] as const)
      assert.equal(server.target.rows(table).length, 320, table);
    assert.deepEqual(new Set(server.target.rows('prod_requests').map(({ run }) => run)), new Set(['v2']));
    // The same files are another load for another comparison.
    await spoeLogs(args.map((arg) => (arg === 'v2' ? 'v3' : arg)));
    assert.equal(server.target.rows('prod_requests').length, 640);
  });
});

test('killed at any insert and begun again, it has each event once', async () => {
  await withServer(async (server, to) => {
    const file = path.join(folder, 'killed.log');
    // Several reads of a mebibyte, so several parts.
    writeFileSync(file, eventLines(0, 40_000));
    const args = ['load', '--to', to, ...TIMES, '--batch-rows', '3000', file];
    for (const [number, when] of [
      [1, 'before'],
      [1, 'after'],
      [2, 'before'],
      [2, 'after'],
      [3, 'after'],
      [5, 'before'],
      [4, 'after'],
      [7, 'after'],
    ] as const) {
      const run = new LiveRun(args);
      const killed = new Promise<void>((resolve) => {
        const first = server.inserts;
        server.onInsert = (now, _table, moment) => {
          if (now - first !== number || moment !== when) return;
          run.child.kill('SIGKILL');
          resolve();
        };
      });
      await killed;
      const { code } = await run.ended;
      assert.equal(code, null);
    }
    server.onInsert = () => undefined;
    assert.notDeepEqual(sidsOf(server), numbers(40_000));
    const { code, stderr } = await spoeLogs(args);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(sidsOf(server), numbers(40_000));
    assert.equal(countOfMinutes(server), 40_000);
  });
});

test('killed while it follows a log that is renamed, it has each event once after a whole load', async () => {
  await withServer(async (server, to) => {
    const file = path.join(folder, 'followed.log');
    writeFileSync(file, eventLines(0, 3000));
    const follow = ['load', '--to', to, ...TIMES, '--follow', '--batch-age', '1ms', file];
    const run = new LiveRun(follow);
    await untilTrue(() => sidsOf(server).length === 3000);
    appendFileSync(file, eventLines(3000, 6000));
    await new Promise<void>((resolve) => {
      server.onInsert = (_number, table, when) => {
        if (table !== 'spoe_minutes' || when !== 'before') return;
        run.child.kill('SIGKILL');
        resolve();
      };
    });
    await run.ended;
    server.onInsert = () => undefined;
    renameSync(file, `${file}.1`);
    writeFileSync(file, eventLines(6000, 7000));
    const again = new LiveRun(follow);
    await until('the events of the new file', () => sidsOf(server).some((sid) => sid === 6999));
    again.child.kill('SIGTERM');
    assert.equal((await again.ended).code, 130);
    const { code, stderr } = await spoeLogs(['load', '--to', to, ...TIMES, `${file}.1`, file]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(sidsOf(server), numbers(7000));
    assert.equal(countOfMinutes(server), 7000);
  });
});

test('a log that is copied and truncated under it has each event once, also when the copy is loaded', async () => {
  await withServer(async (server, to) => {
    const file = path.join(folder, 'truncated.log');
    writeFileSync(file, eventLines(0, 3000));
    const run = new LiveRun(['load', '--to', to, ...TIMES, '--follow', '--batch-age', '1ms', file]);
    await untilTrue(() => sidsOf(server).length === 3000);
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    appendFileSync(file, eventLines(3000, 4000));
    await until('the events behind the truncation', () => sidsOf(server).some((sid) => sid === 3999));
    run.child.kill('SIGTERM');
    assert.equal((await run.ended).code, 130);
    const { code, stderr } = await spoeLogs(['load', '--to', to, ...TIMES, `${file}.1`, file]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(sidsOf(server), numbers(4000));
    assert.equal(countOfMinutes(server), 4000);
  });
});

test('minutes alone first, events later: both are complete', async () => {
  await withServer(async (server, to) => {
    await spoeLogs(['load', '--to', to, ...TIMES, '--minutes-only', STALL]);
    assert.deepEqual([sidsOf(server).length, countOfMinutes(server)], [0, 20]);
    await spoeLogs(['load', '--to', to, ...TIMES, STALL]);
    assert.deepEqual([sidsOf(server).length, countOfMinutes(server)], [20, 20]);
  });
});

test('tries again what may pass, and counts it', async () => {
  await withServer(async (server, to) => {
    server.refusals.push({ status: 503, body: 'Service Unavailable' });
    const { code, stdout } = await spoeLogs(['load', '--to', to, ...TIMES, STALL]);
    assert.equal(code, 0);
    assert.match(stdout, /^loaded 20 events .* · retried 1 · /);
  });
});

test('an engine that stays unavailable leaves 1, one that refuses 2; nothing is silent', async () => {
  await withServer(async (server, to) => {
    server.refusals.push({ status: 503, body: 'Service Unavailable' });
    const late = await spoeLogs(['load', '--to', to, ...TIMES, '--retry-for', '0s', STALL]);
    assert.equal(late.code, 1);
    assert.match(late.stdout, /^loaded 0 events .* · failed 20 · /);
    assert.match(late.stderr, /^spoe-logs: 20 rows were not loaded: .* \(engine-unavailable\)/);
    server.refusals.push({
      status: 404,
      body: 'Code: 60. DB::Exception: Table spoe.spoe_loads does not exist. (UNKNOWN_TABLE)',
    });
    const refused = await spoeLogs(['load', '--to', to, ...TIMES, STALL]);
    assert.equal(refused.code, 2);
    assert.match(refused.stdout, /^loaded 0 events .* · failed 20 · /);
    const later = await spoeLogs(['load', '--to', to, ...TIMES, STALL]);
    assert.equal(later.code, 0);
    assert.equal(sidsOf(server).length, 20);
  });
});

test('a line without an end is left for the next time, and said', async () => {
  await withServer(async (server, to) => {
    const file = path.join(folder, 'cut.log');
    const text = eventLines(0, 10);
    writeFileSync(file, text.slice(0, -20));
    const { code, stdout } = await spoeLogs(['load', '--to', to, ...TIMES, file]);
    assert.equal(code, 0);
    assert.match(stdout, /^loaded 9 events .*\nnot loaded: lines without an end, left for the next time 1\n$/);
    appendFileSync(file, text.slice(-20));
    await spoeLogs(['load', '--to', to, ...TIMES, file]);
    assert.deepEqual(sidsOf(server), numbers(10));
  });
});

test('says what is missing or does not belong together', async () => {
  const cases: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [[STALL], /^spoe-logs: --to is missing \(usage\)/],
    [['--to', 'mysql://x', STALL], /\(bad-engine\)/],
    [['--to', 'parquet:x', '--production', PRODUCTION], /--run is missing \(usage\)/],
    [['--to', 'parquet:x', '--run', 'v2', '-'], /--run needs requests \(usage\)/],
    [['--to', 'parquet:x', '--run', '../v2', '--mirror', MIRROR], /cannot read --run "\.\.\/v2" \(bad-run\)/],
  ];
  for (const [args, said] of cases) {
    const { code, stdout, stderr } = await spoeLogs(['load', ...args], { cwd: folder });
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, said);
  }
});

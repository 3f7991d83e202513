import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;

/** Two hosts, two processes, two agents, four codes, a minute apart. */
const LINES = [
  ['07:00:00', 'lb1', 11, 'mirror', 0],
  ['07:01:00', 'lb1', 11, 'mirror', 1],
  ['07:02:00', 'lb2', 12, 'mirror', 256],
  ['07:03:00', 'lb2', 12, 'waf', 0],
  ['07:04:00', 'lb2', 12, 'waf', 257],
].map(
  ([time, host, pid, agent, st], i) =>
    `2026-11-22T${time}+00:00 ${host} haproxy[${pid}]: SPOE: [${agent}] <EVENT:on-frontend-http-request> sid=${i + 1} st=${st} 0/0/0/1/1 1/1 0/0 0/${i + 1}\n`,
);
folder.write('all.log', LINES.join(''));

async function sids(args: readonly string[]): Promise<number[]> {
  const { code, stdout, stderr } = await spoeLogs(['parse', ...args, 'all.log'], { cwd });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, args.join(' '));
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).sid);
}

describe('filters', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['--agent waf', [4, 5]],
    ['--agent waf --agent mirror', [1, 2, 3, 4, 5]],
    ['--agent waf,mirror', [1, 2, 3, 4, 5]],
    ['--host lb1', [1, 2]],
    ['--pid 12', [3, 4, 5]],
    ['--host lb2 --pid 11', []],
    ['--status 0', [1, 4]],
    ['--status 1,257', [2, 5]],
    ['--status 256-400', [3, 5]],
    ['--status !0', [2, 3, 5]],
    ['--status error', [2, 3, 5]],
    ['--status error --agent waf', [5]],
    ['--since 2026-11-22T07:02:00Z', [3, 4, 5]],
    ['--until 2026-11-22T07:02:00Z', [1, 2]],
    ['--since 2026-11-22T07:01 --until 2026-11-22T07:03 --tz UTC', [2, 3]],
    ['--since 2026-11-22T08:01 --until 2026-11-22T08:03 --tz +01:00', [2, 3]],
    ['--since 2026-11-23 --tz UTC', []],
  ];
  for (const [options, expected] of cases) {
    test(`leave the right lines: ${options}`, async () => {
      assert.deepEqual(await sids(options.split(' ')), expected);
    });
  }

  test('take -15m as fifteen minutes ago', async () => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const stdin = [30, 20, 10, 1]
      .map((minutes) => (LINES[0] as string).replace(/^\S+/, minutesAgo(minutes)).replace('sid=1', `sid=${minutes}`))
      .join('');
    for (const args of [['--since', '-15m'], ['--since=-15m']]) {
      const { code, stdout } = await spoeLogs(['parse', ...args], { stdin });
      assert.equal(code, 0);
      assert.deepEqual(stdout.match(/"sid":\d+/g), ['"sid":10', '"sid":1']);
    }
  });

  test('count what they leave out', async () => {
    const { stdout } = await spoeLogs(['summarize', '--format', 'json', '--host', 'lb1', 'all.log'], { cwd });
    const { input, total } = JSON.parse(stdout);
    assert.deepEqual([input.spoe, input.filtered, total.count], [input.spoe, 3, 2]);
  });
});

describe('times without a year', () => {
  const line = 'Jan  5 12:00:00 lb1 haproxy[1]: SPOE: [mirror] <EVENT:e> sid=1 st=0 0/0/0/1/1 1/1 0/0 0/1\n';
  const time = async (args: readonly string[], env = {}) => {
    const { stdout } = await spoeLogs(['parse', ...args], { stdin: line, env });
    return JSON.parse(stdout).time;
  };

  test('are in the year of --year and the zone of --tz, wherever the reader is', async () => {
    for (const TZ of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
      assert.equal(await time(['--year', '2024', '--tz', 'UTC'], { TZ }), '2024-01-05T12:00:00.000Z');
      assert.equal(await time(['--year', '2024', '--tz', '+02:00'], { TZ }), '2024-01-05T10:00:00.000Z');
      assert.equal(await time(['--year', '2024', '--tz', 'Europe/Paris'], { TZ }), '2024-01-05T11:00:00.000Z');
    }
  });

  test('are in the reader’s zone without --tz', async () => {
    assert.equal(await time(['--year', '2024'], { TZ: 'Asia/Tokyo' }), '2024-01-05T03:00:00.000Z');
  });

  test('are in the year that the file name states', async () => {
    folder.write('haproxy-2023-01-06.log', line);
    const { stdout } = await spoeLogs(['parse', '--tz', 'UTC', 'haproxy-2023-01-06.log'], { cwd });
    assert.equal(JSON.parse(stdout).time, '2023-01-05T12:00:00.000Z');
  });

  test('need a zone that exists', async () => {
    const { code, stderr } = await spoeLogs(['parse', '--tz', 'Mars/Olympus', 'all.log'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /^spoe-logs: .*Mars\/Olympus.*\(bad-time-zone\)\n$/);
  });
});

test('an agent that is not there: those that are there are named, also from parts read by threads', async () => {
  for (const threads of [[], ['--threads', '3']]) {
    const { stdout } = await spoeLogs(['summarize', '--agent', 'mirorr', ...threads, 'all.log'], { cwd });
    assert.match(
      stdout,
      /the filters left none of 5 events to judge by; agents that are there: (mirror, waf|waf, mirror)$/m,
    );
  }
});

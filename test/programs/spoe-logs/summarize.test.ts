import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl, STALL } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;
const STALL_TEXT = readFileSync(STALL, 'utf8');
folder.write('stall.log', STALL_TEXT);
folder.write(
  'other.log',
  STALL_TEXT.replaceAll(' localhost haproxy[29973]', ' lb2 haproxy[7]').replaceAll('06:57:', '06:59:'),
);

const REPRODUCIBLE = ['--year', '2026', '--tz', 'UTC'];
const summarize = (...args: string[]) => spoeLogs(['summarize', ...REPRODUCIBLE, ...args], { cwd });

async function json(...args: string[]) {
  const { code, stdout, stderr } = await summarize('--format', 'json', ...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('summarize', () => {
  test('says the verdict first, on lines of at most 100 columns', async () => {
    const { code, stdout, stderr } = await summarize('stall.log');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.equal(stdout.split('\n')[0], 'DEGRADED since 2026-11-22 06:57:11Z — 25 % of 20 events failed');
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
    assert.equal(hasRawControl(stdout), false);
  });

  for (const format of ['table', 'json', 'markdown', 'csv', 'prometheus']) {
    test(`writes the same bytes again in ${format}, wherever the reader is`, async () => {
      const [first, ...others] = await Promise.all(
        ['UTC', 'Asia/Tokyo', 'America/St_Johns'].map((TZ) =>
          spoeLogs(['summarize', ...REPRODUCIBLE, '--format', format, 'stall.log'], { cwd, env: { TZ } }),
        ),
      );
      assert.equal(first?.code, 0);
      assert.ok(first?.stdout.endsWith('\n'));
      for (const other of others) assert.deepEqual(other, first);
    });
  }

  for (const [by, groups] of [
    ['agent', 1],
    ['agent,event', 1],
    ['event', 1],
    ['host', 2],
    ['pid', 2],
    ['st', 2],
    ['st,host,pid,event,agent', 4],
  ] as const) {
    test(`makes groups by ${by}, in the order of the schema`, async () => {
      const summary = await json('--by', by, 'stall.log', 'other.log');
      assert.equal(summary.groups.length, groups);
      assert.equal(summary.total.count, 40);
      const order = ['agent', 'type', 'name', 'host', 'pid', 'st'];
      const keys = Object.keys(summary.groups[0].key);
      assert.deepEqual(
        keys,
        order.filter((key) => keys.includes(key)),
      );
    });
  }

  test('adds a series of windows', async () => {
    const { series } = await json('--window', '1m', 'stall.log', 'other.log');
    assert.ok(series !== undefined);
    assert.match(JSON.stringify(series), /2026-11-22T06:57:00\.000Z/);
    assert.match(JSON.stringify(series), /2026-11-22T06:59:00\.000Z/);
  });

  test('writes when it was made only when asked', async () => {
    assert.equal((await json('stall.log')).input.generatedAt, undefined);
    assert.match((await json('--timestamp', 'stall.log')).input.generatedAt, /^\d{4}-\d\d-\d\dT/);
  });
});

describe('merge', () => {
  for (const options of [[], ['--by', 'host'], ['--window', '1s'], ['--by', 'agent,host,st', '--window', '1m']]) {
    test(`of two states is the summary of both logs: ${options.join(' ') || 'plain'}`, async () => {
      for (const name of ['stall', 'other']) await summarize('--save', `${name}.json`, ...options, `${name}.log`);
      for (const format of ['json', 'csv', 'table']) {
        const merged = await spoeLogs(['merge', '--format', format, 'stall.json', 'other.json'], { cwd });
        assert.deepEqual(merged, await summarize('--format', format, ...options, 'stall.log', 'other.log'), format);
      }
      const reversed = await spoeLogs(['merge', '--format', 'csv', 'other.json', 'stall.json'], { cwd });
      assert.deepEqual(reversed, await summarize('--format', 'csv', ...options, 'stall.log', 'other.log'));
    });
  }

  test('reads a state from standard input', async () => {
    await summarize('--save', 'stall.json', 'stall.log');
    const stdin = readFileSync(folder.file('stall.json'));
    const merged = await spoeLogs(['merge', '--format', 'csv', '-'], { cwd, stdin });
    assert.deepEqual(merged, await summarize('--format', 'csv', 'stall.log'));
  });

  test('judges thresholds', async () => {
    await summarize('--save', 'stall.json', 'stall.log');
    assert.equal((await spoeLogs(['merge', '--fail-on', 'error-rate>1%', 'stall.json'], { cwd })).code, 1);
    assert.equal((await spoeLogs(['merge', '--fail-on', 'error-rate>30%', 'stall.json'], { cwd })).code, 0);
  });

  test('of states with other groups or windows is refused', async () => {
    await summarize('--save', 'a.json', 'stall.log');
    await summarize('--save', 'b.json', '--by', 'host', 'stall.log');
    assert.deepEqual(await spoeLogs(['merge', 'a.json', 'b.json'], { cwd }), {
      code: 2,
      stdout: '',
      stderr:
        'spoe-logs: the states were saved with different --by or --window (states-differ); save them with the same options\n',
    });
  });

  test('is what is said of a state that is read as a log', async () => {
    await summarize('--save', 'stall.json', 'stall.log');
    const { code, stderr } = await summarize('stall.json');
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'spoe-logs: no SPOE line in stall.json: it is a state that summarize --save wrote (no-spoe-lines); read it so: spoe-logs merge stall.json\n',
    );
  });

  const hint = 'name files that spoe-logs summarize --save wrote';
  const bad: readonly (readonly [string, (state: string) => string, RegExp])[] = [
    ['no JSON', () => 'x', /it is not JSON \(bad-state\)/],
    ['nothing', () => '', /it is not JSON \(bad-state\)/],
    ['other JSON', () => '{"schema":"other"}', /it is not a saved state .*\(bad-state\)/],
    ['null', () => 'null', /\(bad-state\)/],
    ['a list', () => '[]', /\(bad-state\)/],
    ['a negative count', (state) => state.replace('"lines":41', '"lines":-41'), /tally\.lines .*\(bad-state\)/],
    ['an endless number', (state) => state.replace('"lines":41', '"lines":1e999'), /tally\.lines .*\(bad-state\)/],
    [
      'more than can be counted',
      (state) => state.replace('"lines":41', '"lines":1e17'),
      /tally\.lines .*\(bad-state\)/,
    ],
    [
      'failures of nothing',
      (state) => state.replace(/"tally":\{"count":\d+/, '"tally":{"count":0'),
      /tally, whose numbers do not add up, is not .*\(bad-state\)/,
    ],
    ['text for a number', (state) => state.replace('"lines":41', '"lines":"41"'), /tally\.lines .*\(bad-state\)/],
    ['a time beyond all dates', (state) => state.replace(/"first":\d{12,}/, '"first":1e300'), /\(bad-state\)/],
    ['no groups', (state) => state.replace('"groups":[', '"groups":{},"x":['), /groups .*\(bad-state\)/],
    ['half a state', (state) => state.slice(0, state.length / 2), /it is not JSON \(bad-state\)/],
  ];
  for (const [what, damage, message] of bad) {
    test(`refuses ${what} in one line, and merges the rest`, async () => {
      await summarize('--save', 'good.json', 'stall.log');
      const good = readFileSync(folder.file('good.json'), 'utf8');
      folder.write('bad.json', damage(good));
      const { code, stdout, stderr } = await spoeLogs(['merge', '--format', 'csv', 'bad.json', 'good.json'], { cwd });
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.ok(stderr.endsWith(`; ${hint}\n`) && stderr.split('\n').length === 2, stderr);
      assert.equal(stdout, (await summarize('--format', 'csv', 'stall.log')).stdout);
      assert.equal((await spoeLogs(['merge', 'bad.json'], { cwd })).stdout, '');
    });
  }

  test('needs a state, and one that is there', async () => {
    assert.equal((await spoeLogs(['merge'], { cwd })).code, 2);
    assert.deepEqual(await spoeLogs(['merge', 'none.json'], { cwd }), {
      code: 2,
      stdout: '',
      stderr: 'spoe-logs: no such file: none.json (not-found); check the path\n',
    });
  });
});

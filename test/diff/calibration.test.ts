/** The calibration bench: its traffic, how it holds results against requirements, and the tables it left in docs/diff.md. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { moreErrors } from '../../bench/diff/calibration/effects.ts';
import { SCENARIOS } from '../../bench/diff/calibration/scenarios.ts';
import { type Logs, simulate } from '../../bench/diff/calibration/simulation.ts';
import { judge, judgeAll } from '../../bench/diff/calibration/tally.ts';
import { ACCOUNTS } from '../../bench/diff/responses/accounts.ts';
import { SHOP } from '../../bench/diff/responses/shop.ts';

/** How many requests have been answered with an error, on each side. */
function countErrors({ production, mirror }: Logs) {
  return {
    production: [...production.matchAll(/\/\d+ 5\d\d \d+ - - /g)].length,
    mirror: [...mirror.matchAll(/"status":5|"error":"/g)].length,
  };
}

test('the same settings give the same logs, and another seed gives others', () => {
  const settings = { seed: 7, pairs: 200, sample: 0.5, drops: 0.1, retries: 0.5 };
  const { production, mirror } = simulate(settings);
  const again = simulate(settings);
  assert.equal(again.production, production);
  assert.equal(again.mirror, mirror);
  assert.notEqual(simulate({ ...settings, seed: 8 }).production, production);
});

test('a log that grows begins with the lines it had before', () => {
  const logs = simulate({ seed: 3, pairs: 300 });
  const half = logs.until(0.5);
  assert.ok(half.production.length > 0 && half.production.length < logs.production.length);
  assert.ok(logs.production.startsWith(half.production));
  assert.ok(logs.mirror.startsWith(half.mirror));
});

test('equal servers fail equally often, and a mirror that fails more does so by the known share', () => {
  const pairs = 8000;
  const settings = { seed: 5, pairs, siteOptions: { errorRate: 0.05 } };
  const equal = countErrors(simulate(settings));
  const worse = countErrors(simulate({ ...settings, effects: { '': moreErrors(0.02) } }));
  // Four standard deviations of what the two servers fail on their own.
  const tolerance = 4 * Math.sqrt(2 * pairs * 0.025);
  assert.ok(Math.abs(equal.mirror - equal.production) < tolerance, JSON.stringify(equal));
  assert.ok(Math.abs(worse.mirror - worse.production - 0.02 * pairs) < tolerance, JSON.stringify(worse));
});

test("what several scenarios count is added up, and a share's interval is Wilson's", () => {
  const requirements = ['none of 10', '5 of 100', '10 of 10', 'nothing'].map((name) => ({ name, atMost: 0.05 }));
  const counts = [
    { 'none of 10': { count: 0, n: 10 }, '5 of 100': { count: 2, n: 60 } },
    { '10 of 10': { count: 10, n: 10 }, '5 of 100': { count: 3, n: 40 } },
  ];
  const found = judgeAll(requirements, counts);
  assert.deepEqual(
    found.map(({ count, n, interval }) => [count, n, ...interval.map((at) => at.toFixed(4))]),
    [
      [0, 10, '0.0000', '0.2775'],
      [5, 100, '0.0215', '0.1118'],
      [10, 10, '0.7225', '1.0000'],
    ],
  );
});

test('a requirement is missed only where chance does not explain it', () => {
  assert.equal(judge({ atMost: 0.05 }, 4, 100), 'holds');
  assert.equal(judge({ atMost: 0.05 }, 8, 100), 'open');
  assert.equal(judge({ atMost: 0.05 }, 20, 100), 'MISSED');
  assert.equal(judge({ atLeast: 1 }, 99, 100), 'MISSED');
  assert.equal(judge({ atMost: 0 }, 0, 100), 'holds');
  assert.equal(judge({ between: [0.94, 0.96] }, 93, 100), 'holds');
  assert.equal(judge({ between: [0.94, 0.96] }, 1000, 1000), 'MISSED');
});

test('the bench runs a scenario through the program and writes its tables', () => {
  const run = fileURLToPath(new URL('../../bench/diff/calibration/run.ts', import.meta.url));
  const args = ['--import', 'tsx', run, '--scale', '0.02', '--only', 'no errors at all'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^1 simulated runs, 1 reports, seed 1; 1 of them /);
  assert.match(stdout, /\| A\/A: FAIL, all default gates together +\|/);
  assert.match(stdout, /\| no errors at all +\| +1 \|/);
});

test('the tables of docs/diff.md have a row for every scenario of the bench', () => {
  const document = readFileSync(new URL('../../docs/diff.md', import.meta.url), 'utf8');
  const block = document.split('<!-- calibration: written by npm run bench:calibration -->')[1] ?? '';
  const tables = (block.split('<!-- calibration: end -->')[0] ?? '')
    .split('\n\n')
    .filter((part) => part.startsWith('|'))
    .map((part) => part.split('\n').map((line) => line.split('|').map((cell) => cell.trim())));
  assert.equal(tables.length, 3);
  for (const rows of tables) assert.equal(new Set(rows.map((cells) => cells.length)).size, 1);
  const [results, equal, different] = tables.map((rows) => rows.slice(2)) as [string[][], string[][], string[][]];
  const namesOf = (chosen: (part: string) => boolean) =>
    SCENARIOS.filter(({ part }) => chosen(part)).map(({ name }) => name);
  const first = (rows: string[][]) => rows.map((cells) => cells[1]);
  assert.deepEqual(
    first(equal),
    namesOf((part) => part === 'equal'),
  );
  assert.deepEqual(
    first(different),
    namesOf((part) => part !== 'equal'),
  );
  for (const cells of results) assert.match(cells[6] ?? '', /^(holds|\*\*(MISSED|open)\*\*)$/);
});

test('the table of answers in docs/diff.md is of the bench, and every requirement holds', () => {
  const document = readFileSync(new URL('../../docs/diff.md', import.meta.url), 'utf8');
  const block = document
    .split('<!-- answers: written by npm run bench:responses -->')[1]
    ?.split('<!-- answers: end -->')[0];
  assert.match(block ?? '', /^\n\n\d+ runs of three simulated sites, seed \d+\./);
  assert.match(block ?? '', /\n\nEvery requirement holds\.\n\n/);
  for (const site of [SHOP, ACCOUNTS]) assert.ok(block?.includes(` ${site.name} |`), site.name);
});

test('the bench of answers finds what was planted and writes its table', () => {
  const run = fileURLToPath(new URL('../../bench/diff/responses/run.ts', import.meta.url));
  const args = ['--import', 'tsx', run, '--scale', '0.01', '--only', 'same requests, one large document, 200 pairs'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /\| another type, missing in 5 %, reversed array +\| +same requests \| +one large document \| +200 \|/,
  );
});

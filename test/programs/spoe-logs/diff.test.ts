/** `spoe-logs diff` as its users run it: exit codes, formats, refusals. What is in a report: test/diff and test/report. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { DiffReport } from '../../../src/diff/model.ts';
import { spoeLogs } from './one-process.ts';
import { fixture } from './run.ts';
import { Logs, requests } from './served-lines.ts';

const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const MIRROR = fixture('diff/3.0.11--broken-orders--mirror.jsonl');
const SIDES = ['--production', PRODUCTION, '--mirror', MIRROR];

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-diff-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function report(...args: readonly string[]): Promise<DiffReport> {
  const { stdout } = await spoeLogs(['diff', ...args, '--format', 'json']);
  return JSON.parse(stdout);
}

const FINE = readFileSync(MIRROR, 'utf8').replace(/"status":(?:500|404)/g, '"status":200');

test('what more pairs lead to is said once, with the verdict', async (t) => {
  const logs = new Logs(t);
  const worse = new Set([90, 250, 410]);
  const fields = (i: number) => ({ ...(worse.has(i) && { mirrorStatus: 500 }) });
  logs.both(requests('a', 500, Date.UTC(2026, 10, 22), fields));
  const { code, stdout } = await spoeLogs(['diff', '--production', logs.log, '--mirror', logs.record]);
  const [verdict = ''] = stdout.split(/^compared/m);
  assert.equal(code, 3);
  const said = verdict.replace(/\s+/g, ' ');
  assert.match(
    said,
    /^INCONCLUSIVE — errors may have risen .*, which may be chance .*if it goes on like this, some 500 more pairs prove it/,
  );
  assert.equal(said.match(/more pairs/g)?.length, 1);
});

describe('the exit code says the verdict', () => {
  test('0: no gate failed, and the interval stays within the margin', async () => {
    const fine = file('fine.jsonl', FINE);
    const { code, stderr, stdout } = await spoeLogs([
      'diff',
      '--production',
      PRODUCTION,
      '--mirror',
      fine,
      '--margin',
      '2pp',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^PASS /);
  });

  test('1: the broken route is named', async () => {
    const { code, stdout } = await spoeLogs(['diff', ...SIDES]);
    assert.equal(code, 1);
    assert.match(stdout, /^FAIL /);
    assert.match(stdout, /worse GET \/orders\/\{…\}/);
  });

  test('2: a side is missing, empty, unreadable, or holds no requests', async () => {
    const cases = [
      [['diff', '--production', PRODUCTION], /--mirror is not given \(usage\)/],
      [['diff', '--mirror', MIRROR], /--production is not given \(usage\)/],
      [['diff', '--production', file('empty.log', ''), '--mirror', MIRROR], /is empty \(empty\)/],
      [['diff', '--production', join(folder, 'nowhere'), '--mirror', MIRROR], /no such file.*\(not-found\)/],
      [['diff', '--production', PRODUCTION, '--mirror', file('words.txt', 'some words\n')], /\(no-requests\)/],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stderr } = await spoeLogs([...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });

  test('3: too few pairs are no evidence, none least of all', async () => {
    const few = file('few.jsonl', FINE.split('\n').slice(0, 50).join('\n'));
    assert.equal((await spoeLogs(['diff', '--production', PRODUCTION, '--mirror', few])).code, 3);
    const none = file('none.jsonl', '');
    const { code, stdout } = await spoeLogs([
      'diff',
      '--production',
      PRODUCTION,
      '--mirror',
      none,
      '--fail-on',
      'pairs<0',
    ]);
    assert.equal(code, 3);
    assert.match(stdout, /^INCONCLUSIVE /);
  });

  test('a failed gate goes before an inconclusive one', async () => {
    const { code } = await spoeLogs(['diff', ...SIDES, '--fail-on', 'pairs<1000']);
    assert.equal(code, 1);
  });
});

describe('gates and rules', () => {
  test('a gate with --warn-on is shown and decides nothing', async () => {
    const args = ['--warn-on', 'regression', '--warn-on', 'route-regression', '--margin', '20pp'];
    const { verdict } = await report(...SIDES, ...args, '--gates', 'regression,route-regression,pairs');
    assert.equal(verdict.status, 'pass');
    assert.deepEqual(
      verdict.gates.map(({ gate, status }) => `${gate} ${status}`),
      ['regression fail', 'route-regression fail', 'pairs pass'],
    );
  });

  test('an ignored change is counted as ignored and as nothing else', async () => {
    const { errors, coverage } = await report(...SIDES, '--ignore', 'GET /orders/{…} 200->500');
    assert.deepEqual([errors.ignored, errors.newError, errors.n], [20, 0, 300]);
    assert.equal(coverage.paired, 320);
  });

  test('--error names other statuses', async () => {
    const { errors } = await report(...SIDES, '--error', '404');
    assert.deepEqual([errors.newError, errors.new4xx], [16, 0]);
  });

  test('what cannot be read is refused in one line, before any file is opened', async () => {
    for (const [option, value, code] of [
      ['--fail-on', 'p95-ratio=1', 'bad-gate'],
      ['--fail-on', 'nonsense', 'bad-gate'],
      ['--error', '5x', 'bad-error-rule'],
      ['--ignore', 'GET /', 'bad-ignore-rule'],
      ['--ignore-field', 'price', 'bad-field-rule'],
      ['--ignore-field', '$.items[0]', 'bad-field-rule'],
      ['--ignore-field', '$.\u001b]0;x\u0007', 'bad-field-rule'],
      ['--ignore-field', '/(a+)\\1/', 'bad-field-rule'],
      ['--route', 'users', 'bad-route'],
      ['--margin', 'wide', 'bad-points'],
      ['--min-effect', '0.5pp,1pp', 'bad-option'],
      ['--min-effect', '0.5x', 'bad-option'],
      ['--allow-slower', '3x,50', 'bad-option'],
      ['--expect-coverage', '10', 'bad-points'],
      ['--expect-coverage', '0%', 'bad-points'],
      ['--gates', 'nonsense', 'bad-gate'],
      ['--production-format', '%nonsense', 'bad-format'],
      ['--openapi', PRODUCTION, 'bad-openapi'],
      ['--noise-baseline', MIRROR, 'bad-baseline'],
    ] as const) {
      const {
        code: exit,
        stdout,
        stderr,
      } = await spoeLogs(['diff', '--production', '/nowhere', '--mirror', '/nowhere', option, value]);
      assert.deepEqual([exit, stdout], [2, ''], `${option} ${value}: ${stderr}`);
      assert.match(stderr, new RegExp(`^spoe-logs: .*\\(${code}\\).*\\n$`), option);
    }
  });

  test('a media type that changed is found in two logs of nginx, unless a rule takes it out', async () => {
    const format =
      '$remote_addr [$time_local] "$request" $status $request_time "$http_x_unique_id" "$sent_http_content_type"';
    const lines = (name: string, typeOf: (i: number) => string) => {
      const line = (i: number) =>
        `192.0.2.1 [22/Nov/2026:07:00:00 +0000] "GET /orders/${i} HTTP/1.1" 200 0.010 "id-${i}" "${typeOf(i)}"\n`;
      return file(name, Array.from({ length: 300 }, (_, i) => line(i)).join(''));
    };
    const production = lines('typed.log', () => 'application/json; charset=utf-8');
    const mirror = lines('retyped.log', (i) => (i % 2 === 0 ? 'text/html' : `${'\\x1b'.repeat(2_500)}`));
    const sides = ['--production', production, '--production-format', format, '--mirror', mirror, '--mirror-format'];
    const { code, stdout } = await spoeLogs(['diff', ...sides, format]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^FAIL — media type of GET \/orders\/\{…\}: application\/json → \(unreadable\) in 50\.0 % of 300/,
    );
    const { verdict, contents } = await report(...sides, format, '--ignore-field', '/orders/{id} content-type');
    assert.equal(verdict.status, 'pass');
    assert.deepEqual(
      contents?.suppressed.map(({ differences }) => differences),
      [300],
    );
  });

  test('routes of an OpenAPI file win, in JSON and in YAML', async () => {
    const yaml = file(
      'api.yaml',
      'openapi: 3.1.0\nservers:\n  - url: https://shop.example/v1\npaths:\n  /carts/{cart}: {}\n',
    );
    const names = (await report(...SIDES, '--openapi', yaml)).routes.map(({ route }) => route);
    assert.ok(names.includes('GET /v1/carts/{cart}'), names.join());
    const json = file('api.json', JSON.stringify({ paths: { '/users/{user}': {} } }));
    assert.ok((await report(...SIDES, '--openapi', json)).routes.some(({ route }) => route === 'GET /users/{user}'));
  });

  test('--plan needs no logs and says how many pairs a PASS takes', async () => {
    const { code, stdout } = await spoeLogs(['diff', '--plan']);
    assert.equal(code, 0);
    assert.match(stdout, /nothing fails +276 /);
    assert.match((await spoeLogs(['diff', '--plan', '--margin', '0.5pp'])).stdout, /nothing fails +553 /);
  });

  test('a baseline with the same errors leaves no excess', async () => {
    const { stdout } = await spoeLogs(['diff', ...SIDES, '--format', 'json']);
    const baseline = file('aa.json', stdout);
    const { verdict } = await report(...SIDES, '--noise-baseline', baseline, '--margin', '10pp');
    assert.equal(verdict.status, 'pass');
  });
});

test('gates are left out by a minus, with and without =', async () => {
  for (const option of [['--gates', '-latency,-regression'], ['--gates=-latency,-regression']]) {
    const { stdout } = await spoeLogs(['diff', ...SIDES, ...option, '--format', 'json']);
    const names = JSON.parse(stdout).verdict.gates.map(({ gate }: { gate: string }) => gate);
    assert.ok(names.includes('route-regression'));
    assert.ok(!names.includes('latency') && !names.includes('regression'));
  }
});

describe('inputs', () => {
  test('lines in another order, in several files, gzip or not: the same bytes', async () => {
    const lines = readFileSync(PRODUCTION, 'utf8').trimEnd().split('\n').reverse();
    const half = lines.length / 2;
    const first = file('p1.log', `${lines.slice(0, half).join('\n')}\n`);
    const second = file('p2.log.gz', gzipSync(`${lines.slice(half).join('\n')}\n`));
    const shuffled = await report('--production', second, first, '--mirror', MIRROR);
    const { inputs: _, settings: _settings, ...rest } = await report(...SIDES);
    const { inputs, settings: _others, ...others } = shuffled;
    assert.equal(JSON.stringify(others), JSON.stringify(rest));
    assert.deepEqual(
      inputs.map(({ role, lines: count }) => [role, count]),
      [
        ['production', half],
        ['production', half],
        ['mirror', 320],
      ],
    );
  });

  test('one of the inputs may be standard input', async () => {
    const args = ['diff', '--production', PRODUCTION, '--mirror', '-', '--format', 'json'];
    const { stdout } = await spoeLogs(args, { stdin: { file: MIRROR } });
    assert.equal(JSON.parse(stdout).coverage.paired, 320);
  });

  test('a file given twice is read twice and counted once', async () => {
    const { inputs, coverage } = await report('--production', PRODUCTION, PRODUCTION, '--mirror', MIRROR);
    assert.equal(coverage.productionRequests, 320);
    assert.equal(
      inputs.reduce((sum, { duplicateLines }) => sum + duplicateLines, 0),
      640,
    );
  });

  test('SPOE lines in a log of their own are joined as well', async () => {
    const lines = readFileSync(PRODUCTION, 'utf8').split('\n');
    const own = file('spoe.log', lines.filter((line) => line.includes('SPOE: ')).join('\n'));
    const access = file('access.log', lines.filter((line) => !line.includes('SPOE: ')).join('\n'));
    const without = await report('--production', access, '--mirror', MIRROR);
    assert.equal(without.coverage.attempted, null);
    const { coverage, inputs } = await report('--production', access, '--spoe', own, '--mirror', MIRROR);
    assert.equal(coverage.attempted, 320);
    assert.deepEqual(
      inputs.map(({ role, format }) => `${role} ${format}`),
      ['production haproxy-httplog', 'spoe haproxy-spoe', 'mirror agent-jsonl'],
    );
  });

  test('--since and --until choose requests of production', async () => {
    const { coverage } = await report(...SIDES, '--since', '2026-11-23T22:32:13Z', '--tz', 'UTC');
    assert.ok(coverage.productionRequests > 0 && coverage.productionRequests < 320);
    assert.equal(coverage.mirrorOnly.unknownId, 0);
  });
});

describe('formats', () => {
  test('ndjson: one line for each request, --only and --route choose', async () => {
    const all = await spoeLogs(['diff', ...SIDES, '--format', 'ndjson']);
    assert.equal(all.stdout.trimEnd().split('\n').length, 320);
    assert.equal(all.code, 1);
    const args = ['--format', 'ndjson', '--only', 'new_error', '--route', 'GET /orders/{…}'];
    const { stdout } = await spoeLogs(['diff', ...SIDES, ...args]);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines.length, 20);
    assert.ok(lines.every(({ kind, mirror }) => kind === 'new_error' && mirror.status === 500));
  });

  test('queries are not in a report unless they are asked for', async () => {
    for (const format of ['table', 'json', 'ndjson', 'markdown', 'html', 'junit']) {
      const { stdout } = await spoeLogs(['diff', ...SIDES, '--format', format]);
      assert.ok(!stdout.includes('q=1'), format);
    }
    const { stdout } = await spoeLogs(['diff', ...SIDES, '--format', 'ndjson', '--show-queries']);
    assert.ok(stdout.includes('/search?q=1'));
  });

  test('--print-haproxy-config needs no inputs', async () => {
    const { code, stdout } = await spoeLogs(['diff', '--print-haproxy-config']);
    assert.equal(code, 0);
    assert.match(stdout, /unique-id-format/);
    assert.match(stdout, /arg_uid=unique-id/);
  });
});

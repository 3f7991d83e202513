/** summarize --record, as it is typed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { formatRecord, formatTime, type MirrorRecord } from '../../../src/mirror/record.ts';
import type { Summary } from '../../../src/stats/model.ts';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl, LiveRun } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;
const ajv = new Ajv2020({ allowUnionTypes: true });
addFormats.default(ajv);
const SCHEMA = new URL('../../../docs/schemas/summary.schema.json', import.meta.url);
const isSummary = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
const START = Date.UTC(2026, 10, 22, 7);

function records(count: number, make: (i: number) => Partial<MirrorRecord> = () => ({})): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const record: MirrorRecord = {
      ts: formatTime(START + i * 1000),
      message: 'mirror',
      stream_id: i,
      frame_id: 1,
      method: 'GET',
      path: '/',
      status: 200,
      ttfb_ms: 1.5,
      latency_ms: 2.25,
      request_bytes: 0,
      response_bytes: 42,
      truncated: false,
      attempts: 1,
      error: null,
      ...make(i),
    };
    return `${formatRecord(record)}\n`;
  });
  return lines.join('');
}

const dead = (i: number): Partial<MirrorRecord> =>
  i < 40 ? {} : { status: null, ttfb_ms: null, error: 'connect-refused' };
const log = Array.from({ length: 60 }, (_, i) => {
  const time = formatTime(START + i * 1000).slice(0, 19);
  return `${time}+00:00 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${i} st=0 0/0/1/0/1 1/1 0/0 0/${i + 1}\n`;
}).join('');
folder.write('lb.log', log);
folder.write('dead.jsonl', records(60, dead));
folder.write('fine.jsonl', records(60));
folder.write('empty.jsonl', '');

const summarize = (...args: string[]) => spoeLogs(['summarize', '--tz', 'UTC', ...args], { cwd });
const first = (text: string) => text.split('\n')[0];

test('beside the log: one verdict of both', async () => {
  const { code, stdout, stderr } = await summarize('lb.log', '--record', 'dead.jsonl');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout.split('\n').slice(0, 2).join('').replace(/ {2,}/, ' '),
    'FAILING since 2026-11-22 07:00:40Z — none of 60 events failed; mirror: all of the last 20 requests failed (connect-refused 20)',
  );
  assert.match(stdout, /^MIRROR +requests/m);
  assert.match(stdout, /connect-refused 20 \(nobody listens at the mirror\)/);
});

test('alone, from a file and from standard input', async () => {
  const file = await summarize('--record', 'fine.jsonl');
  assert.deepEqual(
    [file.code, file.stderr, first(file.stdout)],
    [0, '', 'HEALTHY — mirror: none of 60 requests failed'],
  );
  assert.doesNotMatch(file.stdout, /SPOE/);
  const piped = await spoeLogs(['summarize', '--record', '-'], { cwd, stdin: records(60) });
  assert.equal(piped.stdout, file.stdout.replace('fine.jsonl', 'standard input'));
});

test('a record in the log of a container is read as well', async () => {
  const lines = records(60, dead).trim().split('\n');
  const docker = lines.map(
    (line) => `${JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-22T07:00:00Z' })}\n`,
  );
  folder.write('docker.json', docker.join(''));
  const { mirror } = JSON.parse((await summarize('--record', 'docker.json', '--format', 'json')).stdout);
  assert.deepEqual([mirror.lines, mirror.unread, mirror.total.failed], [60, 0, 20]);
});

for (const format of ['json', 'csv', 'markdown', 'prometheus'])
  test(`has the mirror in ${format}`, async () => {
    const { stdout } = await summarize('lb.log', '--record', 'dead.jsonl', '--format', format);
    if (format === 'json') assert.ok(isSummary(JSON.parse(stdout)), ajv.errorsText(isSummary.errors));
    const expected = {
      json: /"error": "connect-refused",\n +"count": 20/,
      csv: /^mirror,.*200:40 connect-refused:20$/m,
      markdown: /^\| \*\*total\*\* \| 60 \| .* 20 \| 33 \|/m,
      prometheus: /^spoe_logs_mirror_errors_total\{error="connect-refused"\} 20$/m,
    }[format];
    assert.match(stdout, expected as RegExp);
  });

test('thresholds of the mirror decide about the exit code', async () => {
  const check = async (...args: string[]) => (await summarize('lb.log', ...args)).code;
  const record = ['--record', 'dead.jsonl'];
  assert.equal(await check(...record, '--fail-on', 'mirror-error-rate>40%'), 0);
  assert.equal(await check(...record, '--fail-on', 'mirror-error-rate>30%'), 1);
  assert.equal(await check(...record, '--fail-on', 'mirror-p99>1s', '--fail-on', 'dropped>0'), 0);
  assert.equal(await check('--fail-on', 'mirror-error-rate>40%'), 1, 'without a record it is not known');
});

test('--save and merge keep the record', async () => {
  await summarize('lb.log', '--record', 'dead.jsonl', '--save', 'state.json');
  const merged = await spoeLogs(['merge', '--format', 'json', 'state.json'], { cwd });
  const whole = await summarize('lb.log', '--record', 'dead.jsonl', '--format', 'json');
  assert.deepEqual(JSON.parse(merged.stdout).mirror, JSON.parse(whole.stdout).mirror);
  const state = JSON.parse(readFileSync(path.join(cwd, 'state.json'), 'utf8'));
  state.mirror.destinations[0].tally.latency.buckets = [999_999, 1];
  folder.write('bad.json', JSON.stringify(state));
  const refused = await spoeLogs(['merge', 'bad.json'], { cwd });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /bad\.json: mirror\.destinations\[0\]\.tally\.latency\.buckets is not .* \(bad-state\)/);
});

test('merge counts a record once that several states hold, and says so', async () => {
  await summarize('lb.log', '--record', 'dead.jsonl', '--save', 'both.json');
  await summarize('--record', 'dead.jsonl', '--save', 'alone.json');
  await summarize('--record', 'fine.jsonl', '--save', 'other.json');
  const merge = async (...args: string[]) =>
    JSON.parse((await spoeLogs(['merge', '--format', 'json', ...args], { cwd })).stdout) as Summary;
  for (const states of [
    ['both.json', 'both.json'],
    ['alone.json', 'alone.json'],
    ['both.json', 'alone.json'],
  ]) {
    const { mirror, notices } = await merge(...states);
    assert.deepEqual(
      [mirror?.total.requests, notices.map(({ code }) => code)],
      [60, ['record-repeated']],
      states.join(),
    );
  }
  assert.equal((await merge('both.json', 'other.json')).mirror?.total.requests, 120);
  assert.equal((await merge('--keep-duplicates', 'both.json', 'both.json')).mirror?.total.requests, 120);
});

test('a followed record that ended long ago is silent at once, and says what it was until then', async () => {
  const startMs = Date.UTC(2020, 1, 3);
  folder.write(
    'old.jsonl',
    records(60, (i) => ({ ...dead(40), ts: formatTime(startMs + i * 1000) })),
  );
  const run = new LiveRun(['summarize', '-F', '--record', 'old.jsonl', '--every', '1s'], { cwd });
  await run.sees('last mirrored request');
  run.child.kill('SIGINT');
  const { stdout } = await run.ended;
  // The first text may be one of before it was read, the last one is of the record alone.
  assert.doesNotMatch(stdout.slice(0, stdout.search(/^SILENT/m)), /^(HEALTHY|DEGRADED|FAILING)/m);
  assert.match(
    stdout.replace(/\n +/g, ' '),
    /^SILENT since 2020-02-03 00:00:59Z — no request comes any more; until then mirror: 100 % of 60 requests failed \(connect-refused 60\)/m,
  );
  assert.match(stdout, /last mirrored request \d+ d .*ago/);
});

test('--since leaves out a request without a time, as it does an event', async () => {
  const lines = records(4).split('\n');
  folder.write('timeless.jsonl', [lines[0], lines[1], lines[2]?.replace(/"ts":"[^"]*"/, '"ts":null'), ''].join('\n'));
  const { stdout } = await summarize('--record', 'timeless.jsonl', '--since', '2026-11-22', '--format', 'json');
  const { mirror } = JSON.parse(stdout) as Summary;
  assert.deepEqual([mirror?.lines, mirror?.filtered, mirror?.total.requests], [3, 1, 2]);
});

test('--since and --until are of the record too', async () => {
  const { stdout } = await summarize('--record', 'dead.jsonl', '--until', '2026-11-22T07:00:40Z', '--format', 'json');
  const { mirror } = JSON.parse(stdout);
  assert.deepEqual([mirror.filtered, mirror.total.requests, mirror.status], [20, 40, 'healthy']);
});

test('a record where a log was meant, an empty one, one that is not there: a line and exit code 2', async () => {
  const asLog = await summarize('dead.jsonl');
  assert.equal(asLog.code, 2);
  assert.match(asLog.stderr, /it is the record of spoa-mirror .*spoe-logs summarize --record dead\.jsonl/);
  const empty = await summarize('lb.log', '--record', 'empty.jsonl');
  assert.deepEqual([empty.code, /no mirrored request in empty\.jsonl: it is empty/.test(empty.stderr)], [2, true]);
  assert.match(first(empty.stdout) ?? '', /^UNKNOWN/);
  const missing = await summarize('lb.log', '--record', 'nowhere.jsonl');
  assert.deepEqual([missing.code, /nowhere\.jsonl/.test(missing.stderr)], [2, true]);
  assert.match(missing.stdout, /^ +- the record of the agent could not be read/m);
  const log = await summarize('lb.log', '--record', 'lb.log');
  assert.deepEqual([log.code, /no-record/.test(log.stderr)], [2, true]);
  const twice = await spoeLogs(['summarize', '-', '--record', '-'], { cwd, stdin: '' });
  assert.deepEqual([twice.code, /stdin-twice/.test(twice.stderr)], [2, true]);
});

test('text of a record cannot reach the terminal as it is', async () => {
  const hostile = '\u001b[2J\u202Ehttp://x';
  folder.write(
    'hostile.jsonl',
    records(9, (i) => ({ destination: `${hostile}${i % 2}`, status: 500 })),
  );
  for (const format of ['table', 'json', 'markdown', 'csv', 'prometheus']) {
    const { stdout } = await summarize('--record', 'hostile.jsonl', '--format', format);
    assert.equal(hasRawControl(stdout), false, format);
  }
});

test("HAProxy's own log is no record, by one name or by two", async () => {
  const line =
    'Nov 22 07:00:00 lb1 haproxy[7]: 10.0.0.9:4711 [22/Nov/2026:07:00:00.000] fe be/s1 0/0/0/1/1 200 1 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n';
  const log = folder.write('own.log', line.repeat(9));
  const other = folder.write('other.log', line.repeat(9));
  const same = await spoeLogs(['summarize', log, '--record', log]);
  assert.equal(same.code, 2);
  assert.match(same.stderr, /is given as the log and as --record \(no-record\)/);
  const two = await spoeLogs(['summarize', log, '--record', other]);
  assert.match(two.stdout, /^UNKNOWN .*mirror: nothing is known/);
  assert.match(two.stderr, /no mirrored request in .*HAProxy access lines/);
});

/** `spoe-logs export` as a user runs it. What a collector may answer is in test/otel/faults.test.ts. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { renderProgress } from '../../../src/programs/spoe-logs/export-progress.ts';
import { eventLine, TemporaryFolder } from '../../logs/reading.ts';
import { makeLines } from '../../otel/exporting.ts';
import { readJsonSpans } from '../../otel/otlp.ts';
import { HttpReceiver } from '../../otel/receiver.ts';
import { reservePort } from '../../ports.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl, LiveRun, STALL } from './run.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());
const cwd = folder.path;
const FIXED = ['--tz', 'UTC', '--year', '2026'];

describe('to a collector', () => {
  test('a file, with no further option', async () => {
    const receiver = await HttpReceiver.start();
    const outcome = await spoeLogs(['export', STALL, '--endpoint', receiver.url, ...FIXED]);
    assert.deepEqual(outcome, {
      code: 0,
      stdout: `exported 90 spans · rejected 0 · failed 0 · retried 0 · of 20 events to ${receiver.url}/v1/traces\n`,
      stderr: '',
    });
    assert.equal(receiver.accepted.length, 90);
  });

  test('a pipe and gzip, by the environment, compact, with metrics', async () => {
    const receiver = await HttpReceiver.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    for (const stdin of [readFileSync(STALL), gzipSync(readFileSync(STALL))]) {
      const { code, stdout } = await spoeLogs(['export', '--spans', 'compact', '--metrics'], { stdin, env });
      assert.equal(code, 0);
      assert.match(stdout, /^exported 20 spans .*\nexported 14 data points .*\n$/);
    }
    assert.equal(receiver.accepted.length, 40);
  });

  test('filters and samples choose, and what they leave out is told', async () => {
    const receiver = await HttpReceiver.start();
    const errors = await spoeLogs(['export', STALL, '--endpoint', receiver.url, '--status', 'error', ...FIXED]);
    assert.equal(errors.stdout.split('\n')[1], 'events left out: filtered 15');
    const sampled = await spoeLogs(['export', STALL, '--endpoint', receiver.url, '--sample', '0%', ...FIXED]);
    assert.match(sampled.stdout, /^exported 15 spans .*\nevents left out: not sampled 15\n$/);
  });
});

describe('exit codes', () => {
  test('1 when something was not delivered, and why', async () => {
    const receiver = await HttpReceiver.start();
    receiver.script = () => ({ kind: 'partial', rejected: 3, message: 'quota \u001b[31m exceeded' });
    const { code, stdout, stderr } = await spoeLogs(['export', STALL, '--endpoint', receiver.url, ...FIXED]);
    assert.equal(code, 1);
    assert.match(stdout, /^exported 87 spans · rejected 3 · failed 0 /);
    assert.equal(stderr, 'spoe-logs: 3 spans were rejected by the collector: quota \\x1b[31m exceeded (rejected)\n');
    assert.ok(!hasRawControl(stdout + stderr));
  });

  test('1 when the collector could not be reached for --retry-for', async () => {
    const port = await reservePort();
    const url = `http://127.0.0.1:${port}`;
    const { code, stdout, stderr } = await spoeLogs([
      'export',
      STALL,
      '--endpoint',
      url,
      '--retry-for',
      '0s',
      ...FIXED,
    ]);
    assert.equal(code, 1);
    assert.match(stdout, /^exported 0 spans · rejected 0 · failed 90 · retried 0 /);
    assert.match(
      stderr,
      /^spoe-logs: http:\/\/127.*ECONNREFUSED.* \(collector-unavailable\); see that the collector runs/,
    );
  });

  test('2 when the credentials are refused, in one line that names endpoint and answer', async () => {
    const receiver = await HttpReceiver.start();
    receiver.script = () => ({ kind: 'status', code: 401, message: 'no token' });
    const { code, stderr } = await spoeLogs(['export', STALL, '--endpoint', receiver.url, ...FIXED]);
    assert.equal(code, 2);
    assert.match(
      stderr.split('\n')[0] ?? '',
      /\/v1\/traces: HTTP 401: no token \(collector-refused\); give credentials/,
    );
  });

  const usage: readonly [args: string[], code: string][] = [
    [['--endpoint', 'localhost:4318'], 'bad-endpoint'],
    [['--protocol', 'udp'], 'bad-protocol'],
    [['--sample', '120%'], 'bad-sample'],
    [['--retry-for', 'ever'], 'bad-duration'],
    [['--spans', 'none'], 'usage'],
    [['--otlp-file', '/nowhere/out.jsonl'], 'cannot-write-otlp'],
  ];
  for (const [args, expected] of usage) {
    test(`2 for ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await spoeLogs(['export', ...args, STALL]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, new RegExp(`^spoe-logs: .* \\(${expected}\\); .*\n$`));
    });
  }

  test('2 for lines without a time, which get the present one with --time arrival', async () => {
    const path = folder.write('raw.log', 'SPOE: [m] <EVENT:e> sid=1 st=0 12 0/9\n'.repeat(2));
    const refused = await spoeLogs(['export', path, '--otlp-file', 'raw.jsonl'], { cwd });
    assert.equal(refused.code, 2);
    assert.equal(refused.stdout, 'written 0 spans of 2 events to raw.jsonl\nevents left out: without a time 2\n');
    assert.match(refused.stderr, /^spoe-logs: .*\(no-time\); .*--time arrival\n$/);
    const arrived = await spoeLogs(['export', path, '--otlp-file', 'raw.jsonl', '--time', 'arrival'], { cwd });
    assert.deepEqual(arrived, { code: 0, stdout: 'written 2 spans of 2 events to raw.jsonl\n', stderr: '' });
  });

  test('2 for an input without an SPOE line', async () => {
    const path = folder.write('none.log', 'hello\n');
    const { code, stderr } = await spoeLogs(['export', path, '--otlp-file', 'none.jsonl'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /no-spoe-lines/);
  });
});

describe('--otlp-file', () => {
  test('writes requests as lines; nothing is sent', async () => {
    const path = folder.write('many.log', makeLines(3000));
    const { code, stdout } = await spoeLogs(['export', path, '--otlp-file', 'out.jsonl', ...FIXED], {
      cwd,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'written 15000 spans of 3000 events to out.jsonl\n' });
    const lines = readFileSync(folder.file('out.jsonl'), 'utf8').trimEnd().split('\n');
    assert.ok(
      lines.every((line) => Buffer.byteLength(line) < 1024 * 1024),
      "a collector's file receiver cuts there",
    );
    assert.equal(lines.flatMap(readJsonSpans).length, 15_000);
  });
});

describe('--dry-run', () => {
  test('prints the first ten spans and sends nothing', async () => {
    const { code, stdout, stderr } = await spoeLogs(['export', STALL, '--dry-run', ...FIXED]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.equal(stdout.match(/^ +(CLIENT|INTERNAL) /gm)?.length, 10);
    assert.match(stdout, /^resource {2}service\.name=haproxy/);
  });
});

describe('Ctrl-C', () => {
  test('delivers what was read, and ends with 130', async () => {
    const receiver = await HttpReceiver.start();
    const run = new LiveRun(['export', '--endpoint', receiver.url], { env: { OTEL_BSP_SCHEDULE_DELAY: '50' } });
    run.write(`${eventLine(1)}\n`);
    await receiver.sees({ spans: 5 });
    run.child.kill('SIGSTOP');
    run.write(makeLines(100));
    run.child.kill('SIGINT');
    run.child.kill('SIGCONT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.match(stdout, /^exported 505 spans /);
    assert.equal(receiver.accepted.length, 505);
  });

  test('a second one does not wait for the collector', async () => {
    const receiver = await HttpReceiver.start();
    receiver.script = () => ({ kind: 'hang' });
    const run = new LiveRun(['export', '--endpoint', receiver.url, STALL]);
    await receiver.sees({ requests: 1 });
    run.child.kill('SIGINT');
    await run.sees('a second Ctrl-C ends at once');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
  });
});

test('--follow sends lines as they are appended, until Ctrl-C', async () => {
  const receiver = await HttpReceiver.start();
  const path = folder.write('lb.log', `${eventLine(1)}\n`);
  const run = new LiveRun(['export', '--follow', '--endpoint', receiver.url, path], {
    env: { OTEL_BSP_SCHEDULE_DELAY: '50' },
  });
  await receiver.sees({ spans: 5 });
  appendFileSync(path, `${eventLine(2)}\n`);
  await receiver.sees({ spans: 10 });
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended;
  assert.equal(code, 130);
  assert.match(stdout, /^exported 10 spans /);
});

test('the progress line says how far, how fast and how long', () => {
  const model = {
    bytes: 50 * 2 ** 20,
    totalBytes: 200 * 2 ** 20,
    lines: 900_000,
    spans: 4_500_000,
    inFlight: 4,
    seconds: 9,
  };
  assert.equal(
    renderProgress(model),
    '50.0 MiB of 200.0 MiB (25 %) · 100,000 lines/s · 500,000 spans/s · 4 in flight · ETA 27 s',
  );
  assert.equal(
    renderProgress({ ...model, totalBytes: undefined }),
    '50.0 MiB · 100,000 lines/s · 500,000 spans/s · 4 in flight',
  );
});

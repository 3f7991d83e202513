/** Sides that are exchanged, the same, late, or dropped: what a person sees of it. */
import assert from 'node:assert/strict';
import { copyFileSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { spoeLogs } from './one-process.ts';
import { fixture, LiveRun } from './run.ts';

const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const MIRROR = fixture('diff/3.0.11--broken-orders--mirror.jsonl');
const PRODUCTION_LINES = readFileSync(PRODUCTION, 'utf8');
const MIRROR_LINES = readFileSync(MIRROR, 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-sides-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function refused(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await spoeLogs(['diff', ...args]);
  assert.deepEqual([code, stdout], [2, ''], stderr);
  assert.equal(stderr.split('\n').length, 2, stderr);
  return stderr;
}

async function report(...args: readonly string[]) {
  return JSON.parse((await spoeLogs(['diff', ...args, '--format', 'json'])).stdout);
}

test('exchanged sides are refused with the command as it should have been', async () => {
  // Without what it is judged by, the right command would give another verdict.
  const judged = [
    '--min-effect',
    '3pp',
    '--margin',
    '2pp',
    '--allow-slower',
    '4x',
    '--max-requests',
    '5000',
    '--anytime',
  ];
  const message = await refused('--production', MIRROR, '--mirror', PRODUCTION, ...judged);
  assert.match(message, /the sides are exchanged: .*mirror\.jsonl is the agent's record.* \(exchanged-sides\)/);
  assert.ok(
    message.includes(`spoe-logs diff --production ${PRODUCTION} --mirror ${MIRROR} ${judged.join(' ')}\n`),
    message,
  );
});

test('what the inputs are tells it, not what they are called', async () => {
  const [one, two] = [file('a.txt', MIRROR_LINES), file('b.txt', PRODUCTION_LINES)];
  assert.match(await refused('--production', one, '--mirror', two), /exchanged/);
  const nginx = file(
    'nginx.log',
    '10.0.0.1 - - [23/Nov/2026:22:32:12 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8" "7F000001:9CFC" 0.004\n',
  );
  assert.match(await refused('--production', nginx, '--mirror', two), /has the SPOE lines of the HAProxy that mirrors/);
});

test('a HAProxy before the mirror may have SPOE lines of its own', async () => {
  const others = PRODUCTION_LINES.replaceAll('[mirror]', '[coraza]').replaceAll('be_servers', 'be_mirror');
  const nothing = PRODUCTION_LINES.split('\n').filter((line) => !line.includes('SPOE:'));
  const { coverage } = await report(
    '--production',
    file('plain.log', nothing.join('\n')),
    '--mirror',
    file('o.log', others),
  );
  assert.equal(coverage.paired, 320);
});

test('the same log on both sides is refused: by its file, and by its lines', async () => {
  const link = join(folder, 'link.log');
  linkSync(file('own.log', PRODUCTION_LINES), link);
  assert.match(await refused('--production', join(folder, 'own.log'), '--mirror', link), /same-input/);
  const copy = join(folder, 'copy.log');
  copyFileSync(PRODUCTION, copy);
  assert.match(await refused('--production', PRODUCTION, '--mirror', copy), /hold the same lines.*same-input/);
});

test('lines about HAProxy itself are notices, and neither parsed nor unparsed', async () => {
  const notices = 'Nov 23 22:32:12 lb1 haproxy[6030]: Proxy fe_main started.\n'.repeat(5);
  const { inputs } = await report('--production', file('notices.log', notices + PRODUCTION_LINES), '--mirror', MIRROR);
  assert.deepEqual([inputs[0].notices, inputs[0].unparsed], [5, 0]);
});

test('--only missing has what the agent dropped, with its reason', async () => {
  const dropped = MIRROR_LINES.replace(
    /"status":200,"ttfb_ms":[\d.]+,"latency_ms":[\d.]+(.*?)"error":null/,
    (_, rest) => `"status":null,"ttfb_ms":null,"latency_ms":null${rest}"error":"dropped-queue-full"`,
  );
  const args = ['--production', PRODUCTION, '--mirror', file('dropped.jsonl', dropped), '--format', 'ndjson'];
  const { stdout } = await spoeLogs(['diff', ...args, '--only', 'missing']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /"bucket":"dropped".*"dropped":"dropped-queue-full"/);
});

test('with two destinations each request has a line for each, or for the one that is asked for', async () => {
  const two = ['http://v1:1', 'http://v2:2'].map((destination) =>
    MIRROR_LINES.replaceAll('"path":', `"destination":"${destination}","path":`),
  );
  const args = ['--production', PRODUCTION, '--mirror', file('two.jsonl', two.join('')), '--format', 'ndjson'];
  const both = (await spoeLogs(['diff', ...args])).stdout.trimEnd().split('\n');
  const one = (await spoeLogs(['diff', ...args, '--destination', 'http://v2:2/'])).stdout.trimEnd().split('\n');
  assert.deepEqual([both.length, one.length], [640, 320]);
  assert.ok(one.every((line) => line.includes('"destination":"http://v2:2"')));
  assert.match(await refused(...args, '--destination', 'http://v3'), /destinations are http:\/\/v1:1, http:\/\/v2:2/);
});

/** As it is, but for what only a log that goes on has. */
function lasting({
  samples,
  warnings,
  verdict,
  errors,
  routes,
  plan,
  settings,
  inputs,
  ...rest
}: Record<string, unknown>) {
  const pairs = (routes as { route: string; errors: { n: number; newError: number } }[]).map(
    ({ route, errors: { n, newError } }) => [route, n, newError],
  );
  return { ...rest, inputs, pairs: pairs.sort() };
}

test('what files hold is lost to nobody who follows them, whatever the clocks and the rate', async () => {
  const late = MIRROR_LINES.replace(
    /"ts":"([^"]+)"/g,
    (_, ts) => `"ts":"${new Date(Date.parse(ts) + 45_000).toISOString()}"`,
  );
  const sides = ['--production', PRODUCTION, '--mirror', file('late.jsonl', late), '--format', 'json', '--tz', 'UTC'];
  const waiting = file('none.log', '');
  const run = new LiveRun(['diff', '--follow', ...sides, '--mirror', waiting, join(folder, 'never.log')]);
  await run.sees('never.log is not there yet');
  run.child.kill('SIGINT');
  const live = JSON.parse((await run.ended).stdout);
  const whole = await report(...sides.slice(0, 4), '--tz', 'UTC', '--mirror', waiting);
  assert.deepEqual(live.coverage.paired, 320);
  assert.ok(live.warnings.some(({ code }: { code: string }) => code === 'not-there-yet'));
  assert.deepEqual(lasting({ ...live, inputs: 0 }), lasting({ ...whole, inputs: 0 }));
});

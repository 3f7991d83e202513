/** Every program of examples/, started as its own first lines say, with exactly what it prints. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { KvList } from '../src/spop/kv-list.ts';
import { writeNotify } from '../src/spop/notify.ts';
import { stringData } from '../src/spop/values.ts';
import { TemporaryFolder } from './logs/reading.ts';
import { fixture, STALL } from './programs/spoe-logs/run.ts';
import { Client, frames, HELLO } from './spoa/client.ts';

const EXAMPLES = new URL('../examples/', import.meta.url);
const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const MIRROR = fixture('diff/3.0.11--broken-orders--mirror.jsonl');

const started = new Set<ChildProcess>();
const ran = new Set<string>();
let folder: TemporaryFolder;
before(() => {
  folder = new TemporaryFolder();
});
after(() => {
  for (const child of started) child.kill('SIGKILL');
  folder.remove();
});

function start(name: string, args: readonly string[]): ChildProcess {
  ran.add(name);
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, EXAMPLES)), ...args], {
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  });
  started.add(child);
  child.once('close', () => started.delete(child));
  return child;
}

async function run(name: string, args: readonly string[] = [], input: string | Uint8Array = '') {
  const child = start(name, args);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin?.end(input);
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** An agent that was started, and what it says, line by line. */
async function startAgent(name: string) {
  const child = start(name, ['0']);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  const port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(await next())?.[1]);
  const client = await Client.open(port, HELLO);
  const stop = async () => {
    client.close();
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    return code as number;
  };
  return { client, next, stop };
}

function ask(client: Client, streamId: number, message: string, args: { readonly [name: string]: string }): void {
  const list = KvList.of(Object.entries(args).map(([name, value]) => [name, stringData(value)] as const));
  client.send(frames((writer) => writeNotify(writer, streamId, 1, [{ name: message, args: list }])));
}

test('read-log: failed events of plain and of compressed logs', async () => {
  // With a year in its times, so that the output is the same in every year.
  const log = [
    '2026-11-22T07:00:01+00:00 lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=1 st=0 1 0/1',
    '2026-11-22T07:00:02+00:00 lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=2 st=1 501 1/2',
    'SPOE: [mirror] <EVENT:on-frontend-http-request> sid=3 st=257 0 2/3',
    '',
  ].join('\n');
  const plain = folder.write('a.log', log);
  const gzip = folder.write('b.log.gz', gzipSync(log));
  const failures =
    '2026-11-22T07:00:02.000Z lb1 mirror sid=2 processing-timeout 501 ms\n- - mirror sid=3 io-error 0 ms\n';
  const { stdout, code } = await run('read-log.mjs', [plain, gzip]);
  assert.equal(
    stdout,
    `${failures}${plain}: 3 events in 3 lines, 0 malformed\n${failures}${gzip}: 3 events in 3 lines, 0 malformed\n`,
  );
  assert.equal(code, 0);
});

test('live-split2: each failure when it is written, a line that is cut in two, too', async () => {
  const child = start('live-split2.mjs', []);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const said = (sid: number) => `mirror on-frontend-http-request sid=${sid} st=1: timeout during event processing`;
  const line = (sid: number) => `SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=1 501 1/${sid}\n`;
  child.stdin?.write(`anything\n${line(1)}`);
  assert.equal((await lines.next()).value, said(1));
  child.stdin?.write(line(2).slice(0, 30));
  child.stdin?.write(`${line(2).slice(30)}${line(3).replace('st=1', 'st=0')}`);
  assert.equal((await lines.next()).value, said(2));
  child.stdin?.end();
  assert.equal((await lines.next()).done, true);
});

test('own-agent: what HAProxy sends, and nothing that a client sent moves the cursor', async () => {
  const { client, next, stop } = await startAgent('own-agent.mjs');
  ask(client, 7, 'hello', { path: '/a\u001b[2J', who: 'me' });
  assert.equal(await next(), String.raw`stream 7 frame 1 hello path="/a\u001b[2J" who="me"`);
  const [, ack] = await client.until(2);
  assert.deepEqual(ack?.type === 'ack' && ack.actions, []);
  const stopped = stop();
  assert.equal(await next(), '1 messages');
  assert.equal(await stopped, 0);
});

test('allow-deny-agent: a variable for each decision', async () => {
  const { client, stop } = await startAgent('allow-deny-agent.mjs');
  ask(client, 1, 'check-path', { path: '/admin/users', src: '192.0.2.1' });
  ask(client, 2, 'check-path', { path: '/admin/users', src: '10.1.2.3' });
  ask(client, 3, 'check-path', { path: '/', src: '192.0.2.1' });
  const verdicts = (await client.until(4)).flatMap((answer) => (answer.type === 'ack' ? answer.actions : []));
  assert.deepEqual(
    verdicts.map((action) => action.type === 'set-var' && [action.scope, action.name, action.value.text]),
    [
      [2, 'verdict', 'deny'],
      [2, 'verdict', 'allow'],
      [2, 'verdict', 'allow'],
    ],
  );
  assert.equal(await stop(), 0);
});

test('record-to-database: SQL, and a client cannot write any', async () => {
  const [first = ''] = readFileSync(MIRROR, 'utf8').split('\n');
  const hostile = { ...JSON.parse(first), path: "/'); DROP TABLE mirrored; --\0", status: null, error: 'timeout' };
  const { stdout, stderr } = await run('record-to-database.mjs', [], `${first}\n${JSON.stringify(hostile)}\nnot one\n`);
  assert.equal(
    stdout,
    `CREATE TABLE IF NOT EXISTS mirrored (ts, unique_id, method, path, status, ttfb_ms, latency_ms, attempts, error);
BEGIN;
INSERT INTO mirrored VALUES ('2026-11-23T22:32:12.927Z', '7F000001:9CFC_7F000001:A755_6B04BEEC_0001:178E', 'GET', '/orders/1000', 200, 4.004, 4.004, 1, NULL);
INSERT INTO mirrored VALUES ('2026-11-23T22:32:12.927Z', '7F000001:9CFC_7F000001:A755_6B04BEEC_0001:178E', 'GET', '/''); DROP TABLE mirrored; --', NULL, 4.004, 4.004, 1, 'timeout');
COMMIT;
`,
  );
  assert.equal(stderr, '2 requests, 1 lines that are none\n');
});

test('ci-gate: the reasons, the exit code, and the report as a file', async () => {
  const report = folder.file('report.json');
  assert.deepEqual(await run('ci-gate.mjs', [PRODUCTION, MIRROR, report]), {
    code: 1,
    stdout: `fail: 320 pairs, 20 new errors, 0 fixed
- errors rose from 0 % to 6.25 %: 20 new, 0 fixed in 320 pairs
- errors of GET /orders/{…} rose from 0 % to 25.0 %: 20 new, 0 fixed in 80 pairs
- status: 200 → 404 in 5.33 % of 300 pairs
- status of GET /v1/carts/{…}: 200 → 404 in 100 % of 16 pairs
- requests that only the mirror fails: observed 6.25 %, limit 1 %
- slowest answers (p95): observed 8.33, limit 1.5
`,
    stderr: '',
  });
  assert.equal(JSON.parse(readFileSync(report, 'utf8')).schema, 'spoe-logs/diff-report/1');
  const refused = await run('ci-gate.mjs', [PRODUCTION, PRODUCTION]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^same-input: .*\n$/);
});

test('custom-access-format: both sides in formats of their own', async () => {
  assert.deepEqual(await run('custom-access-format.mjs'), {
    code: 0,
    stdout: `production: haproxy-log-format, 400 requests, 0 not read
mirror: nginx-log-format, 400 requests, 0 not read
400 pairs by unique-id
200 -> 200: 360
200 -> 500: 40
fail
`,
    stderr: '',
  });
});

test('own-report: a summary in other words', async () => {
  assert.deepEqual(await run('own-report.mjs', [], readFileSync(STALL)), {
    code: 0,
    stdout: `Mirroring is degraded.
* mirror: 20 events, 5 failed, 99 % of the requests waited 302 ms or less
  Look at the agent: load, blocked workers, a slow mirror target; then at timeout processing.
NOT kept: error-rate>1%
(41 lines, 0 malformed)
`,
    stderr: '',
  });
});

test('every example was started, has a comment that says how, imports the package by its name, and is in the list', () => {
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith('.mjs'));
  assert.deepEqual([...ran].sort(), names);
  const list = readFileSync(new URL('README.md', EXAMPLES), 'utf8');
  for (const name of names) {
    const text = readFileSync(new URL(name, EXAMPLES), 'utf8');
    assert.match(text, new RegExp(`^/\\*\\*[^]*?node examples/${name}`), name);
    assert.match(text, /from 'spoe-logs';/, name);
    assert.ok(list.includes(`\`${name}`), name);
  }
});

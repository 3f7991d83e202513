import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DataPlaneStandIn, PASSWORD, USER } from '../../operate/data-plane-stand-in.ts';
import { FakeHaproxy, FakeWorker, MAP } from '../../operate/fake-haproxy.ts';
import { assertFits } from '../../schemas/schema.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl, LiveRun } from './run.ts';

const KEYS: [string, string][] = [
  ['mirroring', 'on'],
  ['mirroring.sample', '100'],
];

async function set(t: TestContext, entries = KEYS) {
  const worker = new FakeWorker(
    7,
    entries.map(([key, value]) => [key, value]),
  );
  const fake = await FakeHaproxy.start(t, [worker]);
  const file = join(fake.folder, 'mirroring.map');
  writeFileSync(file, 'mirroring on\nmirroring.sample 100\n');
  const mirroring = (...args: string[]) => spoeLogs(['mirroring', ...args, '--socket', fake.path]);
  return { fake, worker, file, mirroring };
}

describe('wrong input is one clear line', () => {
  const S = ['--socket', '/nowhere.sock'];
  for (const [args, line] of [
    [
      ['mirroring'],
      'mirroring needs an action (usage); write one of status, on, off, sample, guard, filter list, filter add, filter remove',
    ],
    [['mirroring', 'stauts', ...S], 'mirroring cannot "stauts" (usage); did you mean status?'],
    [
      ['mirroring', 'filter', ...S],
      'mirroring cannot "filter" (usage); write one of status, on, off, sample, guard, filter list, filter add, filter remove',
    ],
    [
      ['mirroring', 'status'],
      '--socket is missing (usage); name the stats socket of HAProxy: --socket /run/haproxy/admin.sock',
    ],
    [['mirroring', 'status', 'now', ...S], 'unexpected "now" (usage); see spoe-logs mirroring --help'],
    [
      ['mirroring', 'status', '--socket', 'lb1'],
      'cannot read --socket "lb1": it is neither a path nor HOST:PORT (bad-address); write /run/haproxy/admin.sock or 127.0.0.1:9999, as "stats socket" has it',
    ],
    [
      ['mirroring', 'status', ...S],
      'there is no socket /nowhere.sock (no-socket); name the one of "stats socket" in haproxy.cfg',
    ],
    [
      ['mirroring', 'status', ...S, '--timeout', '5'],
      'cannot read --timeout "5" (bad-duration); it has no unit: write 5s or 5ms',
    ],
    [
      ['mirroring', 'status', ...S, '--key', 'a b'],
      'cannot use --key "a b" (bad-map); write letters, digits and . : @ = , / + - _',
    ],
    [
      ['mirroring', 'status', ...S, '--values', 'on'],
      'cannot read --values "on" (bad-map); write the value for on, then the one for off: on,off',
    ],
    [['mirroring', 'status', ...S, '--save'], '--save is not for mirroring status (usage); it is for on, off, sample'],
    [['mirroring', 'on', ...S, '--pause', '3s'], '--pause is not for mirroring on (usage); it is for guard'],
    [
      ['mirroring', 'on', ...S, '--save', '--for', '3s'],
      '--save and --for cannot be together (usage); what is saved stays, what is for a while does not',
    ],
    [['mirroring', 'sample', ...S], 'mirroring sample needs a share (usage); write sample 10%'],
    [['mirroring', 'sample', '10', ...S], 'cannot read sample "10" (bad-sample); write percent: 10%'],
    [['mirroring', 'sample', '101%', ...S], 'cannot read sample "101%" (bad-sample); write percent: 10%'],
    [
      ['mirroring', 'sample', '0.5%', ...S],
      'sample 0.5% is no whole part of 100, which is what rand() is given (bad-sample); write 1%, or draw of more: rand(10000) and --sample-of 10000',
    ],
    [['mirroring', 'sample', '0%', ...S], 'sample 0% mirrors nothing (bad-sample); write mirroring off'],
    [
      ['mirroring', 'guard', ...S, '--max-p99', '50ms', '--probe', '0%', 'x.log'],
      '--probe 0% mirrors nothing (bad-sample); write a share of more: 1%',
    ],
    [
      ['mirroring', 'guard', ...S, 'x.log'],
      'mirroring guard has no budget (usage); give --max-p99 50ms, --max-error-rate 5%, or both',
    ],
    [
      ['mirroring', 'guard', ...S, '--max-p99', '50', 'x.log'],
      'cannot read --max-p99 "50" (bad-duration); it has no unit: write 50s or 50ms',
    ],
    [
      ['mirroring', 'guard', ...S, '--max-error-rate', '5', 'x.log'],
      'cannot read --max-error-rate "5" (bad-max-error-rate); write 1%, or 0.01',
    ],
    [
      ['mirroring', 'guard', ...S, '--max-p99', '50ms', '--max-pause', '1s', 'x.log'],
      '--max-pause is shorter than --pause (usage); leave it out, or make it longer',
    ],
    [
      ['mirroring', 'guard', ...S, '--max-p99', '50ms', '--min-events', '2', 'x.log'],
      'cannot read --min-events "2" (bad-min-events); write a whole number, at least 3',
    ],
    [
      ['mirroring', 'guard', ...S, '--max-p99', '50ms', '--listen', 'x', 'x.log'],
      'cannot read --listen "x" (usage); write 127.0.0.1:9101',
    ],
    [
      ['mirroring', 'filter', 'list'],
      '--frontend is missing (usage); name the frontend of haproxy.cfg: --frontend fe_main',
    ],
    [
      ['mirroring', 'filter', 'list', '--frontend', 'fe'],
      '--api is missing (usage); write where the Data Plane API is: --api http://127.0.0.1:5555',
    ],
    [
      ['mirroring', 'filter', 'list', '--frontend', 'fe', '--api', 'localhost:5555'],
      'cannot read --api "localhost:5555" (usage); write http://127.0.0.1:5555',
    ],
    [
      ['mirroring', 'filter', 'list', '--frontend', 'fe', '--api', 'http://admin:pw@127.0.0.1:5555'],
      '--api holds a password, which everybody on this machine can see (bad-credentials); use --credentials FILE, or the environment',
    ],
    [
      ['mirroring', 'filter', 'list', '--frontend', 'fe', '--api', 'http://127.0.0.1:5555'],
      'there are no credentials for the Data Plane API (bad-credentials); set DATAPLANEAPI_USER and DATAPLANEAPI_PASSWORD, or give --credentials FILE with user:password',
    ],
    [
      ['mirroring', 'filter', 'add', '--frontend', 'fe'],
      '--spoe-config is missing (usage); name the file of the engine on the HAProxy machine: --spoe-config /etc/haproxy/spoe.cfg',
    ],
    [
      ['mirroring', 'filter', 'remove', '--frontend', 'fe', '--index', 'x'],
      'cannot read --index "x" (bad-index); write a whole number',
    ],
    [
      ['mirroring', 'filter', 'list', '--frontend', 'fe\u001b[2J'],
      'cannot use --frontend "fe\\u001b[2J" (usage); write it as it stands in haproxy.cfg',
    ],
  ] as const) {
    test(args.join(' ').replace(/\p{Cc}/gu, '?'), async () => {
      const env = { DATAPLANEAPI_USER: undefined, DATAPLANEAPI_PASSWORD: undefined };
      assert.deepEqual(await spoeLogs(args, { env }), { code: 2, stdout: '', stderr: `spoe-logs: ${line}\n` });
    });
  }
});

test('status says what is, and what a reload restores', async (t) => {
  const { file, fake, mirroring } = await set(t);
  writeFileSync(file, 'mirroring off\n');
  const { code, stdout } = await mirroring('status', '--map-file', file);
  assert.deepEqual(
    { code, stdout },
    {
      code: 0,
      stdout: `mirroring    on
map          ${MAP}, key mirroring
read from    ${fake.path}
sample       key mirroring.sample
reload       a reload restores off: so says ${file}
`,
    },
  );
});

test('what a reload restores is not known where the file is not here', async (t) => {
  const { mirroring } = await set(t);
  const { code, stdout } = await mirroring('off');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `mirroring is off (was on)\nwhat a reload restores is not known: cannot read the map file ${MAP}: it is not on this machine\n`,
  );
});

test('what cannot be saved is switched all the same, and both is said', async (t) => {
  const { fake, worker, mirroring } = await set(t);
  const { code, stdout, stderr } = await mirroring('off', '--save', '--map-file', join(fake.folder, 'none.map'));
  assert.deepEqual([code, stdout, worker.value('mirroring')], [2, '', 'off']);
  assert.match(
    stderr,
    /^spoe-logs: mirroring is off, until a reload; not saved: cannot read the map file \S+: it is not on this machine \(cannot-read\); name it with --map-file\n$/,
  );
});

test('as JSON a switch says what it was, and what a reload restores', async (t) => {
  const { file, mirroring } = await set(t);
  const { stdout } = await mirroring('sample', '10%', '--save', '--map-file', file, '--format', 'json');
  assertFits('mirroring', stdout);
  const { mirroring: now, before, reload, mapFile, saved } = JSON.parse(stdout);
  const sample = { state: 'sample', rate: 0.1 };
  assert.deepEqual([now, before, reload], [sample, { state: 'on', rate: 1 }, sample]);
  assert.deepEqual([mapFile, saved], [file, true]);
});

test('what is no regular file is not replaced', async (t) => {
  const { worker, mirroring } = await set(t);
  const { code, stderr } = await mirroring('off', '--save', '--map-file', '/dev/null');
  assert.deepEqual([code, worker.value('mirroring')], [2, 'off']);
  assert.match(stderr, /not saved: \/dev\/null is no regular file/);
});

test('values that HAProxy answers cannot command the terminal', async (t) => {
  const { mirroring } = await set(t, [['mirroring', '\u001b[2J\u202eon']]);
  const { stdout } = await mirroring('status');
  assert.ok(!hasRawControl(stdout), JSON.stringify(stdout));
  const json = await mirroring('status', '--format', 'json');
  assertFits('mirroring', json.stdout);
  assert.equal(JSON.parse(json.stdout).mirroring.state, 'unknown');
});

test('--for switches back when its time is over, and a second run takes over', async (t) => {
  const { fake, worker, mirroring } = await set(t);
  const first = new LiveRun(['mirroring', 'off', '--for', '1h', '--socket', fake.path]);
  await first.sees('this process waits for it');
  assert.match(worker.value('mirroring.note') ?? '', /^for,on,/);
  const held = await mirroring('status', '--format', 'json');
  assertFits('mirroring', held.stdout);
  assert.equal(JSON.parse(held.stdout).note.back.state, 'on');
  const second = await mirroring('sample', '10%', '--for', '10ms');
  assert.match(second.stdout, /^mirroring is on for 10 % \(was off\)\n[\s\S]*\nmirroring is on \(was on for 10 %\)\n/);
  assert.deepEqual([worker.value('mirroring'), worker.value('mirroring.note')], ['on', undefined]);
  first.child.kill('SIGTERM');
  const { code, stderr } = await first.ended;
  assert.equal(code, 130);
  assert.match(stderr, /by somebody else, or by a reload: it is left so \(switched-meanwhile\)/);
  assert.equal(worker.value('mirroring'), 'on');
});

test('--for leaves a value that somebody has set with a raw command, but not its note there', async (t) => {
  const { fake, worker } = await set(t);
  const run = new LiveRun(['mirroring', 'sample', '10%', '--for', '1h', '--socket', fake.path]);
  await run.sees('this process waits for it');
  worker.answer(`set map ${MAP} mirroring off`);
  run.child.kill('SIGTERM');
  assert.match((await run.ended).stderr, /it is left so \(switched-meanwhile\)/);
  assert.deepEqual([worker.value('mirroring'), worker.value('mirroring.note')], ['off', undefined]);
});

test('a terminal that is closed ends --for and the guard as TERM does', async (t) => {
  const { fake, worker } = await set(t);
  const run = new LiveRun(['mirroring', 'off', '--for', '1h', '--socket', fake.path]);
  await run.sees('this process waits for it');
  run.child.kill('SIGHUP');
  assert.equal((await run.ended).code, 130);
  assert.deepEqual([worker.value('mirroring'), worker.value('mirroring.note')], ['on', undefined]);
  const pace = ['--max-p99', '50ms', '--pause', '1ms', '--probe-time', '1h'];
  const guard = new LiveRun(['mirroring', 'guard', ...pace, '--socket', fake.path, '-']);
  await guard.sees('guarding it');
  const line = (sid: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=1 9000 1/${sid}\n`;
  guard.write([1, 2, 3].map(line).join(''));
  await guard.sees(' half-open ');
  guard.child.kill('SIGHUP');
  const { code, stdout } = await guard.ended;
  assert.equal(code, 130);
  assert.match(stdout, / ending: mirroring stays off/);
  assert.equal(worker.value('mirroring'), 'off');
});

test('the guard stands by when somebody switches its probe off with a raw command', async (t) => {
  const { fake, worker } = await set(t);
  const pace = ['--max-p99', '50ms', '--pause', '1ms', '--probe-time', '1h', '--on-exit', 'restore'];
  const guard = new LiveRun(['mirroring', 'guard', ...pace, '--socket', fake.path, '-']);
  await guard.sees('guarding it');
  const line = (sid: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=1 9000 1/${sid}\n`;
  guard.write([1, 2, 3].map(line).join(''));
  await guard.sees(' half-open ');
  worker.answer(`set map ${MAP} mirroring off`);
  await guard.sees(/ standby +somebody else has switched to off: waiting until it is switched on\n/);
  assert.equal(worker.value('mirroring.note'), undefined);
  guard.child.kill('SIGTERM');
  assert.match((await guard.ended).stdout, / ending: mirroring stays off, without a guard\n$/);
  assert.equal(worker.value('mirroring'), 'off');
});

test('a run that was killed before it could switch back is told by its note', async (t) => {
  const { fake, mirroring } = await set(t);

  fake.workers[0]?.answer(`add map ${MAP} mirroring.note for,on,2026-11-26T20:00:00.000Z,lb1:42`);
  const { stdout } = await mirroring('status');
  assert.match(
    stdout,
    /^note +process 42 on lb1 switches back to on at 2026-11-26T20:00:00\.000Z: that time is over, so it has ended$/m,
  );
});

test('--for has nothing to do where nothing would change', async (t) => {
  const { mirroring } = await set(t);
  const { code, stderr } = await mirroring('on', '--for', '1h');
  assert.deepEqual(
    [code, stderr],
    [2, 'spoe-logs: mirroring is on already: --for has nothing to switch back to (usage); leave --for away\n'],
  );
});

test('guard reads standard input, and says that mirroring has no guard when that ends', async (t) => {
  const { worker, mirroring } = await set(t);
  const line = (sid: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=1 9000 1/${sid}\n`;
  const args = ['mirroring', 'guard', '--max-p99', '50ms', '--on-exit', 'restore', '--socket'];
  const { fake } = await set(t);
  const guard = new LiveRun([...args, fake.path, '-']);
  await guard.sees('guarding it');
  guard.write([1, 2, 3].map(line).join(''));
  await guard.sees(/ open +3 of 3 events took longer than 50 ms: mirroring is off, a probe in 30 s/);
  guard.child.stdin?.end();
  const { code, stdout, stderr } = await guard.ended;
  assert.equal(code, 2);
  assert.match(stdout, /ending: mirroring is on again, without a guard\n$/);
  assert.equal(
    stderr,
    'spoe-logs: the log has ended: mirroring has no guard any more (cannot-follow); name a file that grows, or pipe tail -F\n',
  );
  assert.equal(worker.value('mirroring'), 'on');
  assert.equal((await mirroring('status')).code, 0);
});

test('events of other agents, and an event that is written twice, are none of the guard', async (t) => {
  const { fake } = await set(t);
  const line = (agent: string, sid: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [${agent}] <EVENT:on-frontend-http-request> sid=${sid} st=1 9000 1/${sid}\n`;
  const guard = new LiveRun([
    'mirroring',
    'guard',
    '--max-p99',
    '50ms',
    '--listen',
    '127.0.0.1:0',
    '--socket',
    fake.path,
    '-',
  ]);
  await guard.sees(/metrics at (\S+)/);
  guard.write(
    [1, 2, 3, 4].map((sid) => line('modsecurity', sid)).join('') + line('mirror', 5).repeat(3) + line('mirror', 6),
  );
  const url = /metrics at (\S+)/.exec(guard.said)?.[1] ?? '';
  let text = '';
  while (!/^spoe_logs_guard_events_total [1-9]/m.test(text)) text = await (await fetch(url)).text();
  assert.match(text, /^spoe_logs_guard_events_total 2$/m);
  assert.match(text, /^spoe_logs_guard_state\{state="closed"\} 1$/m);
  assert.equal((await fetch(url.replace('/metrics', '/'))).status, 404);
  assert.equal((await fetch(url, { method: 'POST' })).status, 405);
  guard.child.kill('SIGTERM');
  assert.equal((await guard.ended).code, 130);
});

test('where only failures are logged, what HAProxy has counted between them went well', async (t) => {
  const { fake } = await set(t);
  const line = (sid: number, processed: number) =>
    `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=1 9000 1/${processed}\n`;
  const guard = new LiveRun(['mirroring', 'guard', '--max-error-rate', '5%', '--socket', fake.path, '-']);
  await guard.sees('guarding it');
  // One of a hundred, then all.
  guard.write(Array.from({ length: 8 }, (_, i) => line(i, 1000 + i * 100)).join(''));
  guard.write(Array.from({ length: 800 }, (_, i) => line(100 + i, 1701 + i)).join(''));
  await guard.sees(/ open +\d+ of \d+ events failed, more than 5 %/);
  const [, beyond, events] = / open +(\d+) of (\d+) events/.exec(guard.said) ?? [];
  assert.ok(Number(events) > Number(beyond) + 600, guard.said);
  guard.child.kill('SIGTERM');
  await guard.ended;
});

test('many events of other agents and none of the guarded one are said once', async (t) => {
  const { fake } = await set(t);
  const guard = new LiveRun([
    'mirroring',
    'guard',
    '--max-p99',
    '50ms',
    '--format',
    'json',
    '--socket',
    fake.path,
    '-',
  ]);
  await guard.sees('guarding it');
  for (let sid = 0; sid < 50; sid++)
    guard.write(
      `Nov 22 06:57:12 lb1 haproxy[7]: SPOE: [waf] <EVENT:on-frontend-http-request> sid=${sid} st=1 9000 1/${sid}\n`,
    );
  await guard.sees('20 events of other agents (waf) came and none of mirror');
  guard.child.kill('SIGTERM');
  const { stdout } = await guard.ended;
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) assertFits('mirroring', line);
  const steps = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    steps.map(({ kind, state }) => [kind, state]),
    [
      ['state', 'closed'],
      ['notice', 'closed'],
      ['notice', 'closed'],
    ],
  );
});

test('filters by the Data Plane API: credentials from the environment or a file', async (t) => {
  const standIn = await DataPlaneStandIn.start(t, 'v3');
  const env = { DATAPLANEAPI_USER: USER, DATAPLANEAPI_PASSWORD: PASSWORD };
  const at = ['--api', standIn.url, '--frontend', 'fe_main'];
  const added = await spoeLogs(['mirroring', 'filter', 'add', ...at, '--spoe-config', '/etc/haproxy/spoe.cfg'], {
    env,
  });
  assert.deepEqual(added, {
    code: 0,
    stderr: '',
    stdout:
      'added filter 1 (spoe engine mirror, config /etc/haproxy/spoe.cfg) to fe_main, a change to configuration version 7; HAProxy will be reloaded for it (2026-11-26-1)\n',
  });
  const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-api-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'credentials');
  writeFileSync(file, `${USER}:${PASSWORD}\n`);
  const listed = await spoeLogs(['mirroring', 'filter', 'list', ...at, '--credentials', file]);
  assert.equal(
    listed.stdout,
    'filters of fe_main, configuration version 8\nindex  type   engine  config\n0      cache\n1      spoe   mirror  /etc/haproxy/spoe.cfg\n',
  );
  const other = await spoeLogs(['mirroring', 'filter', 'remove', ...at, '--engine', 'other', '--index', '1'], { env });
  assert.deepEqual(other, {
    code: 2,
    stdout: '',
    stderr:
      'spoe-logs: filter 1 of fe_main is not of the engine other but of "mirror" (no-filter); name that one with --engine, or look with filter list\n',
  });
  const removed = await spoeLogs(['mirroring', 'filter', 'remove', ...at, '--format', 'json'], { env });
  const none = await spoeLogs(['mirroring', 'filter', 'list', ...at, '--format', 'json'], { env });
  for (const json of [removed.stdout, none.stdout]) assertFits('mirroring', json);
  assert.deepEqual(JSON.parse(removed.stdout).filter, {
    index: 1,
    type: 'spoe',
    engine: 'mirror',
    config: '/etc/haproxy/spoe.cfg',
  });
  assert.equal(readFileSync(file, 'utf8'), `${USER}:${PASSWORD}\n`);
  assert.deepEqual(standIn.violations, []);
});

test('where the API names no reload, none is promised', async (t) => {
  const standIn = await DataPlaneStandIn.start(t, 'v3');
  standIn.before = (request) => (request.startsWith('PUT ') ? { status: 200, body: { status: 'success' } } : undefined);
  const { code, stdout } = await spoeLogs(
    ['mirroring', 'filter', 'add', '--api', standIn.url, '--frontend', 'fe_main', '--spoe-config', '/spoe.cfg'],
    { env: { DATAPLANEAPI_USER: USER, DATAPLANEAPI_PASSWORD: PASSWORD } },
  );
  assert.deepEqual(
    [code, stdout],
    [
      0,
      'added filter 1 (spoe engine mirror, config /spoe.cfg) to fe_main, a change to configuration version 7; the API names no reload: whether HAProxy runs with it is not known\n',
    ],
  );
});

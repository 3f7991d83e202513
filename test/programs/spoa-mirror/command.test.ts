/** spoa-mirror as it is installed: exit codes, workers, daemon, signals, files. Sockets are unix ones or chosen by the system. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { reservePort } from '../../ports.ts';
import { until, untilTrue } from '../../until.ts';
import { client, folder, fresh, get, Run, workersOf } from './program.ts';

/** Whether there are workers, and a way to find them. */
const hasWorkers = availableParallelism() > 1 && existsSync('/proc/self');

test('help, version, a missing -r', async () => {
  const [help, version, missing] = [new Run(['-h']), new Run(['-V']), new Run([])];
  assert.equal(await help.exit, 0);
  assert.match(help.stdout, /Usage: spoa-mirror \{ -h --help \}/);
  assert.equal(await version.exit, 0);
  assert.match(version.stdout, /^\nspoa-mirror v\d/);
  assert.equal(await missing.exit, 64);
  assert.match(missing.stderr, /^spoa-mirror: runtime value not set.* \(help: spoa-mirror -h\)\n$/);
});

test('a port in use is 70, an unusable log, pidfile or certificate, each one clear line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const existing = fresh('existing.log');
  writeFileSync(existing, '');
  const cases: [Run, number, RegExp][] = [
    [new Run(['-r0', '-a127.0.0.1', `-p${port}`, '-n1']), 70, /cannot listen on 127.0.0.1:\d+: the address is in use/],
    [new Run(['-r0', '-a127.0.0.1', `-p${port}`, '-n2']), 70, /cannot listen on 127.0.0.1:\d+: the address is in use/],
    [new Run(['-D', '-r0', '-a127.0.0.1', `-p${port}`]), 70, /cannot listen on 127.0.0.1:\d+: the address is in use/],
    [new Run(['-r0', '-l', existing]), 255, /unable to open logfile .*it exists, use a: to append/],
    [new Run(['-r0', '-l', `a:${folder}/no/x.log`]), 255, /unable to open logfile .*ENOENT/],
    [new Run(['-r0', '-F', `${folder}/no/x.pid`]), 255, /unable to write pidfile .*ENOENT/],
    [new Run(['-r0', '-n1', '-a', `unix:${folder}/no/s`]), 70, /cannot listen on .*: there is no folder .*\/no$/m],
    [new Run(['-r0', '--key', `${folder}/no.pem`]), 64, /--key needs --cert/],
    [new Run(['-r0', '--ca', `${folder}/no.pem`]), 64, /unable to read --ca .*ENOENT/],
    [new Run(['-r0', '--record', `${folder}/no/x`, '-a', `unix:${fresh('s')}`, '-n1']), 255, /record file .*ENOENT/],
  ];
  for (const [run, exitCode, message] of cases) {
    assert.equal(await run.exit, exitCode, run.stderr);
    assert.match(run.stderr, message);
    assert.equal(run.stderr.split('\n').length, 2, run.stderr);
  }
  taken.close();
});

test('a name that does not resolve yet is no reason not to start: it is said, and requests are recorded as dns', async () => {
  const [socket, record] = [fresh('agent'), fresh('record')];
  const run = new Run(['-r0', '-n1', '-a', `unix:${socket}`, '-u', 'http://no.invalid/', '--record', record]);
  await run.says(/ready on unix:/);
  await run.says(
    / http:\/\/no.invalid\/: its name does not resolve \(E\w+\); it is looked up again for each connection/,
  );
  const haproxy = await client(socket);
  haproxy.mirror(1, '/x');
  await run.says(/http:\/\/no.invalid fails: 1 of 1 requests \(dns 1\)/);
  run.child.kill('SIGTERM');
  haproxy.close();
  assert.equal(await run.exit, 0);
  assert.equal(JSON.parse(readFileSync(record, 'utf8')).error, 'dns');
});

for (const workers of [1, 2]) {
  test(`${workers} worker: answers on a unix socket, shows figures, says goodbye on SIGTERM`, async () => {
    const [socket, admin, pid] = [fresh('agent'), fresh('admin'), fresh('pid')];
    const run = new Run(['-r0', '-a', `unix:${socket}`, `-n${workers}`, '-t1', '--admin', `unix:${admin}`, '-F', pid]);
    await run.says(/ready on unix:/);
    assert.match(run.stdout, new RegExp(`starting \\d+ workers?.*\\(-n${workers}, \\d+ cores\\)`));
    assert.equal(readFileSync(pid, 'utf8'), `${run.child.pid}\n`);
    const early = await get(admin, '/readyz');
    assert.equal(early.status, 503);
    assert.match(early.body, /^not ready: HAProxy has not said HELLO/);
    const haproxies = [await client(socket), await client(socket)];
    for (const haproxy of haproxies) haproxy.notify(1);
    for (const haproxy of haproxies) await haproxy.until(2);
    assert.deepEqual(await get(admin, '/healthz'), { status: 200, body: 'ok\n' });
    const stats = JSON.parse((await get(admin, '/stats')).body);
    assert.equal(stats.agent.acks, 2);
    assert.equal(stats.agent.connections, 2);
    assert.match((await get(admin, '/metrics')).body, /^spoa_mirror_acks_total 2$/m);
    assert.equal((await get(admin, '/else')).status, 404);
    run.child.kill('SIGTERM');
    for (const haproxy of haproxies) {
      assert.deepEqual(await haproxy.disconnect(), { type: 'disconnect', statusCode: 0, message: 'the agent stops' });
      haproxy.close();
    }
    assert.equal(await run.exit, 0);
    assert.match(run.stdout, /stopping: signal received - SIGTERM\n.*stopped: 0 connections, 2 notifies, 2 acks/s);
    assert.equal(existsSync(pid), false);
  });
}

test('a mirror that is not there is one line of the log and a reason at /readyz; so is what is wrong with a configuration', async () => {
  const url = `http://127.0.0.1:${await reservePort()}`;
  const [socket, admin] = [fresh('agent'), fresh('admin')];
  const run = new Run(['-r0', '-n2', '-a', `unix:${socket}`, '-u', url, '-m', '4096', '--admin', `unix:${admin}`]);
  await run.says(/ready on unix:/);
  const haproxies = [await client(socket), await client(socket)];
  for (const haproxy of haproxies) haproxy.notify(1);
  await run.says(/carries no arg_method and arg_path/);
  for (const haproxy of haproxies) for (let i = 2; i < 20; i++) haproxy.mirror(i, '/x');
  await run.says(/fails: \d+ of \d+ requests \(connect-refused \d+\)/);
  const { status, body } = await get(admin, '/readyz');
  assert.equal(status, 503);
  assert.match(body, new RegExp(`^not ready: ${url} fails: (\\d+) of \\1 requests \\(connect-refused \\1\\)\n$`));
  assert.deepEqual(await get(admin, '/healthz'), { status: 200, body: 'ok\n' });
  run.child.kill('SIGTERM');
  for (const haproxy of haproxies) haproxy.close();
  assert.equal(await run.exit, 0);
  for (const line of [/ fails: /, /-m 4096 is below HAProxy's max-frame-size/, /carries no arg_method/]) {
    assert.equal(run.stdout.split('\n').filter((each) => line.test(each)).length, 1, run.stdout);
  }
});

const skip = hasWorkers ? false : 'there is one core only, or no /proc to find workers in';

for (const workers of [1, 2])
  test(`one of ${workers} workers that dies is replaced, counted and reported; its figures stay`, {
    skip,
  }, async () => {
    const [socket, admin] = [fresh('agent'), fresh('admin')];
    const args = ['-n2', '--min-workers', String(workers)];
    const run = new Run(['-r0', '-a', `unix:${socket}`, ...args, '--admin', `unix:${admin}`]);
    await run.says(/ready on unix:/);
    const haproxy = await client(socket);
    haproxy.notify(1);
    await haproxy.until(2);
    assert.equal(JSON.parse((await get(admin, '/stats')).body).agent.acks, 1);
    process.kill(workersOf(run.child.pid as number)[0] as number, 'SIGKILL');
    await run.says(/ended with SIGKILL: .*it is replaced/);
    let stats = JSON.parse((await get(admin, '/stats')).body);
    assert.equal(stats.workers.restarted, 1);
    assert.equal(stats.agent.acks, 1);
    const again = await client(socket);
    again.notify(1);
    await again.until(2);
    stats = JSON.parse((await get(admin, '/stats')).body);
    assert.equal(stats.agent.acks, 2);
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0);
  });

test('a worker that hangs is killed and replaced', { skip }, async () => {
  const run = new Run(['-r0', '-a', `unix:${fresh('agent')}`, '-n2']);
  await run.says(/ready on unix:/);
  process.kill(workersOf(run.child.pid as number)[0] as number, 'SIGSTOP');
  await run.says(/worker 1 .* hangs: it is killed/);
  await run.says(/ended with SIGKILL: .*it is replaced/);
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
});

test('a start that fails leaves no unix socket; the log names the proxy that requests go through', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const socket = fresh('agent');
  const failed = new Run(['-r0', '-n1', '-a', `unix:${socket}`, '--admin', `127.0.0.1:${port}`]);
  assert.equal(await failed.exit, 70);
  assert.match(failed.stderr, /^spoa-mirror: cannot listen on 127.0.0.1:\d+ for --admin: the address is in use\n$/);
  assert.ok(!existsSync(socket));
  const args = [
    '-r1',
    '-n1',
    '-a',
    `unix:${socket}`,
    '-u',
    'http://127.0.0.1:1/',
    '-x',
    `http://u:secret@127.0.0.1:${port}`,
  ];
  const run = new Run(args);
  assert.equal(await run.exit, 0);
  assert.match(run.stdout, /mirroring to http:\/\/127.0.0.1:1\/ through the proxy http:\/\/(\*\*\*@)?127.0.0.1:\d+\n/);
  assert.doesNotMatch(run.stdout + run.stderr, /secret/);
  taken.close();
});

test('told to end before its workers are ready it ends, and they with it', { skip }, async () => {
  const pidFile = fresh('pid');
  const run = new Run(['-r0', '-n2', '--min-workers', '2', '-a', `unix:${fresh('agent')}`, '-F', pidFile]);
  await run.says(/starting 2 workers/);
  const worker = await until('a worker has started', () => workersOf(run.child.pid as number).find(isWorker));
  process.kill(worker, 'SIGSTOP');
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0, run.stderr);
  assert.equal(run.stderr, '');
  assert.ok(!existsSync(pidFile));
  await untilTrue(() => !runs(worker));
});

/** Stopped before that, it would keep the process that makes it. */
function isWorker(pid: number): boolean {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').includes('NODE_UNIQUE_ID=');
}

/** One that has ended and whose parent has not looked yet shows no arguments. */
function runs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

test('the workers of a daemon find relative names where it was started, those that replace others too', {
  skip,
}, async () => {
  const cwd = mkdtempSync(join(folder, 'cwd-'));
  const starter = new Run(
    ['-D', '-r0', '-a', 'unix:agent', '-n2', '-l', 'a:log', '-F', 'pid', '--record', 'rec'],
    {},
    cwd,
  );
  assert.equal(await starter.exit, 0, starter.stderr);
  const log = () => readFileSync(join(cwd, 'log'), 'utf8');
  const daemon = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
  try {
    const [before] = workersOf(daemon);
    rmSync(join(cwd, 'rec'));
    process.kill(before as number, 'SIGKILL');
    await untilTrue(() => existsSync(join(cwd, 'rec')));
  } finally {
    process.kill(daemon, 'SIGTERM');
  }
  await untilTrue(() => log().includes('stopped: '));
  assert.doesNotMatch(log(), /before it was ready/);
});

test('-D returns when the socket listens; the daemon logs to its file, reopens it on SIGHUP, ends after -r', async () => {
  const [socket, log, pid] = [fresh('agent'), fresh('log'), fresh('pid')];
  const starter = new Run(['-D', '-r0', '-a', `unix:${socket}`, '-n1', '-l', `a:${log}`, '-F', pid]);
  assert.equal(await starter.exit, 0, starter.stderr);
  assert.equal(starter.stdout + starter.stderr, '');
  const daemon = Number(readFileSync(pid, 'utf8'));
  try {
    assert.notEqual(daemon, starter.child.pid);
    const haproxy = await client(socket);
    haproxy.notify(1);
    await haproxy.until(2);
    await untilTrue(() => /ready on unix:/.test(readFileSync(log, 'utf8')));
    renameSync(log, `${log}.1`);
    process.kill(daemon, 'SIGHUP');
    await untilTrue(() => existsSync(log) && readFileSync(log, 'utf8').includes('reopened'));
  } finally {
    process.kill(daemon, 'SIGTERM');
  }
  await untilTrue(() => !existsSync(pid));
  await untilTrue(() => /stopped: 0 connections, 1 notifies, 1 acks/.test(readFileSync(log, 'utf8')));
});

test('-r ends by itself; a unix socket left behind is no obstacle; systemd without its program is said', async () => {
  const socket = fresh('agent');
  const first = new Run(['-r0', '-a', `unix:${socket}`, '-n1']);
  await first.says(/ready/);
  first.child.kill('SIGKILL');
  await first.exit;
  assert.equal(existsSync(socket), true);
  const second = new Run(['-r1', '-a', `unix:${socket}`, '-n1', '-i1s', '-B', 'epoll'], {
    NOTIFY_SOCKET: '/nowhere',
    PATH: folder,
  });
  assert.equal(await second.exit, 0, second.stderr);
  assert.match(second.stdout, /stopping: runtime exceeded/);
  assert.match(second.stdout, /-B epoll has no effect/);
  assert.match(second.stdout, /there is no systemd-notify/);
});

/** spoa-mirror as a service of systemd, whose systemd-notify is a script that writes down what it is told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { reportMs, takeSocket } from '../../../src/programs/spoa-mirror/systemd.ts';
import { Client, HELLO } from '../../spoa/client.ts';
import { fresh, Run } from './program.ts';

const skip = process.platform === 'linux' ? false : 'systemd is of Linux';

/** What the agent tells, a line for each time; `says` waits for one. */
function startSystemd(t: TestContext) {
  const bin = fresh('bin');
  const told = join(bin, 'told');
  mkdirSync(bin);
  writeFileSync(told, '');
  writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\necho "$*" >> ${told}\n`);
  chmodSync(join(bin, 'systemd-notify'), 0o755);
  const changes = watch(told);
  t.after(() => changes.close());
  const read = () => readFileSync(told, 'utf8');
  return {
    env: { NOTIFY_SOCKET: '/nowhere', PATH: `${bin}:${process.env.PATH}` },
    read,
    says: async (pattern: RegExp) => {
      while (!pattern.test(read())) await once(changes, 'change');
    },
  };
}

test('systemd is told of the start, the watchdog, a reload, the figures and the end', { skip }, async (t) => {
  const systemd = startSystemd(t);
  const run = new Run(['-D', '-r0', '-n1', '-a', `unix:${fresh('agent')}`], {
    ...systemd.env,
    WATCHDOG_USEC: '100000',
  });
  await run.says(/-D is not needed and has no effect: this is a service of systemd/);
  await systemd.says(/READY=1\n/);
  await systemd.says(/WATCHDOG=1 STATUS=0 connections, .*\n(.*\n)*.*WATCHDOG=1 STATUS=/);
  run.child.kill('SIGHUP');
  await systemd.says(/RELOADING=1 MONOTONIC_USEC=\d+\n(.*\n)*.*READY=1\n/);
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
  assert.match(systemd.read(), /STOPPING=1\n/);
  for (const line of systemd.read().trim().split('\n')) assert.ok(line.startsWith(`--pid=${run.child.pid} `), line);
});

/** A process that gets the socket as systemd hands it over: descriptor 3, and its own pid in the environment. */
function startWith(server: Server, args: readonly string[], count = 1): Run {
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  return new Run(args, { LISTEN_FDS: String(count) }, undefined, {}, undefined, fd);
}

for (const kind of ['TCP', 'unix'] as const)
  test(`a ${kind} socket that systemd listens on is taken over`, { skip }, async (t) => {
    const path = fresh('socket');
    const server = createServer();
    if (kind === 'TCP') server.listen(0, '127.0.0.1');
    else server.listen(path);
    await once(server, 'listening');
    t.after(() => server.close());
    const address = server.address();
    const run = startWith(server, ['-r0', '-n2']);
    await run.says(/ready on the socket that systemd listens on/);
    // Both processes have it: who is asked is to be the agent.
    const socket = typeof address === 'string' ? connect(address) : connect(address?.port ?? 0, '127.0.0.1');
    server.close();
    await once(socket, 'connect');
    const haproxy = new Client(socket);
    haproxy.hello(HELLO);
    await haproxy.until(1);
    haproxy.close();
    run.child.kill('SIGTERM');
    assert.equal(await run.exit, 0);
  });

test('more sockets than one are refused, and those for another process are not ours', { skip }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const run = startWith(server, ['-r0', '-n1'], 2);
  assert.equal(await run.exit, 70);
  assert.equal(run.stderr, 'spoa-mirror: systemd hands over 2 sockets: the agent takes one, of ListenStream=\n');
  const env = { LISTEN_FDS: '1', LISTEN_PID: '1', HOME: '/' };
  assert.equal(takeSocket(env, 7), undefined);
  assert.deepEqual(env, { HOME: '/' });
  assert.equal(takeSocket({ LISTEN_FDS: '0', LISTEN_PID: '7' }, 7), undefined);
});

test('the watchdog hears of the agent twice as often as it asks for, and everybody every 15 s', () => {
  assert.equal(reportMs({}, 7), 15_000);
  assert.equal(reportMs({ WATCHDOG_USEC: '4000000' }, 7), 2_000);
  assert.equal(reportMs({ WATCHDOG_USEC: '4000000', WATCHDOG_PID: '8' }, 7), 15_000);
  assert.equal(reportMs({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 7), 15_000);
});

test('the unit is hardened', { skip: skip || !hasAnalyze() }, () => {
  const unit = new URL('../../../packaging/spoa-mirror.service', import.meta.url).pathname;
  const report = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], {
    encoding: 'utf8',
  });
  const level = Number(/Overall exposure level for spoa-mirror.service: ([\d.]+)/.exec(report)?.[1]);
  assert.ok(level <= 2.5, report);
});

function hasAnalyze(): boolean {
  try {
    // Older ones cannot look at a file.
    return (
      Number(/^systemd (\d+)/.exec(execFileSync('systemd-analyze', ['--version'], { encoding: 'utf8' }))?.[1]) >= 250
    );
  } catch {
    return false;
  }
}

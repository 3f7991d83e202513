/** File descriptors: how they are divided, and that running out of them is over when the burst that did it is. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { describeShortage, planDescriptors, readFileLimit } from '../../../src/programs/spoa-mirror/descriptors.ts';
import { reservePort } from '../../ports.ts';
import { Client, HELLO, helloFrame } from '../../spoa/client.ts';
import { untilTrue } from '../../until.ts';
import { fresh, get, Run } from './program.ts';

const NEEDS = { workers: 2, destinations: 1, connections: 64, admin: true, otel: false };

test('with enough of them everything is as it was meant to be', () => {
  for (const limit of [undefined, 8_400, 1_048_576]) {
    const plan = planDescriptors(limit, NEEDS);
    assert.deepEqual(plan.haproxy, { maxConnections: 4096, maxLeaving: 4096 });
    assert.equal(plan.mirrorConnections, 64);
    assert.equal(plan.adminConnections, 64);
    assert.equal(describeShortage(plan, NEEDS), undefined);
  }
});

test('however few there are, those of HAProxy, of the mirror and of --admin together are never more', () => {
  for (const destinations of [0, 1, 3]) {
    for (const connections of [1, 64, 5_000]) {
      for (const admin of [true, false]) {
        const needs = { ...NEEDS, destinations, connections, admin };
        const { wanted } = planDescriptors(undefined, needs);
        for (let limit = 60; limit < wanted + 10; limit += limit < 300 ? 1 : 97) {
          const { haproxy, mirrorConnections, adminConnections, maxWaiting } = planDescriptors(limit, needs);
          const toMirror = destinations * mirrorConnections;
          const all = haproxy.maxConnections + haproxy.maxLeaving + toMirror + adminConnections;
          assert.ok(all <= limit - 40, `${all} of ${limit}`);
          assert.ok(maxWaiting + adminConnections <= limit - 40);
          assert.ok(
            haproxy.maxConnections >= 3 && haproxy.maxLeaving >= 1 && maxWaiting >= 4 && mirrorConnections >= 1,
          );
        }
      }
    }
  }
});

test('too few for anything are refused, few are said with what they are enough for', () => {
  assert.throws(() => planDescriptors(40, NEEDS), {
    code: 'start',
    message: '40 file descriptors are too few: at least 51 are needed, raise LimitNOFILE= of the unit, or ulimit -n',
  });
  assert.equal(
    describeShortage(planDescriptors(64, NEEDS), NEEDS),
    '64 file descriptors are few, 8362 are wanted: 8 instead of 4096 connections of HAProxy in each worker, ' +
      '9 instead of 64 to each mirror; raise LimitNOFILE= of the unit, or ulimit -n',
  );
});

const skip = existsSync('/proc/self/limits') ? false : 'only Linux says what the limit is';

test('the limit is read', { skip }, () => {
  assert.ok((readFileLimit() ?? 0) > 0);
});

/** A connection that says HELLO; resolves when it is answered or ended, with the socket. */
function knock(place: NetConnectOpts): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(place, () => socket.write(helloFrame()));
    for (const event of ['data', 'close', 'error']) socket.once(event, () => resolve(socket));
  });
}

async function isServed(place: NetConnectOpts): Promise<boolean> {
  const socket = await knock(place);
  const isAnswered = !socket.destroyed && socket.readableFlowing === true;
  socket.destroy();
  return isAnswered;
}

// Most of their time they wait for the agent's next look.
describe('a program that has 64 of them', { concurrency: true }, () => {
  for (const [how, workers] of [
    ['TCP', 2],
    ['a unix socket', 2],
    ['TCP', 1],
    ['a unix socket', 1],
  ] as const) {
    test(`a burst above the limit over ${how}, -n ${workers}: said, and over when it is over`, { skip }, async () => {
      const mirror = createHttpServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
      await once(mirror, 'listening');
      const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
      const path = fresh('agent');
      const port = how === 'TCP' ? await reservePort() : 0;
      const place = how === 'TCP' ? { port, host: '127.0.0.1' } : { path };
      const listen = how === 'TCP' ? ['-a', '127.0.0.1', '-p', String(port)] : ['-a', `unix:${path}`];
      // With the default backlog of 10 the system drops most of a burst over TCP, whose peers try again for half a minute.
      listen.push('-b', '511');
      const admin = fresh('admin');
      const args = ['-r0', `-n${workers}`, ...listen, '-u', url, '-c', 'pipelining', '--admin', `unix:${admin}`];
      const run = new Run(args, {}, undefined, {}, 64);
      await run.says(/ready on /);
      assert.match(run.stdout, /: 64 file descriptors are few, 8\d\d\d are wanted: \d+ instead of 4096 connections /);
      const held = await Promise.all(Array.from({ length: 200 }, () => knock(place)));
      assert.deepEqual(await get(admin, '/healthz'), { status: 200, body: 'ok\n' });
      await run.says(/: more connections than the \d+ there is room for: \d+ turned away, \d+ gave way\n/);
      for (const socket of held) socket.destroy();
      await untilTrue(() => isServed(place));
      const socket = connect(place);
      await once(socket, 'connect');
      const haproxy = new Client(socket);
      haproxy.hello(HELLO);
      await haproxy.until(1);
      haproxy.mirror(1, '/after');
      await haproxy.until(2);
      await untilTrue(async () =>
        /^spoa_mirror_requests_mirrored_total\{.*\} 1$/m.test((await get(admin, '/metrics')).body),
      );
      const { agent } = JSON.parse((await get(admin, '/stats')).body);
      assert.ok(agent.connectionsRefused + agent.connectionsGaveWay > 0, JSON.stringify(agent));
      assert.ok(agent.connections <= agent.connectionsMax);
      if (how === 'TCP' && workers === 2)
        await run.says(/: there is room for connections again; in \d+ s \d+ were turned away /);
      run.child.kill('SIGTERM');
      haproxy.close();
      assert.equal(await run.exit, 0, run.stderr);
      assert.equal(run.stdout.match(/more connections than/g)?.length, 1, run.stdout);
      assert.equal(run.stderr, '');
      mirror.close();
    });
  }

  test('connections to a mirror that never answers leave those of HAProxy their place', { skip }, async () => {
    const mirror = createServer(() => {}).listen(0, '127.0.0.1');
    await once(mirror, 'listening');
    const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
    const [path, admin] = [fresh('agent'), fresh('admin')];
    const args = ['-r0', '-n1', '-a', `unix:${path}`, '-u', url, '-c', 'pipelining', '--admin', `unix:${admin}`];
    const run = new Run(args, {}, undefined, {}, 64);
    await run.says(/ready on /);
    const open = async () => {
      const socket = connect({ path });
      await once(socket, 'connect');
      const haproxy = new Client(socket);
      haproxy.hello(HELLO);
      await haproxy.until(1);
      return haproxy;
    };
    const haproxy = await open();
    for (let i = 1; i <= 300; i++) haproxy.mirror(i, '/x');
    await haproxy.until(301);
    const stats = async () => JSON.parse((await get(admin, '/stats')).body);
    await untilTrue(async () => (await stats()).mirror.connections >= 5);
    const others = [await open(), await open(), await open()];
    others[0]?.notify(1);
    await others[0]?.until(2);
    assert.ok((await stats()).mirror.connections <= 10);
    for (const each of [haproxy, ...others]) each.close();
    run.child.kill('SIGKILL');
    await run.exit;
    mirror.close();
  });
});

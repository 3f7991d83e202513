/** Who may connect: --allow, what is said of it, and what is said of an agent that everybody can reach. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Allowance, type Network, parseNetwork } from '../../../src/programs/spoa-mirror/allowance.ts';
import { Entrance } from '../../../src/programs/spoa-mirror/entrance.ts';
import { EntranceHealth } from '../../../src/programs/spoa-mirror/entrance-health.ts';
import { newAgentStats } from '../../../src/spoa/counters.ts';
import { reservePort } from '../../ports.ts';
import { Client, HELLO } from '../../spoa/client.ts';
import { client, fresh, get, Run } from './program.ts';

function allows(networks: readonly string[], address: string | undefined): boolean {
  return new Allowance(networks.map((text) => parseNetwork(text) as Network)).has(address);
}

test('networks of IPv4 and IPv6 name the addresses in them, also as sockets of both see them', () => {
  const networks = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::ffff:172.16.0.0/108', 'fe80::/10'];
  for (const [address, isIn] of [
    ['10.1.2.3', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:11.0.0.1', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', false],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['fe80::1%eth0', true],
    ['::1', false],
    [undefined, false],
  ] as const)
    assert.equal(allows(networks, address), isIn, String(address));
  assert.ok(allows(['0.0.0.0/0'], '203.0.113.9'));
  assert.ok(!allows(['0.0.0.0/0'], '::1'));
  assert.ok(allows(['10.9.9.9/8'], '10.0.0.1'), 'bits beyond the prefix do not count');
});

test('what is no network is none', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    'haproxy',
    '::/129',
    '10.0.0.0/',
    '/8',
    '1.2.3.4/8/8',
    '010.0.0.1',
  ])
    assert.equal(parseNetwork(text), undefined, text);
});

test('connections without a place and strangers are said when they begin and when it is over', () => {
  const lines: string[] = [];
  const entrance = new Entrance([], () => {});
  const health = new EntranceHealth(entrance, (line) => lines.push(line));
  const stats = { ...newAgentStats(), connectionsMax: 8 };
  let nowMs = 0;
  const observe = (times: number) => {
    for (let i = 0; i < times; i++, nowMs += 1000) health.observe({ ...stats }, nowMs);
  };
  observe(3);
  stats.connectionsRefused = 5;
  stats.connectionsGaveWay = 2;
  observe(1);
  stats.connectionsRefused = 9;
  observe(9);
  entrance.notAllowed = 3;
  entrance.lastNotAllowed = '192.0.2.1';
  observe(30);
  stats.connectionsGaveWay = 3;
  observe(1);
  assert.deepEqual(lines, [
    'more connections than the 8 there is room for: 5 turned away, 2 gave way',
    '3 connections turned away, --allow does not name 192.0.2.1',
    'there is room for connections again; in 11 s 9 were turned away and 2 gave way',
    'nobody comes any more whom --allow does not name; in 10 s 3 connections were turned away',
    'more connections than the 8 there is room for: 0 turned away, 1 gave way',
  ]);
});

const skip = process.platform === 'linux' ? false : 'only Linux has all of 127.0.0.0/8';

async function comeFrom(localAddress: string, port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  const opened = new Client(socket);
  opened.hello(HELLO);
  return opened;
}

for (const workers of [1, 2]) {
  test(`-n ${workers} --allow: others are turned away, counted and said once; unix sockets are not asked`, {
    skip,
  }, async () => {
    const [port, admin] = [await reservePort(), fresh('admin')];
    const allow = ['--allow', '10.0.0.0/8,2001:db8::/32', '--allow', '127.0.0.2'];
    const run = new Run(['-r0', `-n${workers}`, `-p${port}`, '--admin', `unix:${admin}`, ...allow]);
    await run.says(/ready on 0.0.0.0:/);
    for (let i = 0; i < 3; i++) assert.deepEqual(await (await comeFrom('127.0.0.1', port)).end(), []);
    const haproxy = await comeFrom('127.0.0.2', port);
    haproxy.notify(1);
    await haproxy.until(2);
    const { agent } = JSON.parse((await get(admin, '/stats')).body);
    assert.deepEqual([agent.connectionsNotAllowed, agent.connectionsRefused, agent.hellos], [3, 0, 1]);
    assert.match((await get(admin, '/metrics')).body, /^spoa_mirror_connections_not_allowed_total 3$/m);
    await run.says(/: \d connections turned away, --allow does not name 127\.0\.0\.1\n/);
    run.child.kill('SIGTERM');
    haproxy.close();
    assert.equal(await run.exit, 0);
    assert.doesNotMatch(run.stdout, /whoever reaches this machine/);
    assert.equal(run.stdout.match(/turned away, --allow does not name/g)?.length, 1);

    const path = fresh('agent');
    const local = new Run(['-r0', `-n${workers}`, '-a', `unix:${path}`, ...allow]);
    await local.says(/ready on unix:/);
    (await client(path)).close();
    local.child.kill('SIGTERM');
    assert.equal(await local.exit, 0);
  });

  test(`-n ${workers} listening on all addresses without --allow is said, on one address or a unix socket not`, async () => {
    const open = new Run(['-r0', `-n${workers}`, `-p${await reservePort()}`]);
    const loopback = new Run(['-r0', `-n${workers}`, `-p${await reservePort()}`, '-a', '127.0.0.1']);
    const local = new Run(['-r0', `-n${workers}`, '-a', `unix:${fresh('agent')}`]);
    for (const run of [open, loopback, local]) await run.says(/ready on /);
    for (const run of [open, loopback, local]) run.child.kill('SIGTERM');
    for (const run of [open, loopback, local]) assert.equal(await run.exit, 0);
    assert.match(
      open.stdout,
      /: whoever reaches this machine can connect .* --allow, or listen on one address with -a\n/,
    );
    for (const run of [loopback, local]) assert.doesNotMatch(run.stdout, /--allow/);
  });
}

test('one peer that holds all connections leaves HAProxy its own', { skip }, async () => {
  const [port, admin] = [await reservePort(), fresh('admin')];
  const args = ['-r0', '-n1', `-p${port}`, '-a', '127.0.0.1', '--admin', `unix:${admin}`];
  const run = new Run(args, {}, undefined, {}, 64);
  await run.says(/ready on /);
  const held = await Promise.all(Array.from({ length: 60 }, () => comeFrom('127.0.0.2', port)));
  const haproxies = [await comeFrom('127.0.0.1', port), await comeFrom('127.0.0.1', port)];
  for (const haproxy of haproxies) haproxy.notify(1);
  for (const haproxy of haproxies) await haproxy.until(2);
  const { agent } = JSON.parse((await get(admin, '/stats')).body);
  assert.ok(agent.connectionsGaveWay >= 2, JSON.stringify(agent));
  for (const each of [...held, ...haproxies]) each.close();
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
});

/** What is answered at an address to a request for a host; the code of the error when nobody listens there. */
function ask(host: string, port: number, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve) => {
    request({ host, port, path: '/healthz', agent: false, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
      .end();
  });
}

test('--admin PORT is for this machine alone, * for all; names have to be known', { skip }, async () => {
  const [port, openPort] = [await reservePort(), await reservePort()];
  const args = ['-r0', '-n1', '--admin-host', 'Agent.Internal'];
  const run = new Run([...args, '-a', `unix:${fresh('agent')}`, '--admin', String(port)]);
  const open = new Run([...args, '-a', `unix:${fresh('agent')}`, '--admin', `*:${openPort}`]);
  for (const each of [run, open]) await each.says(/ready on /);
  assert.equal(await ask('127.0.0.1', port), '200 ok\n');
  assert.equal(await ask('127.0.0.2', port), 'ECONNREFUSED');
  assert.equal(await ask('127.0.0.2', openPort), '200 ok\n');
  assert.equal(await ask('127.0.0.1', port, { host: 'agent.internal:9100' }), '200 ok\n');
  assert.equal(
    await ask('127.0.0.1', port, { host: 'evil.example' }),
    '421 host "evil.example" is not served here: ask by address or as localhost, or start with --admin-host NAME\n',
  );
  for (const each of [run, open]) each.child.kill('SIGTERM');
  for (const each of [run, open]) assert.equal(await each.exit, 0);
});

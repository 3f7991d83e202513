/** No peer takes all connections: who gives way to whom when there is no room for all. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { createAgent } from '../../src/spoa/agent.ts';
import { peerOf } from '../../src/spoa/peers.ts';
import { untilTrue } from '../until.ts';
import { Client, HELLO, startAgent } from './client.ts';

/** Elsewhere 127.0.0.2 is no address of the machine. */
const skip = process.platform === 'linux' ? false : 'only Linux has all of 127.0.0.0/8';

async function open(port: number, localAddress: string, hello = true): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  const client = new Client(socket);
  if (hello) {
    client.hello();
    await client.until(1);
  }
  return client;
}

/** So many connections of a peer, the agent knows them all. */
async function openAll(port: number, localAddress: string, count: number, hello: boolean): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < count; i++) clients.push(await open(port, localAddress, hello));
  return clients;
}

test('connections that are held without HELLO give way, oldest first, to another peer and to their own', {
  skip,
}, async () => {
  const { agent, port } = await startAgent({ handlers: {}, limits: { maxConnections: 4 } });
  const held = await openAll(port, '127.0.0.2', 4, false);
  await untilTrue(() => agent.stats().connectionsTotal >= 4);
  const haproxy = await open(port, '127.0.0.1');
  assert.deepEqual(await held[0]?.disconnect(), {
    type: 'disconnect',
    statusCode: 13,
    message: 'more than 4 connections, another one needs the place',
  });
  held.push(await open(port, '127.0.0.2', false));
  assert.equal((await held[1]?.disconnect())?.statusCode, 13);
  haproxy.notify(1);
  await haproxy.until(2);
  const { connectionsGaveWay, connectionsRefused, connectionsMax } = agent.stats();
  assert.deepEqual(
    { connectionsGaveWay, connectionsRefused, connectionsMax },
    {
      connectionsGaveWay: 2,
      connectionsRefused: 0,
      connectionsMax: 4,
    },
  );
});

test('a peer that says HELLO on all of them keeps its share and no more', { skip }, async () => {
  const { agent, port } = await startAgent({ handlers: {}, limits: { maxConnections: 6 } });
  const greedy = await openAll(port, '127.0.0.2', 6, true);
  for (const client of greedy) client.notify(1);
  for (const client of greedy) await client.until(2);
  const haproxies = await openAll(port, '127.0.0.1', 3, true);
  // Both have three now: there is no place for a fourth, nor does it cost anybody the own one.
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    const another = await open(port, address, false);
    assert.equal((await another.disconnect()).statusCode, 13);
  }
  await untilTrue(() => greedy.filter(({ ended }) => ended).length === 3);
  for (const [i, client] of [...haproxies, ...greedy.filter(({ ended }) => !ended)].entries()) {
    client.notify(100 + i);
    await client.until(client.answers.length + 1);
  }
  assert.equal(greedy.filter(({ ended }) => ended).length, 3);
  assert.equal(agent.stats().connectionsRefused, 2);
});

test('what is quiet longest gives way, and what it sent until it read that is taken', { skip }, async () => {
  let now = 0;
  const seen: unknown[] = [];
  const { port } = await startAgent({
    handlers: { '*': (_message, { streamId }) => void seen.push(streamId) },
    clock: () => now,
    limits: { maxConnections: 2 },
  });
  const [first, second] = await openAll(port, '127.0.0.1', 2, true);
  now = 500;
  second?.notify(0);
  await second?.until(2);
  now = 600;
  first?.notify(1);
  await first?.until(2);
  now = 1_499;
  const late = await open(port, '127.0.0.1', false);
  assert.equal((await late.disconnect()).statusCode, 13);
  now = 5_000;
  const third = await open(port, '127.0.0.1', false);
  second?.notify(2);
  assert.equal((await second?.disconnect())?.statusCode, 13);
  await untilTrue(() => seen.includes(2));
  third.hello();
  await third.until(1);
  first?.notify(3);
  await first?.until(3);
});

test('connections that were told to end and do not are cut off before one is turned away without a word', async () => {
  const { agent, port } = await startAgent({ handlers: {}, limits: { maxConnections: 1, maxLeaving: 2 } });
  const one = await Client.open(port, HELLO);
  const refused: Client[] = [];
  for (let i = 0; i < 10; i++) {
    const client = await Client.open(port);
    client.socket.allowHalfOpen = true;
    assert.equal((await client.disconnect()).statusCode, 13);
    refused.push(client);
  }
  await untilTrue(() => agent.stats().connections <= 3);
  one.notify(1);
  await one.until(2);
});

test('a peer is an IPv4 address, the network of an IPv6 one, or all of this host', () => {
  for (const [address, peer] of [
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unix'],
    ['', 'unix'],
  ] as const)
    assert.equal(peerOf(address), peer);
});

test('a connection that another server accepted is served, and its time runs', async () => {
  let now = 0;
  const agent = createAgent({ handlers: {}, clock: () => now });
  const server = createServer((socket) => agent.accept(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await Client.open(port, HELLO);
  client.notify(1);
  await client.until(2);
  const silent = await Client.open(port);
  await untilTrue(() => agent.stats().connections >= 2);
  now = 5_000;
  assert.equal((await silent.disconnect()).statusCode, 2);
  silent.close();
  const closing = agent.close();
  assert.equal((await client.disconnect()).statusCode, 0);
  client.close();
  await closing;
  server.close();
});

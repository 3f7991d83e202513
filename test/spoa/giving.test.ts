/** Connections that go from one agent to another while they are used, as from one process to another. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { type AgentOptions, createSecuredAgent, type SharingAgent } from '../../src/spoa/agent.ts';
import { systemSocketOf } from '../../src/spoa/listener.ts';
import { writeFirstFragment } from '../../src/spop/unset.ts';
import { untilTrue } from '../until.ts';
import { Client, frames, HELLO, notifyFrame } from './client.ts';

const nothing: AgentOptions = { handlers: { '*': () => undefined }, capabilities: ['pipelining', 'fragmentation'] };

/** Two agents, and a client of the first. */
async function start(options = nothing): Promise<{ from: SharingAgent; to: SharingAgent; client: Client }> {
  const [from, to] = [createSecuredAgent(options, undefined), createSecuredAgent(options, undefined)];
  // As a worker gets it: from a process that does not read it.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const handle = systemSocketOf(socket);
    if (handle !== undefined) from.take(handle, 'haproxy');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await Client.open((server.address() as AddressInfo).port, HELLO);
  server.close();
  return { from, to, client };
}

function give(from: SharingAgent, to: SharingAgent): number {
  return from.giveAway(1, (handle, peer, open) => {
    assert.equal(peer, 'haproxy');
    to.take(handle, peer, JSON.parse(JSON.stringify(open)));
  });
}

async function end(client: Client, ...agents: readonly SharingAgent[]): Promise<void> {
  client.close();
  await Promise.all(agents.map((agent) => agent.close({ graceMs: 0 })));
}

const FRAME = notifyFrame(7);

for (let at = 0; at <= FRAME.length; at++) {
  test(`a connection goes on after ${at} of ${FRAME.length} bytes of a frame`, async () => {
    const { from, to, client } = await start();
    const { bytesRead } = from.stats();
    const five = notifyFrame(5);
    client.send(five.subarray(0, 9));
    await untilTrue(() => from.stats().bytesRead === bytesRead + 9);
    client.send(five.subarray(9), FRAME.subarray(0, at));
    await untilTrue(() => from.stats().bytesRead === bytesRead + FRAME.length + at);
    await client.until(at === FRAME.length ? 3 : 2);
    assert.equal(give(from, to), 1);
    client.send(FRAME.subarray(at), notifyFrame(9));
    await client.until(4);
    assert.deepEqual(
      client.answers.slice(1).map((answer) => answer.type === 'ack' && answer.streamId),
      [5, 7, 9],
    );
    const [before, after] = [from.stats(), to.stats()];
    assert.deepEqual([before.connections, after.connections], [0, 1]);
    assert.deepEqual([before.connectionsTotal, after.connectionsTotal, after.hellos], [1, 0, 0]);
    assert.deepEqual([before.cut, after.cut], [0, 0]);
    assert.equal(before.notifies + after.notifies, 3);
    await to.close({ graceMs: 0 });
    assert.deepEqual(await client.disconnect(), { type: 'disconnect', statusCode: 0, message: 'the agent stops' });
    await end(client, from);
  });
}

test('a connection stays while an answer is owed, and while a payload is not whole', async () => {
  const waiting: (() => void)[] = [];
  const handlers = { '*': () => new Promise<void>((resolve) => waiting.push(resolve)) };
  const { from, to, client } = await start({ ...nothing, handlers });
  assert.equal(from.busyConnections, 1);
  client.notify(1);
  await untilTrue(() => waiting.length === 1);
  assert.equal(give(from, to), 0);
  waiting[0]?.();
  await client.until(2);
  client.send(frames((writer) => writeFirstFragment(writer, { streamId: 3, frameId: 1, bytes: Buffer.alloc(9) })));
  await untilTrue(() => from.stats().fragmentBytes > 0);
  assert.equal(give(from, to), 0);
  assert.deepEqual([from.stats().connections, to.stats().connections], [1, 0]);
  await end(client, from, to);
});

test('a connection that is quiet, or ends, is not given away', async () => {
  let now = 0;
  const { from, to, client } = await start({ ...nothing, clock: () => now });
  now = 1500;
  assert.deepEqual([from.busyConnections, give(from, to)], [0, 0]);
  client.notify(1);
  await client.until(2);
  assert.equal(from.busyConnections, 1);
  client.close();
  await untilTrue(() => from.stats().connections === 0);
  assert.deepEqual([from.busyConnections, give(from, to)], [0, 0]);
  await end(client, from, to);
});

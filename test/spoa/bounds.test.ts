/** What a peer sends or leaves unread can neither crash the agent nor make it hold more than it is allowed to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setVarAction, VariableScope } from '../../src/spop/actions.ts';
import { stringData } from '../../src/spop/values.ts';
import { until, untilTrue } from '../until.ts';
import { Client, captures, HELLO, helloFrame, notifyFrame, startAgent } from './client.ts';

const turn = () => new Promise(setImmediate);
const all = ['fragmentation', 'pipelining', 'async'] as const;

test('a peer that does not read is not read either, and closed when it goes on like that', async () => {
  let now = 0;
  const { agent, port } = await startAgent({
    handlers: { '*': () => [setVarAction(VariableScope.session, 'x', stringData('y'.repeat(8000)))] },
    clock: () => now,
    limits: { pauseBytes: 100_000, stallTimeoutMs: 1000 },
  });
  const deaf = await Client.open(port, HELLO);
  const other = await Client.open(port, HELLO);
  deaf.socket.pause();
  const chunk = Buffer.concat(Array.from({ length: 500 }, (_, i) => notifyFrame(i)));
  await until("both sides' socket buffers are full and the agent reads no more", async () => {
    const before = agent.stats().notifies;
    if (deaf.socket.writableLength === 0) deaf.send(chunk);
    for (let i = 0; i < 20; i++) await turn();
    return agent.stats().notifies === before && deaf.socket.writableLength > 0;
  });
  now = 500;
  agent.sweep();
  other.notify(1);
  await other.until(2);
  assert.equal(agent.stats().connections, 2);
  assert.equal(agent.stats().stalled, 0);
  now = 2000;
  agent.sweep();
  await untilTrue(() => agent.stats().connections <= 1);
  assert.equal(agent.stats().stalled, 1);
});

test('answers beyond the bound of one chunk close the connection at once', async () => {
  const { agent, port } = await startAgent({
    handlers: { '*': () => [setVarAction(VariableScope.session, 'x', stringData('y'.repeat(16_000)))] },
    limits: { pauseBytes: 10_000, maxUnreadBytes: 50_000 },
  });
  const deaf = await Client.open(port, HELLO);
  deaf.socket.pause();
  const chunk = Buffer.concat(Array.from({ length: 1500 }, (_, i) => notifyFrame(i)));
  deaf.send(chunk);
  await until('the agent ends the connection', () => {
    if (deaf.socket.writableLength === 0) deaf.send(chunk);
    return agent.stats().connections === 0;
  });
  assert.equal(agent.stats().stalled, 1);
});

test('a peer that has drained its ACKs is read again', async () => {
  const { agent, port } = await startAgent({
    handlers: { '*': () => [setVarAction(VariableScope.session, 'x', stringData('y'.repeat(2000)))] },
    limits: { pauseBytes: 20_000, maxUnreadBytes: 2 ** 30 },
  });
  const client = await Client.open(port, HELLO);
  client.socket.pause();
  for (let i = 0; i < 5000; i++) client.notify(i);
  for (let i = 0; i < 50; i++) await turn();
  client.socket.resume();
  await client.until(5001);
  assert.equal(agent.stats().acks, 5000);
});

test('while too many handlers are busy, no more is read', async () => {
  const waiting: (() => void)[] = [];
  const { agent, port } = await startAgent({
    handlers: { '*': () => new Promise<void>((resolve) => waiting.push(resolve)) },
    limits: { maxInFlight: 3 },
  });
  const client = await Client.open(port, HELLO);
  for (let i = 0; i < 3; i++) {
    client.notify(i);
    await untilTrue(() => agent.stats().inFlight > i);
  }
  const { bytesRead } = agent.stats();
  for (let i = 3; i < 10; i++) client.notify(i);
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(agent.stats().bytesRead, bytesRead);
  assert.equal(agent.stats().inFlight, 3);
  await until('10 ACKs', () => {
    waiting.shift()?.();
    return client.answers.length >= 11;
  });
  assert.equal(agent.stats().acks, 10);
});

test('incomplete payloads of all connections together are bounded', async () => {
  const { agent, port } = await startAgent({
    handlers: {},
    capabilities: all,
    limits: { maxFragmentBytesTotal: 20_000 },
  });
  const first = Buffer.from(notifyFrame(1, 1, 'mirror', 'x'.repeat(9000)));
  first.writeUInt32BE(0, 5);
  const [a, b, c] = [await Client.open(port, HELLO), await Client.open(port, HELLO), await Client.open(port, HELLO)];
  for (const client of [a, b, c]) {
    const { bytesRead } = agent.stats();
    client.send(first);
    await untilTrue(() => agent.stats().bytesRead >= bytesRead + first.length);
  }
  assert.deepEqual((await c.until(2))[1], { type: 'ack', flags: 3, streamId: 1, frameId: 1, actions: [] });
  assert.ok(agent.stats().fragmentBytes <= 20_000);
  a.close();
  b.close();
  await untilTrue(() => agent.stats().connections <= 1);
  assert.equal(agent.stats().fragmentBytes, 0);
});

for (const [name, bytes] of captures) {
  for (const [how, size] of [
    ['whole', bytes.length],
    ['byte by byte', 1],
  ] as const) {
    test(`${name} is answered frame for frame (${how})`, async () => {
      const { agent, port } = await startAgent({ handlers: { '*': () => undefined }, capabilities: all });
      const client = await Client.open(port);
      for (let at = 0; at < bytes.length; at += size) client.send(bytes.subarray(at, at + size));
      client.socket.end();
      const answers = await client.end();
      assert.equal(answers[0]?.type, 'hello');
      const { notifies, acks, disconnects, cut, messagesUnhandled } = agent.stats();
      assert.equal(acks, notifies);
      assert.equal(answers.filter(({ type }) => type === 'ack').length, acks);
      assert.deepEqual(
        Object.keys(disconnects).filter((code) => code !== '0'),
        [],
      );
      assert.equal(cut + messagesUnhandled, 0);
    });
  }
}

/** A stream of HAProxy with a few bytes changed, left out or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...captures.map(([, bytes]) => bytes)),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 2 }), fc.uint8Array({ minLength: 1, maxLength: 6 })), {
      minLength: 1,
      maxLength: 6,
    }),
    fc.integer({ min: 1, max: 4000 }),
  )
  .map(([bytes, edits, size]) => {
    let stream = Buffer.from(bytes);
    for (const [where, kind, put] of edits) {
      const at = where % (stream.length + 1);
      const skipped = kind === 0 ? put.length : kind === 1 ? 0 : put.length * 7;
      const pieces = [stream.subarray(0, at), kind === 2 ? Buffer.alloc(0) : put, stream.subarray(at + skipped)];
      stream = Buffer.concat(pieces);
    }
    return { stream, size };
  });

test('mutated streams of HAProxy: the agent stays up and serves others', async () => {
  const errors: unknown[] = [];
  const { agent, port } = await startAgent({
    handlers: { '*': () => undefined },
    capabilities: all,
    onError: (error) => errors.push(error),
  });
  const other = await Client.open(port, HELLO);
  let streamId = 0;
  await fc.assert(
    fc.asyncProperty(mutated, async ({ stream, size }) => {
      const client = await Client.open(port);
      for (let at = 0; at < stream.length; at += size) client.send(stream.subarray(at, at + size));
      client.socket.end();
      await client.end();
      client.close();
      other.notify(streamId++);
      await other.until(streamId + 1);
    }),
    { numRuns: 150 },
  );
  await untilTrue(() => agent.stats().connections <= 1);
  assert.deepEqual(errors, []);
  assert.equal(agent.stats().fragmentBytes, 0);
});

test('hundreds of silent connections disturb nobody and go when their time is over', async () => {
  let now = 0;
  const { agent, port } = await startAgent({ handlers: {}, clock: () => now });
  const silent = await Promise.all(Array.from({ length: 300 }, () => Client.open(port)));
  for (const client of silent) client.send(helloFrame().subarray(0, 10));
  const client = await Client.open(port, HELLO);
  now = 4999;
  client.notify(1);
  await client.until(2);
  now = 5000;
  agent.sweep();
  for (const each of silent) assert.equal((await each.disconnect()).statusCode, 2);
  client.notify(2);
  await client.until(3);
});

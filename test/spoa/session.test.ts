/** Sessions over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setVarAction, VariableScope } from '../../src/spop/actions.ts';
import { writeFirstFragment, writeUnset, writeUnsetAbort } from '../../src/spop/unset.ts';
import { stringData } from '../../src/spop/values.ts';
import { untilTrue } from '../until.ts';
import { Client, frames, HELLO, haproxyDisconnectFrame, helloFrame, notifyFrame, startAgent } from './client.ts';

const nothing = { handlers: { '*': () => undefined } };

test('HELLO is negotiated: the smaller frame size, the capabilities of both', async () => {
  const { port } = await startAgent({ ...nothing, capabilities: ['pipelining', 'async'], maxFrameSize: 4096 });
  const client = await Client.open(port, { ...HELLO, capabilities: ['pipelining'] });
  assert.deepEqual(client.answers, [
    { type: 'hello', version: '2.0', maxFrameSize: 4096, capabilities: ['pipelining'] },
  ]);
});

test('fragmentation is announced although HAProxy never lists it', async () => {
  const { port } = await startAgent({ ...nothing, capabilities: ['fragmentation', 'pipelining', 'async'] });
  const client = await Client.open(port, HELLO);
  assert.deepEqual(client.answers[0], {
    type: 'hello',
    version: '2.0',
    maxFrameSize: 16380,
    capabilities: ['fragmentation', 'pipelining', 'async'],
  });
});

test('a health check is answered and closed', async () => {
  const { agent, port } = await startAgent(nothing);
  const client = await Client.open(port);
  client.hello({ supportedVersions: ['2.0'], maxFrameSize: 16380, capabilities: [], healthcheck: true });
  const answers = await client.end();
  assert.deepEqual(
    answers.map(({ type }) => type),
    ['hello'],
  );
  assert.equal(agent.stats().healthchecks, 1);
  assert.equal(agent.stats().hellos, 0);
});

test('a handler answers by the name of the message, with actions', async () => {
  const { port } = await startAgent({
    handlers: {
      score: (message, { streamId, engineId }) => {
        const path = message.args.get('arg_path')?.text;
        return [setVarAction(VariableScope.transaction, 'seen', stringData(`${engineId} ${streamId} ${path}`))];
      },
    },
  });
  const client = await Client.open(port, HELLO);
  client.send(notifyFrame(5, 2, 'score', '/a'), notifyFrame(7, 1, 'other'), notifyFrame(9, 1, '__proto__'));
  const [, score, other, strange] = await client.until(4);
  assert.ok(score?.type === 'ack' && other?.type === 'ack' && strange?.type === 'ack');
  assert.equal(score.actions[0]?.type === 'set-var' && score.actions[0].value.text, 'engine-1 5 /a');
  assert.deepEqual([score.streamId, score.frameId, score.flags], [5, 2, 1]);
  assert.deepEqual(other.actions, []);
  assert.deepEqual(strange.actions, []);
});

test('ACKs of one chunk come in one write', async () => {
  const { agent, port } = await startAgent(nothing);
  const client = await Client.open(port, HELLO);
  client.send(...Array.from({ length: 50 }, (_, i) => notifyFrame(i)));
  await client.until(51);
  assert.deepEqual(
    client.answers.slice(1).map((answer) => answer.type === 'ack' && answer.streamId),
    Array.from({ length: 50 }, (_, i) => i),
  );
  assert.equal(client.chunks.length, 2);
  assert.equal(agent.stats().acks, 50);
});

test('promises are answered when they are kept, in any order', async () => {
  const waiting = new Map<unknown, () => void>();
  const { agent, port } = await startAgent({
    handlers: { '*': (_, { streamId }) => new Promise<void>((resolve) => waiting.set(streamId, resolve)) },
  });
  const client = await Client.open(port, HELLO);
  client.send(notifyFrame(1), notifyFrame(3), notifyFrame(5), helloFrame().subarray(0, 3));
  await untilTrue(() => waiting.size >= 3);
  assert.equal(agent.stats().inFlight, 3);
  waiting.get(5)?.();
  await client.until(2);
  waiting.get(1)?.();
  waiting.get(3)?.();
  await client.until(4);
  assert.deepEqual(
    client.answers.slice(1).map((answer) => answer.type === 'ack' && answer.streamId),
    [5, 1, 3],
  );
  assert.equal(agent.stats().inFlight, 0);
});

test('with async an ACK takes another connection of the engine when its own is gone', async () => {
  let release: () => void = () => {};
  const busy = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { agent, port } = await startAgent({ handlers: { '*': () => busy }, capabilities: ['pipelining', 'async'] });
  const [first, second, stranger] = await Promise.all([
    Client.open(port, HELLO),
    Client.open(port, HELLO),
    Client.open(port, { ...HELLO, engineId: 'engine-2' }),
  ]);
  first.notify(1, 4);
  await untilTrue(() => agent.stats().inFlight >= 1);
  first.close();
  await untilTrue(() => agent.stats().connections <= 2);
  release();
  const [, ack] = await second.until(2);
  assert.deepEqual(ack, { type: 'ack', flags: 1, streamId: 1, frameId: 4, actions: [] });
  assert.equal(stranger.answers.length, 1);
  assert.equal(agent.stats().acksLost, 0);
});

test('an ACK whose connection is gone is counted as lost', async () => {
  let release: () => void = () => {};
  const busy = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { agent, port } = await startAgent({ handlers: { '*': () => busy } });
  const client = await Client.open(port, HELLO);
  client.notify(1);
  await untilTrue(() => agent.stats().inFlight >= 1);
  client.close();
  await untilTrue(() => agent.stats().connections === 0);
  release();
  await untilTrue(() => agent.stats().inFlight === 0);
  assert.equal(agent.stats().acksLost, 1);
});

test('handlers that throw, reject or return nonsense are acknowledged without actions, counted and reported', async () => {
  const errors: string[] = [];
  const { agent, port } = await startAgent({
    handlers: {
      throws: () => {
        throw new Error('thrown');
      },
      rejects: () => Promise.reject(new Error('rejected')),
      nonsense: () => [setVarAction(VariableScope.session, 'x', stringData('y'.repeat(20_000)))],
      number: () => 5 as never,
    },
    onError: (error, context) => {
      errors.push(`${(error as Error).message} ${context?.streamId}`);
      throw new Error('nobody hears this');
    },
  });
  const client = await Client.open(port, HELLO);
  client.send(notifyFrame(1, 1, 'throws'), notifyFrame(2, 1, 'rejects'), notifyFrame(3, 1, 'nonsense'));
  client.send(notifyFrame(4, 1, 'number'));
  const answers = await client.until(5);
  assert.ok(answers.slice(1).every((answer) => answer.type === 'ack' && answer.actions.length === 0));
  assert.equal(agent.stats().handlerErrors, 4);
  assert.deepEqual(errors.map((error) => error.slice(0, 6)).sort(), ['action', 'frame ', 'reject', 'thrown']);
});

test('fragments become one message; an aborted payload is forgotten', async () => {
  const bodies: (string | undefined)[] = [];
  const { agent, port } = await startAgent({
    handlers: { mirror: (message) => void bodies.push(message.args.get('arg_path')?.text) },
    capabilities: ['fragmentation'],
  });
  const client = await Client.open(port, HELLO);
  const payload = notifyFrame(0, 0, 'mirror', 'x'.repeat(3000)).subarray(4 + 7);
  client.send(
    frames((writer) => {
      const [streamId, frameId] = [11, 1];
      writeFirstFragment(writer, { streamId: 13, frameId, bytes: payload.subarray(0, 50) });
      writeUnsetAbort(writer, 13, frameId);
      writeFirstFragment(writer, { streamId, frameId, bytes: payload.subarray(0, 1000) });
      writeUnset(writer, { streamId, frameId, bytes: payload.subarray(1000, 2000) }, false);
      writeUnset(writer, { streamId, frameId, bytes: payload.subarray(2000) }, true);
    }),
  );
  await client.until(2);
  assert.deepEqual(bodies, ['x'.repeat(3000)]);
  assert.equal(agent.stats().payloadsAborted, 1);
  assert.equal(agent.stats().fragmentBytes, 0);
});

test('a fragmented payload beyond the bound is refused alone', async () => {
  const { agent, port } = await startAgent({
    ...nothing,
    capabilities: ['fragmentation'],
    limits: { maxFragmentBytes: 2048 },
  });
  const client = await Client.open(port, HELLO);
  const bytes = Buffer.alloc(1500);
  client.send(
    frames((writer) => {
      writeFirstFragment(writer, { streamId: 1, frameId: 1, bytes });
      writeUnset(writer, { streamId: 1, frameId: 1, bytes }, false);
      writeUnset(writer, { streamId: 1, frameId: 1, bytes }, true);
    }),
    notifyFrame(3),
  );
  const [, abort, ack] = await client.until(3);
  assert.deepEqual(abort, { type: 'ack', flags: 3, streamId: 1, frameId: 1, actions: [] });
  assert.deepEqual(ack, { type: 'ack', flags: 1, streamId: 3, frameId: 1, actions: [] });
  assert.equal(agent.stats().fragmentBytes, 0);
});

test('frames of an unknown type are skipped', async () => {
  const { agent, port } = await startAgent(nothing);
  const client = await Client.open(port, HELLO);
  const unknown = Buffer.from('00000009 c8 00000001 01 01 abcd'.replaceAll(' ', ''), 'hex');
  client.send(unknown, notifyFrame(1));
  await client.until(2);
  assert.equal(agent.stats().framesSkipped, 1);
});

test('HAPROXY-DISCONNECT is answered and closed', async () => {
  const { agent, port } = await startAgent(nothing);
  const client = await Client.open(port, HELLO);
  client.send(notifyFrame(1), haproxyDisconnectFrame(2), notifyFrame(3));
  assert.deepEqual(await client.disconnect(), { type: 'disconnect', statusCode: 0, message: 'normal' });
  assert.equal(client.answers.length, 3);
  assert.deepEqual(agent.stats().haproxyDisconnects, { 2: 1 });
});

test('a connection that is cut in a frame is counted, the others go on', async () => {
  const { agent, port } = await startAgent(nothing);
  const [cut, other] = await Promise.all([Client.open(port, HELLO), Client.open(port, HELLO)]);
  cut.socket.end(notifyFrame(1).subarray(0, 9));
  await cut.end();
  other.notify(1);
  await other.until(2);
  assert.equal(agent.stats().cut, 1);
});

test('close answers what is under way, says goodbye and can be called twice', async () => {
  let release: () => void = () => {};
  const busy = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { agent, port } = await startAgent({ handlers: { slow: () => busy, '*': () => undefined } });
  const [idle, slow] = await Promise.all([Client.open(port, HELLO), Client.open(port, HELLO)]);
  slow.notify(1, 1, 'slow');
  await untilTrue(() => agent.stats().inFlight >= 1);
  const closing = agent.close();
  assert.equal(agent.close(), closing);
  assert.deepEqual(await idle.disconnect(), { type: 'disconnect', statusCode: 0, message: 'the agent stops' });
  assert.equal(slow.answers.length, 1);
  release();
  assert.deepEqual(
    (await slow.end()).map(({ type }) => type),
    ['hello', 'ack', 'disconnect'],
  );
  await closing;
  assert.equal(agent.stats().connections, 0);
  await assert.rejects(agent.listen({ port: 0 }), { code: 'closed' });
});

test('close does not wait longer than the grace for handlers', async () => {
  const { agent, port } = await startAgent({ handlers: { '*': () => new Promise<void>(() => {}) } });
  const client = await Client.open(port, HELLO);
  client.notify(1);
  await untilTrue(() => agent.stats().inFlight >= 1);
  await agent.close({ graceMs: 0 });
  assert.equal((await client.disconnect()).statusCode, 0);
});

/** A peer that goes on after the other side has ended. */
async function openHalf(port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  const client = new Client(socket);
  client.hello();
  await client.until(1);
  return client;
}

test('what HAProxy sent before it read the goodbye is handed out, though nobody can be answered', async () => {
  const seen: string[] = [];
  const handlers = { '*': ({ name }: { name: string }) => void seen.push(name) };
  const { agent, port } = await startAgent({ handlers, capabilities: ['pipelining', 'fragmentation'] });
  const client = await openHalf(port);
  const closing = agent.close();
  await client.disconnect();
  client.notify(1, 1, 'late');
  const payload = notifyFrame(0, 0, 'in-pieces').subarray(4 + 7);
  client.send(
    frames((writer) => {
      writeFirstFragment(writer, { streamId: 3, frameId: 1, bytes: payload.subarray(0, 5) });
      writeUnset(writer, { streamId: 3, frameId: 1, bytes: payload.subarray(5) }, true);
      writeFirstFragment(writer, { streamId: 5, frameId: 1, bytes: payload.subarray(0, 5) });
    }),
    haproxyDisconnectFrame(),
    notifyFrame(7, 1, 'too-late'),
  );
  await untilTrue(() => agent.stats().notifies >= 2);
  client.socket.end();
  await closing;
  assert.deepEqual(seen, ['late', 'in-pieces']);
  const { acks, acksLost, fragmentBytes } = agent.stats();
  assert.deepEqual({ acks, acksLost, fragmentBytes }, { acks: 0, acksLost: 2, fragmentBytes: 0 });
});

test('a peer that never stops sending is gone a moment after the goodbye', async () => {
  const { agent, port } = await startAgent({ handlers: {}, limits: { lingerMs: 50 } });
  const client = await openHalf(port);
  const chatter = setInterval(() => client.notify(1), 1);
  await agent.close();
  clearInterval(chatter);
  assert.equal(agent.stats().connections, 0);
  assert.ok(agent.stats().acksLost > 0);
});

/** Peers that mean harm: each attack ends within the bounds of the agent, and a good client has its answers meanwhile. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newAgentStats } from '../../src/spoa/counters.ts';
import { Dispatcher } from '../../src/spoa/handlers.ts';
import { DEFAULT_LIMITS } from '../../src/spoa/limits.ts';
import { Session } from '../../src/spoa/session.ts';
import type { SessionHost } from '../../src/spoa/session-host.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { FrameType, writeFrame } from '../../src/spop/frame-header.ts';
import { KvList } from '../../src/spop/kv-list.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { writeFirstFragment } from '../../src/spop/unset.ts';
import { nullData } from '../../src/spop/values.ts';
import { untilTrue } from '../until.ts';
import { Client, frames, HELLO, haproxyDisconnectFrame, helloFrame, notifyFrame, startAgent } from './client.ts';

const ALL = ['fragmentation', 'pipelining', 'async'] as const;
const turn = () => new Promise(setImmediate);
const HEALTH_CHECK = helloFrame({ capabilities: [], healthcheck: true });

const { agent, port } = await startAgent({ handlers: { '*': () => undefined }, capabilities: ALL });
const good = await Client.open(port, HELLO);
let asked = 0;

/** The good client is answered, and nothing is left of those that are gone. */
async function isUnharmed(): Promise<void> {
  good.notify(asked++);
  await good.until(asked + 1);
  await untilTrue(() => agent.stats().connections <= 1);
  const { fragmentBytes, inFlight, handlerErrors } = agent.stats();
  assert.deepEqual({ fragmentBytes, inFlight, handlerErrors }, { fragmentBytes: 0, inFlight: 0, handlerErrors: 0 });
}
after(() => good.close());

function empty(type: number, streamId: number | bigint = 1, frameId: number | bigint = 1): Buffer {
  return frames((writer) => writeFrame(writer, { type, flags: 1, streamId, frameId }, () => {}, 0));
}

const many = (count: number, piece: (i: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => piece(i)));

test('frames of every unknown type are skipped, one or fifty thousand', async () => {
  const known: readonly number[] = Object.values(FrameType);
  const unknown = Array.from({ length: 256 }, (_, type) => type).filter((type) => !known.includes(type));
  const client = await Client.open(port, HELLO);
  client.send(
    ...unknown.map((type) => empty(type)),
    many(50_000, () => empty(200)),
    notifyFrame(1),
  );
  assert.equal((await client.until(2))[1]?.type, 'ack');
  assert.equal(agent.stats().framesSkipped, unknown.length + 50_000);
  client.close();
  await isUnharmed();
});

test('NOTIFYs without messages are acknowledged, however many', async () => {
  const client = await Client.open(port, HELLO);
  client.send(many(20_000, (i) => empty(FrameType.notify, i)));
  const answers = await client.until(20_001);
  assert.ok(answers.slice(1).every((answer, i) => answer.type === 'ack' && answer.streamId === i));
  client.close();
  await isUnharmed();
});

test('more messages in a NOTIFY than an event can have end the connection', async () => {
  const client = await Client.open(port, HELLO);
  const message = { name: '', args: KvList.of([]) };
  const all = (count: number) =>
    frames((to) =>
      writeNotify(
        to,
        1,
        1,
        Array.from({ length: count }, () => message),
      ),
    );
  client.send(all(1024));
  assert.equal((await client.until(2))[1]?.type, 'ack');
  client.send(all(1025));
  assert.equal((await client.disconnect()).statusCode, 13);
  client.close();
  await isUnharmed();
});

test('thousands of arguments are read', async () => {
  const client = await Client.open(port, HELLO);
  const args = KvList.of(Array.from({ length: 255 }, (_, i) => [`a${i}`, nullData()] as const));
  const messages = Array.from({ length: 11 }, (_, i) => ({ name: `m${i}`, args }));
  client.send(many(20, (i) => frames((to) => writeNotify(to, i, 1, messages))));
  await client.until(21);
  client.close();
  await isUnharmed();
});

test('ids of 64 bits come back as they were', async () => {
  const client = await Client.open(port, HELLO);
  const ids = [2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
  client.send(...ids.map((id) => notifyFrame(id, id)));
  const answers = (await client.until(1 + ids.length)).slice(1);
  assert.deepEqual(
    answers.map((answer) => answer.type === 'ack' && BigInt(answer.streamId)),
    ids,
  );
  client.close();
  await isUnharmed();
});

test('fragments without end, on thousands of streams of many connections, hold what they may and no more', async () => {
  const limits = { maxFragmentBytesTotal: 200_000 };
  const strict = await startAgent({ handlers: {}, capabilities: ALL, limits });
  const other = await Client.open(strict.port, HELLO);
  const clients = await Promise.all(Array.from({ length: 20 }, () => Client.open(strict.port, HELLO)));
  const first = (streamId: number, length: number) =>
    frames((writer) => writeFirstFragment(writer, { streamId, frameId: 1, bytes: Buffer.alloc(length, 1) }));
  for (const client of clients) {
    client.send(many(3000, (i) => first(i, i % 100 === 0 ? 5000 : 0)));
    // 64 are kept, all others are refused.
    await client.until(1 + 3000 - 64);
    assert.ok(strict.agent.stats().fragmentBytes <= limits.maxFragmentBytesTotal);
  }
  other.notify(1);
  await other.until(2);
  for (const client of clients) client.close();
  await untilTrue(() => strict.agent.stats().connections <= 1);
  assert.equal(strict.agent.stats().fragmentBytes, 0);
});

const FLOODS: readonly (readonly [what: string, bytes: Buffer, end: 'end' | 'reset' | 'none'])[] = [
  ['health checks', HEALTH_CHECK, 'none'],
  ['several HELLOs', many(3, () => helloFrame()), 'none'],
  ['several DISCONNECTs', Buffer.concat([helloFrame(), many(20, () => haproxyDisconnectFrame(7))]), 'none'],
  ['a DISCONNECT and nothing else', haproxyDisconnectFrame(99), 'none'],
  ['requests and FIN', Buffer.concat([helloFrame(), many(20, (i) => notifyFrame(i))]), 'end'],
  ['requests and RST', Buffer.concat([helloFrame(), many(20, (i) => notifyFrame(i))]), 'reset'],
  ['half a frame and RST', helloFrame().subarray(0, 9), 'reset'],
];
for (const [what, bytes, end] of FLOODS) {
  test(`a flood of connections with ${what}`, async () => {
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(Array.from({ length: 30 }, () => Client.open(port)));
      for (const client of clients) {
        client.send(bytes);
        if (end === 'end') client.socket.end();
        if (end === 'reset') client.socket.resetAndDestroy();
      }
      await Promise.all(clients.map((client) => client.end()));
    }
    await isUnharmed();
  });
}

test('codes nobody knows do not make the statistics grow', async () => {
  const { agent: counting, port: at } = await startAgent({ handlers: {} });
  for (let code = 1000; code < 1060; code++) {
    const client = await Client.open(at, HELLO);
    client.send(haproxyDisconnectFrame(code));
    await client.end();
    client.close();
  }
  const { haproxyDisconnects } = counting.stats();
  assert.ok(Object.keys(haproxyDisconnects).length <= 33);
  assert.equal(
    Object.values(haproxyDisconnects).reduce((sum, count) => sum + count),
    60,
  );
});

test('the messages of one NOTIFY count as so many, when handlers are busy', async () => {
  const waiting: (() => void)[] = [];
  const { agent: busy, port: at } = await startAgent({
    handlers: { '*': () => new Promise<void>((resolve) => waiting.push(resolve)) },
    limits: { maxInFlight: 100 },
  });
  const client = await Client.open(at, HELLO);
  const message = { name: 'm', args: KvList.of([]) };
  client.send(
    frames((to) =>
      writeNotify(
        to,
        1,
        1,
        Array.from({ length: 100 }, () => message),
      ),
    ),
  );
  await untilTrue(() => busy.stats().messages >= 100);
  const { bytesRead } = busy.stats();
  client.notify(2);
  for (let i = 0; i < 20; i++) await turn();
  assert.equal(busy.stats().bytesRead, bytesRead);
  for (const resolve of waiting.splice(0)) resolve();
  await client.until(2);
  await untilTrue(() => waiting.length > 0);
  waiting.pop()?.();
  await client.until(3);
});

test('what a peer leaves unread holds nothing but itself in memory', () => {
  const stats = newAgentStats();
  const shared = new ByteWriter();
  const host: SessionHost<Session> = {
    offer: { maxFrameSize: 16_384, pipelining: true, async: false, fragmentation: false },
    limits: DEFAULT_LIMITS,
    stats,
    dispatcher: new Dispatcher({}, stats, undefined),
    clock: () => 0,
    borrowWriter: () => shared,
    returnWriter: () => {},
    joined: () => {},
    leaves: () => {},
    idle: () => {},
    sibling: () => undefined,
    onHello: () => {},
    onDisconnect: () => {},
  };
  const chunks: Buffer[] = [];
  const ignore = () => {};
  const deaf = new Session(host, {
    get unread() {
      return chunks.length;
    },
    isSecuring: false,
    write: (bytes) => void chunks.push(bytes),
    end: ignore,
    destroy: ignore,
    pause: ignore,
    resume: ignore,
    hold: ignore,
    release: ignore,
  });
  deaf.receive(helloFrame());
  for (let i = 0; i < 5; i++) deaf.receive(notifyFrame(i));
  const [hello, ...acks] = chunks;
  assert.ok(hello !== undefined && hello.buffer.byteLength > hello.length, 'a peer that reads gets a view');
  assert.equal(acks.length, 5);
  for (const ack of acks) assert.equal(ack.buffer.byteLength, ack.length);
});

/** Every status of AGENT-DISCONNECT and its occasion: the table of docs/agent.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionHeader, FrameFlag, FrameType, writeFrame } from '../../src/spop/frame-header.ts';
import { KvList, writeKvList } from '../../src/spop/kv-list.ts';
import { writeFirstFragment, writeUnset } from '../../src/spop/unset.ts';
import { stringData, uint32Data } from '../../src/spop/values.ts';
import { untilTrue } from '../until.ts';
import { Client, frames, HELLO, haproxyDisconnectFrame, helloFrame, notifyFrame, startAgent } from './client.ts';

function hello(...keys: string[]): Buffer {
  const items = [
    ['supported-versions', stringData('2.0')],
    ['max-frame-size', uint32Data(16380)],
    ['capabilities', stringData('')],
  ] as const;
  const list = KvList.of(items.filter(([key]) => keys.includes(key)));
  return frames((writer) => writeFrame(writer, connectionHeader(FrameType.haproxyHello), writeKvList, list));
}

const fragment = (streamId: number) =>
  frames((writer) => writeFirstFragment(writer, { streamId, frameId: 1, bytes: Buffer.alloc(9) }));
const rest = (streamId: number) =>
  frames((writer) => writeUnset(writer, { streamId, frameId: 1, bytes: Buffer.alloc(9) }, false));
const unfinishedHello = Buffer.from(helloFrame());
unfinishedHello.writeUInt32BE(0, 5);
const length = (bytes: number) => Buffer.from([bytes >>> 24, bytes >>> 16, bytes >>> 8, bytes]);
const ackFrame = frames((writer) =>
  writeFrame(
    writer,
    { type: FrameType.ack, flags: FrameFlag.fin, streamId: 1, frameId: 1 },
    writeKvList,
    KvList.of([]),
  ),
);
const badNotify = Buffer.from('0000000903000000010101ff01', 'hex');

const greeted = helloFrame();
const OCCASIONS: readonly (readonly [code: number, occasion: string, message: RegExp, bytes: readonly Buffer[]])[] = [
  [0, 'HAPROXY-DISCONNECT', /^normal$/, [greeted, haproxyDisconnectFrame()]],
  [0, 'HAPROXY-DISCONNECT before HELLO', /^normal$/, [haproxyDisconnectFrame(99)]],
  [3, 'a giant length', /^frame of 4294967295 bytes, 16384 are allowed$/, [length(0xffffffff)]],
  [3, 'a frame longer than agreed', /^frame of 16381 bytes, 16380 are allowed$/, [greeted, length(16381)]],
  [3, 'another protocol', /^frame of 1195725856 bytes/, [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  [4, 'a length no frame has', /^frame of 0 bytes is too short$/, [length(0)]],
  [4, 'NOTIFY before HELLO', /^the first frame is of type 3, not HAPROXY-HELLO$/, [notifyFrame(1)]],
  [
    4,
    'an unknown frame before HELLO',
    /^the first frame is of type 200/,
    [Buffer.from('00000007c8000000010000', 'hex')],
  ],
  [4, 'a second HELLO', /^a second HAPROXY-HELLO$/, [greeted, greeted]],
  [4, 'a frame only agents send', /^frame type 103 is for agents to send$/, [greeted, ackFrame]],
  [4, 'a NOTIFY that cannot be decoded', /^message name/, [greeted, badNotify]],
  [5, 'HELLO without supported-versions', /supported-versions/, [hello('max-frame-size', 'capabilities')]],
  [6, 'HELLO without max-frame-size', /max-frame-size/, [hello('supported-versions', 'capabilities')]],
  [7, 'HELLO without capabilities', /capabilities/, [hello('supported-versions', 'max-frame-size')]],
  [8, 'no version in common', /none of the supported-versions/, [helloFrame({ supportedVersions: ['1.0', '3.0'] })]],
  [9, 'a max-frame-size below 256', /max-frame-size 255 is below 256/, [helloFrame({ maxFrameSize: 255 })]],
  [10, 'a fragmented HELLO', /HAPROXY-HELLO frame is fragmented/, [unfinishedHello]],
  [10, 'fragments that were not offered', /fragments were not offered/, [greeted, fragment(1)]],
];
const WITH_FRAGMENTS: typeof OCCASIONS = [
  [11, 'a fragment between those of another payload', /between those of another/, [greeted, fragment(1), rest(3)]],
  [11, 'a payload that begins twice', /begins again/, [greeted, fragment(1), fragment(1)]],
  [12, 'a fragment of nothing', /which has not begun/, [greeted, rest(1)]],
];

for (const [fragmentation, occasions] of [
  [false, OCCASIONS],
  [true, WITH_FRAGMENTS],
] as const) {
  for (const [code, occasion, message, bytes] of occasions) {
    test(`${code}: ${occasion}`, async () => {
      const capabilities = fragmentation ? (['fragmentation', 'pipelining'] as const) : (['pipelining'] as const);
      const { agent, port } = await startAgent({ handlers: {}, capabilities });
      const [client, other] = await Promise.all([Client.open(port), Client.open(port, HELLO)]);
      client.send(...bytes);
      const answer = await client.disconnect();
      assert.equal(answer.statusCode, code, answer.message);
      assert.match(answer.message, message);
      assert.deepEqual(agent.stats().disconnects, { [code]: 1 });
      other.notify(1);
      await other.until(2);
    });
  }
}

test('2: no HELLO in time, even byte by byte', async () => {
  let now = 0;
  const { agent, port } = await startAgent({ handlers: {}, clock: () => now, limits: { helloTimeoutMs: 1000 } });
  const client = await Client.open(port);
  const bytes = helloFrame();
  for (let i = 0; i < 5; i++) {
    client.send(bytes.subarray(i, i + 1));
    await untilTrue(() => agent.stats().bytesRead > i);
    now += 200;
    if (i < 4) agent.sweep();
    assert.deepEqual(client.answers, []);
  }
  agent.sweep();
  assert.deepEqual(await client.disconnect(), {
    type: 'disconnect',
    statusCode: 2,
    message: 'no HAPROXY-HELLO within 1000 ms',
  });
  assert.equal(agent.stats().helloTimeouts, 1);
});

test('2: nothing for too long; a frame or an ACK starts the time anew, half a frame does not', async () => {
  let now = 0;
  const { agent, port } = await startAgent({ handlers: {}, clock: () => now, limits: { idleTimeoutMs: 1000 } });
  const client = await Client.open(port, HELLO);
  now = 900;
  client.notify(1);
  await client.until(2);
  now = 1800;
  agent.sweep();
  const { bytesRead } = agent.stats();
  client.send(notifyFrame(3).subarray(0, 8));
  await untilTrue(() => agent.stats().bytesRead !== bytesRead);
  now = 1900;
  agent.sweep();
  assert.deepEqual(await client.disconnect(), {
    type: 'disconnect',
    statusCode: 2,
    message: 'no complete frame within 1000 ms',
  });
  assert.equal(agent.stats().idleTimeouts, 1);
});

test('13: more connections than allowed; those that are open go on', async () => {
  const { agent, port } = await startAgent({ handlers: {}, limits: { maxConnections: 2 } });
  const open = [await Client.open(port, HELLO), await Client.open(port, HELLO)];
  const third = await Client.open(port);
  assert.deepEqual(await third.disconnect(), {
    type: 'disconnect',
    statusCode: 13,
    message: 'more than 2 connections',
  });
  third.close();
  for (const client of open) {
    client.notify(1);
    await client.until(2);
  }
  open[0]?.close();
  await untilTrue(() => agent.stats().connections <= 1);
  const fourth = await Client.open(port, HELLO);
  assert.equal(fourth.answers.length, 1);
  assert.equal(agent.stats().connectionsRefused, 1);
});

test('a peer that never closes after AGENT-DISCONNECT is cut off', async () => {
  let now = 0;
  const { agent, port } = await startAgent({ handlers: {}, clock: () => now, limits: { lingerMs: 100 } });
  const client = await Client.open(port);
  client.socket.allowHalfOpen = true;
  client.send(Buffer.alloc(7));
  await client.disconnect();
  agent.sweep();
  assert.equal(agent.stats().connections, 1);
  now = 100;
  agent.sweep();
  await untilTrue(() => agent.stats().connections === 0);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readAck, writeAck } from '../../src/spop/ack.ts';
import { ByteReader } from '../../src/spop/byte-reader.ts';
import type { ByteWriter } from '../../src/spop/byte-writer.ts';
import {
  readAgentDisconnect,
  readHaproxyDisconnect,
  writeAgentDisconnect,
  writeHaproxyDisconnect,
} from '../../src/spop/disconnect.ts';
import { Fragments } from '../../src/spop/fragments.ts';
import { FrameFlag, type FrameHeader, FrameType, readFrameHeader } from '../../src/spop/frame-header.ts';
import { readHeadersBin } from '../../src/spop/headers-bin.ts';
import { readAgentHello, readHaproxyHello, writeAgentHello, writeHaproxyHello } from '../../src/spop/hello.ts';
import { type KvList, readKvList } from '../../src/spop/kv-list.ts';
import { readNotify, writeNotify } from '../../src/spop/notify.ts';
import type { TypedData } from '../../src/spop/typed-data.ts';
import { readUnset, writeFirstFragment, writeUnset } from '../../src/spop/unset.ts';
import { assertSpopError, readStream, testBothWays, written } from './streams.ts';

/** See README.md beside it. */
interface ExpectedFrame {
  readonly type: string;
  readonly length: number;
  readonly flags: number;
  readonly streamId: number;
  readonly frameId: number;
  readonly items?: readonly Entry[];
  readonly messages?: readonly (readonly [name: string, args: readonly Entry[]])[];
  /** Bytes of a fragment, or of the actions of an ACK. */
  readonly payload?: number;
}
type Entry = readonly [name: string, value: ExpectedValue];
type ExpectedValue = null | boolean | number | string | { readonly uint64: string } | { readonly startsWith: string };
interface ExpectedStream {
  readonly bytes: number;
  /** The status code with which what follows the frames is refused. */
  readonly refused?: number;
  readonly frames: readonly ExpectedFrame[];
}

const FOLDER = new URL('../../fixtures/spop/', import.meta.url);
const STREAMS = JSON.parse(readFileSync(new URL('frames.json', FOLDER), 'utf8')) as Record<string, ExpectedStream>;
const TYPES: Record<string, number> = {
  UNSET: FrameType.unset,
  'HAPROXY-HELLO': FrameType.haproxyHello,
  'HAPROXY-DISCONNECT': FrameType.haproxyDisconnect,
  NOTIFY: FrameType.notify,
  'AGENT-HELLO': FrameType.agentHello,
  'AGENT-DISCONNECT': FrameType.agentDisconnect,
  ACK: FrameType.ack,
};

function streamOf(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

function assertValue(data: TypedData, expected: ExpectedValue, what: string): void {
  const value = Buffer.isBuffer(data.value) ? data.value.toString('latin1') : data.value;
  if (typeof expected !== 'object' || expected === null) assert.equal(value, expected, what);
  else if ('uint64' in expected)
    assert.equal(BigInt.asUintN(64, BigInt(value as number)), BigInt(expected.uint64), what);
  else assert.ok((value as string).startsWith(expected.startsWith), what);
}

function assertEntries(list: KvList, expected: readonly Entry[]): void {
  assert.deepEqual(
    list.names,
    expected.map(([name]) => name),
  );
  for (const [i, [name, value]] of expected.entries()) assertValue(list.values[i] as TypedData, value, name);
}

/** Decodes one frame, compares it with what is expected of it, and encodes what was decoded. */
function recode(header: FrameHeader, frame: ByteReader, expected: ExpectedFrame): Buffer {
  const { streamId, frameId, flags } = header;
  const { bytes, position, end } = frame;
  if (expected.items !== undefined) assertEntries(readKvList(new ByteReader(bytes, position, end)), expected.items);
  if (expected.payload !== undefined) assert.equal(frame.remaining, expected.payload);
  const last = (flags & FrameFlag.fin) !== 0;
  const encoders: Record<number, (writer: ByteWriter) => void> = {
    [FrameType.haproxyHello]: (to) => writeHaproxyHello(to, readHaproxyHello(header, frame)),
    [FrameType.agentHello]: (to) => writeAgentHello(to, readAgentHello(header, frame)),
    [FrameType.haproxyDisconnect]: (to) => writeHaproxyDisconnect(to, readHaproxyDisconnect(header, frame)),
    [FrameType.agentDisconnect]: (to) => writeAgentDisconnect(to, readAgentDisconnect(header, frame)),
    [FrameType.ack]: (to) => writeAck(to, streamId, frameId, readAck(frame)),
    [FrameType.unset]: (to) => writeUnset(to, { streamId, frameId, bytes: readUnset(frame) }, last),
    [FrameType.notify]: (to) => {
      if (!last) return writeFirstFragment(to, { streamId, frameId, bytes: readUnset(frame) });
      const messages = readNotify(frame);
      assert.equal(messages.length, expected.messages?.length);
      for (const [i, [name, args]] of expected.messages?.entries() ?? []) {
        assert.equal(messages[i]?.name, name);
        assertEntries((messages[i] as (typeof messages)[0]).args, args);
      }
      writeNotify(to, streamId, frameId, messages);
    },
  };
  const encoded = written(encoders[header.type] as (writer: ByteWriter) => void);
  assert.equal(frame.remaining, 0);
  return encoded;
}

for (const [name, { bytes, frames, refused }] of Object.entries(STREAMS)) {
  const stream = streamOf(name);
  const what = refused === undefined ? '' : `, then it is refused with ${refused}`;

  testBothWays(`${name} is ${frames.length} frames and is encoded the same again${what}`, (cut) => {
    assert.equal(stream.length, bytes);
    const encoded: Buffer[] = [];
    const read = () =>
      readStream(stream, cut, (frame) => {
        const length = frame.remaining;
        const header = readFrameHeader(frame);
        const expected = frames[encoded.length] as ExpectedFrame;
        const { type, flags, streamId, frameId } = expected;
        assert.deepEqual(header, { type: TYPES[type], flags, streamId, frameId });
        assert.equal(length, expected.length);
        encoded.push(recode(header, frame, expected));
      });
    if (refused === undefined) assert.equal(read().isPartial, false);
    else assertSpopError(read, refused);
    assert.equal(encoded.length, frames.length);
    const again = Buffer.concat(encoded);
    assert.deepEqual(again, refused === undefined ? stream : stream.subarray(0, again.length));
  });
}

const FRAGMENTED = Object.entries(STREAMS).filter(([, { frames }]) => frames.some(({ type }) => type === 'UNSET'));

for (const [name, { frames }] of FRAGMENTED) {
  testBothWays(`the fragments of ${name} make whole messages`, (cut) => {
    const fragments = new Fragments({ maxPayloads: 4, maxBytes: 4096 });
    const bodies: Buffer[] = [];
    readStream(streamOf(name), cut, (frame) => {
      const header = readFrameHeader(frame);
      if (header.type === FrameType.haproxyHello) return;
      const payload = fragments.accept(header, frame);
      if (payload === undefined) return;
      const [message, ...others] = readNotify(payload);
      assert.deepEqual(others, []);
      assert.equal(message?.name, 'mirror');
      assert.deepEqual(message.args.names, ['arg_method', 'arg_path', 'arg_ver', 'arg_hdrs', 'arg_body']);
      const headers = new Map(readHeadersBin(message.args.get('arg_hdrs')?.bytes as Buffer));
      const body = message.args.get('arg_body')?.bytes as Buffer;
      assert.equal(headers.get('content-length'), String(body.length));
      bodies.push(body);
    });
    assert.equal(bodies.length, frames.filter(({ type }) => type === 'NOTIFY').length);
    assert.equal(fragments.size, 0);
    assert.equal(fragments.bytes, 0);
  });
}

testBothWays('an absent fetch is NULL, an unnamed argument has an empty name, -1 is -1', (cut) => {
  readStream(streamOf('haproxy-3.2.26--types.002.in.bin'), cut, (frame) => {
    if (readFrameHeader(frame).type !== FrameType.notify) return;
    const args = readNotify(frame)[0]?.args;
    assert.equal(args?.get('none')?.value, null);
    assert.deepEqual(args.get('')?.value, Buffer.of(127, 0, 0, 1));
    assert.equal(args.get('neg')?.value, -1);
    assert.equal(args.get('big')?.value, 2n ** 63n - 1n);
    assert.equal(args.get('meth')?.token, 'GET');
    assert.equal(args.get('unknown'), undefined);
  });
});

testBothWays('the header list of a captured request has its headers in their order', (cut) => {
  readStream(streamOf('haproxy-2.6.12--seed-nocaps.002.in.bin'), cut, (frame) => {
    if (readFrameHeader(frame).type !== FrameType.notify) return;
    const list = readNotify(frame)[0]?.args.get('arg_hdrs');
    assert.ok(list);
    assert.deepEqual(readHeadersBin(list.source, list.start, list.end), [
      ['host', '127.0.0.1:27000'],
      ['accept-encoding', 'identity'],
      ['user-agent', 'curl/8.5.0'],
      ['accept', '*/*'],
      ['x-dup', 'one'],
    ]);
  });
});

test('no captured stream is missing from the table', () => {
  assert.ok(Object.keys(STREAMS).length > 50);
  assert.ok(FRAGMENTED.length >= 4);
});

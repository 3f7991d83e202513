import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteReader } from '../../src/spop/byte-reader.ts';
import {
  readAgentDisconnect,
  readHaproxyDisconnect,
  writeAgentDisconnect,
  writeHaproxyDisconnect,
} from '../../src/spop/disconnect.ts';
import { SpopStatus } from '../../src/spop/errors.ts';
import {
  connectionHeader,
  type FrameHeader,
  FrameType,
  readFrameHeader,
  writeFrame,
} from '../../src/spop/frame-header.ts';
import {
  type HaproxyHello,
  readAgentHello,
  readHaproxyHello,
  writeAgentHello,
  writeHaproxyHello,
} from '../../src/spop/hello.ts';
import { KvList, writeKvList } from '../../src/spop/kv-list.ts';
import { MIN_MAX_FRAME_SIZE, negotiate, type Offer } from '../../src/spop/negotiation.ts';
import type { TypedData } from '../../src/spop/typed-data.ts';
import { booleanData, int64Data, nullData, stringData, uint32Data, uint64Data } from '../../src/spop/values.ts';
import { assertSpopError, type Cut, readStream, testBothWays, written } from './streams.ts';

type Items = readonly (readonly [string, TypedData])[];

const ITEMS: Items = [
  ['supported-versions', stringData('2.0')],
  ['max-frame-size', uint32Data(16380)],
  ['capabilities', stringData('pipelining,async')],
];
const HELLO: HaproxyHello = {
  supportedVersions: ['2.0'],
  maxFrameSize: 16380,
  capabilities: ['pipelining', 'async'],
  healthcheck: false,
};
const OFFER: Offer = { maxFrameSize: 16380, pipelining: true, async: true, fragmentation: true };

function read<Value>(cut: Cut, bytes: Buffer, reader: (header: FrameHeader, payload: ByteReader) => Value): Value {
  const values: Value[] = [];
  readStream(bytes, cut, (frame) => values.push(reader(readFrameHeader(frame), frame)));
  assert.equal(values.length, 1);
  return values[0] as Value;
}

function hello(items: Items, header: FrameHeader = connectionHeader(FrameType.haproxyHello)): Buffer {
  return written((writer) => writeFrame(writer, header, writeKvList, KvList.of(items)));
}

function without(key: string): Items {
  return ITEMS.filter(([name]) => name !== key);
}

testBothWays('HAPROXY-HELLO has its items in any order, with spaces in its lists, and others are skipped', (cut) => {
  const items: Items = [
    ['engine-id', stringData('e1')],
    ['new-in-3.9', nullData()],
    ['capabilities', stringData(' pipelining , ,async,teleport ')],
    ['healthcheck', booleanData(false)],
    ['max-frame-size', int64Data(16380)],
    ['supported-versions', stringData('2.0, 1.5')],
    ['', stringData('')],
  ];
  assert.deepEqual(read(cut, hello(items), readHaproxyHello), {
    supportedVersions: ['2.0', '1.5'],
    maxFrameSize: 16380,
    capabilities: ['pipelining', 'async', 'teleport'],
    healthcheck: false,
    engineId: 'e1',
  });
});

const REFUSED: readonly (readonly [what: string, code: number, items: Items])[] = [
  ['without supported-versions', SpopStatus.versionNotFound, without('supported-versions')],
  ['without max-frame-size', SpopStatus.maxFrameSizeNotFound, without('max-frame-size')],
  ['without capabilities', SpopStatus.capabilitiesNotFound, without('capabilities')],
  ['with nothing', SpopStatus.versionNotFound, []],
  ['with a number for a version', SpopStatus.invalidFrame, [['supported-versions', uint32Data(2)], ...ITEMS]],
  ['with a text for a size', SpopStatus.invalidFrame, [['max-frame-size', stringData('1')], ...ITEMS]],
  ['with a negative size', SpopStatus.badMaxFrameSize, [['max-frame-size', int64Data(-1)], ...ITEMS]],
  ['with a size of 2^64 - 1', SpopStatus.badMaxFrameSize, [['max-frame-size', uint64Data(2n ** 64n - 1n)], ...ITEMS]],
  ['with a number for healthcheck', SpopStatus.invalidFrame, [...ITEMS, ['healthcheck', uint32Data(1)]]],
  ['with a number for engine-id', SpopStatus.invalidFrame, [...ITEMS, ['engine-id', uint32Data(1)]]],
];

for (const [what, code, items] of REFUSED) {
  testBothWays(`HAPROXY-HELLO ${what} is refused with ${code}`, (cut) => {
    assertSpopError(() => read(cut, hello(items), readHaproxyHello), code);
  });
}

testBothWays('HAPROXY-HELLO cannot be fragmented and belongs to no stream', (cut) => {
  const header = connectionHeader(FrameType.haproxyHello);
  const fragment = hello(ITEMS, { ...header, flags: 0 });
  assertSpopError(() => read(cut, fragment, readHaproxyHello), SpopStatus.fragmentationNotSupported);
  const strayed = hello(ITEMS, { ...header, streamId: 5 });
  assertSpopError(() => read(cut, strayed, readHaproxyHello), SpopStatus.invalidFrame, /stream-id 5/);
});

testBothWays('a HELLO cut at every byte is refused', (cut) => {
  const payload = written((writer) => writeKvList(writer, KvList.of(ITEMS)));
  for (let length = 0; length < payload.length; length++) {
    const short = written((writer) =>
      writeFrame(
        writer,
        connectionHeader(FrameType.haproxyHello),
        (to, bytes) => to.writeBytes(bytes),
        payload.subarray(0, length),
      ),
    );
    assert.throws(() => read(cut, short, readHaproxyHello), { name: 'SpopError' });
  }
});

testBothWays('both HELLO frames come back', (cut) => {
  const full = { ...HELLO, healthcheck: true, engineId: 'engine-1' };
  assert.deepEqual(
    read(
      cut,
      written((to) => writeHaproxyHello(to, full)),
      readHaproxyHello,
    ),
    full,
  );
  const agent = { version: '2.0', maxFrameSize: 256, capabilities: [] };
  assert.deepEqual(
    read(
      cut,
      written((to) => writeAgentHello(to, agent)),
      readAgentHello,
    ),
    agent,
  );
});

testBothWays('both DISCONNECT frames come back', (cut) => {
  const disconnect = { statusCode: 1000, message: 'déjà vu' };
  const haproxy = written((to) => writeHaproxyDisconnect(to, { ...disconnect, message: 'ascii' }));
  assert.deepEqual(read(cut, haproxy, readHaproxyDisconnect), { statusCode: 1000, message: 'ascii' });
  const agent = written((to) => writeAgentDisconnect(to, disconnect));
  assert.deepEqual(read(cut, agent, readAgentDisconnect), disconnect);
});

testBothWays('a DISCONNECT without its items is an unknown error without words', (cut) => {
  const bytes = hello([], connectionHeader(FrameType.haproxyDisconnect));
  assert.deepEqual(read(cut, bytes, readHaproxyDisconnect), { statusCode: 99, message: '' });
});

testBothWays('a DISCONNECT with items of a wrong type is an invalid frame', (cut) => {
  const header = connectionHeader(FrameType.haproxyDisconnect);
  for (const items of [[['status-code', stringData('4')]], [['message', uint32Data(4)]]] as const) {
    assertSpopError(() => read(cut, hello(items as Items, header), readHaproxyDisconnect), SpopStatus.invalidFrame);
  }
});

const HELLOS: readonly (readonly [
  what: string,
  theirs: Partial<HaproxyHello>,
  ours: Partial<Offer>,
  agreed: string,
])[] = [
  ['pipelining needs both sides', { capabilities: [] }, { fragmentation: false }, ''],
  ['pipelining is not used when the agent does not want it', {}, { pipelining: false, async: false }, 'fragmentation'],
  ['async needs an engine-id', {}, { fragmentation: false }, 'pipelining'],
  ['all three', { engineId: 'e' }, {}, 'fragmentation,pipelining,async'],
  ['fragmentation is offered although HAProxy never lists it', { capabilities: [] }, {}, 'fragmentation'],
  ['unknown capabilities do not matter', { capabilities: ['pipelining2', 'x'] }, { fragmentation: false }, ''],
];

for (const [what, theirs, ours, agreed] of HELLOS) {
  test(`negotiation: ${what}`, () => {
    const agreement = negotiate({ ...HELLO, ...theirs }, { ...OFFER, ...ours });
    assert.equal(agreement.hello.capabilities.join(','), agreed);
    for (const name of ['fragmentation', 'pipelining', 'async'] as const) {
      assert.equal(agreement[name], agreement.hello.capabilities.includes(name));
    }
  });
}

test('negotiation: the smaller max-frame-size counts, down to 256', () => {
  const size = (maxFrameSize: number, ours = 16380) =>
    negotiate({ ...HELLO, maxFrameSize }, { ...OFFER, maxFrameSize: ours }).hello.maxFrameSize;
  assert.equal(MIN_MAX_FRAME_SIZE, 256);
  assert.equal(size(256), 256);
  assert.equal(size(1 << 20), 16380);
  assert.equal(size(16380, 512), 512);
  for (const small of [0, 255]) assertSpopError(() => size(small), SpopStatus.badMaxFrameSize);
  assert.throws(() => size(16380, 255), RangeError);
});

test('negotiation: any version 2.x includes 2.0, nothing else does', () => {
  const version = (...supportedVersions: string[]) => negotiate({ ...HELLO, supportedVersions }, OFFER).hello.version;
  for (const versions of [['2.0'], ['2.5'], ['1.5', '2.0'], ['junk', '2.1']]) assert.equal(version(...versions), '2.0');
  for (const versions of [[], ['1.0'], ['3.0'], ['2'], ['20.0'], ['2.x'], ['-2.0']]) {
    assertSpopError(() => version(...versions), SpopStatus.unsupportedVersion);
  }
});

test('negotiation: health check and engine-id are passed on', () => {
  const agreement = negotiate({ ...HELLO, healthcheck: true, engineId: 'e' }, OFFER);
  assert.equal(agreement.healthcheck, true);
  assert.equal(agreement.engineId, 'e');
  assert.ok(!('engineId' in negotiate(HELLO, OFFER)));
});

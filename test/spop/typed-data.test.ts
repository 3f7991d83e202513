import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpopStatus } from '../../src/spop/errors.ts';
import { DataType, type DataValue, readTypedData, type TypedData, writeTypedData } from '../../src/spop/typed-data.ts';
import * as values from '../../src/spop/values.ts';
import { CODE_POINT } from '../text/code-points.ts';
import { assertSpopError, CUTS, hex, readPayload, testBothWays, unhex, written } from './streams.ts';

const CASES: readonly (readonly [what: string, data: TypedData, value: DataValue, bytes: string])[] = [
  ['NULL', values.nullData(), null, '00'],
  ['BOOL true is flag 0x10', values.booleanData(true), true, '11'],
  ['BOOL false', values.booleanData(false), false, '01'],
  ['INT32 0', values.int32Data(0), 0, '0200'],
  ['INT32 2^31 - 1', values.int32Data(2 ** 31 - 1), 2 ** 31 - 1, '02fff0fefe3e'],
  ['INT32 -1 has its sign extended', values.int32Data(-1), -1, '02fff0fefefefefefefe0e'],
  ['INT32 -2^31', values.int32Data(-(2 ** 31)), -(2 ** 31), '02f0f1fefebefefefefe0e'],
  ['UINT32 2^32 - 1', values.uint32Data(2 ** 32 - 1), 2 ** 32 - 1, '03fff0fefe7e'],
  ['INT64 -1', values.int64Data(-1), -1, '04fff0fefefefefefefe0e'],
  ['INT64 -2^63', values.int64Data(-(2n ** 63n)), -(2n ** 63n), '04f0f1fefefefefefefe06'],
  ['INT64 2^63 - 1', values.int64Data(2n ** 63n - 1n), 2n ** 63n - 1n, '04fff0fefefefefefefe06'],
  ['UINT64 2^64 - 1', values.uint64Data(2n ** 64n - 1n), 2n ** 64n - 1n, '05fff0fefefefefefefe0e'],
  ['IPV4', values.ipv4Data(Buffer.of(127, 0, 0, 1)), Buffer.of(127, 0, 0, 1), '067f000001'],
  ['IPV6', values.ipv6Data(Buffer.alloc(16, 0xab)), Buffer.alloc(16, 0xab), `07${'ab'.repeat(16)}`],
  ['STRING empty', values.stringData(''), Buffer.alloc(0), '0800'],
  ['STRING is UTF-8', values.stringData('é'), Buffer.from('é'), '0802c3a9'],
  ['BINARY', values.binaryData(Buffer.of(0, 255, 16)), Buffer.of(0, 255, 16), '090300ff10'],
  ['BINARY of 240 bytes', values.binaryData(Buffer.alloc(240)), Buffer.alloc(240), `09f000${'00'.repeat(240)}`],
];

for (const [what, data, value, bytes] of CASES) {
  testBothWays(`typed data: ${what}`, (cut) => {
    assert.equal(hex(written((writer) => writeTypedData(writer, data))), bytes);
    const read = readPayload(unhex(bytes), cut, readTypedData);
    assert.deepEqual(read.value, value);
    assert.equal(read.type, data.type);
    assert.deepEqual(data.value, value);
  });
  testBothWays(`typed data: ${what}, cut at every byte, is an invalid frame`, (cut) => {
    for (let length = 0; length < bytes.length / 2; length++) {
      const short = unhex(bytes).subarray(0, length);
      assertSpopError(() => readPayload(short, cut, readTypedData), SpopStatus.invalidFrame);
    }
  });
}

testBothWays('an INT32 that was not extended to 64 bits keeps its sign', (cut) => {
  assert.equal(readPayload(unhex('02 fff0fefe7e'), cut, readTypedData).value, -1);
});

testBothWays('integers too large for their type are an invalid frame', (cut) => {
  const bytes = ['02 f0f1fefe7e', '03 f0f1fefe7e', '02 fff0fefefefefefefe06', '03 fff0fefefefefefefe0e'];
  for (const text of bytes) {
    assertSpopError(() => readPayload(unhex(text), cut, readTypedData), SpopStatus.invalidFrame, /32 bits/);
  }
});

testBothWays('the reserved types 10 to 15 are an invalid frame', (cut) => {
  for (let type = 10; type <= 15; type++) {
    const bytes = Buffer.of(type, 0);
    assertSpopError(() => readPayload(bytes, cut, readTypedData), SpopStatus.invalidFrame, /reserved/);
  }
});

testBothWays('unknown flags are ignored', (cut) => {
  assert.equal(readPayload(unhex('f0'), cut, readTypedData).value, null);
  assert.equal(readPayload(unhex('f1'), cut, readTypedData).value, true);
  assert.equal(readPayload(unhex('e1'), cut, readTypedData).value, false);
  assert.equal(readPayload(unhex('f8 0141'), cut, readTypedData).text, 'A');
});

testBothWays('a length far beyond the frame is an invalid frame, and nothing is allocated for it', (cut) => {
  for (const length of ['fff0fefefefefefefe0e', 'fff0fefe7e', '02']) {
    assertSpopError(() => readPayload(unhex(`08 ${length} 41`), cut, readTypedData), SpopStatus.invalidFrame);
  }
});

test('bytes are a view of the input, text keeps every byte', () => {
  const input = Buffer.concat([unhex('09f010'), Buffer.from(Array.from({ length: 496 }, (_, i) => i & 255))]);
  const data = readPayload(input, (bytes) => [bytes], readTypedData);
  assert.equal(data.bytes?.buffer, data.source.buffer);
  assert.equal(data.text, data.bytes?.toString('latin1'));
  assert.equal(data.token, data.text);
  assert.equal(values.int64Data(5).bytes, undefined);
  assert.equal(values.ipv4Data(Buffer.alloc(4)).text, undefined);
  assert.equal(values.nullData().token, undefined);
});

const integer = (min: bigint, max: bigint) => fc.bigInt({ min, max });
const bytes = fc.uint8Array({ maxLength: 600 });
const anyData: fc.Arbitrary<TypedData> = fc.oneof(
  fc.constant(values.nullData()),
  fc.boolean().map(values.booleanData),
  fc.integer().map(values.int32Data),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(values.uint32Data),
  integer(-(2n ** 63n), 2n ** 63n - 1n).map(values.int64Data),
  fc.maxSafeInteger().map(values.int64Data),
  integer(0n, 2n ** 64n - 1n).map(values.uint64Data),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map(values.ipv4Data),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map(values.ipv6Data),
  fc.string({ unit: CODE_POINT }).map(values.stringData),
  bytes.map(values.stringData),
  bytes.map(values.binaryData),
);

test('any typed value comes back', () => {
  fc.assert(
    fc.property(anyData, (data) => {
      const encoded = written((writer) => writeTypedData(writer, data));
      for (const [, cut] of CUTS) {
        const read = readPayload(encoded, cut, readTypedData);
        assert.equal(read.type, data.type);
        assert.deepEqual(read.value, data.value);
        assert.deepEqual(
          written((writer) => writeTypedData(writer, read)),
          encoded,
        );
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a JavaScript value has the type it most naturally has', () => {
  assert.equal(values.dataOf(null).type, DataType.null);
  assert.equal(values.dataOf(true).type, DataType.boolean);
  assert.equal(values.dataOf(42).type, DataType.int64);
  assert.equal(values.dataOf(42n).value, 42);
  assert.equal(values.dataOf('a').type, DataType.string);
  assert.equal(values.dataOf(new Uint8Array([1])).type, DataType.binary);
  assert.ok(Object.is(values.dataOf(-0).value, 0));
});

test('a value that does not fit its type cannot be made', () => {
  const refused: readonly (() => TypedData)[] = [
    () => values.int32Data(2 ** 31),
    () => values.uint32Data(-1),
    () => values.uint32Data(2 ** 32),
    () => values.int64Data(2n ** 63n),
    () => values.uint64Data(-1),
    () => values.dataOf(0.5),
    () => values.dataOf(2 ** 53),
    () => values.ipv4Data(Buffer.alloc(5)),
    () => values.ipv6Data(Buffer.alloc(4)),
  ];
  for (const make of refused) assert.throws(make, RangeError, String(make));
});

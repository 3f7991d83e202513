import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../../src/spop/byte-reader.ts';
import { SpopStatus } from '../../src/spop/errors.ts';
import { readVarint, type Uint64, varintLength, writeVarint } from '../../src/spop/varint.ts';
import { assertSpopError, CUTS, hex, readPayload, testBothWays, unhex, written } from './streams.ts';

const BOUNDARIES: readonly (readonly [what: string, value: Uint64, bytes: string])[] = [
  ['0', 0, '00'],
  ['239, the last of one byte', 239, 'ef'],
  ['240, the first of two', 240, 'f000'],
  ['241', 241, 'f100'],
  ['255', 255, 'ff00'],
  ['256', 256, 'f001'],
  ['2287, the last of two', 2287, 'ff7f'],
  ['2288, the first of three', 2288, 'f08000'],
  ['16380, the usual max-frame-size', 16380, 'fcf006'],
  ['264431, the last of three', 264431, 'ffff7f'],
  ['264432, the first of four', 264432, 'f0808000'],
  ['33818863', 33818863, 'ffffff7f'],
  ['33818864', 33818864, 'f080808000'],
  ['4328786159', 4328786159, 'ffffffff7f'],
  ['4328786160', 4328786160, 'f08080808000'],
  ['2^32 - 1', 2 ** 32 - 1, 'fff0fefe7e'],
  ['2^53 - 1, the last number', 2 ** 53 - 1, 'fff0fefefefefe7e'],
  ['2^53, the first bigint', 2n ** 53n, 'f0f1fefefefefe7e'],
  ['2^63 - 1', 2n ** 63n - 1n, 'fff0fefefefefefefe06'],
  ['2^63', 2n ** 63n, 'f0f1fefefefefefefe06'],
  ['2^64 - 1', 2n ** 64n - 1n, 'fff0fefefefefefefe0e'],
];

for (const [what, value, bytes] of BOUNDARIES) {
  testBothWays(`varint ${what}`, (cut) => {
    assert.equal(hex(written((writer) => writeVarint(writer, value))), bytes);
    assert.equal(varintLength(value), bytes.length / 2);
    assert.equal(readPayload(unhex(bytes), cut, readVarint), value);
  });
}

const REFUSED: readonly (readonly [what: string, bytes: string, message: RegExp])[] = [
  ['no bytes', '', /missing/],
  ['one of two bytes', 'f0', /cut short/],
  ['seven of eight bytes', 'fff0fefefefefe', /cut short/],
  ['nine of ten bytes', 'fff0fefefefefefefe', /cut short/],
  ['2^64', 'f0f1fefefefefefefe0e', /64 bits/],
  ['ten bytes of ones', 'ffffffffffffffffff7f', /64 bits/],
  ['eleven bytes', 'ffffffffffffffffffff00', /10 bytes/],
];

for (const [what, bytes, message] of REFUSED) {
  testBothWays(`varint with ${what} is an invalid frame`, (cut) => {
    assertSpopError(() => readPayload(unhex(bytes), cut, readVarint), SpopStatus.invalidFrame, message);
  });
}

test('every integer from 0 to 2^64 - 1 comes back, in its one encoding', () => {
  const uint64 = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.integer({ min: 0, max: 63 }).chain((bit) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bit) })),
  );
  fc.assert(
    fc.property(uint64, (integer) => {
      const value = integer <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(integer) : integer;
      const bytes = written((writer) => writeVarint(writer, integer));
      assert.deepEqual(
        written((writer) => writeVarint(writer, value)),
        bytes,
      );
      assert.equal(bytes.length, varintLength(value));
      for (const [, cut] of CUTS) assert.equal(readPayload(bytes, cut, readVarint), value);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('any bytes are either a varint that is written the same again, or an SpopError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
      const reader = new ByteReader(Buffer.from(bytes));
      let value: Uint64;
      try {
        value = readVarint(reader);
      } catch (error) {
        assertSpopError(() => {
          throw error;
        }, SpopStatus.invalidFrame);
        return;
      }
      assert.equal(hex(written((writer) => writeVarint(writer, value))), hex(bytes.subarray(0, reader.position)));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('what is no integer from 0 to 2^64 - 1 cannot be written', () => {
  for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -1n, 2n ** 64n]) {
    assert.throws(() => written((writer) => writeVarint(writer, value)), RangeError, String(value));
  }
});

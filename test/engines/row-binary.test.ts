/** Blocks of RowBinary, whole rows only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBlocks } from '../../src/engines/row-binary.ts';

function rowOf(small: number, signed: number, unsigned: number, double: number, text: string): Buffer {
  const numbers = Buffer.alloc(17);
  numbers.writeUInt8(small, 0);
  numbers.writeInt32LE(signed, 1);
  numbers.writeUInt32LE(unsigned, 5);
  numbers.writeDoubleLE(double, 9);
  const bytes = Buffer.from(text);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([numbers, Buffer.from(length), bytes]);
}

const TYPES = ['u8', 'i32', 'u32', 'f64', 'text'] as const;

test('rows come back column by column, in blocks', () => {
  const rows = Array.from(
    { length: 5000 },
    (_, i) => [i % 256, 7 - i, 4_294_967_295 - i, i / 7, `é${'x'.repeat(i % 300)}`] as const,
  );
  const bytes = Buffer.concat(rows.map((row) => rowOf(...row)));
  const read: unknown[][] = [];
  for (const { count, columns } of readBlocks(bytes, TYPES))
    for (let i = 0; i < count; i++) read.push(columns.map((column) => column[i]));
  assert.deepEqual(
    read,
    rows.map((row) => [...row]),
  );
});

test('a row that has no end is an error, wherever it breaks', () => {
  const bytes = rowOf(1, 2, 3, 4, 'five');
  assert.deepEqual([...readBlocks(Buffer.alloc(0), TYPES)], []);
  for (let end = 1; end < bytes.length; end++)
    assert.throws(() => [...readBlocks(bytes.subarray(0, end), TYPES)], /a row has no end/, `${end}`);
});

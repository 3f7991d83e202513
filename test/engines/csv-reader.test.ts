import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CsvReader } from '../../src/engines/csv-reader.ts';

const TEXT = 'a,b\n"x,""y""\n",ü\r\n,\n"",1\n';
const ROWS = [
  ['a', 'b'],
  ['x,"y"\n', 'ü'],
  ['', ''],
  ['', '1'],
];

test('rows of CSV are read whole, and byte by byte', () => {
  const bytes = Buffer.from(TEXT);
  assert.deepEqual([...new CsvReader().read(bytes)], ROWS);
  const reader = new CsvReader();
  assert.deepEqual(
    [...bytes].flatMap((byte) => [...reader.read(Uint8Array.of(byte))]),
    ROWS,
  );
});

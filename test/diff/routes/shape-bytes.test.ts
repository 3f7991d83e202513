import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathOf, segmentsOf } from '../../../src/diff/routes/path-segments.ts';
import { ShapeBytes } from '../../../src/diff/routes/shape-bytes.ts';
import { TextTable } from '../../../src/diff/text-table.ts';

const SEGMENTS = [
  ...[
    '',
    'orders',
    'v1',
    'a-b_c',
    '-',
    'words-that-go-on-and-on',
    '17',
    '0',
    '3b18e51',
    '3B18e51',
    'deadbeef',
    'deadbee',
  ],
  ...['0f8fad5b-d9cb-469f-a165-70867728950e', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'main.3b18e51f.js', 'Orders(17)'],
  ...[
    '0f8fad5b-d9cb-469f-a165-70867728950g',
    'x;jsessionid=1',
    '17;a',
    ';',
    'anna%40example.org',
    '%zz',
    'a b',
    '\0',
    '…',
  ],
  ...['café', 'dQw4w9WgXcQ', 'x'.repeat(101), '7'.repeat(101), 'abcdef0123456789'.repeat(8), '*', '.', '..', '{…}'],
];
const target = fc
  .tuple(
    fc.constantFrom('/', '/', '/', '', 'https://shop.example/', 'shop.example/', '//'),
    fc.array(fc.oneof(fc.constantFrom(...SEGMENTS), fc.string({ maxLength: 20 })), { maxLength: 20 }),
    fc.constantFrom('', '', '?', '?x=1/2', '#a/b', '?ü', '…'),
  )
  .map(([start, segments, end]) => `${start}${segments.join('/')}${end}`);

test('a shape that is made from bytes is that of the segments', () => {
  const shape = new ShapeBytes();
  let written = 0;
  fc.assert(
    fc.property(target, (text) => {
      const targets = new TextTable();
      const number = targets.intern(text);
      if (number < 0 || !shape.write(targets, number)) return;
      written++;
      const segments = segmentsOf(pathOf(targets.text(number)));
      assert.equal(shape.bytes.toString('utf8', 0, shape.length), `/${segments.join('/')}`);
      assert.equal(shape.segments, segments.length);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(written > 500, `only ${written} of them are made from bytes`);
});

test('the longest path that is made from bytes has room whatever it becomes', () => {
  const targets = new TextTable();
  const shape = new ShapeBytes();
  const text = `/${['1'.repeat(1), 'A(1)', '7', ...new Array(12).fill('Z1Z1(9)'), 'Q'.repeat(400)].join('/')}`;
  assert.ok(text.length < 512);
  assert.equal(shape.write(targets, targets.intern(text)), true);
  assert.equal(shape.bytes.toString('utf8', 0, shape.length), `/${segmentsOf(text).join('/')}`);
});

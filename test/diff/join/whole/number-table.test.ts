import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NumberMap, NumberSet } from '../../../../src/diff/join/whole/number-table.ts';

test('a number is new once', () => {
  const set = new NumberSet();
  for (const value of [0, 1, -1, 2 ** 32, 2 ** 53 - 1, 0.5, -(2 ** 53)]) {
    assert.equal(set.add(value), true);
    assert.equal(set.add(value), false);
  }
});

test('numbers that share their lower or their upper half are told apart', () => {
  const set = new NumberSet();
  for (let i = 0; i < 20_000; i++) {
    assert.equal(set.add(i * 2 ** 32 + 7), true);
    assert.equal(set.add(2 ** 52 + i), true);
  }
  for (let i = 0; i < 20_000; i++) assert.equal(set.add(i * 2 ** 32 + 7) || set.add(2 ** 52 + i), false);
});

test('whatever the numbers, it is a set', () => {
  const number = fc.maxSafeInteger();
  fc.assert(
    fc.property(fc.array(number, { maxLength: 3000 }), (values) => {
      const set = new NumberSet();
      const known = new Set<number>();
      for (const value of [...values, ...values]) {
        assert.equal(set.add(value), !known.has(value));
        known.add(value);
      }
    }),
    { numRuns: 30 },
  );
});

test('whatever the numbers, it is a map to the largest of them', () => {
  const value = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 15 - 1, 2 ** 15, 2 ** 31 - 1));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2000), value), { maxLength: 3000 }), (entries) => {
      const map = new NumberMap();
      const known = new Map<number, number>();
      for (const [key, number] of entries) {
        assert.equal(map.raise(key, number), !known.has(key));
        known.set(key, Math.max(number, known.get(key) ?? 0));
      }
      for (let key = 0; key <= 2000; key++) assert.equal(map.get(key), known.get(key));
    }),
    { numRuns: 30 },
  );
});

test('a number above 32 bits with a sign is as large as one may be, and none of less', () => {
  const map = new NumberMap();
  assert.equal(map.raise(1, 2 ** 32 - 1), true);
  assert.equal(map.raise(1, 0), false);
  assert.equal(map.get(1), 2 ** 31 - 1);
});

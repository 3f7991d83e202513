import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Draw } from '../../../src/diff/live/draw.ts';

const lots = fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 });

/** Each row's value is made from its lot. */
function drawn(lots: readonly number[], limit: number): Draw {
  const draw = new Draw(limit, 1);
  for (const lot of lots) draw.add(lot, [2 * lot]);
  return draw;
}

function rowsOf(draw: Draw): number[] {
  const rows: number[] = [];
  draw.forEach((lot, [value]) => {
    assert.equal(value, 2 * lot);
    rows.push(lot);
  });
  return rows.sort((a, b) => a - b);
}

test('the smallest lots are drawn, in whatever order they come', () => {
  const property = fc.property(lots, fc.integer({ min: 1, max: 60 }), (lots, limit) => {
    const smallest = [...lots].sort((a, b) => a - b).slice(0, limit);
    assert.deepEqual(rowsOf(drawn(lots, limit)), smallest);
  });
  fc.assert(property);
});

test('the samples of two parts are the sample of both', () => {
  const property = fc.property(lots, fc.integer({ min: 1, max: 60 }), fc.nat(200), (lots, limit, cut) => {
    const draw = drawn(lots.slice(0, cut), limit);
    draw.merge(drawn(lots.slice(cut), limit));
    assert.deepEqual(rowsOf(draw), rowsOf(drawn(lots, limit)));
  });
  fc.assert(property);
});

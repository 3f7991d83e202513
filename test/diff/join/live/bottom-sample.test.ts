import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BottomSample } from '../../../../src/diff/join/live/bottom-sample.ts';

const ranks = fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 });

/** Each row's value is made from its rank. */
function drawn(ranks: readonly number[], limit: number): BottomSample {
  const draw = new BottomSample(limit, 1);
  for (const rank of ranks) draw.add(rank, [2 * rank]);
  return draw;
}

function rowsOf(draw: BottomSample): number[] {
  const rows: number[] = [];
  draw.forEach((rank, [value]) => {
    assert.equal(value, 2 * rank);
    rows.push(rank);
  });
  return rows.sort((a, b) => a - b);
}

test('the smallest ranks are drawn, in whatever order they come', () => {
  const property = fc.property(ranks, fc.integer({ min: 1, max: 60 }), (ranks, limit) => {
    const smallest = [...ranks].sort((a, b) => a - b).slice(0, limit);
    assert.deepEqual(rowsOf(drawn(ranks, limit)), smallest);
  });
  fc.assert(property);
});

test('the samples of two parts are the sample of both', () => {
  const property = fc.property(ranks, fc.integer({ min: 1, max: 60 }), fc.nat(200), (ranks, limit, cut) => {
    const draw = drawn(ranks.slice(0, cut), limit);
    draw.merge(drawn(ranks.slice(cut), limit));
    assert.deepEqual(rowsOf(draw), rowsOf(drawn(ranks, limit)));
  });
  fc.assert(property);
});

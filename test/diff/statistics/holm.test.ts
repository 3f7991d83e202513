import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holm } from '../../../src/diff/statistics/holm.ts';
import { assertClose, SEED } from './close.ts';

const ONES = [1, 1, 1, 1, 1, 1];

test("equal weights are Holm's own: R's p.adjust(c(.01, .02, .03, .04), 'holm')", () => {
  const adjusted = holm([0.01, 0.02, 0.03, 0.04], ONES);
  for (const [i, expected] of [0.04, 0.06, 0.06, 0.06].entries()) assertClose(adjusted[i] as number, expected, 1e-12);
});

test('tests that were not made do not count, and nothing is above 1', () => {
  assert.deepEqual(holm([null, 0.5, null, 0.9], ONES), [null, 1, null, 1]);
  assert.deepEqual(holm([], []), []);
});

test('a larger weight is a smaller correction', () => {
  const [heavy, light] = holm([0.01, 0.01], [3, 1]) as [number, number];
  assertClose(heavy, (0.01 / 3) * 4, 1e-12);
  assert.ok(light >= heavy);
});

test('the adjusted p is the level at which Holm begins to reject', () => {
  const p = fc.double({ min: 1e-9, max: 1, noNaN: true });
  const weighted = fc.array(fc.tuple(p, fc.constantFrom(0.25, 1, 3)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(weighted, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (tests, level) => {
      const ps = tests.map(([value]) => value);
      const weights = tests.map(([, weight]) => weight);
      const adjusted = holm(ps, weights) as number[];
      const left = new Set(ps.keys());
      for (;;) {
        const sum = [...left].reduce((total, i) => total + (weights[i] as number), 0);
        const next = [...left].find((i) => (ps[i] as number) <= (level * (weights[i] as number)) / sum);
        if (next === undefined) break;
        left.delete(next);
      }
      for (const [i, value] of adjusted.entries()) {
        // Rounding may decide exactly at the level.
        if (Math.abs(value - level) > 1e-9) assert.equal(value <= level, !left.has(i));
      }
    }),
    SEED,
  );
});

test('what is no probability is refused', () => {
  for (const wrong of [-0.1, 1.1, Number.NaN]) assert.throws(() => holm([wrong], [1]), RangeError);
});

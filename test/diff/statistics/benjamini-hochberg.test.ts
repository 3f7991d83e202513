import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg } from '../../../src/diff/statistics/benjamini-hochberg.ts';
import { assertClose, SEED } from './close.ts';

// Benjamini & Hochberg, J. R. Statist. Soc. B 57 (1995) 289-300, section 3.2: thrombolysis, 15 hypotheses, of which the
// first four are rejected at 0.05.
const THROMBOLYSIS = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
];

/** The procedure as the paper has it: reject the k smallest, k being the last with p(k) <= k q / m. */
function rejected(pValues: readonly number[], q: number): boolean[] {
  const sorted = [...pValues].sort((a, b) => a - b);
  const k = sorted.findLastIndex((p, i) => p <= ((i + 1) * q) / sorted.length);
  return pValues.map((p) => k >= 0 && p <= (sorted[k] as number));
}

test('the example of the paper: four of fifteen are discoveries at 0.05', () => {
  const q = benjaminiHochberg(THROMBOLYSIS) as number[];
  assert.equal(q.filter((value) => value <= 0.05).length, 4);
  // R: p.adjust(p, "BH"); statsmodels 0.14 (multipletests, fdr_bh) agrees.
  const expected = [
    0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714285714286, 0.06385714285714286, 0.0645, 0.0765, 0.486,
    0.5811818181818182, 0.714875, 0.7532307692307693, 0.8132142857142857, 1,
  ];
  for (const [i, value] of expected.entries()) assertClose(q[i] as number, value);
});

test('the order is that of the input, and equal p have equal q', () => {
  assert.deepEqual(benjaminiHochberg([0.5, 0.01, 0.5, 0.01]), [0.5, 0.02, 0.5, 0.02]);
  assert.deepEqual(benjaminiHochberg([0.04]), [0.04]);
  assert.deepEqual(benjaminiHochberg([]), []);
});

test('a test that was not made has no q and does not count', () => {
  assert.deepEqual(benjaminiHochberg([null, 0.01, null, 0.5]), [null, 0.02, null, 0.5]);
  assert.deepEqual(benjaminiHochberg([null]), [null]);
});

test('the extremes stay', () => {
  assert.deepEqual(benjaminiHochberg([0, 1, 1]), [0, 1, 1]);
});

test('what is no probability is refused', () => {
  for (const p of [Number.NaN, -0.01, 1.01]) assert.throws(() => benjaminiHochberg([0.5, p]), RangeError);
});

test('q <= any level are the discoveries of the step-up procedure, in any order of input', () => {
  const p = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.001, 0.01, 0.02, 0.05, 1));
  const level = fc.constantFrom(0.001, 0.0123, 0.047, 0.1, 0.31, 0.77);
  fc.assert(
    fc.property(fc.array(p, { maxLength: 20 }), level, (pValues, q) => {
      const qValues = benjaminiHochberg(pValues) as number[];
      assert.deepEqual(
        qValues.map((value) => value <= q),
        rejected(pValues, q),
      );
      for (const [i, value] of qValues.entries()) assert.ok(value >= (pValues[i] as number) && value <= 1);
      assert.deepEqual(benjaminiHochberg(pValues.toReversed()), qValues.toReversed());
    }),
    SEED,
  );
});

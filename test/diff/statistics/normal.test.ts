import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalCdf, normalQuantile, twoSidedZ } from '../../../src/diff/statistics/normal.ts';
import { assertClose, SEED } from './close.ts';

// All by mpmath 1.4 with 40 digits: erfc(-x / √2) / 2 and its inverse. 1.959963984540054 and 2.5758293035489004 are in
// every table (Abramowitz & Stegun, 26.2 and table 26.5).
test('quantiles are those of the tables to 1e-12', () => {
  assert.equal(normalQuantile(0.5), 0);
  assertClose(normalQuantile(0.975), 1.9599639845400543);
  assertClose(normalQuantile(0.995), 2.575829303548901);
  assertClose(normalQuantile(0.9), 1.2815515655446006);
  assertClose(normalQuantile(0.7), 0.5244005127080408);
  assertClose(normalQuantile(0.001), -3.0902323061678136);
  assertClose(normalQuantile(0.0001), -3.7190164854556804);
  assertClose(normalQuantile(0.999999), 4.753424308822899, 1e-11);
  assertClose(normalQuantile(1e-10), -6.361340902404056);
  assertClose(normalQuantile(1e-12), -7.034483825301132);
  assertClose(normalQuantile(1e-300), -37.04709629936119);
});

test('the two branches of the quantile meet', () => {
  assertClose(normalQuantile(0.925), 1.439531470938456);
  assertClose(normalQuantile(0.92500001), 1.4395315415821681);
});

test('the distribution function is right in its middle, sides and tails', () => {
  assert.equal(normalCdf(0), 0.5);
  assertClose(normalCdf(0.1), 0.539827837277029);
  assertClose(normalCdf(0.66), 0.7453730853286639);
  assertClose(normalCdf(0.67), 0.7485711049046899);
  assertClose(normalCdf(3), 0.9986501019683699);
  assertClose(normalCdf(-1), 0.15865525393145705);
  assertClose(normalCdf(-1.959963984540054), 0.02500000000000001);
  assertClose(normalCdf(-3), 0.0013498980316300946);
  assertClose(normalCdf(-5.6), 1.071759025831093e-8);
  assertClose(normalCdf(-5.7), 5.990371401063528e-9);
  assertClose(normalCdf(-10), 7.619853024160525e-24);
  assertClose(normalCdf(-20), 2.7536241186062337e-89);
  assertClose(normalCdf(-37), 5.725571222524577e-300);
});

test('nothing is beyond the ends', () => {
  assert.equal(normalCdf(Number.NEGATIVE_INFINITY), 0);
  assert.equal(normalCdf(Number.POSITIVE_INFINITY), 1);
  assert.equal(normalCdf(-1000), 0);
  assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
});

test('what is no probability has no quantile', () => {
  for (const p of [-0.1, 1.1, Number.NaN]) assert.throws(() => normalQuantile(p), RangeError);
  for (const alpha of [0, 1, -1, Number.NaN]) assert.throws(() => twoSidedZ(alpha), RangeError);
});

test('the distribution function is the integral of the density', () => {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  for (let x = -7; x < 7; x += 0.125) {
    // Boole's rule: its error is of the seventh power of the step.
    const h = 0.125 / 4;
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map((i) => density(x + i * h)) as [number, number, number, number, number];
    const integral = (2 * h * (7 * a + 32 * b + 12 * c + 32 * d + 7 * e)) / 45;
    assert.ok(Math.abs(normalCdf(x + 0.125) - normalCdf(x) - integral) < 1e-11);
  }
});

test('each is the inverse of the other, rises, and is symmetric', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 0.5, noNaN: true }), (p) => {
      assertClose(normalCdf(normalQuantile(p)), p);
      assert.ok(normalQuantile(p) <= normalQuantile(p * (1 + 1e-9)));
    }),
    SEED,
  );
  fc.assert(
    fc.property(fc.double({ min: -38, max: 38, noNaN: true }), (x) => {
      assertClose(normalCdf(x) + normalCdf(-x), 1, 1e-15);
      assert.ok(normalCdf(x) <= normalCdf(x + 1e-6));
    }),
    SEED,
  );
});

test('an interval of 95 % reaches 1.96 standard errors, however small its alpha may become', () => {
  assertClose(twoSidedZ(0.05), 1.9599639845400543);
  assertClose(twoSidedZ(2e-300), 37.04709629936119);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviance, stirlingRest } from '../../../src/diff/statistics/factorial.ts';
import { assertClose } from './close.ts';

test("what Stirling's formula leaves is log n! without its large terms", () => {
  let logFactorial = 0;
  for (let n = 1; n <= 2000; n++) {
    logFactorial += Math.log(n);
    const rest = logFactorial - (n * Math.log(n) - n);
    assert.ok(Math.abs(stirlingRest(n) - rest) < 1e-10, `${n}`);
  }
  assert.equal(stirlingRest(0), 0);
});

test('the table and the series meet', () => {
  // log 15! and log 16! are exact to the last digit: both factorials are exact doubles.
  assertClose(stirlingRest(15), Math.log(1307674368000) - 15 * Math.log(15) + 15, 1e-14);
  assertClose(stirlingRest(16), Math.log(20922789888000) - 16 * Math.log(16) + 16, 1e-14);
});

test('a deviance keeps its digits where observed and expected are close', () => {
  assert.equal(deviance(5, 5), 0);
  assert.equal(deviance(0, 3), 3);
  assertClose(deviance(2, 1), 2 * Math.log(2) - 1, 1e-15);
  // (1 + e) log(1 + e) - e = e²/2 - e³/6 + e⁴/12 - …, times a million.
  assertClose(deviance(1_000_001, 1_000_000), 1e6 * (1e-12 / 2 - 1e-18 / 6 + 1e-24 / 12), 1e-15);
  // Across the border between the two formulas.
  for (const observed of [121, 122, 123, 124]) {
    assertClose(deviance(observed, 100), observed * Math.log(observed / 100) - observed + 100, 1e-13);
  }
});

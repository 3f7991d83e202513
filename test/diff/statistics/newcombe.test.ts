import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newcombeInterval } from '../../../src/diff/statistics/newcombe.ts';
import { wilsonInterval } from '../../../src/diff/statistics/wilson.ts';
import { assertClose, assertInterval, SEED } from './close.ts';

test("the eight examples of Newcombe's comparison of eleven methods", () => {
  // Newcombe, Statist. Med. 17 (1998) 873-890, table II, method 10; statsmodels 0.14 (confint_proportions_2indep,
  // newcomb) agrees.
  assertInterval(newcombeInterval(56, 70, 48, 80, 0.05), '0.0524', '0.3339');
  assertInterval(newcombeInterval(9, 10, 3, 10, 0.05), '0.1705', '0.8090');
  assertInterval(newcombeInterval(6, 7, 2, 7, 0.05), '0.0582', '0.8062');
  assertInterval(newcombeInterval(5, 56, 0, 29, 0.05), '-0.0381', '0.1926');
  assertInterval(newcombeInterval(0, 10, 0, 20, 0.05), '-0.1611', '0.2775');
  assertInterval(newcombeInterval(0, 10, 0, 10, 0.05), '-0.2775', '0.2775');
  assertInterval(newcombeInterval(10, 10, 0, 20, 0.05), '0.6791', '1.0000');
  assertInterval(newcombeInterval(10, 10, 0, 10, 0.05), '0.6075', '1.0000');
});

test('high and standard doses: 7 of 34 and 1 of 34', () => {
  // Fagerland, Lydersen & Laake (2017), chapter 4 (Perondi et al.), as contingencytables prints it.
  assertInterval(newcombeInterval(7, 34, 1, 34, 0.05), '0.0189', '0.3404');
});

test('a side without requests says nothing', () => {
  assert.deepEqual(newcombeInterval(0, 0, 3, 10, 0.05), [-1, 1]);
  assert.deepEqual(newcombeInterval(3, 10, 0, 0, 0.05), [-1, 1]);
});

test('its ends are as far from the difference as the two score intervals together', () => {
  const side = fc.tuple(fc.nat(2_000_000), fc.integer({ min: 1, max: 2_000_000 }));
  fc.assert(
    fc.property(side, side, ([events1, others1], [events2, others2]) => {
      const [n1, n2] = [events1 + others1, events2 + others2];
      const [low, high] = newcombeInterval(events1, n1, events2, n2, 0.05);
      const [low1, high1] = wilsonInterval(events1, n1, 0.05);
      const [low2, high2] = wilsonInterval(events2, n2, 0.05);
      const difference = events1 / n1 - events2 / n2;
      assert.ok(-1 <= low && low <= difference && difference <= high && high <= 1);
      assertClose((difference - low) ** 2, (events1 / n1 - low1) ** 2 + (high2 - events2 / n2) ** 2, 1e-6);
      assertClose((high - difference) ** 2, (high1 - events1 / n1) ** 2 + (events2 / n2 - low2) ** 2, 1e-6);
      const [otherLow, otherHigh] = newcombeInterval(events2, n2, events1, n1, 0.05);
      assert.ok(Math.abs(low + otherHigh) < 1e-15 && Math.abs(high + otherLow) < 1e-15);
    }),
    SEED,
  );
});

test('more events than requests are refused', () => {
  assert.throws(() => newcombeInterval(2, 1, 0, 1, 0.05), RangeError);
  assert.throws(() => newcombeInterval(0, 1, 2, 1, 0.05), RangeError);
});

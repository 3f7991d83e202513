import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wilsonInterval } from '../../../src/diff/statistics/wilson.ts';
import { assertClose, assertInterval, SEED } from './close.ts';

test("the four examples of Newcombe's comparison of seven methods", () => {
  // Newcombe, Statist. Med. 17 (1998) 857-872, table I, method 3; statsmodels 0.14 (proportion_confint) agrees.
  assertInterval(wilsonInterval(81, 263, 0.05), '0.2553', '0.3662');
  assertInterval(wilsonInterval(15, 148, 0.05), '0.0624', '0.1605');
  assertInterval(wilsonInterval(0, 20, 0.05), '0.0000', '0.1611');
  assertInterval(wilsonInterval(1, 29, 0.05), '0.0061', '0.1718');
});

test('13 of 16', () => {
  // Fagerland, Lydersen & Laake (2017), chapter 2 (Ligarden et al.), as contingencytables prints it.
  assertInterval(wilsonInterval(13, 16, 0.05), '0.5699', '0.9341');
});

test('no requests say nothing, none and all of them meet an end exactly', () => {
  assert.deepEqual(wilsonInterval(0, 0, 0.05), [0, 1]);
  for (const n of [1, 7, 20, 999_999, 10 ** 12]) {
    assert.equal(wilsonInterval(0, n, 0.05)[0], 0);
    assert.equal(wilsonInterval(n, n, 0.05)[1], 1);
  }
});

test('both ends are rates that the score test just does not reject, in large counts too', () => {
  const counts = fc.tuple(fc.nat(5_000_000), fc.nat(5_000_000)).filter(([events, others]) => events * others > 0);
  fc.assert(
    fc.property(counts, ([events, others]) => {
      const n = events + others;
      for (const end of wilsonInterval(events, n, 0.05)) {
        const score = Math.abs(events / n - end) / Math.sqrt((end * (1 - end)) / n);
        assertClose(score, 1.9599639845400543, 1e-7);
      }
    }),
    SEED,
  );
});

test('it is mirrored for the rate of what is no event', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (events, others) => {
      const [low, high] = wilsonInterval(events, events + others, 0.05);
      const [otherLow, otherHigh] = wilsonInterval(others, events + others, 0.05);
      assert.ok(Math.abs(low + otherHigh - 1) < 1e-14 && Math.abs(high + otherLow - 1) < 1e-14);
      assert.ok(0 <= low && low < high && high <= 1);
    }),
    SEED,
  );
});

test('more events than requests are refused', () => {
  assert.throws(() => wilsonInterval(2, 1, 0.05), RangeError);
  assert.throws(() => wilsonInterval(-1, 1, 0.05), RangeError);
  assert.throws(() => wilsonInterval(0, 1, 1), RangeError);
});

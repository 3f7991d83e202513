import assert from 'node:assert/strict';
import fc from 'fast-check';

/** Every random test draws the same values each time. */
export const SEED = { seed: 5, numRuns: 200 } as const;

/** Fails unless the two differ by at most a share of the expected value. */
export function assertClose(actual: number, expected: number, share = 1e-12): void {
  const bound = share * Math.abs(expected);
  assert.ok(Math.abs(actual - expected) <= bound, `${actual} is not ${expected} ± ${bound}`);
}

/** Fails unless the value, rounded to as many decimals as were printed, is the one that was printed. */
export function assertPrinted(actual: number, printed: string): void {
  const decimals = printed.split('.')[1]?.length ?? 0;
  assert.equal(actual.toFixed(decimals).replace(/^-(0\.0*)$/, '$1'), printed);
}

export function assertInterval([low, high]: readonly [number, number], printedLow: string, printedHigh: string): void {
  assertPrinted(low, printedLow);
  assertPrinted(high, printedHigh);
}

/** n over k, exactly. */
export function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let value = 1n;
  for (let i = 1n; i <= BigInt(k); i++) value = (value * (BigInt(n) - i + 1n)) / i;
  return value;
}

/** The double nearest to a fraction, to about 1e-18, also where both are beyond what a double holds. */
export function fraction(above: bigint, below: bigint): number {
  const shift = Math.max(0, below.toString(2).length - above.toString(2).length + 64);
  return Number((above << BigInt(shift)) / below) * 2 ** -shift;
}

/** Samples with many ties, zeros of both signs, and values of very different size. */
export function samples(maxLength: number, minLength = 1): fc.Arbitrary<number[]> {
  const value = fc.oneof(
    fc.integer({ min: -4, max: 4 }),
    fc.constant(-0),
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.constantFrom(1e-300, -1e-300, 1e15, -1e15, Number.MIN_VALUE),
  );
  return fc.array(value, { minLength, maxLength });
}

/** Samples whose values are all different in size and none is 0. */
export function untiedSamples(maxLength: number, minLength = 1): fc.Arbitrary<number[]> {
  const value = fc.integer({ min: -1000, max: 1000 }).filter((number) => number !== 0);
  return fc.uniqueArray(value, { minLength, maxLength, selector: Math.abs });
}

export function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

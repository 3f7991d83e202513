/** What the functions of this folder accept. Anything else is a mistake of the program, so a RangeError, never a NaN. */

/** @throws RangeError for anything but whole numbers from 0 to 2^53 - 1 */
export function requireCounts(counts: { readonly [name: string]: number }): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${name} is no count: ${count}`);
  }
}

/** @throws RangeError when a part is larger than its whole */
export function requirePart(part: number, whole: number): void {
  if (part > whole) throw new RangeError(`${part} of ${whole} cannot be`);
}

/** @throws RangeError for anything but 0 < alpha < 1; an interval of level 1 - alpha is what alpha asks for */
export function requireAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is between 0 and 1, not ${alpha}`);
}

/** @throws RangeError for an empty sample, which has no estimate of anything */
export function requireSome(values: ArrayLike<number>): void {
  if (values.length === 0) throw new RangeError('a sample has at least one value');
}

/** @throws RangeError for NaN and infinities, which have no place in an order of finite numbers */
export function requireFinite(values: Float64Array): void {
  for (const value of values) if (!Number.isFinite(value)) throw new RangeError('a sample has finite values only');
}

/**
 * A sorted copy of a sample.
 * @throws RangeError for NaN and infinities, which have no place in an order of finite numbers
 */
export function sortedCopy(values: ArrayLike<number>): Float64Array {
  const sorted = new Float64Array(values).sort();
  // Infinities sort to the ends, NaN to the upper one.
  if (sorted.length > 0 && !(Number.isFinite(sorted[0]) && Number.isFinite(sorted.at(-1)))) {
    throw new RangeError('a sample has finite values only');
  }
  return sorted;
}

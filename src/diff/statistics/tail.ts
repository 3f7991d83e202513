/** What is left out is below this share of the sum, even when there are as many terms as fit. */
const NEGLIGIBLE = 1e-22;

/**
 * The sum of the terms after the first of a distribution's tail, in units of the first: `ratio(i)` is term i over term
 * i - 1, from i = 1, falls as the tail of a log-concave distribution does, and is 0 past its end. Ends as soon as
 * further terms do not count, so for n events after some √n terms, and nothing can underflow.
 */
export function sumTail(ratio: (i: number) => number): number {
  let sum = 0;
  let term = 1;
  for (let i = 1; term > NEGLIGIBLE * (1 + sum); i++) {
    term *= ratio(i);
    sum += term;
  }
  return sum;
}

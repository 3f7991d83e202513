/**
 * Factorials of large counts without losing digits: log n! itself is so large that the logarithm of a probability,
 * taken as a difference of several, would keep only 9 digits at a million. C. Loader, Fast and accurate computation of
 * binomial probabilities (2000), splits it into a small part and parts that cancel exactly; those are left out here.
 */

const LOG_2PI = Math.log(2 * Math.PI);
/** The series is exact to 1e-16 from here on, and factorials are exact doubles up to here. */
const SERIES_FROM = 16;
/** Below this share the two terms of a deviance cancel. */
const CLOSE = 0.1;

/** log n! - (n log n - n): Stirling's formula for the rest of it. 0 for 0. */
export function stirlingRest(n: number): number {
  if (n === 0) return 0;
  if (n < SERIES_FROM) {
    let factorial = 1;
    for (let i = 2; i <= n; i++) factorial *= i;
    return Math.log(factorial) - n * Math.log(n) + n;
  }
  const inverse = 1 / (n * n);
  const series = 1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)));
  return (LOG_2PI + Math.log(n)) / 2 + series / n;
}

/** observed × log(observed / expected) + expected - observed, also where the two are close. `expected` is above 0. */
export function deviance(observed: number, expected: number): number {
  if (observed === 0) return expected;
  const difference = observed - expected;
  const share = difference / (observed + expected);
  if (Math.abs(share) >= CLOSE) return observed * Math.log(observed / expected) - difference;
  // log(observed / expected) is twice the area tangent of the share, whose first term cancels in closed form.
  const square = share * share;
  let power = share * square;
  let sum = 0;
  for (let i = 3, last = -1; sum !== last; i += 2, power *= square) {
    last = sum;
    sum += power / i;
  }
  return difference * share + 2 * observed * sum;
}

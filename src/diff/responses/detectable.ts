/** What so many pairs would have shown. */

/** The probability with which it is seen. */
const POWER = 0.8;
const STEPS = 50;

/**
 * The share of differing pairs that is found with a probability of 80 %, at a place where the noise never differs. Null
 * where not even pairs that all differ are enough.
 * @param n pairs in which the place could differ @param isFound whether so many differing ones are enough, as more of them are then, too
 */
export function detectableRise(n: number, isFound: (differing: number) => boolean): number | null {
  if (n === 0 || !isFound(n)) return null;
  let [notFound, least] = [0, n];
  while (least - notFound > 1) {
    const middle = Math.floor((notFound + least) / 2);
    if (isFound(middle)) least = middle;
    else notFound = middle;
  }
  let low = 0;
  let high = 1;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (atLeast(least, n, middle) >= POWER) high = middle;
    else low = middle;
  }
  return high;
}

/** The probability of so many or more of n. */
function atLeast(count: number, n: number, share: number): number {
  if (share >= 1) return 1;
  let term = n * Math.log1p(-share);
  let below = 0;
  for (let i = 0; i < count; i++) {
    below += Math.exp(term);
    term += Math.log((n - i) / (i + 1)) + Math.log(share / (1 - share));
  }
  return 1 - below;
}

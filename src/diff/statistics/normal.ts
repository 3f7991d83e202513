/** The standard normal distribution: its distribution function and quantiles, both to about 1e-15. */

import { requireAlpha } from './domain.ts';

/** Coefficients from the highest power down, as the doubles nearest to those that were published. */
type Polynomial = readonly number[];
interface Rational {
  readonly above: Polynomial;
  readonly below: Polynomial;
}

/**
 * Of W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631-637, scaled to
 * the normal distribution as in his SPECFUN (TOMS 715). In x², in |x|, and in 1/x².
 */
const CDF_MIDDLE: Rational = {
  above: [0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356],
  below: [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673],
};
const CDF_SIDE: Rational = {
  above: [
    1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
    2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978,
  ],
  below: [
    1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097,
    34900.95272114598, 38912.00328609327, 19685.429676859992,
  ],
};
const CDF_TAIL: Rational = {
  above: [
    0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
    2.9112874951168793e-5,
  ],
  below: [1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5],
};
const MIDDLE_END = 0.66291;
const SIDE_END = Math.sqrt(32);
const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** The coefficients of M. J. Wichura, Algorithm AS 241: The percentage points of the normal distribution, Appl. Statist. 37 (1988) 477-484. */
const QUANTILE_MIDDLE: Rational = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  below: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
};
const QUANTILE_SIDE: Rational = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
};
const QUANTILE_TAIL: Rational = {
  above: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  below: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
};

/** P(Z <= x) for a standard normal Z. The lower tail keeps its relative precision, so take `normalCdf(-x)` for the upper. */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size <= MIDDLE_END) return 0.5 + x * evaluate(CDF_MIDDLE, x * x);
  const tail = tailBeyond(size);
  return x < 0 ? tail : 1 - tail;
}

/** P(Z > size), for a size above 0.66. */
function tailBeyond(size: number): number {
  if (size === Number.POSITIVE_INFINITY) return 0;
  // The square is split so that its rounding does not become an error of the exponential.
  const coarse = Math.floor(size * 16) / 16;
  const density = Math.exp((-coarse * coarse) / 2) * Math.exp((-(size - coarse) * (size + coarse)) / 2);
  if (size <= SIDE_END) return density * evaluate(CDF_SIDE, size);
  const inverseSquare = 1 / (size * size);
  return (density * (1 / SQRT_2PI - inverseSquare * evaluate(CDF_TAIL, inverseSquare))) / size;
}

/**
 * The x with P(Z <= x) = p; -Infinity for 0 and Infinity for 1.
 * @throws RangeError for a p outside 0 to 1
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is from 0 to 1, not ${p}`);
  const fromMiddle = p - 0.5;
  if (Math.abs(fromMiddle) <= 0.425) return fromMiddle * evaluate(QUANTILE_MIDDLE, 0.180625 - fromMiddle * fromMiddle);
  const tail = fromMiddle < 0 ? p : 1 - p;
  if (tail === 0) return fromMiddle < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const r = Math.sqrt(-Math.log(tail));
  const size = r <= 5 ? evaluate(QUANTILE_SIDE, r - 1.6) : evaluate(QUANTILE_TAIL, r - 5);
  return fromMiddle < 0 ? -size : size;
}

/**
 * How many standard errors a two-sided interval of level 1 - alpha reaches: 1.96 for 0.05.
 * @throws RangeError for anything but 0 < alpha < 1
 */
export function twoSidedZ(alpha: number): number {
  requireAlpha(alpha);
  return -normalQuantile(alpha / 2);
}

function evaluate({ above, below }: Rational, x: number): number {
  return horner(above, x) / horner(below, x);
}

function horner(coefficients: Polynomial, x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

/** Data sets that R's documentation and the textbooks work through. */

/** Hollander & Wolfe (1973), 29f: Hamilton depression scale before and after a tranquilizer; R's ?wilcox.test. */
const DEPRESSION_BEFORE = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const DEPRESSION_AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
export const DEPRESSION = DEPRESSION_BEFORE.map((before, i) => before - (DEPRESSION_AFTER[i] as number));

/** Hollander & Wolfe (1973), 69f: permeability of the chorioamnion at term and earlier; R's ?wilcox.test. */
export const PERMEABILITY_AT_TERM = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
export const PERMEABILITY_EARLIER = [1.15, 0.88, 0.9, 0.74, 1.21];

/** Student (1908): extra hours of sleep with two drugs; R's data set `sleep`. In tenths, so that ties are exact. */
export const SLEEP_1 = [7, -16, -2, -12, -1, 34, 37, 8, 0, 20];
export const SLEEP_2 = [19, 8, 11, 1, -1, 44, 55, 16, 46, 34];

/** Miles per gallon of R's data set `mtcars`, automatic and manual, in tenths. */
export const AUTOMATIC = [
  214, 187, 181, 143, 244, 228, 192, 178, 164, 173, 152, 104, 104, 147, 215, 155, 152, 133, 192,
];
export const MANUAL = [210, 210, 228, 324, 304, 339, 273, 260, 304, 158, 197, 150, 214];

/** What is computed with SciPy as well: without ties. */
export function untiedDifferences(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (((i * 37) % 101) - 45) / 7 + 0.01 * i);
}

export function untiedPair(m: number, n: number): readonly [Float64Array, Float64Array] {
  return [
    Float64Array.from({ length: m }, (_, i) => ((i * 37) % 101) / 7 + 0.013 * i),
    Float64Array.from({ length: n }, (_, i) => ((i * 53) % 97) / 7 + 0.017 * i + 0.9),
  ];
}

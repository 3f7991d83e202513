/** Counts → rates, intervals and tests. */
import type { ErrorTally } from './error-tally.ts';
import type { DiffSettings, ErrorComparison, ErrorTest, Interval, StatusComparison } from './model.ts';
import { bettingInterval } from './statistics/betting.ts';
import { bonettPriceInterval } from './statistics/bonett-price.ts';
import { logDiscordantEValue } from './statistics/discordant-e-value.ts';
import { fisherMidP } from './statistics/fisher.ts';
import { mantelHaenszel } from './statistics/mantel-haenszel.ts';
import { mcnemarMidP } from './statistics/mcnemar.ts';
import { newcombeInterval } from './statistics/newcombe.ts';
import { twoSidedZ } from './statistics/normal.ts';
import { pairedRatioInterval } from './statistics/paired-ratio.ts';
import { wilsonInterval } from './statistics/wilson.ts';
import type { StatusTally } from './status-tally.ts';

/** How rates are compared: at one look, or at as many as one likes. */
export type Method = Pick<DiffSettings, 'alpha' | 'anytime'>;

/** Counts of both sides when nothing is paired. */
export interface UnpairedCounts {
  readonly productionN: number;
  readonly productionErrors: number;
  readonly mirrorN: number;
  readonly mirrorErrors: number;
}

export function comparePairs(tally: ErrorTally, method: Method): ErrorComparison {
  const { n, newError, fixedError } = tally;
  const { bothOk, bothError, new4xx, fixed4xx, statusChanged, ignored } = tally;
  const cells = { n, bothOk, newError, fixedError, bothError, new4xx, fixed4xx, statusChanged, ignored };
  if (n === 0) return { ...cells, ...NOTHING };
  const { productionErrors, mirrorErrors } = tally;
  const { alpha } = method;
  return {
    ...cells,
    productionRate: productionErrors / n,
    mirrorRate: mirrorErrors / n,
    difference: (newError - fixedError) / n,
    differenceCi: intervalOf(n, newError, fixedError, method),
    interval: method.anytime ? 'betting' : 'bonett-price',
    test: { name: testName(method), p: pairedP(newError, fixedError, method), q: null },
    ratio: productionErrors === 0 ? null : mirrorErrors / productionErrors,
    ratioCi: productionErrors === 0 ? null : pairedRatioInterval(bothError, newError, fixedError, alpha),
    productionCi: wilsonInterval(productionErrors, n, alpha),
    mirrorCi: wilsonInterval(mirrorErrors, n, alpha),
  };
}

/**
 * The p is twice the smaller one of two questions, of which either may be the answer: whether the class got worse, and
 * whether access is granted that was denied. What got better answers neither.
 *
 * @param n pairs without an error on either side
 */
export function compareStatuses(tally: StatusTally, n: number, method: Method): Omit<StatusComparison, 'regressed'> {
  const { worse, better, accessGranted, accessDenied } = tally;
  const ps = [
    ...(worse > better ? [pairedP(worse, better, method)] : []),
    ...(accessGranted > accessDenied ? [pairedP(accessGranted, accessDenied, method)] : []),
  ];
  const known = n > 0;
  return {
    n,
    worse,
    better,
    accessGranted,
    accessDenied,
    difference: known ? (worse - better) / n : null,
    differenceCi: known ? intervalOf(n, worse, better, method) : null,
    test: { name: known ? testName(method) : 'none', p: known ? Math.min(1, 2 * Math.min(1, ...ps)) : null, q: null },
    transitions: tally.transitions.list().slice(0, STATUS_TRANSITIONS),
  };
}

const STATUS_TRANSITIONS = 5;

/** Two-sided, of discordant pairs: a p at this look, or what an e-value makes of it, which holds at all of them. */
export function pairedP(up: number, down: number, { anytime }: Method): number {
  return anytime ? Math.min(1, 2 * Math.exp(-logDiscordantEValue(up, down))) : mcnemarMidP(up, down);
}

export function intervalOf(n: number, up: number, down: number, { anytime, alpha }: Method): Interval {
  return anytime ? bettingInterval(n, up, down, alpha) : bonettPriceInterval(n, up, down, alpha);
}

function testName({ anytime }: Method): ErrorTest['name'] {
  return anytime ? 'e-process' : 'mcnemar-midp';
}

const NOTHING = {
  productionRate: null,
  mirrorRate: null,
  difference: null,
  differenceCi: null,
  test: { name: 'none', p: null, q: null },
} as const;

/**
 * Upper end of the difference for a PASS: of the interval, or, where that is more, of what it would be if the true rise
 * were the margin (the variance of a score test). Few changes seen make the interval too narrow by themselves. Where
 * none at all is seen, the interval's own end is what a plan counts on.
 */
export function passBound(
  n: number,
  up: number,
  down: number,
  settings: Method & Pick<DiffSettings, 'margin'>,
): number {
  const [, end] = intervalOf(n, up, down, settings);
  if (up + down === 0 || settings.anytime) return end;
  const { margin, alpha } = settings;
  const changed = Math.max(up + down, 2 * down + margin * n) / n;
  return Math.max(end, (up - down) / n + twoSidedZ(alpha) * Math.sqrt(Math.max(0, changed - margin * margin) / n));
}

/** Compares the rates of one route. */
export function compareUnpaired(counts: UnpairedCounts, alpha: number): ErrorComparison {
  const { productionN, productionErrors, mirrorN, mirrorErrors } = counts;
  const known = { n: productionN, ...NO_CELLS, mirrorN, productionErrors, mirrorErrors };
  const productionRate = productionN === 0 ? null : productionErrors / productionN;
  const mirrorRate = mirrorN === 0 ? null : mirrorErrors / mirrorN;
  const sides = {
    productionRate,
    mirrorRate,
    productionCi: wilsonOrNull(productionErrors, productionN, alpha),
    mirrorCi: wilsonOrNull(mirrorErrors, mirrorN, alpha),
  };
  if (productionRate === null || mirrorRate === null) return { ...known, ...NOTHING, ...sides };
  const p = fisherMidP(mirrorErrors, mirrorN - mirrorErrors, productionErrors, productionN - productionErrors);
  return {
    ...known,
    ...sides,
    difference: mirrorRate - productionRate,
    differenceCi: newcombeInterval(mirrorErrors, mirrorN, productionErrors, productionN, alpha),
    interval: 'newcombe',
    test: { name: 'fisher-midp', p, q: null },
  };
}

/**
 * Of all routes together: within each, so that it makes no difference how much of a route is mirrored. Routes that one
 * side alone has say nothing: they are in the counts, and in no rate.
 */
export function compareUnpairedRoutes(routes: readonly UnpairedCounts[], alpha: number): ErrorComparison {
  const { productionN, ...counts } = routes.reduce(addCounts, NO_COUNTS);
  const whole = compareUnpaired({ productionN, ...counts }, alpha);
  const shared = routes.filter(({ productionN, mirrorN }) => productionN > 0 && mirrorN > 0);
  const [only] = shared;
  if (only === undefined) return { ...whole, ...NOTHING };
  if (shared.length === 1) return { ...compareUnpaired(only, alpha), n: productionN, ...counts };
  const strata = shared.map((route) => ({
    events1: route.mirrorErrors,
    n1: route.mirrorN,
    events2: route.productionErrors,
    n2: route.productionN,
  }));
  const { rate1, rate2, difference, interval, p } = mantelHaenszel(strata, alpha);
  return {
    ...whole,
    productionRate: rate2,
    mirrorRate: rate1,
    productionCi: null,
    mirrorCi: null,
    difference,
    differenceCi: interval,
    interval: 'klingenberg',
    test: { name: 'mantel-haenszel', p, q: null },
  };
}

const NO_COUNTS: UnpairedCounts = { productionN: 0, productionErrors: 0, mirrorN: 0, mirrorErrors: 0 };

function addCounts(a: UnpairedCounts, b: UnpairedCounts): UnpairedCounts {
  return {
    productionN: a.productionN + b.productionN,
    productionErrors: a.productionErrors + b.productionErrors,
    mirrorN: a.mirrorN + b.mirrorN,
    mirrorErrors: a.mirrorErrors + b.mirrorErrors,
  };
}

const NO_CELLS = {
  bothOk: 0,
  newError: 0,
  fixedError: 0,
  bothError: 0,
  new4xx: 0,
  fixed4xx: 0,
  statusChanged: 0,
  ignored: 0,
};

function wilsonOrNull(errors: number, n: number, alpha: number): Interval | null {
  return n === 0 ? null : wilsonInterval(errors, n, alpha);
}

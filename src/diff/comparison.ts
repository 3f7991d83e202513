/** Counts → rates, intervals and tests. */
import type { ErrorTally } from './error-tally.ts';
import type { ErrorComparison, Interval } from './model.ts';
import { bonettPriceInterval } from './statistics/bonett-price.ts';
import { fisherMidP } from './statistics/fisher.ts';
import { mcnemarMidP } from './statistics/mcnemar.ts';
import { newcombeInterval } from './statistics/newcombe.ts';
import { wilsonInterval } from './statistics/wilson.ts';

/** Of both sides when nothing is paired. */
export interface UnpairedCounts {
  readonly productionN: number;
  readonly productionErrors: number;
  readonly mirrorN: number;
  readonly mirrorErrors: number;
}

export function comparePairs(tally: ErrorTally, alpha: number): ErrorComparison {
  const { n, newError, fixedError } = tally;
  const { bothOk, bothError, new4xx, fixed4xx, statusChanged, ignored } = tally;
  const cells = { n, bothOk, newError, fixedError, bothError, new4xx, fixed4xx, statusChanged, ignored };
  if (n === 0) return { ...cells, ...NOTHING };
  return {
    ...cells,
    productionRate: tally.productionErrors / n,
    mirrorRate: tally.mirrorErrors / n,
    difference: (newError - fixedError) / n,
    differenceCi: bonettPriceInterval(n, newError, fixedError, alpha),
    interval: 'bonett-price',
    test: { name: 'mcnemar-midp', p: mcnemarMidP(newError, fixedError), q: null },
    productionCi: wilsonInterval(tally.productionErrors, n, alpha),
    mirrorCi: wilsonInterval(tally.mirrorErrors, n, alpha),
  };
}

const NOTHING = {
  productionRate: null,
  mirrorRate: null,
  difference: null,
  differenceCi: null,
  test: { name: 'none', p: null, q: null },
} as const;

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

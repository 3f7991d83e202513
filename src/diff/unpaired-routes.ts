/** The comparison of requests that nothing pairs: rates of each route, and of all of them route by route. */
import { assessUnpaired, type ComparisonOptions } from './assessment.ts';
import { compareUnpaired, compareUnpairedRoutes, type UnpairedCounts } from './comparison.ts';
import { isSlower, type MeasuredLatency } from './latency.ts';
import type { ErrorComparison } from './model.ts';
import { levelOf } from './regression.ts';
import { type ComparedRoute, type Comparisons, worstFirst } from './route-order.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import { fisherMidP } from './statistics/fisher.ts';
import { testableAt } from './statistics/tarone.ts';

/** @param counts one for each route */
export function compareUnpairedSides(
  counts: readonly UnpairedCounts[],
  latency: MeasuredLatency | null,
  names: readonly string[],
  { settings }: ComparisonOptions,
): Comparisons {
  const level = levelOf(settings);
  const used = counts.flatMap((own, number) => (own.productionN + own.mirrorN === 0 ? [] : [{ own, number }]));
  const compared = used.map(({ own }) => compareUnpaired(own, settings.alpha));
  const isTestable = testableAt(
    level,
    used.map(({ own }, i) => (compared[i]?.test.p === null ? null : leastUnpairedP(own))),
  );
  const qs = benjaminiHochberg(compared.map(({ test }, i) => (isTestable[i] ? test.p : null)));
  const routes = used.map(({ number }, i): ComparedRoute => {
    const errors = compared[i] as ErrorComparison;
    const q = errors.test.p === null ? null : (qs[i] ?? 1);
    const found = assessUnpaired(errors, q, settings);
    return {
      route: names[number] as string,
      errors: { ...errors, test: { ...errors.test, q } },
      latency: null,
      regressed: found?.isWorse === true,
      transitions: [],
      number,
      found: { errors: found, status: null },
    };
  });
  const errors = compareUnpairedRoutes(counts, settings.alpha);
  const { test } = latency?.comparison ?? {};
  return {
    errors,
    latency: latency && { ...latency.comparison, slower: isSlower(latency, test?.p ?? null, null, settings.alpha) },
    transitions: [],
    routes: routes.sort(worstFirst),
    found: { errors: assessUnpaired(errors, errors.test.p, settings), status: null },
    tally: undefined,
    bursts: [],
  };
}

/** All errors on one side. */
function leastUnpairedP({ productionN, productionErrors, mirrorN, mirrorErrors }: UnpairedCounts): number {
  const errors = productionErrors + mirrorErrors;
  const most = Math.min(errors, mirrorN);
  const least = Math.max(0, errors - productionN);
  return Math.min(
    fisherMidP(most, mirrorN - most, errors - most, productionN - errors + most),
    fisherMidP(least, mirrorN - least, errors - least, productionN - errors + least),
  );
}

/** The comparison of requests that nothing pairs: rates of each route, and of all of them route by route. */
import type { Analysis } from './analysis.ts';
import { assessUnpaired, type ComparisonOptions } from './assessment.ts';
import { compareUnpaired, compareUnpairedRoutes, type UnpairedCounts } from './comparison.ts';
import { compareUnpairedLatency, isSlower, type MeasuredLatency } from './latency.ts';
import { chooseField } from './latency-pairs.ts';
import type { ErrorComparison } from './model.ts';
import { levelOf } from './regression.ts';
import { type ComparedRoute, type Comparisons, timesCompared, worstFirst } from './route-order.ts';
import { isMirrorError, isProductionError } from './rules.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import { fisherMidP } from './statistics/fisher.ts';
import { testableAt } from './statistics/tarone.ts';
import { TimeResolution } from './time-resolution.ts';

export function countUnpaired(analysis: Analysis, options: ComparisonOptions) {
  const { production, mirror } = analysis.collection;
  const counts = analysis.routes.map(() => ({ productionN: 0, productionErrors: 0, mirrorN: 0, mirrorErrors: 0 }));
  for (let row = 0; row < production.size; row++) {
    if (!analysis.isComparable(row)) continue;
    const route = counts[analysis.routeOf(row)] as (typeof counts)[number];
    route.productionN++;
    if (isProductionError(production, row, analysis.rules)) route.productionErrors++;
  }
  for (let row = 0; row < mirror.size; row++) {
    const route = counts[analysis.mirrorRouteOf(row)] as (typeof counts)[number];
    route.mirrorN++;
    if (isMirrorError(mirror, row, analysis.rules)) route.mirrorErrors++;
  }
  return { counts, latency: unpairedLatency(analysis, options) };
}

/** @param counts one for each route */
export function compareUnpairedCounted(
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
function unpairedLatency({ collection, rules }: Analysis, { settings, noise }: ComparisonOptions) {
  const { production, mirror } = collection;
  const field = chooseField(production, mirror, settings.compareLatency);
  const before = field.production === 'Tr' ? production.firstByteMs : production.totalMs;
  const after = field.mirror === 'ttfb' ? mirror.firstByteMs : mirror.totalMs;
  const fine = (isError: (row: number) => boolean) => (ms: number, row: number) => ms >= 0 && !isError(row);
  const times = [
    before.values.subarray(0, production.size).filter(fine((row) => isProductionError(production, row, rules))),
    after.values.subarray(0, mirror.size).filter(fine((row) => isMirrorError(mirror, row, rules))),
  ] as const;
  const resolutions = times.map((side) => {
    const resolution = new TimeResolution();
    for (const ms of side) resolution.add(ms);
    return resolution.ms;
  });
  return compareUnpairedLatency(...times, timesCompared(field, Math.max(...resolutions), settings, noise)());
}

/** The comparison of every route, worst first. */
import type { Analysis } from './analysis.ts';
import { isUnanswered } from './buckets.ts';
import { comparePairs, compareUnpaired, type UnpairedCounts } from './comparison.ts';
import { compareLatency, compareUnpairedLatency } from './latency.ts';
import { chooseField, LatencyCollector } from './latency-pairs.ts';
import { lotOf } from './lot.ts';
import {
  BUCKETS,
  type Bucket,
  type DiffSettings,
  type ErrorComparison,
  type LatencyComparison,
  type RouteComparison,
  type Transition,
} from './model.ts';
import type { NoiseBaseline } from './noise.ts';
import { mirrorStatus, productionStatus } from './outcomes.ts';
import { type RouteCounts, RouteTally } from './route-tally.ts';
import { isMirrorError, isProductionError } from './rules.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import { compareTexts } from './transitions.ts';

export interface Comparisons {
  readonly errors: ErrorComparison;
  readonly latency: LatencyComparison | null;
  readonly transitions: readonly Transition[];
  /** Worst first. */
  readonly routes: readonly (RouteComparison & { readonly number: number })[];
}

export interface ComparisonOptions {
  readonly settings: DiffSettings;
  readonly noise: NoiseBaseline | undefined;
}

export function compareAll(analysis: Analysis, options: ComparisonOptions): Comparisons {
  const counted = analysis.isUnmatched ? countUnpaired(analysis, options) : countPairs(analysis, options);
  return compareCounted(counted, analysis.routes, options);
}

/** @param names of the routes that were counted */
export function compareCounted(
  { whole, routes }: Counted,
  names: readonly string[],
  options: ComparisonOptions,
): Comparisons {
  const compared = routes.flatMap((counts, number) => (counts.errors.n === 0 ? [] : [{ counts, number }]));
  const ps = compared.map(({ counts, number }) => significance(counts.errors, options, names[number]));
  const qs = benjaminiHochberg(ps);
  const latencyQs = benjaminiHochberg(compared.map(({ counts }) => counts.latency?.test?.p ?? null));
  const results = compared.map(({ counts, number }, i) => {
    const errors = { ...counts.errors, test: { ...counts.errors.test, q: qs[i] ?? null } };
    const route = names[number] as string;
    return {
      route,
      errors,
      latency: withQ(counts.latency, latencyQs[i] ?? null),
      regressed: hasRegressed(errors, errors.test.q, options, route),
      ...(counts.notForwardCompatible && { notForwardCompatible: counts.notForwardCompatible }),
      transitions: counts.transitions,
      number,
    };
  });
  return { ...whole, routes: results.sort(worstFirst) };
}

/** With a baseline both must be significant: that there is a change, and that it is more than the noise. */
export function significance(errors: ErrorComparison, { settings, noise }: ComparisonOptions, route?: string) {
  const { p } = errors.test;
  const excess = noise?.excess(errors, settings.alpha, route);
  return p === null || excess === undefined ? p : Math.max(p, excess.p);
}

export function hasRegressed(
  errors: ErrorComparison,
  significant: number | null,
  { settings, noise }: ComparisonOptions,
  route?: string,
): boolean {
  const difference = noise?.excess(errors, settings.alpha, route)?.difference ?? errors.difference;
  if (significant === null || difference === null) return false;
  return significant <= settings.alpha && difference >= settings.minEffect;
}

function worstFirst(a: RouteComparison, b: RouteComparison): number {
  const surplus = ({ errors }: RouteComparison) => errors.newError - errors.fixedError;
  return (
    Number(b.regressed) - Number(a.regressed) ||
    (b.errors.difference ?? 0) * b.errors.n - (a.errors.difference ?? 0) * a.errors.n ||
    surplus(b) - surplus(a) ||
    b.errors.new4xx - a.errors.new4xx ||
    b.errors.n - a.errors.n ||
    compareTexts(a.route, b.route)
  );
}

function withQ(latency: LatencyComparison | null, q: number | null): LatencyComparison | null {
  if (latency?.test === undefined || q === null) return latency;
  return { ...latency, test: { ...latency.test, q } };
}

export interface Counted {
  readonly whole: Omit<Comparisons, 'routes'>;
  readonly routes: readonly RouteCounts[];
}

function countPairs(analysis: Analysis, { settings }: ComparisonOptions): Counted {
  const { production, mirror } = analysis.collection;
  const latencies = new LatencyCollector(production, mirror);
  const whole = new RouteTally();
  const routes = analysis.routes.map(() => new RouteTally());
  for (let row = 0; row < production.size; row++) {
    const kind = analysis.kindOf(row);
    const route = analysis.routeOf(row);
    const tally = routes[route] as RouteTally;
    const timeMs = production.time.at(row);
    if (kind === undefined) {
      const bucket = BUCKETS[analysis.buckets[row] as number] as Bucket;
      if (isUnanswered(bucket)) tally.addUnanswered(bucket, timeMs);
      continue;
    }
    const answer = analysis.pairing.answerOf[row] as number;
    tally.add({
      kind,
      before: productionStatus(production, row),
      after: mirrorStatus(mirror, answer),
      productionStatus: production.status.at(row),
      mirrorStatus: mirror.status.at(answer),
      timeMs,
    });
    // Answers that differ in kind take different times for that reason alone.
    if (kind === 'same' || kind === 'changed')
      latencies.add(row, answer, route, lotOf(analysis.keyOf(row), settings.seed));
  }
  for (const tally of routes) whole.merge(tally);
  const parts = latencies.byRoute(routes.length);
  return {
    whole: {
      errors: comparePairs(whole.errors, settings.alpha),
      latency: compareLatency(latencies.all(), latencies.field, settings.alpha),
      transitions: whole.transitions.list(),
    },
    routes: Array.from(parts, (times, i) => {
      const latency = compareLatency(times, latencies.field, settings.alpha);
      return (routes[i] as RouteTally).counts(latency, settings.alpha);
    }),
  };
}

function countUnpaired(analysis: Analysis, { settings }: ComparisonOptions): Counted {
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
  return comparedUnpaired(counts, unpairedLatency(analysis, settings.alpha), settings.alpha);
}

/** @param routes one count each */
export function comparedUnpaired(
  routes: readonly UnpairedCounts[],
  latency: LatencyComparison | null,
  alpha: number,
): Counted {
  const whole = routes.reduce(addCounts, { productionN: 0, productionErrors: 0, mirrorN: 0, mirrorErrors: 0 });
  return {
    whole: { errors: compareUnpaired(whole, alpha), latency, transitions: [] },
    routes: routes.map((one) => ({
      errors: compareUnpaired(one, alpha),
      latency: null,
      transitions: [],
      notForwardCompatible: undefined,
    })),
  };
}

function addCounts(a: UnpairedCounts, b: UnpairedCounts): UnpairedCounts {
  return {
    productionN: a.productionN + b.productionN,
    productionErrors: a.productionErrors + b.productionErrors,
    mirrorN: a.mirrorN + b.mirrorN,
    mirrorErrors: a.mirrorErrors + b.mirrorErrors,
  };
}

function unpairedLatency({ collection, rules }: Analysis, alpha: number): LatencyComparison | null {
  const { production, mirror } = collection;
  const field = chooseField(production, mirror);
  const before = field.production === 'Tr' ? production.firstByteMs : production.totalMs;
  const after = field.mirror === 'ttfb' ? mirror.firstByteMs : mirror.totalMs;
  const fine = (isError: (row: number) => boolean) => (ms: number, row: number) => ms >= 0 && !isError(row);
  return compareUnpairedLatency(
    before.values.subarray(0, production.size).filter(fine((row) => isProductionError(production, row, rules))),
    after.values.subarray(0, mirror.size).filter(fine((row) => isMirrorError(mirror, row, rules))),
    field,
    alpha,
  );
}

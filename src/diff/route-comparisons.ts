/** The comparison of every route, worst first. */
import type { Analysis } from './analysis.ts';
import { comparePairs, compareUnpaired, type UnpairedCounts } from './comparison.ts';
import { ErrorTally } from './error-tally.ts';
import { compareLatency, compareUnpairedLatency } from './latency.ts';
import { LatencyCollector } from './latency-pairs.ts';
import { lotOf } from './lot.ts';
import type { DiffSettings, ErrorComparison, LatencyComparison, RouteComparison, Transition } from './model.ts';
import type { NoiseBaseline } from './noise.ts';
import { mirrorStatus, productionStatus } from './outcomes.ts';
import { isMirrorError, isProductionError } from './rules.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import { compareTexts, Transitions } from './transitions.ts';

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

/** What a route is compared by, before the routes are compared with each other. */
interface RouteCounts {
  readonly errors: ErrorComparison;
  readonly latency: LatencyComparison | null;
  readonly transitions: readonly Transition[];
  readonly notForwardCompatible: { readonly [status: string]: number } | undefined;
}

const ROUTE_TRANSITIONS = 5;

export function compareAll(analysis: Analysis, options: ComparisonOptions): Comparisons {
  const { whole, routes } = analysis.isUnmatched ? countUnpaired(analysis, options) : countPairs(analysis, options);
  const compared = routes.flatMap((counts, number) => (counts.errors.n === 0 ? [] : [{ counts, number }]));
  const ps = compared.map(({ counts, number }) => significance(counts.errors, options, analysis.routes[number]));
  const qs = benjaminiHochberg(ps);
  const latencyQs = benjaminiHochberg(compared.map(({ counts }) => counts.latency?.test?.p ?? null));
  const results = compared.map(({ counts, number }, i) => {
    const errors = { ...counts.errors, test: { ...counts.errors.test, p: ps[i] ?? null, q: qs[i] ?? null } };
    const route = analysis.routes[number] as string;
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

interface Counted {
  readonly whole: Omit<Comparisons, 'routes'>;
  readonly routes: readonly RouteCounts[];
}

/** What a route's pairs add up to. */
interface RouteTally {
  readonly errors: ErrorTally;
  readonly transitions: Transitions;
  readonly notForwardCompatible: Map<number, number>;
}

function countPairs(analysis: Analysis, { settings }: ComparisonOptions): Counted {
  const { production, mirror } = analysis.collection;
  const latencies = new LatencyCollector(production, mirror);
  const whole = newTally();
  const routes = analysis.routes.map(newTally);
  for (let row = 0; row < production.size; row++) {
    const kind = analysis.kindOf(row);
    if (kind === undefined) continue;
    const answer = analysis.pairing.answerOf[row] as number;
    const before = productionStatus(production, row);
    const after = mirrorStatus(mirror, answer);
    const route = analysis.routeOf(row);
    for (const tally of [whole, routes[route] as RouteTally]) {
      tally.errors.add(kind);
      tally.transitions.add(before, after);
      if (kind === 'new_4xx') countIncompatible(tally, mirror.status.at(answer));
    }
    // Answers that differ in kind take different times for that reason alone.
    if (kind === 'same' || kind === 'changed')
      latencies.add(row, answer, route, lotOf(analysis.idOf(row), settings.seed));
  }
  const parts = latencies.byRoute(routes.length);
  return {
    whole: {
      errors: comparePairs(whole.errors, settings.alpha),
      latency: compareLatency(latencies.all(), latencies.field, settings.alpha),
      transitions: whole.transitions.list(),
    },
    routes: routes.map(({ errors, transitions, notForwardCompatible }, i) => ({
      errors: comparePairs(errors, settings.alpha),
      latency: compareLatency(parts[i] as (typeof parts)[number], latencies.field, settings.alpha),
      transitions: transitions.list((before, after) => before !== after).slice(0, ROUTE_TRANSITIONS),
      notForwardCompatible: toObject(notForwardCompatible),
    })),
  };
}

function newTally(): RouteTally {
  return { errors: new ErrorTally(), transitions: new Transitions(), notForwardCompatible: new Map() };
}

/** Production knows the route, the mirror does not, or not with this method or length. */
const INCOMPATIBLE = [404, 405, 414];

function countIncompatible({ notForwardCompatible }: RouteTally, status: number): void {
  if (INCOMPATIBLE.includes(status)) notForwardCompatible.set(status, (notForwardCompatible.get(status) ?? 0) + 1);
}

function toObject(counts: Map<number, number>): RouteCounts['notForwardCompatible'] {
  return counts.size === 0 ? undefined : Object.fromEntries([...counts].sort(([a], [b]) => a - b));
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
  return {
    whole: {
      errors: compareUnpaired(counts.reduce(addCounts), settings.alpha),
      latency: unpairedLatency(analysis, settings.alpha),
      transitions: [],
    },
    routes: counts.map((one) => ({
      errors: compareUnpaired(one, settings.alpha),
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
  const { field } = new LatencyCollector(production, mirror);
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

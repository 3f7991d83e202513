/** The comparison of the whole and of every route of pairs, worst first. */
import type { Analysis } from './analysis.ts';
import {
  type Assessment,
  assessRoutes,
  assessWhole,
  type ComparisonOptions,
  ERROR_COUNTS,
  errorTests,
  STATUS_COUNTS,
  statusTests,
} from './assessment.ts';
import { isUnanswered } from './buckets.ts';
import { comparePairs, compareStatuses } from './comparison.ts';
import { describeDeliveries } from './delivery.ts';
import { compareLatency, isSlower, type MeasuredLatency } from './latency.ts';
import { LatencyCollector } from './latency-pairs.ts';
import { lotOf } from './lot.ts';
import {
  BUCKETS,
  type Bucket,
  type DiffSettings,
  type LatencyComparison,
  type RouteComparison,
  type RouteDelivery,
  type StatusComparison,
} from './model.ts';
import { mirrorStatus, productionStatus } from './outcomes.ts';
import { type CourseCounts, courseOf, readCourse } from './over-time.ts';
import type { RequestColumns } from './request-columns.ts';
import { type ComparedRoute, type Comparisons, timesCompared, worstFirst } from './route-order.ts';
import { RouteTally } from './route-tally.ts';
import { isOtherRequest } from './same-request.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import { compareUnpairedCounted, countUnpaired } from './unpaired-routes.ts';

export function compareAll(analysis: Analysis, options: ComparisonOptions): Comparisons {
  if (analysis.isUnmatched) {
    const { counts, latency } = countUnpaired(analysis, options);
    return compareUnpairedCounted(counts, latency, analysis.routes, options);
  }
  return compareCounted(countPairs(analysis, options), analysis.routes, options);
}

/** What was counted of the pairs. */
export interface Counted {
  readonly whole: Part;
  readonly routes: readonly Part[];
  /** It can be told what was not mirrored on purpose. */
  readonly hasSpoeLines: boolean;
}

/** The whole, or a route. */
export interface Part {
  readonly tally: RouteTally;
  readonly latency: MeasuredLatency | null;
}

/** @param names of the routes that were counted */
export function compareCounted(counted: Counted, names: readonly string[], options: ComparisonOptions): Comparisons {
  const { settings } = options;
  const { whole } = counted;
  const used = counted.routes.flatMap((part, number) =>
    part.tally.errors.n + part.tally.lacking > 0 ? [{ ...part, number, route: names[number] as string }] : [],
  );
  const profiles = used.map(({ tally }) => tally.profile);
  const deliveries = describeDeliveries(
    used.map(({ tally }) => tally),
    counted.hasSpoeLines,
  );
  const course = (counts: CourseCounts) => courseOf(whole.tally.profile, profiles, counts);
  const errorCourse = readCourse(course(ERROR_COUNTS));
  const statusCourse = readCourse(course(STATUS_COUNTS));
  const wholeFound = {
    errors: assessWhole(errorTests(whole.tally, options), errorCourse, settings),
    status: assessWhole(statusTests(whole.tally, options), statusCourse, settings),
  };
  const errorsOf = assessRoutes(used, errorTests, ERROR_COUNTS, errorCourse.bursts, options);
  const statusesOf = assessRoutes(used, statusTests, STATUS_COUNTS, statusCourse.bursts, options);
  const slower = slowerRoutes(
    used.map(({ latency }) => latency),
    settings.alpha,
  );
  const routes = used.map(({ tally, route, number }, i): ComparedRoute => {
    const errors = comparePairs(tally.errors, settings);
    const found = { errors: errorsOf[i] ?? null, status: statusesOf[i] ?? null };
    return {
      route,
      errors: {
        ...errors,
        test: { ...errors.test, q: found.errors?.significance ?? null },
        status: statusOf(tally, found.status, settings, found.status?.significance ?? null),
      },
      latency: slower[i] ?? null,
      regressed: found.errors?.isWorse === true,
      delivery: deliveries[i] as RouteDelivery,
      ...withCompatibility(tally),
      transitions: tally.changes(),
      number,
      found,
    };
  });
  const wholeLatency = whole.latency;
  const { test } = wholeLatency?.comparison ?? {};
  return {
    errors: {
      ...comparePairs(whole.tally.errors, settings),
      ...(whole.tally.errors.n > 0 && { status: statusOf(whole.tally, wholeFound.status, settings, null) }),
    },
    latency: wholeLatency && {
      ...wholeLatency.comparison,
      slower: isSlower(wholeLatency, test?.p ?? null, wholeLatency.tailP, settings.alpha),
    },
    transitions: whole.tally.transitions.list(),
    routes: routes.sort(worstFirst),
    found: wholeFound,
    tally: whole.tally,
    bursts: errorCourse.bursts,
  };
}

function withCompatibility(tally: RouteTally): Pick<RouteComparison, 'notForwardCompatible'> {
  const notForwardCompatible = tally.notForwardCompatible();
  return notForwardCompatible === undefined ? {} : { notForwardCompatible };
}

function statusOf(
  tally: RouteTally,
  found: Assessment | null,
  settings: DiffSettings,
  q: number | null,
): StatusComparison {
  const compared = compareStatuses(tally.statuses, tally.errors.bothOk, settings);
  return { ...compared, test: { ...compared.test, q }, regressed: found?.isWorse === true };
}

function slowerRoutes(measured: readonly (MeasuredLatency | null)[], alpha: number): (LatencyComparison | null)[] {
  const qs = benjaminiHochberg(measured.map((one) => one?.comparison.test?.p ?? null));
  const tailQs = benjaminiHochberg(measured.map((one) => one?.tailP ?? null));
  return measured.map((one, i) => {
    if (one === null) return null;
    const q = qs[i] ?? null;
    const { comparison } = one;
    const slower = isSlower(one, q, tailQs[i] ?? null, alpha);
    if (comparison.test === undefined || q === null) return { ...comparison, slower };
    return { ...comparison, test: { ...comparison.test, q }, slower };
  });
}

/** Numbers of texts are the same on both sides: most pairs need no look at these. */
function isOtherAt(production: RequestColumns, row: number, mirror: RequestColumns, answer: number): boolean {
  const isAlike =
    production.target.at(row) === mirror.target.at(answer) && production.method.at(row) === mirror.method.at(answer);
  return !isAlike && isOtherRequest(production.requestAt(row), mirror.requestAt(answer));
}

function countPairs(analysis: Analysis, { settings, noise }: ComparisonOptions): Counted {
  const { production, mirror, spoe } = analysis.collection;
  const latencies = new LatencyCollector(production, mirror, settings.compareLatency);
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
      isOther: isOtherAt(production, row, mirror, answer),
    });
    // Answers that differ in kind take different times for that reason alone.
    if (kind === 'same' || kind === 'changed')
      latencies.add(row, answer, route, lotOf(analysis.keyOf(row), settings.seed));
  }
  for (const tally of routes) whole.merge(tally);
  const times = timesCompared(latencies.field, latencies.resolutionMs, settings, noise);
  const parts = latencies.byRoute(routes.length);
  return {
    whole: { tally: whole, latency: compareLatency(latencies.all(), times()) },
    routes: Array.from(parts, (part, i) => ({
      tally: routes[i] as RouteTally,
      latency: compareLatency(part, times(analysis.routes[i])),
    })),
    hasSpoeLines: spoe.isUsable,
  };
}

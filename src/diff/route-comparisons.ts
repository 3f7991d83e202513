/** The comparison of the whole and of every route of pairs, worst first. */
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
import { comparePairs, compareStatuses } from './comparison.ts';
import { describeDeliveries } from './delivery.ts';
import { isSlower, type MeasuredLatency } from './latency.ts';
import type { DiffSettings, LatencyComparison, RouteComparison, RouteDelivery, StatusComparison } from './model.ts';
import { type CourseCounts, courseOf, readCourse } from './over-time.ts';
import type { PairTally } from './pair-tally.ts';
import { type ComparedRoute, type Comparisons, worstFirst } from './route-order.ts';
import type { RouteTally } from './route-tally.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import type { Tally } from './tally.ts';
import { compareUnpairedSides } from './unpaired-routes.ts';

/** The routes that are told apart, index by index, and what was counted of each. */
export interface CountedRoutes<R extends RouteTally> {
  readonly names: readonly string[];
  readonly tallies: readonly R[];
}

/** @param hasSpoeLines it can be told what was not mirrored on purpose */
export function compareTally<R extends RouteTally>(
  tally: Tally<R>,
  { names, tallies }: CountedRoutes<R>,
  mode: { readonly isUnmatched: boolean; readonly hasSpoeLines: boolean },
  options: ComparisonOptions,
): Comparisons {
  if (mode.isUnmatched) {
    const counts = tallies.map(({ unpaired }) => unpaired);
    return compareUnpairedSides(counts, tally.measures.compareUnpaired(options), names, options);
  }
  const measured = tally.measures.comparePairs(tallies, names, options);
  const counted = {
    whole: { tally: tally.pairs, latency: measured.whole },
    routes: tallies.map(({ pairs }, i) => ({ tally: pairs, latency: measured.routes[i] ?? null })),
    hasSpoeLines: mode.hasSpoeLines,
  };
  return comparePaired(counted, names, options);
}

/** What was counted of the pairs. */
interface Counted {
  readonly whole: Part;
  readonly routes: readonly Part[];
  readonly hasSpoeLines: boolean;
}

/** The whole, or a route. */
interface Part {
  readonly tally: PairTally;
  readonly latency: MeasuredLatency | null;
}

/** @param names of the routes that were counted */
function comparePaired(counted: Counted, names: readonly string[], options: ComparisonOptions): Comparisons {
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

function withCompatibility(tally: PairTally): Pick<RouteComparison, 'notForwardCompatible'> {
  const notForwardCompatible = tally.notForwardCompatible();
  return notForwardCompatible === undefined ? {} : { notForwardCompatible };
}

function statusOf(
  tally: PairTally,
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

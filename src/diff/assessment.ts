/** What is thought of a change: whether it is for the worse, and whether it may be. */
import { pairedP } from './comparison.ts';
import type { DiffSettings, ErrorComparison } from './model.ts';
import type { NoiseBaseline } from './noise.ts';
import { type Burst, type CourseCounts, type CourseReading, courseOf, readCourse, withoutBursts } from './over-time.ts';
import type { PairTally } from './pair-tally.ts';
import { type Change, isLarge, type Judgement, judge, levelOf } from './regression.ts';
import { benjaminiHochberg } from './statistics/benjamini-hochberg.ts';
import { testableAt } from './statistics/tarone.ts';

export interface ComparisonOptions {
  readonly settings: DiffSettings;
  readonly noise: NoiseBaseline | undefined;
}

/** What is thought of a change, of errors or of classes of status. */
export interface Assessment {
  /** Beyond chance, large enough, and not in bursts alone. */
  readonly isWorse: boolean;
  /** Nobody should say that nothing rose. */
  readonly isSuspicious: boolean;
  /** The change in excess of the noise. */
  readonly difference: number;
  /** p of the whole, q of a route. */
  readonly significance: number;
  readonly upper: number;
  /** Stretches without which it would not be worse; empty where it is worse without them, too. */
  readonly bursts: readonly Burst[];
  /** Variance over that of independent pairs: what the bound was widened by. */
  readonly spread: number;
}

export const ERROR_COUNTS: CourseCounts = ['newErrors', 'fixedErrors'];
export const STATUS_COUNTS: CourseCounts = ['worse', 'better'];

/** Questions that are asked of the same pairs; the p of each is already corrected for how many they are. */
interface Test extends Change {
  readonly judged: Judgement;
  readonly judgedAt: (change: Change, spread: number) => Judgement;
  /** The least p it could have by its discordant pairs. */
  readonly leastP: number;
  /** The bound of a PASS is that of this test. */
  readonly isMain: boolean;
}

type TestsOf = (tally: PairTally, options: ComparisonOptions, route?: string) => readonly Test[];

export function errorTests({ errors }: PairTally, options: ComparisonOptions, route?: string): Test[] {
  const { n, newError: up, fixedError: down, productionErrors } = errors;
  if (n === 0) return [];
  return [makeTest('errors', { n, up, down, base: productionErrors / n }, 1, options, route)];
}

/** Two: whether the class got worse, and whether access is granted that was denied. */
export function statusTests({ errors, statuses }: PairTally, options: ComparisonOptions, route?: string): Test[] {
  const n = errors.bothOk;
  if (n === 0) return [];
  const { worse, better, accessGranted, accessDenied, unsuccessful } = statuses;
  return [
    makeTest('status', { n, up: worse, down: better, base: unsuccessful / n }, 2, options, route),
    // However rare: nobody should be let in who was not.
    makeTest(
      'access',
      { n, up: accessGranted, down: accessDenied, base: 0 },
      2,
      { ...options, settings: { ...options.settings, minEffect: 0 } },
      route,
    ),
  ];
}

function makeTest(
  part: 'errors' | 'status' | 'access',
  change: Change,
  questions: number,
  { settings, noise }: ComparisonOptions,
  route: string | undefined,
): Test {
  const judgedAt = (seen: Change, spread: number) =>
    judge(seen, settings, { excess: noise?.excess(part, seen, settings.alpha, route), spread, questions });
  return {
    ...change,
    judged: judgedAt(change, 1),
    judgedAt,
    leastP: Math.min(1, questions * pairedP(change.up + change.down, 0, settings)),
    isMain: part !== 'access',
  };
}

export function assessWhole(tests: readonly Test[], course: CourseReading, settings: DiffSettings): Assessment | null {
  if (tests.length === 0) return null;
  const assessments = tests.map((test) => assess(test, test.judged.p, course, settings));
  return worstOf(tests, assessments);
}

/** @param corrected p or q of the test as it stands */
function assess(test: Test, corrected: number, course: CourseReading, settings: DiffSettings): Assessment {
  const level = levelOf(settings);
  const { judged } = test;
  const isBeyond = (p: number, { isLarge, difference }: Judgement) => p <= level && isLarge && difference > 0;
  const { spread, bursts, rest } = test.isMain ? course : { spread: 1, bursts: [], rest: test };
  const wide = spread > 1 ? test.judgedAt(test, spread) : judged;
  // The correction first: a p may be so small that what it is divided by it is too large.
  const significance = judged.p === 0 ? corrected : Math.min(1, wide.p * (corrected / judged.p));
  const without = bursts.length > 0 && rest.n > 0 ? test.judgedAt({ ...rest, base: test.base }, 1) : undefined;
  const isExplained = without !== undefined && isBeyond(corrected, judged) && !isBeyond(without.p, without);
  return {
    isWorse: isExplained ? false : isBeyond(significance, wide),
    isSuspicious: wide.isSuspicious || isExplained,
    difference: judged.difference,
    significance,
    upper: wide.upper,
    bursts: isExplained ? bursts : [],
    spread,
  };
}

/** The finding that says most, of several questions; the bound is that of the main one. */
function worstOf(tests: readonly Test[], assessments: readonly Assessment[]): Assessment {
  const main = assessments[tests.findIndex(({ isMain }) => isMain)] as Assessment;
  const rank = ({ isWorse, isSuspicious, difference }: Assessment) =>
    (isWorse ? 4 : 0) + (isSuspicious ? 2 : 0) + (difference > 0 ? 1 : 0);
  const [worst = main] = [...assessments].sort((a, b) => rank(b) - rank(a) || a.significance - b.significance);
  return { ...worst, upper: main.upper };
}

/** One for each route, null for one without pairs. */
export function assessRoutes(
  routes: readonly { readonly tally: PairTally; readonly route: string }[],
  testsOf: TestsOf,
  counts: CourseCounts,
  wholeBursts: readonly Burst[],
  options: ComparisonOptions,
): (Assessment | null)[] {
  const { settings } = options;
  const level = levelOf(settings);
  const tests = routes.map(({ tally, route }) => testsOf(tally, options, route));
  const ps = tests.map((own) => (own.length === 0 ? null : leastOf(own, ({ judged }) => judged.p)));
  const leastPs = tests.map((own) => (own.length === 0 ? null : leastOf(own, ({ leastP }) => leastP)));
  // Which tests can become significant changes from look to look: then all are corrected for.
  const isTestable = settings.anytime ? ps.map((p) => p !== null) : testableAt(level, leastPs);
  const qs = benjaminiHochberg(ps.map((p, i) => (isTestable[i] ? p : null)));
  return routes.map(({ tally }, i) => {
    const own = tests[i] as readonly Test[];
    const p = ps[i];
    if (own.length === 0 || p === null || p === undefined) return null;
    const q = isTestable[i] ? (qs[i] as number) : 1;
    const course = q <= level ? routeCourse(tally, counts, wholeBursts) : NO_COURSE;
    const assessments = own.map((test) => {
      const factor = p === 0 ? 1 : q / p;
      return assess(test, Math.min(1, test.judged.p * factor), course, settings);
    });
    return worstOf(own, assessments);
  });
}

/** A route may have too few requests for bursts of its own, and be part of one of the whole. */
function routeCourse({ profile }: PairTally, counts: CourseCounts, wholeBursts: readonly Burst[]): CourseReading {
  const course = courseOf(profile, [profile], counts);
  const reading = readCourse(course);
  return reading.bursts.length > 0 ? reading : { ...reading, ...withoutBursts(course, wholeBursts) };
}

function leastOf(tests: readonly Test[], value: (test: Test) => number): number {
  return Math.min(...tests.map(value));
}

const NO_COURSE: CourseReading = { bursts: [], rest: { n: 0, up: 0, down: 0 }, spread: 1 };

export function assessUnpaired(
  errors: ErrorComparison,
  significance: number | null,
  settings: DiffSettings,
): Assessment | null {
  const { difference, differenceCi } = errors;
  if (difference === null || significance === null) return null;
  const isEnough = isLarge(difference, errors.productionRate ?? 0, settings);
  return {
    isWorse: significance <= levelOf(settings) && isEnough && difference > 0,
    isSuspicious: false,
    difference,
    significance,
    upper: differenceCi?.[1] ?? 1,
    bursts: [],
    spread: 1,
  };
}

/** When things got worse: in bursts, in clusters, or all the time. */
import type { ProfileCount, TimeProfile } from './time-profile.ts';

/** What changed in one step of time, and how much of all that got worse would be in it if it came with the requests. */
export interface CourseStep {
  readonly fromMs: number;
  readonly pairs: number;
  readonly up: number;
  readonly down: number;
  readonly expected: number;
}

export interface Course {
  readonly stepMs: number;
  readonly steps: readonly CourseStep[];
}

/** What of the profile got worse, and what better. */
export type CourseCounts = readonly [up: ProfileCount, down: ProfileCount];

export interface Burst {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly pairs: number;
  readonly up: number;
}

export interface CourseReading {
  /** They are in the order of time. */
  readonly bursts: readonly Burst[];
  /** What is outside of the bursts. */
  readonly rest: { readonly n: number; readonly up: number; readonly down: number };
  /** Variance of the difference over what it would be if pairs were independent: 1 unless they are seen not to be. */
  readonly spread: number;
}

/** Fewer steps with pairs tell nothing of time. */
const MIN_STEPS = 8;
const MAX_STRETCHES = 3;
/** A burst has so many at least, and is that much likelier than none: of up to 28,800 stretches chance finds one in 10,000 runs. */
const MIN_BURST = 5;
const MIN_EVIDENCE = 18;
/** A stretch in which more of the same requests were made is no exception but the rule. */
const MAX_BURST_SHARE = 1 / 3;
/** So many more would have come after it if it had gone on. */
const MIN_AFTER = 5;
/** Standard deviations beyond which a spread is no chance. */
const MAX_CHANCE = 3;

/**
 * @param routes each with its own requests: a stretch in which only /login is asked for has the errors of /login without
 * being a burst
 */
export function courseOf(whole: TimeProfile, routes: readonly TimeProfile[], [up, down]: CourseCounts): Course {
  const { stepMs } = whole;
  const steps = whole.steps().map((step) => ({
    fromMs: step.fromMs,
    pairs: step.pairs,
    up: step[up],
    down: step[down],
    expected: 0,
  }));
  const origin = steps[0]?.fromMs ?? 0;
  for (const route of routes) {
    const own = route.widenTo(stepMs).steps();
    const total = own.reduce((sum, step) => sum + step[up], 0);
    const pairs = own.reduce((sum, step) => sum + step.pairs, 0);
    if (total === 0 || pairs === 0) continue;
    for (const step of own) {
      const at = steps[(step.fromMs - origin) / stepMs];
      if (at !== undefined) at.expected += (total * step.pairs) / pairs;
    }
  }
  return { stepMs, steps };
}

export function readCourse({ steps, stepMs }: Course): CourseReading {
  const used = steps.filter(({ pairs }) => pairs > 0);
  const isLong = used.length >= MIN_STEPS;
  const stretches = isLong ? findStretches(used) : [];
  const bursts = stretches.filter(isBurst);
  const outside = used.filter((_, i) => !bursts.some(({ first, last }) => i >= first && i <= last));
  return {
    bursts: bursts.map(({ first, last }) => {
      const inside = used.slice(first, last + 1);
      return {
        fromMs: (used[first] as CourseStep).fromMs,
        toMs: (used[last] as CourseStep).fromMs + stepMs,
        pairs: sumOf(inside, 'pairs'),
        up: sumOf(inside, 'up'),
      };
    }),
    rest: { n: sumOf(outside, 'pairs'), up: sumOf(outside, 'up'), down: sumOf(outside, 'down') },
    spread: isLong ? spreadOf(used, stretches) : 1,
  };
}

/** The same for stretches that are known already; without them where too little was asked outside to tell. */
export function withoutBursts({ steps }: Course, known: readonly Burst[]): Pick<CourseReading, 'bursts' | 'rest'> {
  const inside = steps.filter(({ fromMs }) => known.some((burst) => fromMs >= burst.fromMs && fromMs < burst.toMs));
  const outside = steps.filter((step) => !inside.includes(step));
  const rest = { n: sumOf(outside, 'pairs'), up: sumOf(outside, 'up'), down: sumOf(outside, 'down') };
  const end = Math.max(...inside.map(({ fromMs }) => fromMs));
  const after = outside.filter(({ fromMs }) => fromMs > end);
  const isOver = sumOf(inside, 'up') * sumOf(after, 'pairs') >= MIN_AFTER * sumOf(inside, 'pairs');
  if (inside.length === 0 || !isOver) return { bursts: [], rest };
  const own = known.map((burst) => {
    const during = inside.filter(({ fromMs }) => fromMs >= burst.fromMs && fromMs < burst.toMs);
    return { ...burst, pairs: sumOf(during, 'pairs'), up: sumOf(during, 'up') };
  });
  return { bursts: own.filter(({ up }) => up > 0), rest };
}

/** What came in it, what was to be expected in it and after it, and all that came. */
interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly expected: number;
  readonly expectedAfter: number;
  readonly total: number;
  /** Logarithm of how much likelier the count is when the stretch is of its own kind. */
  readonly evidence: number;
}

/** It took a small part of the time, and was over before the end: much more would have come if it had gone on. */
function isBurst({ count, expected, expectedAfter, total }: Stretch): boolean {
  return expected <= MAX_BURST_SHARE * total && (count / expected) * expectedAfter >= MIN_AFTER;
}

/** They are in the order of time. */
function findStretches(steps: readonly CourseStep[]): Stretch[] {
  const found: Stretch[] = [];
  while (found.length < MAX_STRETCHES) {
    const stretch = findStretch(steps, found);
    if (stretch === undefined) break;
    found.push(stretch);
  }
  return found.sort((a, b) => a.first - b.first);
}

/**
 * The stretch whose count is the least likely by the requests in it, if it is unlikely enough.
 * M. Kulldorff, A spatial scan statistic, Commun. Statist. Theory Meth. 26 (1997) 1481-1496.
 */
function findStretch(steps: readonly CourseStep[], known: readonly Stretch[]): Stretch | undefined {
  const isFree = (i: number) => !known.some(({ first, last }) => i >= first && i <= last);
  const free = steps.filter((_, i) => isFree(i));
  const total = sumOf(free, 'up');
  const scale = total / sumOf(free, 'expected');
  if (total < MIN_BURST || !Number.isFinite(scale)) return undefined;
  const expectedFrom = new Array<number>(steps.length + 1).fill(0);
  for (let i = steps.length - 1; i >= 0; i--) {
    const own = isFree(i) ? (steps[i] as CourseStep).expected * scale : 0;
    expectedFrom[i] = (expectedFrom[i + 1] as number) + own;
  }
  let best: Stretch | undefined;
  for (let first = 0; first < steps.length; first++) {
    let count = 0;
    for (let last = first; last < steps.length && isFree(last); last++) {
      count += (steps[last] as CourseStep).up;
      const expectedAfter = expectedFrom[last + 1] as number;
      const expected = (expectedFrom[first] as number) - expectedAfter;
      if (count < MIN_BURST || count <= expected || expected <= 0) continue;
      const evidence = evidenceOf(count, expected, total);
      if (evidence > (best?.evidence ?? MIN_EVIDENCE)) {
        best = { first, last, count, expected, expectedAfter, total, evidence };
      }
    }
  }
  return best;
}

function evidenceOf(count: number, expected: number, total: number): number {
  const rest = total - count;
  return count * Math.log(count / expected) + (rest === 0 ? 0 : rest * Math.log(rest / (total - expected)));
}

/**
 * How much more the steps differ than independent pairs would, beyond a few stretches of their own kind: what began and
 * stayed is one change, not many. Of neighbouring steps taken together by 1, 2, 4, … the largest, so that clusters
 * longer than a step are seen as well.
 */
function spreadOf(steps: readonly CourseStep[], stretches: readonly Stretch[]): number {
  const kindOf = (i: number) => stretches.findIndex(({ first, last }) => i >= first && i <= last);
  const kinds = [-1, ...stretches.keys()].map((kind) => {
    const own = steps.filter((_, i) => kindOf(i) === kind);
    const scale = sumOf(own, 'up') / sumOf(own, 'expected');
    return Number.isFinite(scale) ? own.map((step) => ({ ...step, expected: step.expected * scale })) : [];
  });
  let spread = 1;
  for (let width = 1; steps.length / width >= MIN_STEPS; width *= 2) {
    spread = Math.max(spread, spreadAt(kinds, sumOf(steps, 'down') / sumOf(steps, 'pairs'), width));
  }
  return spread;
}

function spreadAt(kinds: readonly (readonly CourseStep[])[], downRate: number, width: number): number {
  let [sum, chance, free] = [0, 0, 0];
  for (const steps of kinds) {
    let groups = 0;
    for (let first = 0; first < steps.length; first += width) {
      const group = steps.slice(first, first + width);
      const expected = sumOf(group, 'expected');
      const expectedDown = downRate * sumOf(group, 'pairs');
      const variance = expected + expectedDown;
      if (variance <= 0) continue;
      sum += (sumOf(group, 'up') - sumOf(group, 'down') - (expected - expectedDown)) ** 2 / variance;
      chance += 1 / variance;
      groups++;
    }
    free += Math.max(0, groups - 1);
  }
  if (free < 1 || (sum - free) / Math.sqrt(2 * free + chance) <= MAX_CHANCE) return 1;
  return Math.max(1, sum / free);
}

function sumOf(steps: readonly CourseStep[], count: Exclude<keyof CourseStep, 'fromMs'>): number {
  return steps.reduce((sum, step) => sum + step[count], 0);
}

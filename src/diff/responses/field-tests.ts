/**
 * Which differences are the release's. Under the hypothesis that it answers as production's version does, a difference
 * that only one of both has is as likely the mirror's as the noise's: McNemar's test, one-sided.
 *
 * All tests together are to raise at most the share `levelAt` of false alarms. Holm's correction, over those that may
 * become significant at all, keeps that however the fields depend on each other; Benjamini and Hochberg's does not: there
 * each change that is real buys a false alarm more. Tests have weights, which cost nothing where they are wrong but power:
 * what breaks clients (a field that is missing, another type) may have more of the level than contents that come and go,
 * and a route less than all of them.
 */
import type { DifferenceKind } from '../../answers/differences.ts';
import type { Method } from '../comparison.ts';
import { logDiscordantEValue } from '../statistics/discordant-e-value.ts';
import { fisherUpperMidP } from '../statistics/fisher.ts';
import { holm } from '../statistics/holm.ts';
import { upperMidP } from '../statistics/mcnemar.ts';
import { testableAt } from '../statistics/tarone.ts';
import { isOfBody } from './own-differences.ts';
import type { AnswerCounts, FieldCounts, ResponseTally } from './response-tally.ts';

/** A route, or several of them. */
export type Scope = Pick<ResponseTally, 'all' | 'withNoise' | 'otherNoise' | 'opposite' | 'pairsWithout'>;

/** What is held against what. */
export interface FieldTest {
  /** One-sided; null where it is not tested. */
  readonly p: number | null;
  /** The least p that it could have by its margins. */
  readonly leastP: number | null;
  /** By how much the share of differing pairs is above the noise's, and that share of the noise. */
  readonly excess: number;
  /** By how many pairs. */
  readonly surplus: number;
  readonly noiseShare: number;
}

/** Share of alpha by which the level falls: beyond so many pairs there is power to spare. */
const FULL_LEVEL_PAIRS = 500;

/** The share of runs of equal versions that may raise an alarm. */
export function levelAt(pairs: number, { alpha, anytime }: Method): number {
  return anytime ? alpha / 2 : (alpha / 2) * Math.min(1, FULL_LEVEL_PAIRS / pairs);
}

/** A difference that is rarer is a hint at most: what two installations of one version differ by is not zero. */
const LEAST_EXCESS = 0.001;
/** Of what the noise has, so much more is a change. */
const LEAST_RATIO = 0.1;

/** Fewer pairs are an accident of one server as likely as anything. */
const LEAST_SURPLUS = 5;

export function isLargeExcess({ surplus, excess, noiseShare }: FieldTest): boolean {
  return surplus >= LEAST_SURPLUS && excess >= LEAST_EXCESS && excess >= LEAST_RATIO * noiseShare;
}

/** How the noise of a route is known. */
export type NoiseMode = 'same-requests' | 'other-requests' | 'none';

export function noiseModeOf({ withNoise, otherNoise }: Pick<Scope, 'withNoise' | 'otherNoise'>): NoiseMode {
  if (withNoise.pairs === 0 && otherNoise.pairs === 0) return 'none';
  return withNoise.pairs >= otherNoise.pairs ? 'same-requests' : 'other-requests';
}

/** Of a test of a route whose places others have as well. */
const PART_WEIGHT = 1 / 4;

export function weightOf(isPart: boolean): number {
  return isPart ? PART_WEIGHT : 1;
}

export function testField(tally: Scope, counts: FieldCounts, mode: NoiseMode, method: Method): FieldTest {
  switch (mode) {
    case 'same-requests':
      return testPaired(tally, counts, method);
    case 'other-requests':
      return testUnpaired(tally, counts, method);
    case 'none':
      return testOpposite(tally, counts, method);
  }
}

/** Pairs in which a place could differ. */
export function comparable({ pairs, bodies }: AnswerCounts, counts: FieldCounts): number {
  return isOfBody(counts) && counts.kind !== 'body-state' ? bodies : pairs;
}

/**
 * A place where two answers of production's version never differ has the sharper test: of three answers to a request, two
 * of them production's and its double's, the mirror's would be the odd one out no more often than either of the others,
 * were it of the same version.
 */
function testPaired(tally: Scope, counts: FieldCounts, method: Method): FieldTest {
  const { mirrorOnly, noiseOnly, noise } = counts;
  const n = comparable(tally.withNoise, counts);
  const test = { ...discordant(mirrorOnly, noiseOnly, n, method), noiseShare: n === 0 ? 0 : noise / n };
  const isNever = noise === 0 && (tally.opposite(counts)?.noise ?? 0) === 0;
  if (!isNever || mirrorOnly === 0 || method.anytime) return test;
  const p = oddOneOutP(mirrorOnly);
  return { ...test, p, leastP: p };
}

function oddOneOutP(times: number): number {
  return (1 / 3) ** times / 2;
}

/** Whether so many differences would be found where the noise has none. @param correction what p is multiplied by */
export function isFoundAlone(
  differing: number,
  correction: number,
  level: number,
  mode: NoiseMode,
  { anytime }: Method,
): boolean {
  if (differing < LEAST_SURPLUS || (anytime && mode === 'other-requests')) return false;
  const p = mode === 'same-requests' && !anytime ? oddOneOutP(differing) : discordantP(differing, 0, anytime);
  return p * correction <= level;
}

function discordant(up: number, down: number, n: number, { anytime }: Method): Omit<FieldTest, 'noiseShare'> {
  return {
    p: up + down === 0 ? null : discordantP(up, down, anytime),
    leastP: up + down === 0 ? null : discordantP(up + down, 0, anytime),
    surplus: up - down,
    excess: n === 0 ? 0 : (up - down) / n,
  };
}

function discordantP(up: number, down: number, anytime: boolean | undefined): number {
  return anytime ? Math.min(1, Math.exp(-logDiscordantEValue(up, down))) : upperMidP(up, down);
}

/** Looked at more than once it would promise too much: there is no such test here. */
function testUnpaired(tally: Scope, counts: FieldCounts, { anytime }: Method): FieldTest {
  const n = comparable(tally.all, counts);
  const m = comparable(tally.otherNoise, counts);
  const { mirror, otherNoise } = counts;
  const noiseShare = m === 0 ? 0 : otherNoise / m;
  const excess = n === 0 ? 0 : mirror / n - noiseShare;
  const all = mirror + otherNoise;
  const surplus = excess * n;
  if (anytime || all === 0 || all > n + m || mirror > n || otherNoise > m)
    return { p: null, leastP: null, surplus, excess, noiseShare };
  const most = Math.min(all, n);
  return {
    p: fisherUpperMidP(mirror, n - mirror, otherNoise, m - otherNoise),
    leastP: fisherUpperMidP(most, n - most, all - most, m - all + most),
    surplus,
    excess,
    noiseShare,
  };
}

/**
 * Without noise: what is random on both sides is as often the other way round. A field that now and then is missing is as
 * often one too many, a number that becomes null now and then is as often a null that becomes a number.
 */
function testOpposite(tally: Scope, counts: FieldCounts, method: Method): FieldTest {
  const n = comparable(tally.all, counts);
  const { kind, mirror } = counts;
  if (kind === 'missing' || kind === 'extra') {
    const opposite = tally.opposite(counts)?.mirror ?? 0;
    return { ...discordant(mirror, opposite, n, method), noiseShare: n === 0 ? 0 : opposite / n };
  }
  const tests = oppositesOf(counts).map(([up, down]) => ({ ...discordant(up, down, n, method), down }));
  const [first] = tests.sort((a, b) => (a.p ?? 1) - (b.p ?? 1));
  if (first === undefined) return { p: null, leastP: null, surplus: 0, excess: 0, noiseShare: 0 };
  // Each shape is looked at in both directions.
  const questions = 2 * tests.length;
  return {
    p: Math.min(1, questions * (first.p ?? 1)),
    leastP: Math.min(1, questions * Math.min(...tests.map(({ leastP }) => leastP ?? 1))),
    surplus: first.surplus,
    excess: first.excess,
    noiseShare: n === 0 ? 0 : first.down / n,
  };
}

const ARROW = ' → ';
const DIRECTED: ReadonlySet<DifferenceKind> = new Set(['status', 'type', 'content-type']);

/** Counts of each change and of the change back, the larger one first. */
function oppositesOf({ kind, shapes }: FieldCounts): (readonly [number, number])[] {
  if (!DIRECTED.has(kind)) return [];
  return [...shapes].flatMap(([shape, up]) => {
    const sides = shape.split(ARROW);
    const back = shapes.get(sides.reverse().join(ARROW)) ?? 0;
    const isFirst = up > back || (up === back && sides.length === 2 && (sides[0] as string) < (sides[1] as string));
    return isFirst ? [[up, back] as const] : [];
  });
}

/** A test with what it is about. */
export interface WeightedTest extends FieldTest {
  readonly weight: number;
}

/** The adjusted p of each; null where none was made, or where none could have become significant. */
export function adjust(tests: readonly WeightedTest[], pairs: number, method: Method): (number | null)[] {
  const weights = tests.map(({ weight }) => weight);
  if (method.anytime) return adjustAtAllLooks(tests);
  const isTestable = testableAt(
    levelAt(pairs, method),
    tests.map(({ leastP }) => leastP),
    weights,
  );
  return holm(
    tests.map(({ p }, i) => (isTestable[i] ? p : null)),
    weights,
  );
}

/**
 * However often one looks: the test that was the k-th to be told apart has 1 / (k (k + 1)) of the level, which is 1 for all
 * that may ever come. That there are now more than k makes it only stricter, and needs no memory of the order.
 */
function adjustAtAllLooks(tests: readonly WeightedTest[]): (number | null)[] {
  const count = tests.filter(({ p }) => p !== null).length;
  return tests.map(({ p }) => (p === null ? null : Math.min(1, p * count * (count + 1))));
}

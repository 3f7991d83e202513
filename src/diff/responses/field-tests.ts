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
import { isOfBody } from '../answer-places.ts';
import type { Method } from '../comparison.ts';
import { logDiscordantEValue } from '../statistics/discordant-e-value.ts';
import { fisherUpperMidP } from '../statistics/fisher.ts';
import { holm } from '../statistics/holm.ts';
import { upperMidP } from '../statistics/mcnemar.ts';
import { testableAt } from '../statistics/tarone.ts';
import type { AnswerCounts, FieldCounts, ResponseTally } from './response-tally.ts';

type Counted = Pick<ResponseTally, 'all' | 'withNoise' | 'otherNoise'>;

/** A route, or several of them. */
export type Scope = Counted & Pick<ResponseTally, 'opposite' | 'pairsWithout'>;

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

/** Of pairs, and of as many as many of them would be noise. */
export function isMuchMore(differing: number, noise: number): boolean {
  return differing > (1 + LEAST_RATIO) * noise;
}

/** Below this share those that are compared are no sample of the others: size and luck chose them. */
export const LEAST_SHARE = 0.5;

/**
 * What differs in most pairs, and in as many as a finding needs: nobody may say that nothing changed before it was tested.
 */
export function isMostlyDifferent({ surplus, excess }: FieldTest): boolean {
  return surplus >= LEAST_SURPLUS && excess >= LEAST_SHARE;
}

/** How the noise is known that something is held against. */
export type NoiseMode = 'same-requests' | 'other-requests' | 'none';

/** Of the same requests it is only where that is known of most of them: of a few it is taken as that of others. */
export function noiseModeOf({ all, withNoise, otherNoise }: Counted, of: (counts: AnswerCounts) => number): NoiseMode {
  if (of(withNoise) > 0 && of(withNoise) >= LEAST_SHARE * of(all)) return 'same-requests';
  return of(withNoise) + of(otherNoise) > 0 ? 'other-requests' : 'none';
}

/** Pairs with noise. */
export function noisePairs({ withNoise, otherNoise }: Counted, mode: NoiseMode, of: (counts: AnswerCounts) => number) {
  return of(withNoise) + (mode === 'same-requests' ? 0 : of(otherNoise));
}

/** Of a test of a route whose places others have as well. */
const PART_WEIGHT = 1 / 4;

/** What breaks clients. */
const BREAKING: ReadonlySet<DifferenceKind> = new Set(['status', 'missing', 'type', 'content-type']);
const BREAKING_WEIGHT = 4;

export function weightOf(kind: DifferenceKind, isPart: boolean): number {
  return (BREAKING.has(kind) ? BREAKING_WEIGHT : 1) * (isPart ? PART_WEIGHT : 1);
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
  const differing = mirrorOnly + noise;
  if (differing === 0) return untested(tally, counts, 0);
  // Where both differ each time, there is nothing to tell them apart by: that is an answer, too.
  const p = test.p ?? 1;
  if (method.anytime) return { ...test, p };
  // The least one by the margins, whatever came out: else those that came out extreme would be all that is corrected for.
  const leastP = oddOneOutP(differing);
  const isNever = noise === 0 && (tally.opposite(counts)?.noise ?? 0) === 0;
  return isNever ? { ...test, p: leastP, leastP } : { ...test, p, leastP };
}

/** Nothing can be said of it but how often it differs. */
function untested({ all }: Scope, counts: FieldCounts, noiseShare: number): FieldTest {
  const n = comparable(all, counts);
  const excess = n === 0 ? 0 : counts.mirror / n - noiseShare;
  return { p: null, leastP: null, surplus: excess * n, excess, noiseShare };
}

function oddOneOutP(times: number): number {
  return (1 / 3) ** times / 2;
}

/** Pairs in which the same could differ, with those of the noise that there are. */
export interface TestedPairs {
  readonly mode: NoiseMode;
  readonly n: number;
  readonly noiseN: number;
}

/** Whether so many differences would be found where the noise has none. @param correction what p is multiplied by */
export function isFoundAlone(
  differing: number,
  { mode, n, noiseN }: TestedPairs,
  { correction, level, anytime }: { readonly correction: number; readonly level: number; readonly anytime: boolean },
): boolean {
  if (differing < LEAST_SURPLUS) return false;
  const isFound = (p: number) => p * correction <= level;
  if (mode === 'other-requests') return !anytime && isFound(fisherUpperMidP(differing, n - differing, 0, noiseN));
  return isFound(mode === 'same-requests' && !anytime ? oddOneOutP(differing) : discordantP(differing, 0, anytime));
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
  const m = noisePairs(tally, 'other-requests', (each) => comparable(each, counts));
  const { mirror, otherNoise } = counts;
  const differing = counts.noise + otherNoise;
  const noiseShare = differing / m;
  const all = mirror + differing;
  if (anytime || all === 0 || mirror > n || differing > m) return untested(tally, counts, noiseShare);
  const excess = mirror / n - noiseShare;
  const surplus = excess * n;
  const most = Math.min(all, n);
  return {
    p: fisherUpperMidP(mirror, n - mirror, differing, m - differing),
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
  if (first === undefined) return untested(tally, counts, 0);
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
const DIRECTED: ReadonlySet<DifferenceKind> = new Set(['status', 'type', 'content-type', 'body-state']);

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
  if (method.anytime) return adjustAtAllLooks(tests, levelAt(pairs, method));
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
function adjustAtAllLooks(tests: readonly WeightedTest[], level: number): (number | null)[] {
  const factor = factorAtAllLooks(tests);
  return tests.map(({ p, leastP }) =>
    p === null || leastP === null || leastP * factor > level ? null : Math.min(1, p * factor),
  );
}

/** @param more tests that are not made yet */
function factorAtAllLooks(tests: readonly WeightedTest[], more = 0): number {
  const count = tests.filter(({ leastP }) => leastP !== null).length + more;
  return count * (count + 1);
}

/** What the p of one test more, of a value, would be multiplied by. @param adjusted what `adjust` makes of them */
export function correctionOf(
  tests: readonly WeightedTest[],
  adjusted: readonly (number | null)[],
  { anytime }: Method,
): number {
  if (anytime) return factorAtAllLooks(tests, 1);
  return tests.reduce((sum, { weight }, i) => sum + (adjusted[i] === null ? 0 : weight), weightOf('value', false));
}

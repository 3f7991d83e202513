/** What was counted of answers → which differences are the release's, worst first. */
import { shareOf } from '../buckets.ts';
import type { AnswerFacts } from '../join/joined-request.ts';
import type { DiffSettings, FieldDifference, ResponseComparison, SuppressedDifferences } from '../model.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import { compareTexts } from '../transitions.ts';
import { detectableRise } from './detectable.ts';
import type { Suppression } from './difference-rules.ts';
import {
  adjust,
  comparable,
  correctionOf,
  isFoundAlone,
  isLargeExcess,
  isMostlyDifferent,
  levelAt,
  type NoiseMode,
  noiseModeOf,
  noisePairs,
  type Scope,
  type TestedPairs,
  testField,
  type WeightedTest,
  weightOf,
} from './field-tests.ts';
import { foreignNoise, isForeign } from './foreign-noise.ts';
import { type AnswerCounts, FieldCounts, ResponseTally } from './response-tally.ts';
import { uncomparedBodies } from './uncompared-bodies.ts';

/** Of more, the worst are listed. */
const MAX_FIELDS = 200;
const MAX_SUPPRESSED = 100;
/** A finding of the whole of which one route has this share is that route's. */
const MOST_OF_IT = 0.9;

export interface CountedResponses {
  readonly route: string;
  readonly tally: ResponseTally;
}

type Settings = Pick<DiffSettings, 'alpha' | 'anytime'>;

/** What is known of answers besides those of pairs. */
export interface ResponseFacts extends AnswerFacts {
  /** Pairs, those without answers included. */
  readonly paired: number;
}

/** A place and kind of a route, or of all routes that have it. */
interface Row {
  readonly route: string | null;
  readonly scope: Scope;
  readonly counts: FieldCounts;
  readonly mode: NoiseMode;
  readonly test: WeightedTest;
  /** Those of the routes, where it is of all. */
  readonly parts: readonly Row[];
}

/** Rows with those of their routes, and what was made of their tests. */
interface AdjustedRows {
  readonly tests: readonly WeightedTest[];
  readonly qs: readonly (number | null)[];
  readonly qOf: ReadonlyMap<Row, number | null>;
}

const pairsOf = ({ pairs }: AnswerCounts) => pairs;
const bodiesOf = ({ bodies }: AnswerCounts) => bodies;

export class ComparedResponses {
  readonly report: ResponseComparison;
  /** Pairs with answers of both sides whose bodies there are, and could not be compared. */
  readonly bodiesNotWhole: number;
  /** Of how many pairs the heads, and the bodies, were held against the noise, or were compared where there is none. */
  readonly judged: { readonly heads: number; readonly bodies: number };
  /** Routes with answers of both sides. */
  readonly routes: number;
  /** Headers and fields that any answer has; undefined where that is not known. */
  readonly places: readonly string[] | undefined;
  /** Which rules took something out. */
  readonly suppressions: readonly Suppression[];
  readonly #rows: readonly Row[];
  readonly #pairs: number;
  readonly #settings: Settings;

  constructor(routes: readonly CountedResponses[], facts: ResponseFacts, settings: Settings) {
    const { otherKey, unjoined, beyond, noise, paired } = facts;
    const whole = sumOf(routes);
    this.#rows = makeRows(routes, settings);
    this.#pairs = whole.all.pairs;
    this.#settings = settings;
    this.bodiesNotWhole = whole.bodiesNotWhole;
    this.routes = routes.filter(({ tally }) => tally.all.pairs > 0).length;
    this.places = facts.places;
    const uncompared = uncomparedBodies(routes);
    this.suppressions = [...whole.suppressed.keys()];
    const tests = this.#adjust(this.#rows);
    const fields = this.#find(this.#rows, tests);
    const [heads, bodies] = [pairsOf, bodiesOf].map((of) => this.#testedOf(whole, of)) as [TestedPairs, TestedPairs];
    this.judged = { heads: heads.n, bodies: bodies.n };
    const { mode } = heads;
    const correction = correctionOf(tests.tests, tests.qs, settings);
    const method = { correction, level: this.#level, anytime: settings.anytime === true };
    const detectable = (tested: TestedPairs) =>
      detectableRise(tested.n, (differing) => isFoundAlone(differing, tested, method));
    const foreign = mode === 'none' ? undefined : foreignNoise(routes, noise.name);
    this.report = {
      pairs: whole.all.pairs,
      bodiesCompared: whole.all.bodies,
      bodyShare: shareOf(whole.all.bodies, paired),
      ...(uncompared.length > 0 && { uncompared }),
      bodyStates: { production: sorted(whole.states.production), mirror: sorted(whole.states.mirror) },
      otherKey,
      unjoined,
      beyond: beyond + whole.beyond,
      noise: {
        ...noise,
        pairs: heads.noiseN,
        ...(mode !== 'none' && { sameRequests: mode === 'same-requests' }),
        ...(foreign !== undefined && { foreign }),
      },
      fields: fields.slice(0, MAX_FIELDS),
      suppressed: listSuppressed(whole, fields, noise.name),
      detectable: { heads: detectable(heads), bodies: detectable(bodies) },
    };
  }

  /** What differs where `isWanted` says, tested by itself: who asks for one place asks about it alone. */
  at(isWanted: (place: string) => boolean): readonly FieldDifference[] {
    const isOf = ({ counts }: Row) => isWanted(counts.place);
    return this.#find(this.#rows.filter(isOf), undefined, ({ test }) => test.p === null);
  }

  #testedOf(whole: ResponseTally, of: (counts: AnswerCounts) => number): TestedPairs {
    const mode = noiseModeOf(whole, of);
    const n = of(mode === 'same-requests' ? whole.withNoise : whole.all);
    return { mode, n, noiseN: noisePairs(whole, mode, of) };
  }

  get #level(): number {
    return levelAt(this.#pairs, this.#settings);
  }

  #adjust(rows: readonly Row[]): AdjustedRows {
    const all = rows.flatMap((row) => [row, ...row.parts]);
    const tests = all.map(({ test }) => test);
    const qs = adjust(tests, this.#pairs, this.#settings);
    return { tests, qs, qOf: new Map(all.map((row, i) => [row, qs[i] ?? null])) };
  }

  /** @param isWanted what is told of single routes although it is of no more than the whole */
  #find(
    rows: readonly Row[],
    { qOf }: AdjustedRows = this.#adjust(rows),
    isWanted: (row: Row) => boolean = () => false,
  ): FieldDifference[] {
    const isRegressed = (row: Row) => (qOf.get(row) ?? 1) <= this.#level && isLargeExcess(row.test);
    const isOpen = (row: Row) => (qOf.get(row) ?? null) === null && isMostlyDifferent(row.test);
    const shown = rows.filter(({ scope, counts }) => counts.mirror > 0 || isForeign(scope, counts));
    const found = shown.flatMap((row): FieldDifference[] => {
      const describe = (each: Row, of = each) => {
        const [regressed, q] = [isRegressed(of), qOf.get(of) ?? null];
        return describeRow(each, { test: of.test, q, regressed, isOpen: isOpen(each) }, this.#settings.alpha);
      };
      if (!isRegressed(row)) {
        const regressed = row.parts.filter(isRegressed);
        if (regressed.length > 0) return regressed.map((part) => describe(part));
        const parts = row.parts.filter((part) => isOpen(part) || isWanted(part));
        return [row, ...(isOpen(row) ? [] : parts)].map((each) => describe(each));
      }
      const place = row.parts.find((part) => surplusOf(part) >= MOST_OF_IT * surplusOf(row));
      return [place === undefined ? describe(row) : describe(place, row)];
    });
    return found.sort(worstFirst);
  }
}

function surplusOf({ counts, mode }: Row): number {
  return mode === 'same-requests' ? counts.mirrorOnly - counts.noiseOnly : counts.mirror;
}

function makeRows(routes: readonly CountedResponses[], settings: Settings): Row[] {
  const byField = new Map<string, { readonly route: CountedResponses; readonly counts: FieldCounts }[]>();
  for (const route of routes) {
    for (const [key, counts] of route.tally.fields) {
      const places = byField.get(key);
      if (places === undefined) byField.set(key, [{ route, counts }]);
      else places.push({ route, counts });
    }
  }
  const wholeOf = (key: string) => {
    const all = byField.get(key) ?? [];
    const [first] = all;
    if (first === undefined) return undefined;
    const sum = new FieldCounts(first.counts);
    for (const { counts } of all) sum.merge(counts);
    return sum;
  };
  return [...byField].map(([key, places]) => {
    const [first] = places as [(typeof places)[number]];
    if (places.length === 1) return makeRow(first.route.route, first.route.tally, first.counts, [], false, settings);
    const parts = places.map(({ route, counts }) => makeRow(route.route, route.tally, counts, [], true, settings));
    const scope = {
      ...addCounts(places.map(({ route }) => route.tally)),
      pairsWithout: (field: Pick<FieldCounts, 'place' | 'kind'>) =>
        places.reduce((sum, { route }) => sum + route.tally.pairsWithout(field), 0),
      opposite: (counts: Pick<FieldCounts, 'place' | 'kind'>) => {
        const opposite = ResponseTally.oppositeKey(counts);
        return opposite === undefined ? undefined : wholeOf(opposite);
      },
    };
    return makeRow(null, scope, wholeOf(key) as FieldCounts, parts, false, settings);
  });
}

function makeRow(
  route: string | null,
  scope: Scope,
  counts: FieldCounts,
  parts: readonly Row[],
  isPart: boolean,
  settings: Settings,
): Row {
  const mode = noiseModeOf(scope, (of) => comparable(of, counts));
  const test = { ...testField(scope, counts, mode, settings), weight: weightOf(counts.kind, isPart) };
  return { route, scope, counts, mode, test, parts };
}

function addCounts(scopes: readonly Scope[]): Pick<Scope, 'all' | 'withNoise' | 'otherNoise'> {
  const sum = (name: 'all' | 'withNoise' | 'otherNoise') => ({
    pairs: scopes.reduce((total, scope) => total + scope[name].pairs, 0),
    bodies: scopes.reduce((total, scope) => total + scope[name].bodies, 0),
  });
  return { all: sum('all'), withNoise: sum('withNoise'), otherNoise: sum('otherNoise') };
}

function sumOf(routes: readonly CountedResponses[]): ResponseTally {
  const whole = new ResponseTally();
  for (const { tally } of routes) whole.merge(tally);
  return whole;
}

function describeRow(
  { route, scope, counts, mode, parts }: Row,
  {
    test,
    q,
    regressed,
    isOpen,
  }: {
    readonly test: WeightedTest;
    readonly q: number | null;
    readonly regressed: boolean;
    readonly isOpen: boolean;
  },
  alpha: number,
): FieldDifference {
  const { place, kind, mirror, mirrorOnly, noiseOnly } = counts;
  const n = Math.max(mirror, comparable(scope.all, counts) - scope.pairsWithout(counts));
  const shape = mostFrequent(counts.shapes);
  const { declared } = counts;
  return {
    route,
    place,
    kind,
    ...(shape !== undefined && { shape }),
    ...(parts.length > 0 && routesOf(parts)),
    n,
    mirror,
    noise: noiseOf(scope, counts, mode, n),
    mirrorOnly,
    noiseOnly,
    share: n === 0 ? 0 : mirror / n,
    shareCi: wilsonInterval(mirror, n, alpha),
    p: test.p,
    q: test.p === null ? null : (q ?? 1),
    regressed,
    ...(!regressed && isOpen && { open: true }),
    hint: !regressed && mode !== 'none' && mirror > 0 && !counts.isInNoise && !scope.opposite(counts)?.isInNoise,
    examples: counts.examples.map(({ id }) => id).filter((id) => id !== ''),
    ...(declared !== undefined && { declared }),
  };
}

/** Of more, the worst are named. */
const MAX_NAMED = 3;

/** Those in which it is beyond what their noise has, where there are such. */
function routesOf(parts: readonly Row[]): Pick<FieldDifference, 'routes' | 'routeNames'> {
  const differing = parts.filter(({ counts }) => counts.mirror > 0);
  const above = differing.filter((part) => surplusOf(part) > 0 && (part.test.p ?? 1) <= LEAST_SURE);
  const own = [...(above.length > 0 ? above : differing)].sort((a, b) => surplusOf(b) - surplusOf(a));
  return { routes: own.length, routeNames: own.slice(0, MAX_NAMED).map(({ route }) => route ?? '') };
}

/** Of a route that is only named: with every other one it is tested in the whole. */
const LEAST_SURE = 0.05;

/** Of `n` pairs, as many as it would be by the share that the noise has. */
function noiseOf(scope: Scope, counts: FieldCounts, mode: NoiseMode, n: number): number | null {
  if (mode === 'none') return null;
  const seen = counts.noise + (mode === 'same-requests' ? 0 : counts.otherNoise);
  // What was seen at all is not never.
  return seen === 0 ? 0 : Math.max(1, Math.round((seen / noisePairs(scope, mode, (of) => comparable(of, counts))) * n));
}

function mostFrequent(shapes: ReadonlyMap<string, number>): string | undefined {
  const [first] = [...shapes].sort(([a, x], [b, y]) => y - x || compareTexts(a, b));
  return first?.[0];
}

function worstFirst(a: FieldDifference, b: FieldDifference): number {
  return (
    Number(b.regressed) - Number(a.regressed) ||
    Number(b.open ?? false) - Number(a.open ?? false) ||
    Number(b.hint) - Number(a.hint) ||
    b.share - a.share ||
    b.mirror - a.mirror ||
    compareTexts(a.route ?? '', b.route ?? '') ||
    compareTexts(a.place, b.place) ||
    compareTexts(a.kind, b.kind)
  );
}

function listSuppressed(
  { suppressed }: ResponseTally,
  fields: readonly FieldDifference[],
  noiseName = 'noise',
): SuppressedDifferences[] {
  const byRules = [...suppressed].map(([{ by, name }, keys]): SuppressedDifferences => {
    return { by, name, fields: keys.size, differences: [...keys.values()].reduce((sum, count) => sum + count, 0) };
  });
  const inNoise = fields.filter(
    ({ regressed, open, noise, mirror }) => !regressed && open !== true && noise !== null && noise > 0 && mirror > 0,
  );
  const byNoise: SuppressedDifferences = {
    by: 'noise',
    name: noiseName,
    fields: inNoise.length,
    differences: inNoise.reduce((sum, { mirror }) => sum + mirror, 0),
  };
  return [...byRules, ...(inNoise.length > 0 ? [byNoise] : []), ...listUntested(fields)]
    .sort((a, b) => b.differences - a.differences || compareTexts(a.by, b.by) || compareTexts(a.name, b.name))
    .slice(0, MAX_SUPPRESSED);
}

/** By kind: what has no noise to be held against, and no opposite. */
function listUntested(fields: readonly FieldDifference[]): SuppressedDifferences[] {
  const byKind = new Map<string, { fields: number; differences: number }>();
  for (const { kind, mirror, p, noise, regressed } of fields) {
    if (regressed || p !== null || mirror === 0 || (noise ?? 0) > 0) continue;
    const { fields: before = 0, differences = 0 } = byKind.get(kind) ?? {};
    byKind.set(kind, { fields: before + 1, differences: differences + mirror });
  }
  return [...byKind].map(([name, counts]) => ({ by: 'untested', name, ...counts }));
}

function sorted(states: ReadonlyMap<string, number>): { readonly [state: string]: number } {
  return Object.fromEntries([...states].sort(([a], [b]) => compareTexts(a, b)));
}

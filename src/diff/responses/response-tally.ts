/** What differs between the answers of pairs, counted by place and kind: of one route, or of all. */
import type { BodyState } from '../../answers/answer.ts';
import type { Comparison, Difference, DifferenceKind } from '../../answers/differences.ts';
import { wayTo } from '../../answers/paths.ts';
import { compareExamples, type Example, keepExample } from '../examples.ts';
import type { PairResponses } from '../join/joined-request.ts';
import type { FieldDifference } from '../model.ts';
import type { DifferenceContext, DifferenceRules, Suppression } from './difference-rules.ts';
import { couldDiffer, ownDifferences } from './own-differences.ts';

/** Places and kinds of one route, and of all of them, that are told apart: paths are what servers write. */
const ROUTE_FIELDS = 1_000;
const ALL_FIELDS = 20_000;
const MAX_SHAPES = 16;

/** With what a description says of its difference. */
interface KnownExample extends Example {
  readonly declared: FieldDifference['declared'] | undefined;
}

/** One kind of difference at one place. */
export class FieldCounts {
  readonly place: string;
  readonly kind: DifferenceKind;
  /** Pairs in which it is. */
  mirror = 0;
  /** Of the pairs whose noise is known: those in which only the mirror, only the noise, or both differ. */
  mirrorOnly = 0;
  noiseOnly = 0;
  both = 0;
  /** Pairs of the noise that are of other requests. */
  otherNoise = 0;
  /** Pairs of the mirror by shape; what is beyond the bound is in none. */
  readonly shapes = new Map<string, number>();
  /** The same of the noise. */
  readonly noiseShapes = new Map<string, number>();
  readonly #examples: KnownExample[] = [];
  /** The first of the pairs that the noise shows as well: no example, but a description says of it what it says. */
  #shared: KnownExample | undefined;

  constructor({ place, kind }: Pick<Difference, 'place' | 'kind'>) {
    this.place = place;
    this.kind = kind;
  }

  /** Pairs of the same requests in which the noise differs. */
  get noise(): number {
    return this.noiseOnly + this.both;
  }

  /** Whether it was seen at all between answers of production's version. */
  get isInNoise(): boolean {
    return this.noise + this.otherNoise > 0;
  }

  /** Requests in which only the mirror differs, where there are such. */
  get examples(): readonly Example[] {
    return this.#examples;
  }

  /** What a description says of it: of the first example, or of the first pair where there is none. */
  get declared(): FieldDifference['declared'] | undefined {
    return (this.#examples[0] ?? this.#shared)?.declared;
  }

  addShape(shape: string, times = 1, shapes = this.shapes): void {
    const known = shapes.get(shape);
    if (known !== undefined || shapes.size < MAX_SHAPES) shapes.set(shape, (known ?? 0) + times);
  }

  addNoiseShape(shape: string | undefined, times = 1): void {
    if (shape !== undefined) this.addShape(shape, times, this.noiseShapes);
  }

  addExample(example: Example, declaredOf: () => FieldDifference['declared'] | undefined): void {
    keepExample(this.#examples, example, () => ({ ...example, declared: declaredOf() }));
  }

  addShared(example: Example, declaredOf: () => FieldDifference['declared'] | undefined): void {
    if (this.#shared === undefined || compareExamples(example, this.#shared) < 0)
      this.#shared = { ...example, declared: declaredOf() };
  }

  merge(other: FieldCounts): void {
    this.mirror += other.mirror;
    this.mirrorOnly += other.mirrorOnly;
    this.noiseOnly += other.noiseOnly;
    this.both += other.both;
    this.otherNoise += other.otherNoise;
    for (const [shape, count] of other.shapes) this.addShape(shape, count);
    for (const [shape, count] of other.noiseShapes) this.addNoiseShape(shape, count);
    for (const example of other.#examples) this.addExample(example, () => example.declared);
    const shared = other.#shared;
    if (shared !== undefined) this.addShared(shared, () => shared.declared);
  }
}

/** How many fields all routes may still tell apart. */
export class FieldBudget {
  #left: number;

  /** @param other a budget of which as much is left */
  constructor(other?: FieldBudget) {
    this.#left = other === undefined ? ALL_FIELDS : other.#left;
  }

  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}

/** How many answers of both sides there were, and of how many the bodies were compared. */
export interface AnswerCounts {
  readonly pairs: number;
  readonly bodies: number;
}

type MutableCounts = { -readonly [Name in keyof AnswerCounts]: AnswerCounts[Name] };

/** What is asked of a pair besides its differences. */
export interface CountedPair {
  readonly context: DifferenceContext;
  readonly example: () => Example;
}

export class ResponseTally {
  /**
   * Pairs with answers of both sides; of these, those whose noise is known, with the bodies that were compared in both; and
   * pairs of noise of other requests.
   */
  readonly all: MutableCounts = { pairs: 0, bodies: 0 };
  readonly withNoise: MutableCounts = { pairs: 0, bodies: 0 };
  readonly otherNoise: MutableCounts = { pairs: 0, bodies: 0 };
  /** Pairs whose bodies could not be compared although there is one: the share that is compared is of these, too. */
  bodiesNotWhole = 0;
  /** With those that nobody asked for on one side: there is a body, and nobody knows whether it is another one. */
  bodiesUnseen = 0;
  readonly states = { production: new Map<BodyState, number>(), mirror: new Map<BodyState, number>() };
  /** By kind and place. */
  readonly fields = new Map<string, FieldCounts>();
  /** Differences of the mirror by what suppressed them, and by kind and place. */
  readonly suppressed = new Map<Suppression, Map<string, number>>();
  /** Differences that are not told apart because of the bounds. */
  beyond = 0;

  /** A pair with answers of both sides. */
  add(responses: PairResponses, pair: CountedPair, rules: DifferenceRules, budget: FieldBudget): void {
    const { noise, states } = responses;
    countAnswers(this.all, responses);
    if (responses.body === 'not-whole') this.bodiesNotWhole++;
    if (isUnseen(responses)) this.bodiesUnseen++;
    increase(this.states.production, states.production);
    increase(this.states.mirror, states.mirror);
    const counted = { ...pair, rules, budget };
    const seen = new Map<string, Difference>();
    for (const difference of ownDifferences(responses)) {
      const suppression = rules.classify(difference, pair.context);
      if (suppression === undefined) seen.set(keyOf(difference), difference);
      else this.#suppress(suppression, keyOf(difference), budget);
    }
    if (noise !== undefined) {
      this.withNoise.pairs++;
      if (responses.body === 'compared' && noise.body === 'compared') this.withNoise.bodies++;
      for (const difference of ownDifferences(noise)) {
        // Where the mirror's answer could not differ as well, that it does not says nothing.
        if (rules.classify(difference, pair.context) !== undefined || !couldDiffer(responses.body, difference))
          continue;
        const key = keyOf(difference);
        const own = seen.get(key);
        seen.delete(key);
        this.#count(own ?? difference, own === undefined ? 'noiseOnly' : 'both', counted);
        this.fields.get(key)?.addNoiseShape(difference.shape);
      }
    }
    for (const difference of seen.values()) {
      const isHeld = noise !== undefined && couldDiffer(noise.body, difference);
      this.#count(difference, isHeld ? 'mirrorOnly' : 'withoutNoise', counted);
    }
  }

  /** Two answers of production's version to a request that is not among those that are compared. */
  addNoise(noise: Comparison, context: DifferenceContext, rules: DifferenceRules, budget: FieldBudget): void {
    countAnswers(this.otherNoise, noise);
    for (const difference of ownDifferences(noise)) {
      if (rules.classify(difference, context) !== undefined) continue;
      const counts = this.#fieldOf(difference, budget);
      if (counts === undefined) {
        this.beyond++;
        continue;
      }
      counts.otherNoise++;
      counts.addNoiseShape(difference.shape);
    }
  }

  merge(other: ResponseTally): void {
    for (const name of ['all', 'withNoise', 'otherNoise'] as const) {
      this[name].pairs += other[name].pairs;
      this[name].bodies += other[name].bodies;
    }
    this.bodiesNotWhole += other.bodiesNotWhole;
    this.bodiesUnseen += other.bodiesUnseen;
    this.beyond += other.beyond;
    for (const side of ['production', 'mirror'] as const) {
      for (const [state, count] of other.states[side]) increase(this.states[side], state, count);
    }
    for (const [suppression, fields] of other.suppressed) {
      const own = this.#suppressedBy(suppression);
      for (const [key, count] of fields) increase(own, key, count);
    }
    for (const [key, counts] of other.fields) {
      const own = this.fields.get(key) ?? new FieldCounts(counts);
      own.merge(counts);
      this.fields.set(key, own);
    }
  }

  /** Pairs in which nothing is said of a place because what it is in is missing, of another type or of another length. */
  pairsWithout({ place: path, kind }: Pick<FieldCounts, 'place' | 'kind'>): number {
    const isOfForm = kind === 'type' || kind === 'missing' || kind === 'extra';
    let pairs = 0;
    for (const place of wayTo(path)) {
      const of = (above: DifferenceKind) => this.fields.get(keyOf({ place, kind: above }))?.mirror ?? 0;
      // Types, and whether a field is there, are compared in arrays of another length, too.
      const [length, count] = isOfForm ? [0, 0] : [of('length'), of('count')];
      // Of another type and there another number of times it may be in one pair; the others exclude each other.
      pairs += of('missing') + of('extra') + length + Math.max(of('type'), count);
    }
    return pairs;
  }

  /** The opposite of a difference, where it is one that was seen. */
  opposite(field: Pick<FieldCounts, 'place' | 'kind'>): FieldCounts | undefined {
    const key = ResponseTally.oppositeKey(field);
    return key === undefined ? undefined : this.fields.get(key);
  }

  /** Its key in `fields`; undefined for what has none. */
  static oppositeKey({ place, kind }: Pick<FieldCounts, 'place' | 'kind'>): string | undefined {
    if (kind !== 'missing' && kind !== 'extra') return undefined;
    return keyOf({ place, kind: kind === 'missing' ? 'extra' : 'missing' });
  }

  #count(
    difference: Difference,
    where: 'withoutNoise' | 'mirrorOnly' | 'noiseOnly' | 'both',
    {
      context,
      example,
      rules,
      budget,
    }: CountedPair & { readonly rules: DifferenceRules; readonly budget: FieldBudget },
  ): void {
    const counts = this.#fieldOf(difference, budget);
    if (counts === undefined) {
      this.beyond++;
      return;
    }
    if (where !== 'withoutNoise') counts[where]++;
    if (where === 'noiseOnly') return;
    counts.mirror++;
    if (difference.shape !== undefined) counts.addShape(difference.shape);
    // What the noise shows as well is no example of what the mirror does.
    const declaredOf = () => rules.declaredOf(difference, context);
    if (where !== 'both') counts.addExample(example(), declaredOf);
    else counts.addShared(example(), declaredOf);
  }

  #fieldOf(difference: Difference, budget: FieldBudget): FieldCounts | undefined {
    const key = keyOf(difference);
    const known = this.fields.get(key);
    if (known !== undefined) return known;
    if (this.fields.size >= ROUTE_FIELDS || !budget.take()) return undefined;
    const counts = new FieldCounts(difference);
    this.fields.set(key, counts);
    return counts;
  }

  #suppress(suppression: Suppression, key: string, budget: FieldBudget): void {
    const fields = this.#suppressedBy(suppression);
    if (fields.has(key) || (fields.size < ROUTE_FIELDS && budget.take())) increase(fields, key);
    else this.beyond++;
  }

  #suppressedBy(suppression: Suppression): Map<string, number> {
    let fields = this.suppressed.get(suppression);
    if (fields === undefined) {
      fields = new Map();
      this.suppressed.set(suppression, fields);
    }
    return fields;
  }
}

/** Where both sides were not asked for, bodies are no part of the comparison. */
function isUnseen({ body, states: { production, mirror } }: PairResponses): boolean {
  if (body === 'not-whole') return true;
  const isRead = (state: BodyState) => state !== 'unasked' && state !== 'none';
  return body === 'unasked' && (isRead(production) || isRead(mirror));
}

function countAnswers(counts: MutableCounts, { body }: Comparison): void {
  counts.pairs++;
  if (body === 'compared') counts.bodies++;
}

function increase<K>(counts: Map<K, number>, key: K, times = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

function keyOf({ place, kind }: Pick<Difference, 'place' | 'kind'>): string {
  return `${kind} ${place}`;
}

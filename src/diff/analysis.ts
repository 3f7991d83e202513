/** What was read, joined: for each production request its bucket, its answer, its route, and what changed. */

import type { AnswerComparisons } from './answer-reader.ts';
import { exclusionOf, PAIRED, unansweredBucket } from './buckets.ts';
import type { Collection, Sides } from './collection.ts';
import { isDestination } from './destinations.ts';
import { DiffError } from './errors.ts';
import type { ComparedAnswers } from './join/answer-join.ts';
import { NO_KEY } from './join/ids.ts';
import type { NoisePair } from './join/joined-request.ts';
import { NOT_COMPARABLE } from './join/request-flags.ts';
import { chooseEvent, isEvent } from './join/spoe-events.ts';
import { JoinedRow } from './join/whole/joined-rows.ts';
import { AMBIGUOUS, chooseKey, droppedRow, type Pairing, pair, WITHOUT_KEY } from './join/whole/pairing.ts';
import type { MirrorAnswers, RequestColumns } from './join/whole/request-columns.ts';
import { noiseOf, noiseOfRecord, type WholeNoise } from './join/whole/whole-noise.ts';
import type { DiffSettings } from './model.ts';
import type { RouteOverrides } from './route-overrides.ts';
import { OTHER_ROUTES, RouteNames } from './routes/route-names.ts';
import type { Generalized } from './routes/route-tree.ts';
import type { Rules } from './rules.ts';
import { samplingRank } from './sampling-rank.ts';
import { compareTexts } from './transitions.ts';

export interface AnalysisOptions {
  readonly key: DiffSettings['key'];
  /** The SPOE event that mirrors; found out without it. */
  readonly event?: DiffSettings['event'];
  /** The destination that runs production's version. */
  readonly baselineDestination?: DiffSettings['baselineDestination'];
  readonly rules: Rules;
  readonly overrides?: RouteOverrides;
  readonly maxRoutes: number;
}

/** What the comparisons with all destinations have in common. */
export interface Common {
  /** These are requests of a larger comparison: what is kept of them is to hold none of their columns. */
  readonly isPart?: boolean;
  readonly rules: Rules;
  readonly event: string | undefined;
  readonly noise: WholeNoise | undefined;
  readonly routeNames: readonly string[];
  readonly generalized: readonly Generalized[];
  /** By row of production: number in `routeNames`. */
  readonly productionNames: Int32Array;
  /** Those that are told apart. */
  readonly routes: readonly string[];
  /** By number in `routeNames`: number in `routes`. */
  readonly routeNumbers: Int32Array;
  /** By destination, by row of the mirror where nothing is paired: number in `routes`. */
  readonly mirrorRoutes: readonly Int32Array[];
  /** The same for the noise that is of other requests, in the order of `noise.others`. */
  readonly noiseRoutes: Int32Array;
}

/**
 * The comparison with each destination of the mirror, by their names; there is at least one.
 *
 * @throws DiffError `unknown-event`
 */
export function analyse(collection: Collection, options: AnalysisOptions): readonly Analysis[] {
  const { production, mirrors, spoe } = collection;
  collection.close();
  const key = chooseKey(production, mirrors, options.key);
  const pairings = mirrors.map((mirror, i) => pair(key, production, mirror, i, options.rules));
  refuseUnknownEvent(spoe.events, options.event);
  const pairsWith = countPairs(collection, pairings);
  const event = chooseEvent(spoe, pairsWith, options.event);
  if (spoe.isUsable) {
    const pairs = pairsWith(undefined);
    spoe.checkCompleteness(pairs, event === undefined ? pairs : pairs - pairsWith(event));
  }
  const noise = findNoise(collection, pairings, options);
  const common = { ...findRoutes(collection, pairings, noise, options), event, noise };
  return pairings
    .map((pairing, number) => new Analysis(collection, number, pairing, common))
    .sort((a, b) => compareTexts(a.destination, b.destination));
}

export function findNoise(
  { production, mirrors, noise, answers, destinations }: Collection,
  pairings: readonly Pairing[],
  { baselineDestination, rules }: Pick<AnalysisOptions, 'baselineDestination' | 'rules'>,
): WholeNoise | undefined {
  if (!baselineDestination) return noiseOfRecord(production, noise, answers.noise.comparisons, rules);
  const number = destinations.names.findIndex((name) => isDestination(name, baselineDestination));
  const [mirror, pairing] = [mirrors[number], pairings[number]];
  if (mirror === undefined || pairing === undefined) return undefined;
  const { comparisons } = answers.mirror;
  const name = destinations.names[number] as string;
  return { source: 'destination', name, answers: mirror, comparisons, pairing, others: new Int32Array(0) };
}

/** Only where there are events: without SPOE lines none is needed. */
export function refuseUnknownEvent(events: readonly string[], wanted: AnalysisOptions['event']): void {
  if (!wanted || events.length === 0 || events.some((name) => isEvent(name, wanted))) return;
  const known = [...events].sort(compareTexts).join(', ');
  throw new DiffError('unknown-event', `no SPOE line of the agent is of the event ${wanted}`, `events are ${known}`);
}

/** By event: paired requests that have a line of it; without one, those whose stream is known. */
export function countPairs(
  { production, spoe }: Collection,
  pairings: readonly Pairing[],
): (event: string | undefined) => number {
  const counted = new Map<string | undefined, number>();
  const count = (event: string | undefined) =>
    pairings.reduce((sum, { answerOf }) => {
      let pairs = 0;
      for (let row = 0; row < answerOf.length; row++) {
        if ((answerOf[row] as number) < 0 || isOutside(production.flags.at(row))) continue;
        const stream = production.keys.stream.at(row);
        if (stream === NO_KEY) continue;
        if (event === undefined || spoe.statusOf(stream, event) !== undefined) pairs++;
      }
      return sum + pairs;
    }, 0);
  return (event) => {
    const pairs = counted.get(event) ?? count(event);
    counted.set(event, pairs);
    return pairs;
  };
}

export function isOutside(flags: number): boolean {
  return (flags & NOT_COMPARABLE) !== 0;
}

function findRoutes(
  collection: Collection,
  pairings: readonly Pairing[],
  noise: WholeNoise | undefined,
  { rules, overrides, maxRoutes }: AnalysisOptions,
): Omit<Common, 'event' | 'noise'> {
  const { production, mirrors, texts } = collection;
  const isComparable = (row: number) => !isOutside(production.flags.at(row));
  const [{ key, answerOf }] = pairings as [Pairing];
  // What is paired asks for the same on both sides.
  const alone = key === 'none' ? mirrors.map((mirror) => ({ requests: mirror, counts: () => true })) : [];
  const others = noise === undefined ? new Set<number>() : new Set(noise.others);
  const ofNoise = noise === undefined ? [] : [{ requests: noise.answers, counts: (row: number) => others.has(row) }];
  const sides = [{ requests: production, counts: isComparable }, ...alone, ...ofNoise];
  const names = new RouteNames(sides, texts, overrides);
  // All of them before they are counted: names come with the requests.
  const numbersOf = (requests: RequestColumns) => {
    const numbers = new Int32Array(requests.size);
    for (let row = 0; row < numbers.length; row++) numbers[row] = names.routeOf(requests, row);
    return numbers;
  };
  const productionNames = numbersOf(production);
  const mirrorNames = mirrors.map((mirror) => (key === 'none' ? numbersOf(mirror) : new Int32Array(0)));
  const noiseNames = Int32Array.from(noise?.others ?? [], (row) => names.routeOf(noise?.answers as MirrorAnswers, row));
  // Whether a request could have been paired is the same for all destinations.
  const counted = (row: number) =>
    key === 'none' ? isComparable(row) : exclusionAt(production.flags.at(row), answerOf[row] as number) === undefined;
  const isThere = new Uint8Array(names.names.length);
  productionNames.forEach((route, row) => {
    if (isComparable(row)) isThere[route] = 1;
  });
  for (const routes of mirrorNames) for (const route of routes) isThere[route] = 1;
  const counts = new Int32Array(names.names.length);
  productionNames.forEach((route, row) => {
    if (counted(row)) counts[route] = (counts[route] as number) + 1;
  });
  const kept = keepFrequent(names.names, { counts, isThere }, maxRoutes);
  const rankOf = (route: number) => kept.numbers[route] as number;
  return {
    rules,
    routeNames: names.names,
    generalized: names.generalized,
    productionNames,
    routes: kept.names,
    routeNumbers: kept.numbers,
    mirrorRoutes: mirrorNames.map((numbers) => numbers.map(rankOf)),
    noiseRoutes: noiseNames.map(rankOf),
  };
}

export class Analysis {
  /** The mirror's destination; empty where its lines name none. */
  readonly destination: string;
  readonly collection: Sides & Pick<Collection, 'spoe'>;
  readonly pairing: Pairing;
  readonly isPart: boolean;
  /** By row of production, index in BUCKETS. */
  readonly buckets: Uint8Array;
  /** Names of the routes that are told apart, the last one perhaps `(other)`. */
  readonly routes: readonly string[];
  /** Places of paths that became `{…}` because of their many values. */
  readonly generalized: readonly Generalized[];
  readonly rules: Rules;
  /** The one of the agent's SPOE events that mirrors; undefined where none can have. */
  readonly event: string | undefined;
  /** Different lines without an id that are in several files of a side. */
  readonly inSeveralFiles: { readonly production: number; readonly mirror: number };
  /** What all destinations answered. */
  readonly mirrors: readonly MirrorAnswers[];
  /** What differs between the answers of production and those of all destinations. */
  readonly comparisons: AnswerComparisons;
  /** Undefined where nothing tells of it, and of the destination itself that it is. */
  readonly noise: WholeNoise | undefined;
  /** More destinations than are told apart. */
  readonly areDestinationsFull: boolean;
  /** By row of production: index in the names of all routes. */
  readonly #productionNames: Int32Array;
  readonly #routeNames: readonly string[];
  /** By that index: index in `routes`. */
  readonly #routeNumbers: Int32Array;
  /** By row of the mirror where nothing is paired: index in `routes`. */
  readonly #mirrorRoutes: Int32Array;
  readonly #noiseRoutes: Int32Array;

  /** @param number of the destination */
  constructor(all: Collection, number: number, pairing: Pairing, common: Common) {
    const { rules, event, routeNames, generalized, productionNames, routes, routeNumbers, mirrorRoutes } = common;
    const { production } = all;
    this.destination = all.destinations.names[number] as string;
    this.collection = { production, mirror: all.mirrors[number] as MirrorAnswers, spoe: all.spoe };
    this.isPart = common.isPart === true;
    this.rules = rules;
    this.event = event;
    const { production: before, mirror: after } = all.lines;
    this.inSeveralFiles = { production: before.inSeveralFiles, mirror: after.inSeveralFiles };
    this.mirrors = all.mirrors;
    this.comparisons = all.answers.mirror.comparisons;
    this.noise = common.noise?.answers === this.collection.mirror ? undefined : common.noise;
    this.#noiseRoutes = common.noiseRoutes;
    this.areDestinationsFull = all.destinations.isFull;
    this.pairing = pairing;
    this.buckets = this.#findBuckets();
    this.#productionNames = productionNames;
    this.#routeNames = routeNames;
    this.routes = routes;
    this.generalized = generalized;
    this.#routeNumbers = routeNumbers;
    this.#mirrorRoutes = mirrorRoutes[number] as Int32Array;
  }

  get isUnmatched(): boolean {
    return this.pairing.key === 'none';
  }

  /** Index in `routes`. */
  routeOf(row: number): number {
    return this.#routeNumbers[this.#productionNames[row] as number] as number;
  }

  /** The name of its route in the report. */
  nameAt(row: number): string {
    return this.routes[this.routeOf(row)] as string;
  }

  mirrorRouteOf(row: number): number {
    return this.#mirrorRoutes[row] as number;
  }

  /** As it is called before some routes are gathered as `(other)`. */
  routeNameOf(row: number): string {
    return this.#routeNames[this.#productionNames[row] as number] as string;
  }

  /** In unmatched mode: requests that could have been mirrored. */
  isComparable(row: number): boolean {
    return !isOutside(this.collection.production.flags.at(row));
  }

  /** The samplingRank of what a paired request is paired by: no other one has it. */
  rankOf(row: number, seed: number): number {
    const { kind } = this.pairing;
    return kind === undefined ? samplingRank('', seed) : this.collection.production.keys.keyRank(row, kind, seed);
  }

  /** Why the agent did not send the request; empty for any other. */
  dropReasonOf(row: number): string {
    const line = droppedRow(this.pairing.answerOf[row] as number);
    return line === undefined ? '' : this.collection.mirror.errorOf(line);
  }

  /** The status of the SPOE line of the event that mirrors; undefined without one. */
  spoeStatusOf(row: number): number | undefined {
    const { production, spoe } = this.collection;
    return this.event === undefined ? undefined : spoe.statusOf(production.keys.stream.at(row), this.event);
  }

  /** What the answer to a paired request differs by; its body is `other-key` where that cannot be known. */
  comparedAt(row: number): ComparedAnswers | undefined {
    const answer = this.pairing.answerOf[row] as number;
    return answer < 0 ? undefined : this.comparisons.at(this.collection.mirror.answer.at(answer));
  }

  /** How production's version differs from itself in requests that are not among production's, each with its route. */
  *otherNoise(): Generator<readonly [noise: NoisePair, route: number]> {
    const { noise } = this;
    if (noise === undefined) return;
    const { answers, comparisons, others } = noise;
    for (const [i, row] of others.entries()) {
      const compared = noiseOf(answers, comparisons, row);
      if (compared === undefined) continue;
      const method = answers.methods.text(answers.method.at(row));
      const target = answers.targets.text(answers.target.at(row));
      yield [{ ...compared, method, target, status: answers.status.at(row) }, this.#noiseRoutes[i] as number];
    }
  }

  /** The joined requests, one after the other in one object. @param seed of samples that are drawn of pairs */
  *joined(seed = 0): Generator<JoinedRow> {
    const joined = new JoinedRow(this, seed);
    for (let row = 0; row < this.buckets.length; row++) yield joined.at(row);
  }

  #findBuckets(): Uint8Array {
    const { production, spoe } = this.collection;
    const { answerOf } = this.pairing;
    const buckets = new Uint8Array(production.size);
    for (let row = 0; row < buckets.length; row++) {
      const answer = answerOf[row] as number;
      const exclusion = exclusionAt(production.flags.at(row), answer);
      if (exclusion !== undefined) buckets[row] = exclusion;
      else if (answer >= 0) buckets[row] = PAIRED;
      else {
        const isTraceable = spoe.isUsable && production.keys.stream.at(row) !== NO_KEY;
        const isDropped = droppedRow(answer) !== undefined;
        buckets[row] = unansweredBucket(isDropped, isTraceable, isTraceable ? this.spoeStatusOf(row) : undefined);
      }
    }
    return buckets;
  }
}

/** @param answer of Pairing.answerOf */
export function exclusionAt(flags: number, answer: number): number | undefined {
  return exclusionOf(flags, answer !== WITHOUT_KEY, answer === AMBIGUOUS);
}

export interface KeptRoutes {
  readonly names: readonly string[];
  /** The new number of each route, by its old one. */
  readonly numbers: Int32Array;
}

/**
 * The routes with the most requests keep their names, the rest is `(other)`.
 * @param counts,isThere by number of the route, how many requests count, and whether anything that is compared asks for it
 */
export function keepFrequent(
  names: readonly string[],
  { counts, isThere }: { readonly counts: ArrayLike<number>; readonly isThere: ArrayLike<number> },
  maxRoutes: number,
): KeptRoutes {
  const order = [...names.keys()].sort(
    (a, b) =>
      (isThere[b] as number) - (isThere[a] as number) ||
      (counts[b] as number) - (counts[a] as number) ||
      compareTexts(names[a] as string, names[b] as string),
  );
  const kept = order.slice(0, maxRoutes).map((route) => names[route] as string);
  const numbers = new Int32Array(names.length);
  order.forEach((route, rank) => {
    numbers[route] = Math.min(rank, maxRoutes);
  });
  return { names: order.length > maxRoutes ? [...kept, OTHER_ROUTES] : kept, numbers };
}

/** What was read, joined: for each production request its bucket, its answer, its route, and what changed. */
import { assignBuckets, type BucketColumn, PAIRED } from './buckets.ts';
import type { Collection } from './collection.ts';
import type { DiffSettings } from './model.ts';
import { outcomeOf } from './outcomes.ts';
import { type Pairing, pair } from './pairing.ts';
import { NOT_COMPARABLE } from './production.ts';
import { REQUEST_KINDS, type RequestKind } from './request-line.ts';
import { OTHER_ROUTES, RouteNames } from './routes/route-names.ts';
import type { RouteOverrides } from './routes/route-overrides.ts';
import type { Rules } from './rules.ts';
import { compareTexts } from './transitions.ts';

export interface AnalysisOptions {
  readonly key: DiffSettings['key'];
  readonly rules: Rules;
  readonly overrides?: RouteOverrides;
  readonly maxRoutes: number;
}

/** In the column of kinds: not paired. */
const NO_KIND = 255;

export class Analysis {
  readonly collection: Collection;
  readonly pairing: Pairing;
  readonly buckets: BucketColumn;
  /** Names of the routes that are told apart, the last one perhaps `(other)`. */
  readonly routes: readonly string[];
  readonly rules: Rules;
  /** By row of production, and of the mirror where nothing is paired: index in `routes`. */
  readonly #productionRoutes: Int32Array;
  readonly #mirrorRoutes: Int32Array;
  readonly #kinds: Uint8Array;

  constructor(collection: Collection, options: AnalysisOptions) {
    const { production, mirror, spoe, texts } = collection;
    collection.close();
    this.collection = collection;
    this.rules = options.rules;
    this.pairing = pair(production, mirror, options.key, options.rules);
    this.buckets = assignBuckets(production, this.pairing, spoe);
    const isComparable = (row: number) => (production.flags.at(row) & NOT_COMPARABLE) === 0;
    const sides = [{ requests: production, counts: isComparable }];
    const isUnmatched = this.pairing.key === 'none';
    if (isUnmatched) sides.push({ requests: mirror as never, counts: () => true });
    const names = new RouteNames(sides, texts, options.overrides);
    const ofProduction = Int32Array.from({ length: production.size }, (_, row) => names.routeOf(production, row));
    const ofMirror = Int32Array.from({ length: isUnmatched ? mirror.size : 0 }, (_, row) => names.routeOf(mirror, row));
    this.#kinds = this.#findKinds(ofProduction, names.names);
    // A route none of whose requests has an answer is one, too.
    const counted = (row: number) => (isUnmatched ? isComparable(row) : (this.buckets[row] as number) >= PAIRED);
    const kept = keepFrequent(ofProduction, counted, names.names, options.maxRoutes);
    this.routes = kept.names;
    this.#productionRoutes = ofProduction.map((route) => kept.numbers[route] as number);
    this.#mirrorRoutes = ofMirror.map((route) => kept.numbers[route] as number);
  }

  get isUnmatched(): boolean {
    return this.pairing.key === 'none';
  }

  /** Index in `routes`. */
  routeOf(row: number): number {
    return this.#productionRoutes[row] as number;
  }

  mirrorRouteOf(row: number): number {
    return this.#mirrorRoutes[row] as number;
  }

  /** Undefined for a request that is not paired. */
  kindOf(row: number): RequestKind | undefined {
    return REQUEST_KINDS[this.#kinds[row] as number];
  }

  /** In unmatched mode: requests that could have been mirrored. */
  isComparable(row: number): boolean {
    return (this.collection.production.flags.at(row) & NOT_COMPARABLE) === 0;
  }

  /** What a request is called by: its unique id, else its trace, else its place in the log. */
  idOf(row: number): string {
    return this.collection.production.keys.describe(row);
  }

  /** What a paired request is paired by: no other one has it. */
  keyOf(row: number): string {
    const { key } = this.pairing;
    return key === 'none' ? '' : this.collection.production.keys.keyText(row, key);
  }

  #findKinds(routes: Int32Array, routeNames: readonly string[]): Uint8Array {
    const { production, mirror } = this.collection;
    const sides = { production, mirror, rules: this.rules, routeNames };
    const kinds = new Uint8Array(production.size).fill(NO_KIND);
    for (let row = 0; row < kinds.length; row++) {
      if (this.buckets[row] !== PAIRED) continue;
      const kind = outcomeOf(sides, row, this.pairing.answerOf[row] as number, routes[row] as number);
      kinds[row] = REQUEST_KINDS.indexOf(kind);
    }
    return kinds;
  }
}

/** The routes with the most requests keep their names, the rest is `(other)`. */
function keepFrequent(
  routes: Int32Array,
  counted: (row: number) => boolean,
  names: readonly string[],
  maxRoutes: number,
): { readonly names: readonly string[]; readonly numbers: Int32Array } {
  const counts = new Int32Array(names.length);
  routes.forEach((route, row) => {
    if (counted(row)) counts[route] = (counts[route] as number) + 1;
  });
  const order = [...names.keys()].sort(
    (a, b) => (counts[b] as number) - (counts[a] as number) || compareTexts(names[a] as string, names[b] as string),
  );
  const kept = order.slice(0, maxRoutes).map((route) => names[route] as string);
  const numbers = new Int32Array(names.length);
  order.forEach((route, rank) => {
    numbers[route] = Math.min(rank, maxRoutes);
  });
  return { names: order.length > maxRoutes ? [...kept, OTHER_ROUTES] : kept, numbers };
}

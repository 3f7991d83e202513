/**
 * Routes that are found while requests come: a tree that grows, and a tally at each of its places. Tallies move
 * together when places become one. Both are bounded: scanners ask for any number of paths.
 */

import type { RouteOverrides } from '../../route-overrides.ts';
import { pathOf, segmentsOf } from '../../routes/path-segments.ts';
import { OTHER_ROUTES, UNKNOWN_PATH } from '../../routes/route-names.ts';
import { type Generalized, type RouteNode, RouteTree, resolve, segmentsTo } from '../../routes/route-tree.ts';
import type { SampleOrder } from '../../samples.ts';
import { compareTexts } from '../../transitions.ts';
import { LiveRouteTally } from './live-route-tally.ts';

/** A node of the tree, a route that was given, or no path. */
export type Place = RouteNode | string;

export interface LiveRoute {
  readonly method: string;
  /** Undefined: one too many to be told apart. */
  readonly place: Place | undefined;
}

export interface RouteBounds {
  /** Parts of paths that are told apart. */
  readonly nodes: number;
  /** Methods and paths that are counted apart. */
  readonly tallies: number;
}

const ROUTE_BOUNDS: RouteBounds = { nodes: 20_000, tallies: 4_000 };
/** After making room there has to be this much of it, or the next request would have to make room again. */
const ENOUGH_ROOM = 0.9;

/** The routes of a report: at most so many, and the rest as one. */
export interface RouteSummary {
  readonly names: readonly string[];
  readonly tallies: readonly LiveRouteTally[];
  /** Places of paths that became `{…}` because of their many values. */
  readonly generalized: readonly Generalized[];
  /** The name a route has in this report. */
  readonly nameOf: (route: LiveRoute) => string;
}

export class LiveRoutes {
  /** Requests whose route could not be told apart. */
  overflow = 0;
  readonly #bounds: RouteBounds;
  readonly #overrides: RouteOverrides | undefined;
  #tree = new RouteTree();
  /** At least the nodes there are. */
  #nodes = 0;
  /** By place, then by method. */
  #tallies = new Map<Place, Map<string, LiveRouteTally>>();
  #tallyCount = 0;
  #rest: LiveRouteTally;
  readonly #sampleOrder: SampleOrder;
  /** There is no more room, of either kind. */
  #isFull = false;
  /** The tree as it would be in a report, for names in between; made anew when the tree has grown by a quarter. */
  #finished = new RouteTree();
  #requests = 0;
  #requestsNamed = 0;
  #nodesNamed = 0;

  constructor(
    overrides: RouteOverrides | undefined,
    bounds: RouteBounds = ROUTE_BOUNDS,
    sampleOrder: SampleOrder = 'last',
  ) {
    this.#overrides = overrides;
    this.#sampleOrder = sampleOrder;
    this.#rest = new LiveRouteTally(sampleOrder);
    this.#bounds = bounds;
  }

  get size(): { readonly nodes: number; readonly tallies: number; readonly samples: number } {
    let samples = this.#rest.samples.size;
    for (const methods of this.#tallies.values()) for (const tally of methods.values()) samples += tally.samples.size;
    return { nodes: this.#tree.size, tallies: this.#tallyCount, samples };
  }

  /** The route of `times` more requests; 0 where they are counted already. */
  add(method: string, target: string, times: number): LiveRoute {
    if (target === '') return { method, place: UNKNOWN_PATH };
    const path = pathOf(target);
    const given = this.#overrides?.find(path);
    if (given !== undefined) return { method, place: given };
    const segments = segmentsOf(path);
    if (this.#tree.find(segments) === undefined) {
      if (this.#nodes + segments.length > this.#bounds.nodes) this.#makeRoom();
      if (this.#isFull && this.#tree.find(segments) === undefined) return { method, place: undefined };
      this.#nodes += segments.length;
    }
    this.#requests += times;
    return { method, place: this.#tree.add(segments, times) };
  }

  /** Becomes what another one is. */
  copy(other: LiveRoutes): void {
    const { tree, placeOf } = other.#tree.copy();
    this.#tree = tree;
    this.#nodes = other.#nodes;
    this.#requests = other.#requests;
    this.#isFull = other.#isFull;
    this.overflow = other.overflow;
    this.#rest = this.#rest.plus(other.#rest);
    for (const [place, methods] of other.#tallies) {
      const own = typeof place === 'string' ? place : placeOf(place);
      for (const [method, tally] of methods) this.#put(own, method, tally.plus(new LiveRouteTally(this.#sampleOrder)));
    }
  }

  /** What its route is called at present, or would be; it is not counted. */
  nameOfRequest(method: string, target: string): string {
    const path = pathOf(target);
    const given = target === '' ? UNKNOWN_PATH : this.#overrides?.find(path);
    return named(method, given ?? this.#nameNow(segmentsOf(path)));
  }

  nameOf({ method, place }: LiveRoute): string {
    if (place === undefined) return OTHER_ROUTES;
    return named(method, typeof place === 'string' ? place : this.#nameNow(segmentsTo(place)));
  }

  tallyOf({ method, place }: LiveRoute): LiveRouteTally {
    const known = place === undefined ? this.#rest : this.#tallies.get(current(place))?.get(method);
    if (known !== undefined && known !== this.#rest) return known;
    if (place !== undefined && this.#tallyCount >= this.#bounds.tallies) this.#makeRoom();
    if (place === undefined || this.#tallyCount >= this.#bounds.tallies) {
      this.overflow++;
      return this.#rest;
    }
    const tally = new LiveRouteTally(this.#sampleOrder);
    this.#put(current(place), method, tally);
    return tally;
  }

  /** @param rank by how many requests a route is among those that keep their names */
  summarize(maxRoutes: number, rank: (tally: LiveRouteTally) => number): RouteSummary {
    const copy = this.#tree.copy();
    copy.tree.finish();
    const finalName = ({ method, place }: LiveRoute) => {
      if (place === undefined) return OTHER_ROUTES;
      return named(method, typeof place === 'string' ? place : copy.tree.pathOf(copy.placeOf(place)));
    };
    const byName = new Map<string, LiveRouteTally>();
    for (const [place, methods] of this.#tallies) {
      for (const [method, tally] of methods) gather(byName, finalName({ method, place }), tally);
    }
    const ranked = [...byName]
      .map(([name, tally]) => ({ name, tally, rank: rank(tally) }))
      .sort((a, b) => b.rank - a.rank || compareTexts(a.name, b.name));
    const kept = new Map(ranked.slice(0, maxRoutes).map(({ name, tally }) => [name, tally]));
    for (const { tally } of ranked.slice(maxRoutes)) gather(kept, OTHER_ROUTES, tally);
    if (this.overflow > 0) gather(kept, OTHER_ROUTES, this.#rest);
    const nameOf = (route: LiveRoute) => {
      const name = finalName(route);
      return kept.has(name) ? name : OTHER_ROUTES;
    };
    return { names: [...kept.keys()], tallies: [...kept.values()], generalized: copy.tree.generalized(), nameOf };
  }

  #nameNow(segments: readonly string[]): string {
    if (this.#nodes > 1.25 * this.#nodesNamed || this.#requests > 2 * this.#requestsNamed) {
      const { tree } = this.#tree.copy();
      tree.finish();
      this.#finished = tree;
      this.#nodesNamed = this.#nodes;
      this.#requestsNamed = this.#requests;
    }
    return this.#finished.nameOf(segments);
  }

  #put(place: Place, method: string, tally: LiveRouteTally): void {
    let methods = this.#tallies.get(place);
    if (methods === undefined) {
      methods = new Map();
      this.#tallies.set(place, methods);
    }
    const known = methods.get(method);
    methods.set(method, known === undefined ? tally : known.plus(tally));
    if (known === undefined) this.#tallyCount++;
  }

  /** What few ask for at the root becomes one, as it would in a report, and tallies of what became one do so, too. */
  #makeRoom(): void {
    if (this.#isFull) return;
    this.#tree.finish();
    this.#nodes = this.#tree.size;
    const before = this.#tallies;
    this.#tallies = new Map();
    this.#tallyCount = 0;
    for (const [place, methods] of before) {
      for (const [method, tally] of methods) this.#put(current(place), method, tally);
    }
    const { nodes, tallies } = this.#bounds;
    this.#isFull = this.#nodes > ENOUGH_ROOM * nodes || this.#tallyCount > ENOUGH_ROOM * tallies;
  }
}

function current(place: Place): Place {
  return typeof place === 'string' ? place : resolve(place);
}

function named(method: string, path: string): string {
  return `${method} ${path}`.trimStart();
}

function gather(tallies: Map<string, LiveRouteTally>, name: string, tally: LiveRouteTally): void {
  const known = tallies.get(name);
  tallies.set(name, known === undefined ? tally : known.plus(tally));
}

/** Paths in which ids are wildcards already, each once with how often it is asked for: far fewer than there are paths. */
import { integers } from '../column.ts';
import { samplingRank } from '../sampling-rank.ts';
import { TextTable } from '../text-table.ts';
import { type Generalized, type RouteNode, RouteTree, resolve } from './route-tree.ts';
import type { ShapeBytes } from './shape-bytes.ts';

/** The nodes that a tree may have before any of them become one. Some 20 MB; real sites have some thousands. */
const MAX_NODES = 100_000;
/** A shape that is asked for more often is learned from anyway. */
const MAX_COUNT = 2 ** 20;

/** By number of the shape, the number of its route in `names`. */
export interface ShapeRoutes {
  readonly names: readonly string[];
  readonly routeOf: Int32Array;
  readonly generalized: readonly Generalized[];
}

export class PathShapes {
  readonly #maxNodes: number;
  readonly #shapes = new TextTable();
  /** By number of the shape. */
  readonly #counts = integers();
  readonly #lengths = integers();

  constructor(maxNodes = MAX_NODES) {
    this.#maxNodes = maxNodes;
  }

  /** The number of its shape. No segment has a slash in it. */
  add(segments: readonly string[], count: number): number {
    return this.#add(this.#shapes.intern(`/${segments.join('/')}`), segments.length, count);
  }

  /** The same for one that is written already. */
  addBytes({ bytes, length, segments }: ShapeBytes, count: number): number {
    return this.#add(this.#shapes.internBytes(bytes, length), segments, count);
  }

  #add(shape: number, segments: number, count: number): number {
    if (shape === this.#counts.length) {
      this.#counts.push(0);
      this.#lengths.push(segments);
    }
    this.count(shape, count);
    return shape;
  }

  /** @param shape its number */
  count(shape: number, count: number): void {
    this.#counts.values[shape] = this.#counts.at(shape) + count;
  }

  /** Does not depend on the order in which shapes came. */
  routes(): ShapeRoutes {
    const tree = new RouteTree();
    const places = new Array<RouteNode | undefined>(this.#shapes.size);
    for (const shape of this.#learned()) places[shape] = tree.add(this.#segments(shape), this.#counts.at(shape));
    tree.finish();
    const names: string[] = [];
    const numbers = new Map<RouteNode, number>();
    const routeOf = Int32Array.from({ length: this.#shapes.size }, (_, shape) => {
      const place = places[shape];
      // Many shapes share a place: its name is made once.
      const final = place === undefined ? tree.assign(this.#segments(shape)) : resolve(place);
      let number = numbers.get(final);
      if (number === undefined) {
        number = names.push(tree.pathOf(final)) - 1;
        numbers.set(final, number);
      }
      return number;
    });
    return { names, routeOf, generalized: tree.generalized() };
  }

  #segments(shape: number): string[] {
    return this.#shapes.text(shape).slice(1).split('/');
  }

  /**
   * What routes are learned from: all shapes, or as many as there is room for, the most frequent first. A scanner's
   * million paths that do not exist would fill the memory; they are put where they fit best.
   */
  #learned(): Iterable<number> {
    const counts = this.#counts.values.subarray(0, this.#shapes.size);
    const lengths = this.#lengths.values.subarray(0, this.#shapes.size);
    let nodes = lengths.reduce((sum, length) => sum + length, 0);
    if (nodes <= this.#maxNodes) return counts.keys();
    // By frequency; of those that are equally frequent any, but in any order of the lines the same.
    const ranks = Float64Array.from(counts, (count, shape) => {
      return MAX_COUNT - Math.min(count, MAX_COUNT) + samplingRank(this.#shapes.text(shape), 0);
    });
    const sorted = ranks.slice().sort();
    let [fits, exceeds] = [-1, sorted.length];
    while (exceeds - fits > 1) {
      const middle = (fits + exceeds) >> 1;
      const last = sorted[middle] as number;
      nodes = lengths.reduce((sum, length, shape) => ((ranks[shape] as number) <= last ? sum + length : sum), 0);
      if (nodes <= this.#maxNodes) fits = middle;
      else exceeds = middle;
    }
    const last = sorted[fits] ?? -1;
    return [...counts.keys()].filter((shape) => (ranks[shape] as number) <= last);
  }
}

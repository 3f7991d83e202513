/** Paths in which ids are wildcards already, each once with how often it is asked for: far fewer than there are paths. */
import { integers } from '../column.ts';
import { TextTable } from '../text-table.ts';
import { WILDCARD } from './identifiers.ts';
import { type RouteNode, RouteTree, resolve } from './route-tree.ts';

/** Of the tree, before any of its nodes become one. Some 100 MB; real sites have some thousands. */
const MAX_NODES = 500_000;

export class PathShapes {
  readonly #shapes = new TextTable();
  /** By number of the shape. */
  readonly #counts = integers();
  readonly #lengths = integers();

  /** The number of its shape. No segment has a slash in it. */
  add(segments: readonly string[], count: number): number {
    const shape = this.#shapes.intern(`/${segments.join('/')}`);
    if (shape === this.#counts.length) {
      this.#counts.push(0);
      this.#lengths.push(segments.length);
    }
    this.#counts.values[shape] = this.#counts.at(shape) + count;
    return shape;
  }

  /** By number of the shape, the route. Does not depend on the order in which shapes came. */
  names(): string[] {
    const tree = new RouteTree();
    const enough = this.#enoughRequests();
    const places: RouteNode[] = [];
    for (let shape = 0; shape < this.#shapes.size; shape++) {
      const segments = this.#shapes.text(shape).slice(1).split('/');
      const count = this.#counts.at(shape);
      places.push(
        tree.add(count >= enough || segments.length === 1 ? segments : [segments[0] as string, WILDCARD], count),
      );
    }
    tree.finish();
    // Many shapes share a place: its name is made once.
    const names = new Map<RouteNode, string>();
    return places.map((place) => {
      const final = resolve(place);
      const name = names.get(final) ?? tree.pathOf(final);
      names.set(final, name);
      return name;
    });
  }

  /**
   * From how many requests on a shape is kept whole. A scanner's million paths that do not exist would fill the memory;
   * of those only the first segment is kept, and the routes that people use stay.
   */
  #enoughRequests(): number {
    const counts = this.#counts.values.subarray(0, this.#shapes.size);
    const lengths = this.#lengths.values.subarray(0, this.#shapes.size);
    let nodes = lengths.reduce((sum, length) => sum + length, 0);
    if (nodes <= MAX_NODES) return 0;
    nodes = 0;
    for (const shape of [...counts.keys()].sort((a, b) => (counts[b] as number) - (counts[a] as number))) {
      nodes += lengths[shape] as number;
      if (nodes > MAX_NODES) return (counts[shape] as number) + 1;
    }
    return 0;
  }
}

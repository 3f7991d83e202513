/** The route of every request: its method and the general form of its path. */
import type { TextTable } from '../text-table.ts';
import { pathOf, segmentsOf } from './path-segments.ts';
import type { RouteOverrides } from './route-overrides.ts';
import { type RouteNode, RouteTree, resolve } from './route-tree.ts';

export const OTHER_ROUTES = '(other)';
export const UNKNOWN_PATH = '(no path)';
/** Count of a target that no request of these sides has. */
const UNUSED = -1;

/** Columns of requests, of either side. */
export interface Requests {
  readonly size: number;
  readonly target: { at(row: number): number };
  readonly method: { at(row: number): number };
}

export class RouteNames {
  readonly names: readonly string[];
  /** By number of the target, the number of its path's general form. */
  readonly #forms: Int32Array;
  readonly #routes = new Map<number, number>();
  readonly #names: string[] = [];
  readonly #formNames: readonly string[];
  readonly #methods: TextTable;

  /**
   * @param sides whose targets decide what is general; `counts` says which rows
   * @param targets,methods tables of both
   */
  constructor(
    sides: readonly { readonly requests: Requests; readonly counts: (row: number) => boolean }[],
    { targets, methods }: { readonly targets: TextTable; readonly methods: TextTable },
    overrides: RouteOverrides | undefined,
  ) {
    const uses = new Int32Array(targets.size).fill(UNUSED);
    for (const { requests, counts } of sides) {
      for (let row = 0; row < requests.size; row++) {
        const target = requests.target.at(row);
        if (target < 0) continue;
        if (uses[target] === UNUSED) uses[target] = 0;
        if (counts(row)) uses[target] = (uses[target] as number) + 1;
      }
    }
    const { forms, names } = generalForms(targets, uses, overrides);
    this.#forms = forms;
    this.#formNames = names;
    this.#methods = methods;
    this.names = this.#names;
  }

  /** The number of the route of a request, an index in `names`. */
  routeOf(requests: Requests, row: number): number {
    const target = requests.target.at(row);
    const method = requests.method.at(row);
    const form = target < 0 ? 0 : (this.#forms[target] as number);
    const key = (method + 1) * this.#formNames.length + form;
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = this.#names.length;
      this.#routes.set(key, route);
      const path = this.#formNames[form] as string;
      this.#names.push(method < 0 ? path : `${this.#methods.text(method)} ${path}`);
    }
    return route;
  }
}

/** By number of the target the number of its path's general form, and those forms. */
function generalForms(targets: TextTable, uses: Int32Array, overrides: RouteOverrides | undefined) {
  const tree = new RouteTree();
  const places = new Array<RouteNode | string | undefined>(targets.size);
  for (let target = 0; target < places.length; target++) {
    const count = uses[target] as number;
    if (count === UNUSED) continue;
    const path = pathOf(targets.text(target));
    // What HAProxy answered itself, to scanners above all, must not make the other names general.
    places[target] = overrides?.find(path) ?? (count === 0 ? undefined : tree.add(segmentsOf(path), count));
  }
  tree.finish();
  for (let target = 0; target < places.length; target++) {
    if (uses[target] === 0) places[target] ??= placeAmong(tree, segmentsOf(pathOf(targets.text(target))));
  }
  const numbers = new Map<string, number>([[UNKNOWN_PATH, 0]]);
  const numberOf = (name: string) => {
    const known = numbers.get(name) ?? numbers.size;
    if (known === numbers.size) numbers.set(name, known);
    return known;
  };
  // Many targets share a place: its name is made once.
  const ofPlaces = new Map<RouteNode, number>();
  const numberOfPlace = (place: RouteNode) => {
    const known = ofPlaces.get(place) ?? numberOf(tree.pathOf(place));
    ofPlaces.set(place, known);
    return known;
  };
  const forms = new Int32Array(places.length);
  for (let target = 0; target < places.length; target++) {
    const place = places[target];
    if (typeof place === 'string') forms[target] = numberOf(place);
    else if (place !== undefined) forms[target] = numberOfPlace(resolve(place));
  }
  return { forms, names: [...numbers.keys()] };
}

/** The route that others have made of such a path; where there is none, its own. */
function placeAmong(tree: RouteTree, segments: readonly string[]): RouteNode | string {
  return tree.find(segments) ?? `/${segments.join('/')}`;
}

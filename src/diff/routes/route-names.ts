/** The route of every request: its method and the general form of its path. */
import type { TextTable } from '../text-table.ts';
import { pathOf, segmentsOf } from './path-segments.ts';
import type { RouteOverrides } from './route-overrides.ts';
import { type RouteNode, RouteTree } from './route-tree.ts';

export const OTHER_ROUTES = '(other)';
export const UNKNOWN_PATH = '(no path)';

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
    const uses = new Int32Array(targets.size);
    for (const { requests, counts } of sides) {
      for (let row = 0; row < requests.size; row++) {
        const target = requests.target.at(row);
        if (target >= 0 && counts(row)) uses[target] = (uses[target] as number) + 1;
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

function generalForms(targets: TextTable, uses: Int32Array, overrides: RouteOverrides | undefined) {
  const tree = new RouteTree();
  const places = new Array<RouteNode | string>(targets.size);
  for (let target = 0; target < targets.size; target++) {
    const path = pathOf(targets.text(target));
    places[target] = overrides?.find(path) ?? tree.add(segmentsOf(path), uses[target] as number);
  }
  tree.finish();
  const numbers = new Map<string, number>([[UNKNOWN_PATH, 0]]);
  const forms = Int32Array.from(places, (place) => {
    const name = typeof place === 'string' ? place : tree.pathOf(place);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
  return { forms, names: [...numbers.keys()] };
}

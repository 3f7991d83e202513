/** The route of every request: its method and the general form of its path. */

import type { RouteOverrides } from '../route-overrides.ts';
import { TextTable } from '../text-table.ts';
import { pathOf, segmentsOf } from './path-segments.ts';
import { PathShapes } from './path-shapes.ts';
import type { Generalized } from './route-tree.ts';
import { ShapeBytes } from './shape-bytes.ts';

export const OTHER_ROUTES = '(other)';
export const UNKNOWN_PATH = '(no path)';
/** Count of a target that no request of these sides has. */
const UNUSED = -1;
/** This and what is below stands for a shape, whose number is taken from it, until the shapes have names. */
const FIRST_SHAPE = -2;

/** Columns of requests, of either side. */
export interface Requests {
  readonly size: number;
  readonly target: { at(row: number): number };
  readonly method: { at(row: number): number };
}

export class RouteNames {
  readonly names: readonly string[];
  /** Places that became `{…}` because of their many values. */
  readonly generalized: readonly Generalized[];
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
    const { forms, names, generalized } = generalForms(targets, uses, overrides);
    this.generalized = generalized;
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

/**
 * By number of the target the number of its path's general form, and the names of those forms.
 * @param uses by number of the target; the forms take their place
 */
function generalForms(targets: TextTable, uses: Int32Array, overrides: RouteOverrides | undefined) {
  const shapes = new PathShapes();
  const written = new ShapeBytes();
  const names = new TextTable();
  names.intern(UNKNOWN_PATH);
  const forms = uses;
  for (let target = 0; target < forms.length; target++) {
    const count = uses[target] as number;
    if (count === UNUSED) {
      forms[target] = 0;
      continue;
    }
    if (count > 0 && overrides === undefined && written.write(targets, target)) {
      forms[target] = FIRST_SHAPE - shapes.addBytes(written, count);
      continue;
    }
    const path = pathOf(targets.text(target));
    const given = overrides?.find(path);
    if (given !== undefined) forms[target] = names.intern(given);
    else if (count > 0) forms[target] = FIRST_SHAPE - shapes.add(segmentsOf(path), count);
    // What HAProxy answered itself, to scanners above all, must not make the other names general.
    else forms[target] = names.intern(`/${segmentsOf(path).join('/')}`);
  }
  const { names: routes, routeOf, generalized } = shapes.routes();
  const ofRoutes = routes.map((name) => names.intern(name));
  for (let target = 0; target < forms.length; target++) {
    const form = forms[target] as number;
    if (form <= FIRST_SHAPE) forms[target] = ofRoutes[routeOf[FIRST_SHAPE - form] as number] as number;
  }
  return { forms, names: Array.from({ length: names.size }, (_, number) => names.text(number)), generalized };
}

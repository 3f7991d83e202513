/** How often each route is asked for, before any is named: paths of all parts decide together what is general. */
import { type KeptRoutes, keepFrequent } from '../../analysis.ts';
import type { RouteOverrides } from '../../route-overrides.ts';
import { pathOf, segmentsOf } from '../../routes/path-segments.ts';
import { PathShapes } from '../../routes/path-shapes.ts';
import { type Requests, UNKNOWN_PATH } from '../../routes/route-names.ts';
import type { Generalized } from '../../routes/route-tree.ts';
import { TextTable } from '../../text-table.ts';
import type { RequestTexts } from '../whole/request-columns.ts';

/** Form of a request without a target. Others: numbers of shapes and of given routes, one even, one odd. */
const NO_PATH = 0;

interface Asked {
  readonly number: number;
  /** Requests that are compared, and those of them that could have been paired. */
  compared: number;
  counted: number;
}

/** The names of all routes, and which of them are told apart. */
export interface CensusRoutes {
  readonly names: readonly string[];
  readonly generalized: readonly Generalized[];
  readonly kept: KeptRoutes;
}

export class RouteCensus {
  readonly #overrides: RouteOverrides | undefined;
  readonly #shapes = new PathShapes();
  readonly #given = new TextTable();
  /** By method, then by form. */
  readonly #asked = new Map<string, Map<number, Asked>>();
  #size = 0;
  /** By number in `Asked`, the number of the name. */
  #names = new Int32Array(0);

  constructor(overrides: RouteOverrides | undefined) {
    this.#overrides = overrides;
  }

  /** @param kindOf a row: whether it is compared, and whether it counts for how frequent a route is */
  add(requests: Requests, texts: RequestTexts, kindOf: (row: number) => 'counted' | 'compared' | 'outside'): void {
    const cursor = new Cursor(this, texts);
    for (let row = 0; row < requests.size; row++) {
      const kind = kindOf(row);
      if (kind === 'outside') continue;
      const asked = cursor.of(requests, row);
      asked.compared++;
      if (kind === 'counted') asked.counted++;
    }
    cursor.count((form, requests) => {
      if (form > NO_PATH && form % 2 === 0) this.#shapes.count(form / 2 - 1, requests);
    });
  }

  finish(maxRoutes: number): CensusRoutes {
    const { names: paths, routeOf, generalized } = this.#shapes.routes();
    const names = new TextTable();
    this.#names = new Int32Array(this.#size);
    for (const [method, forms] of this.#asked)
      for (const [form, { number }] of forms) {
        const path =
          form === NO_PATH
            ? UNKNOWN_PATH
            : form % 2 === 1
              ? this.#given.text((form - 1) / 2)
              : (paths[routeOf[form / 2 - 1] as number] as string);
        this.#names[number] = names.intern(method === '' ? path : `${method} ${path}`);
      }
    const [counts, isThere] = [new Float64Array(names.size), new Uint8Array(names.size)];
    for (const forms of this.#asked.values())
      for (const { number, compared, counted } of forms.values()) {
        const name = this.#names[number] as number;
        counts[name] = (counts[name] as number) + counted;
        if (compared > 0) isThere[name] = 1;
      }
    const all = Array.from({ length: names.size }, (_, number) => names.text(number));
    return { names: all, generalized, kept: keepFrequent(all, { counts, isThere }, maxRoutes) };
  }

  /** After `finish`: the number of the name of each row, of those that were added before. */
  namesOf(requests: Requests, texts: RequestTexts, isAdded: (row: number) => boolean): Int32Array {
    const cursor = new Cursor(this, texts);
    return Int32Array.from({ length: requests.size }, (_, row) =>
      isAdded(row) ? (this.#names[cursor.of(requests, row).number] as number) : 0,
    );
  }

  formOf(target: string): number {
    const path = pathOf(target);
    const given = this.#overrides?.find(path);
    return given === undefined ? 2 + 2 * this.#shapes.add(segmentsOf(path), 0) : 1 + 2 * this.#given.intern(given);
  }

  ofMethod(method: string): Map<number, Asked> {
    let forms = this.#asked.get(method);
    if (forms === undefined) {
      forms = new Map();
      this.#asked.set(method, forms);
    }
    return forms;
  }

  newAsked(): Asked {
    return { number: this.#size++, compared: 0, counted: 0 };
  }
}

/** The rows of one part: what their texts are is found out once for each. */
class Cursor {
  readonly #census: RouteCensus;
  readonly #texts: RequestTexts;
  /** By number of the target, and of the method from -1 on. */
  readonly #forms: number[] = [];
  readonly #methods: Map<number, Asked>[] = [];
  readonly #uses: number[] = [];

  constructor(census: RouteCensus, texts: RequestTexts) {
    this.#census = census;
    this.#texts = texts;
  }

  of(requests: Requests, row: number): Asked {
    const [target, method] = [requests.target.at(row), requests.method.at(row)];
    const form = target < 0 ? NO_PATH : this.#formOf(target);
    this.#methods[method + 1] ??= this.#census.ofMethod(this.#texts.methods.text(method));
    const forms = this.#methods[method + 1] as Map<number, Asked>;
    let asked = forms.get(form);
    if (asked === undefined) {
      asked = this.#census.newAsked();
      forms.set(form, asked);
    }
    if (target >= 0) this.#uses[target] = (this.#uses[target] ?? 0) + 1;
    return asked;
  }

  /** How often each target was seen. */
  count(use: (form: number, requests: number) => void): void {
    this.#uses.forEach((requests, target) => {
      use(this.#forms[target] as number, requests);
    });
  }

  #formOf(target: number): number {
    this.#forms[target] ??= this.#census.formOf(this.#texts.targets.text(target));
    return this.#forms[target];
  }
}

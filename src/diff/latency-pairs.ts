/** Times of pairs, gathered by route, for the comparison of latencies. */
import { doubles, integers } from './column.ts';
import type { MirrorAnswers } from './mirror-answers.ts';
import type { LatencyComparison } from './model.ts';
import type { ProductionRequests } from './production.ts';

export type LatencyField = LatencyComparison['field'];

/** Tr goes with the time to the first byte, Ta with the total; the first pair of which both sides know enough. */
export function chooseField(production: ProductionRequests, mirror: MirrorAnswers): LatencyField {
  const knowsFirstByte = knows(mirror.firstByteMs) && knows(production.firstByteMs);
  return knowsFirstByte ? { production: 'Tr', mirror: 'ttfb' } : { production: 'Ta', mirror: 'total' };
}

function knows({ values, length }: { readonly values: Float64Array; readonly length: number }): boolean {
  return values.subarray(0, length).some((value) => value >= 0);
}

/** One route's times, or all: index by index a pair. */
export interface LatencyPairs {
  readonly production: Float64Array;
  readonly mirror: Float64Array;
  /** A number for each pair that depends on its content alone, to draw samples by. */
  readonly lots: Float64Array;
}

export class LatencyCollector {
  readonly field: LatencyField;
  readonly #production: { at(row: number): number };
  readonly #mirror: { at(row: number): number };
  readonly #routes = integers();
  readonly #before = doubles();
  readonly #after = doubles();
  readonly #lots = doubles();

  constructor(production: ProductionRequests, mirror: MirrorAnswers) {
    this.field = chooseField(production, mirror);
    this.#production = this.field.production === 'Tr' ? production.firstByteMs : production.totalMs;
    this.#mirror = this.field.mirror === 'ttfb' ? mirror.firstByteMs : mirror.totalMs;
  }

  /** Leaves out pairs of which a side has no time. */
  add(row: number, answer: number, route: number, lot: number): void {
    const before = this.#production.at(row);
    const after = this.#mirror.at(answer);
    if (!(before >= 0 && after >= 0)) return;
    this.#routes.push(route);
    this.#before.push(before);
    this.#after.push(after);
    this.#lots.push(lot);
  }

  all(): LatencyPairs {
    const { length } = this.#before;
    return {
      production: this.#before.values.subarray(0, length),
      mirror: this.#after.values.subarray(0, length),
      lots: this.#lots.values.subarray(0, length),
    };
  }

  /** By number of the route. */
  byRoute(routes: number): LatencyPairs[] {
    const sizes = new Int32Array(routes);
    const { length } = this.#before;
    for (let i = 0; i < length; i++) sizes[this.#routes.at(i)] = (sizes[this.#routes.at(i)] as number) + 1;
    const parts = Array.from(sizes, (size) => ({
      production: new Float64Array(size),
      mirror: new Float64Array(size),
      lots: new Float64Array(size),
    }));
    const used = new Int32Array(routes);
    for (let i = 0; i < length; i++) {
      const route = this.#routes.at(i);
      const at = used[route] as number;
      const part = parts[route] as (typeof parts)[number];
      part.production[at] = this.#before.at(i);
      part.mirror[at] = this.#after.at(i);
      part.lots[at] = this.#lots.at(i);
      used[route] = at + 1;
    }
    return parts;
  }
}

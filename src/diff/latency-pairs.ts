/** Times of pairs, gathered by route, for the comparison of latencies. */
import type { MirrorAnswers } from './mirror-answers.ts';
import type { DiffSettings, LatencyComparison } from './model.ts';
import type { ProductionRequests } from './production.ts';
import { TimeResolution } from './time-resolution.ts';

export type LatencyField = LatencyComparison['field'];

/** Tr goes with the time to the first byte, Ta with the total; the one that is wanted, or the first that both sides know. */
export function fieldOf(wanted: DiffSettings['compareLatency'], knowsFirstByte: boolean): LatencyField {
  const isFirstByte = wanted === undefined ? knowsFirstByte : wanted === 'first-byte';
  return isFirstByte ? { production: 'Tr', mirror: 'ttfb' } : { production: 'Ta', mirror: 'total' };
}

export function chooseField(
  production: ProductionRequests,
  mirror: MirrorAnswers,
  wanted: DiffSettings['compareLatency'],
): LatencyField {
  return fieldOf(wanted, wanted === undefined && knows(mirror.firstByteMs) && knows(production.firstByteMs));
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
  readonly #routes: Int32Array;
  readonly #before: Float64Array;
  readonly #after: Float64Array;
  readonly #lots: Float64Array;
  readonly #resolutions = { production: new TimeResolution(), mirror: new TimeResolution() };
  #length = 0;

  constructor(production: ProductionRequests, mirror: MirrorAnswers, wanted: DiffSettings['compareLatency']) {
    this.field = chooseField(production, mirror, wanted);
    this.#production = this.field.production === 'Tr' ? production.firstByteMs : production.totalMs;
    this.#mirror = this.field.mirror === 'ttfb' ? mirror.firstByteMs : mirror.totalMs;
    const most = Math.min(production.size, mirror.size);
    this.#routes = new Int32Array(most);
    this.#before = new Float64Array(most);
    this.#after = new Float64Array(most);
    this.#lots = new Float64Array(most);
  }

  /** Leaves out pairs of which a side has no time. Each answer comes once. */
  add(row: number, answer: number, route: number, lot: number): void {
    const before = this.#production.at(row);
    const after = this.#mirror.at(answer);
    if (!(before >= 0 && after >= 0)) return;
    const at = this.#length++;
    this.#routes[at] = route;
    this.#before[at] = before;
    this.#after[at] = after;
    this.#lots[at] = lot;
    this.#resolutions.production.add(before);
    this.#resolutions.mirror.add(after);
  }

  /** Of the side that tells times less finely; 0 where both tell more than whole milliseconds. */
  get resolutionMs(): number {
    return Math.max(this.#resolutions.production.ms, this.#resolutions.mirror.ms);
  }

  all(): LatencyPairs {
    return {
      production: this.#before.subarray(0, this.#length),
      mirror: this.#after.subarray(0, this.#length),
      lots: this.#lots.subarray(0, this.#length),
    };
  }

  /** One after the other, by number of the route: together they would take as much memory as all. */
  *byRoute(routes: number): Generator<LatencyPairs> {
    const ends = new Int32Array(routes + 1);
    for (const route of this.#routes.subarray(0, this.#length)) ends[route + 1] = (ends[route + 1] as number) + 1;
    for (let route = 0; route < routes; route++) {
      ends[route + 1] = (ends[route + 1] as number) + (ends[route] as number);
    }
    const order = new Int32Array(this.#length);
    const used = ends.slice();
    for (let i = 0; i < this.#length; i++) {
      const route = this.#routes[i] as number;
      const at = used[route] as number;
      order[at] = i;
      used[route] = at + 1;
    }
    for (let route = 0; route < routes; route++) {
      const part = order.subarray(ends[route], ends[route + 1]);
      yield {
        production: pick(this.#before, part),
        mirror: pick(this.#after, part),
        lots: pick(this.#lots, part),
      };
    }
  }
}

function pick(values: Float64Array, indices: Int32Array): Float64Array {
  const picked = new Float64Array(indices.length);
  for (let i = 0; i < picked.length; i++) picked[i] = values[indices[i] as number] as number;
  return picked;
}

/** What is measured of the pairs of whole files: all of it, as columns. */
import type { ComparisonOptions } from '../../assessment.ts';
import { doubles } from '../../column.ts';
import {
  compareLatency,
  compareUnpairedLatency,
  fieldOf,
  type LatencyField,
  type LatencyPairs,
  type MeasuredLatency,
} from '../../latency.ts';
import type { DiffSettings } from '../../model.ts';
import { durations, type PackedColumn } from '../../packed-column.ts';
import type { MeasuredPairs, PairMeasures } from '../../pair-measures.ts';
import { timesCompared } from '../../route-order.ts';
import { RouteTally, type RouteTallyOptions } from '../../route-tally.ts';
import { quantile } from '../../statistics/quantile.ts';
import { TimeResolution } from '../../time-resolution.ts';
import type { JoinedRequest, LoggedByMirror, LoggedRequest } from '../joined-request.ts';
import type { MirrorAnswers, ProductionRequests } from './request-columns.ts';

/** The tally of a route of whole files. */
export class NumberedRouteTally extends RouteTally {
  readonly number: number;

  constructor(number: number, options: RouteTallyOptions) {
    super(options);
    this.number = number;
  }
}

export class WholeMeasures implements PairMeasures<NumberedRouteTally> {
  readonly #field: LatencyField;
  readonly #isFirstByte: boolean;
  readonly #routes: Int32Array;
  readonly #before: PackedColumn;
  readonly #after: PackedColumn;
  readonly #ranks: Float64Array;
  readonly #resolutions = { production: new TimeResolution(), mirror: new TimeResolution() };
  readonly #skews: PackedColumn;
  /** Times of each side where nothing is paired. */
  readonly #unpaired = { production: doubles(), mirror: doubles() };

  constructor(production: ProductionRequests, mirror: MirrorAnswers, wanted: DiffSettings['compareLatency']) {
    const knowsFirstByte = wanted === undefined && knows(mirror.firstByteMs) && knows(production.firstByteMs);
    this.#field = fieldOf(wanted, knowsFirstByte);
    this.#isFirstByte = this.#field.production === 'Tr';
    const most = Math.min(production.size, mirror.size);
    this.#routes = new Int32Array(most);
    this.#before = durations(most);
    this.#after = durations(most);
    this.#skews = durations(most);
    this.#ranks = new Float64Array(most);
  }

  addSkew(skewMs: number): void {
    this.#skews.push(skewMs);
  }

  /** Leaves out pairs of which a side has no time. Each answer comes once. */
  addTimes(pair: JoinedRequest & { readonly answer: LoggedByMirror }, { number }: NumberedRouteTally): void {
    const before = this.#timeOf(pair.request);
    const after = this.#timeOf(pair.answer);
    if (!(before >= 0 && after >= 0)) return;
    const at = this.#before.length;
    this.#routes[at] = number;
    this.#before.push(before);
    this.#after.push(after);
    this.#ranks[at] = pair.rank;
    this.#resolutions.production.add(before);
    this.#resolutions.mirror.add(after);
  }

  addUnpaired(side: 'production' | 'mirror', line: LoggedRequest): void {
    const ms = this.#timeOf(line);
    if (!(ms >= 0)) return;
    this.#unpaired[side].push(ms);
    this.#resolutions[side].add(ms);
  }

  get clockSkewMs(): number | null {
    return this.#skews.length === 0 ? null : quantile(this.#skews.values(), 0.5);
  }

  comparePairs(
    routes: readonly NumberedRouteTally[],
    names: readonly string[],
    { settings, noise }: ComparisonOptions,
  ): MeasuredPairs {
    const times = timesCompared(this.#field, this.#resolutionMs, settings, noise);
    return {
      whole: compareLatency(this.#all(), times()),
      routes: Array.from(this.#byRoute(routes.length), (part, i) => compareLatency(part, times(names[i]))),
    };
  }

  compareUnpaired({ settings, noise }: ComparisonOptions): MeasuredLatency | null {
    const { production, mirror } = this.#unpaired;
    const times = timesCompared(this.#field, this.#resolutionMs, settings, noise);
    const [before, after] = [production, mirror].map(({ values, length }) => values.slice(0, length));
    return compareUnpairedLatency(before as Float64Array, after as Float64Array, times());
  }

  get #pairs(): number {
    return this.#before.length;
  }

  #timeOf({ firstByteMs, totalMs }: LoggedRequest): number {
    return this.#isFirstByte ? firstByteMs : totalMs;
  }

  /** The resolution of the side that tells times less finely; 0 where both tell more than whole milliseconds. */
  get #resolutionMs(): number {
    return Math.max(this.#resolutions.production.ms, this.#resolutions.mirror.ms);
  }

  #all(): LatencyPairs {
    return {
      production: this.#before.values(),
      mirror: this.#after.values(),
      ranks: this.#ranks.subarray(0, this.#pairs),
    };
  }

  /** One after the other, by number of the route: together they would take as much memory as all. */
  *#byRoute(routes: number): Generator<LatencyPairs> {
    const ends = new Int32Array(routes + 1);
    for (const route of this.#routes.subarray(0, this.#pairs)) ends[route + 1] = (ends[route + 1] as number) + 1;
    for (let route = 0; route < routes; route++) {
      ends[route + 1] = (ends[route + 1] as number) + (ends[route] as number);
    }
    const order = new Int32Array(this.#pairs);
    const used = ends.slice();
    for (let i = 0; i < this.#pairs; i++) {
      const route = this.#routes[i] as number;
      const at = used[route] as number;
      order[at] = i;
      used[route] = at + 1;
    }
    for (let route = 0; route < routes; route++) {
      const part = order.subarray(ends[route], ends[route + 1]);
      yield {
        production: this.#before.values(part),
        mirror: this.#after.values(part),
        ranks: pick(this.#ranks, part),
      };
    }
  }
}

/** Whether any request has such a time. */
export function knows(times: PackedColumn): boolean {
  for (let row = 0; row < times.length; row++) if (times.at(row) >= 0) return true;
  return false;
}

function pick(values: Float64Array, indices: Int32Array): Float64Array {
  const picked = new Float64Array(indices.length);
  for (let i = 0; i < picked.length; i++) picked[i] = values[indices[i] as number] as number;
  return picked;
}

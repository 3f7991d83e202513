/**
 * What is measured of pairs that come in parts. Times are counted by their values, and a sample of the lowest ranks is kept; the
 * times of all pairs, of which a few questions come last, wait outside the memory.
 */
import type { ComparisonOptions } from '../../assessment.ts';
import {
  compareRanked,
  compareTimes,
  fieldOf,
  type LatencyField,
  MAX_PAIRS,
  type MeasuredLatency,
  quantilesOf,
  roundDown,
  tailLimit,
} from '../../latency.ts';
import type { DiffSettings } from '../../model.ts';
import type { MeasuredPairs, PairMeasures } from '../../pair-measures.ts';
import { timesCompared } from '../../route-order.ts';
import { TimeResolution } from '../../time-resolution.ts';
import type { JoinedRequest, LoggedByMirror, LoggedRequest } from '../joined-request.ts';
import type { NumberedRouteTally } from '../whole/whole-measures.ts';
import { LowestRanks } from './lowest-ranks.ts';
import { ValueBudget, ValueCounts } from './value-counts.ts';

/** Numbers that wait outside the memory, as many as there are. */
export interface NumberStore {
  /** @param numbers which may be used again afterwards */
  append(numbers: Float64Array): void;
  /** All of them in their order, in pieces of whole triples. */
  read(): Iterable<Float64Array>;
}

/** Of each pair: number of its route, production's time, the mirror's. */
const NUMBERS = 3;
const BLOCK = 4096 * NUMBERS;

export class PartMeasures implements PairMeasures<NumberedRouteTally> {
  readonly #field: LatencyField;
  readonly #isFirstByte: boolean;
  readonly #store: NumberStore;
  readonly #block = new Float64Array(BLOCK);
  #used = 0;
  readonly #resolutions = { production: new TimeResolution(), mirror: new TimeResolution() };
  readonly #budget = new ValueBudget();
  readonly #skews = new ValueCounts(this.#budget);
  readonly #lowest = new LowestRanks(MAX_PAIRS);
  /** By number of the route. */
  readonly #lowestOfRoutes: LowestRanks[] = [];
  readonly #unpaired = { production: new ValueCounts(this.#budget), mirror: new ValueCounts(this.#budget) };

  constructor(wanted: DiffSettings['compareLatency'], knowsFirstByte: boolean, store: NumberStore) {
    this.#field = fieldOf(wanted, wanted === undefined && knowsFirstByte);
    this.#isFirstByte = this.#field.production === 'Tr';
    this.#store = store;
  }

  addSkew(skewMs: number): void {
    this.#skews.add(skewMs);
  }

  addTimes(pair: JoinedRequest & { readonly answer: LoggedByMirror }, { number }: NumberedRouteTally): void {
    const before = this.#timeOf(pair.request);
    const after = this.#timeOf(pair.answer);
    if (!(before >= 0 && after >= 0)) return;
    this.#resolutions.production.add(before);
    this.#resolutions.mirror.add(after);
    const { rank } = pair;
    this.#lowest.add(before, after, rank);
    this.#lowestOf(number).add(before, after, rank);
    this.#block[this.#used] = number;
    this.#block[this.#used + 1] = before;
    this.#block[this.#used + 2] = after;
    this.#used += NUMBERS;
    if (this.#used === BLOCK) this.#flush();
  }

  addUnpaired(side: 'production' | 'mirror', line: LoggedRequest): void {
    const ms = this.#timeOf(line);
    if (!(ms >= 0)) return;
    this.#unpaired[side].add(ms);
    this.#resolutions[side].add(ms);
  }

  get clockSkewMs(): number | null {
    return this.#skews.length === 0 ? null : quantilesOf(this.#skews).p50;
  }

  comparePairs(
    routes: readonly NumberedRouteTally[],
    names: readonly string[],
    { settings, noise }: ComparisonOptions,
  ): MeasuredPairs {
    this.#flush();
    const resolutionMs = this.#resolutionMs;
    const compared = timesCompared(this.#field, resolutionMs, settings, noise);
    const budget = new ValueBudget();
    const groups = [undefined, ...routes.keys()].map((route) => ({
      compared: compared(route === undefined ? undefined : names[route]),
      lowest: route === undefined ? this.#lowest : this.#lowestOf(route),
      production: new ValueCounts(budget),
      mirror: new ValueCounts(budget),
      limit: 0,
      slower: 0,
      faster: 0,
    }));
    const [whole, ...ofRoutes] = groups as [(typeof groups)[0], ...typeof groups];
    this.#each((route, before, after) => {
      ofRoutes[route]?.production.add(roundDown(before, resolutionMs));
      ofRoutes[route]?.mirror.add(roundDown(after, resolutionMs));
    });
    for (const side of ['production', 'mirror'] as const)
      for (const group of ofRoutes) for (const [ms, count] of group[side].entries()) whole[side].add(ms, count);
    for (const group of groups)
      if (group.production.length > 0)
        group.limit = tailLimit(quantilesOf(group.production), settings, group.compared.noise);
    this.#each((route, before, after) => {
      const [production, mirror] = [roundDown(before, resolutionMs), roundDown(after, resolutionMs)];
      for (const group of [whole, ofRoutes[route] as (typeof groups)[0]]) {
        const [isBefore, isAfter] = [production > group.limit, mirror > group.limit];
        if (isAfter && !isBefore) group.slower++;
        else if (isBefore && !isAfter) group.faster++;
      }
    });
    const measured = groups.map(({ production, mirror, lowest, compared, slower, faster }) => {
      if (production.length === 0) return null;
      const quantiles = { production: quantilesOf(production), mirror: quantilesOf(mirror) };
      const drawn = () => lowest.list((ms) => roundDown(ms, resolutionMs));
      return compareTimes({ n: production.length, quantiles, drawn, beyond: () => ({ slower, faster }) }, compared);
    });
    return { whole: measured[0] ?? null, routes: measured.slice(1) };
  }

  compareUnpaired({ settings, noise }: ComparisonOptions): MeasuredLatency | null {
    const resolutionMs = this.#resolutionMs;
    const compared = timesCompared(this.#field, resolutionMs, settings, noise)();
    const [production, mirror] = [this.#unpaired.production, this.#unpaired.mirror].map((times) => {
      const rounded = new ValueCounts(new ValueBudget());
      for (const [ms, count] of times.entries()) rounded.add(roundDown(ms, resolutionMs), count);
      return rounded;
    }) as [ValueCounts, ValueCounts];
    return compareRanked(production, mirror, compared);
  }

  #timeOf({ firstByteMs, totalMs }: LoggedRequest): number {
    return this.#isFirstByte ? firstByteMs : totalMs;
  }

  get #resolutionMs(): number {
    return Math.max(this.#resolutions.production.ms, this.#resolutions.mirror.ms);
  }

  #lowestOf(route: number): LowestRanks {
    let lowest = this.#lowestOfRoutes[route];
    if (lowest === undefined) {
      lowest = new LowestRanks(MAX_PAIRS);
      this.#lowestOfRoutes[route] = lowest;
    }
    return lowest;
  }

  #flush(): void {
    if (this.#used > 0) this.#store.append(this.#block.subarray(0, this.#used));
    this.#used = 0;
  }

  #each(use: (route: number, before: number, after: number) => void): void {
    for (const numbers of this.#store.read())
      for (let at = 0; at < numbers.length; at += NUMBERS)
        use(numbers[at] as number, numbers[at + 1] as number, numbers[at + 2] as number);
  }
}

/** What is measured of the pairs of a log that is followed: how many there were, and samples of their times. */
import type { ComparisonOptions } from '../../assessment.ts';
import { compareUnpairedLatency, fieldOf, type LatencyField, type MeasuredLatency } from '../../latency.ts';
import type { DiffSettings } from '../../model.ts';
import type { MeasuredPairs, PairMeasures } from '../../pair-measures.ts';
import { timesCompared } from '../../route-order.ts';
import { samplingRank } from '../../sampling-rank.ts';
import { quantile } from '../../statistics/quantile.ts';
import { TimeResolution } from '../../time-resolution.ts';
import type { JoinedRequest, LoggedByMirror, LoggedRequest } from '../joined-request.ts';
import { BottomSample } from './bottom-sample.ts';
import type { LiveRouteTally } from './live-route-tally.ts';
import { PairTimes } from './pair-times.ts';

/** As many as the comparison of whole files makes a ratio from. */
const ALL_TIMES = 10_000;

export class SampledMeasures implements PairMeasures<LiveRouteTally> {
  /** Whether any line of the mirror's destination has the time to the first byte. */
  mirrorHasFirstByte = false;
  readonly #productionHasFirstByte: () => boolean;
  readonly #times = new PairTimes(ALL_TIMES);
  readonly #skews = new BottomSample(ALL_TIMES, 1);
  readonly #unpaired = { production: new SideTimes(), mirror: new SideTimes() };

  constructor(productionHasFirstByte: () => boolean) {
    this.#productionHasFirstByte = productionHasFirstByte;
  }

  get size(): number {
    return this.#skews.size;
  }

  addSkew(skewMs: number, { rank }: JoinedRequest): void {
    this.#skews.add(rank, [skewMs]);
  }

  addTimes(pair: JoinedRequest & { readonly answer: LoggedByMirror }, { times }: LiveRouteTally): void {
    this.#times.add(pair.rank, pair.request, pair.answer);
    times.add(pair.rank, pair.request, pair.answer);
  }

  addUnpaired(side: 'production' | 'mirror', line: LoggedRequest): void {
    this.#unpaired[side].add(line);
  }

  get clockSkewMs(): number | null {
    const values: number[] = [];
    this.#skews.forEach((_, [value]) => {
      values.push(value as number);
    });
    return values.length === 0 ? null : quantile(values, 0.5);
  }

  comparePairs(
    routes: readonly LiveRouteTally[],
    names: readonly string[],
    { settings, noise }: ComparisonOptions,
  ): MeasuredPairs {
    const field = this.#fieldOf(settings);
    const times = timesCompared(field, this.#times.resolutionMs(field), settings, noise);
    return {
      whole: this.#times.compare(times()),
      routes: routes.map((route, i) => route.times.compare(times(names[i]))),
    };
  }

  compareUnpaired({ settings, noise }: ComparisonOptions): MeasuredLatency | null {
    const field = this.#fieldOf(settings);
    const { production, mirror } = this.#unpaired;
    const [before, after] = [production.of(field), mirror.of(field)];
    const times = timesCompared(field, Math.max(before.resolutionMs, after.resolutionMs), settings, noise)();
    const measured = compareUnpairedLatency(before.drawn, after.drawn, times);
    const n = Math.min(before.n, after.n);
    if (measured === null || measured.comparison.n === n) return measured;
    return { ...measured, comparison: { ...measured.comparison, n, sampled: measured.comparison.n } };
  }

  #fieldOf({ compareLatency }: DiffSettings): LatencyField {
    return fieldOf(compareLatency, this.#productionHasFirstByte() && this.mirrorHasFirstByte);
  }
}

/** The times of one side, of requests that nothing pairs. */
class SideTimes {
  /** Time to the first byte and total. */
  readonly #sample = new BottomSample(ALL_TIMES, 2);
  readonly #counts = [0, 0];
  readonly #resolutions = [new TimeResolution(), new TimeResolution()];

  add({ time, method, target, firstByteMs, totalMs }: LoggedRequest): void {
    const values = [firstByteMs, totalMs];
    let isKnown = false;
    values.forEach((ms, i) => {
      if (!(ms >= 0)) return;
      isKnown = true;
      this.#counts[i] = (this.#counts[i] as number) + 1;
      this.#resolutions[i]?.add(ms);
    });
    if (isKnown) this.#sample.add(samplingRank(`${time} ${totalMs} ${method} ${target}`, 0), values);
  }

  of({ production }: LatencyField): {
    readonly drawn: Float64Array;
    readonly n: number;
    readonly resolutionMs: number;
  } {
    const i = production === 'Tr' ? 0 : 1;
    const drawn: number[] = [];
    this.#sample.forEach((_, values) => {
      if ((values[i] as number) >= 0) drawn.push(values[i] as number);
    });
    return {
      drawn: Float64Array.from(drawn),
      n: this.#counts[i] as number,
      resolutionMs: this.#resolutions[i]?.ms ?? 0,
    };
  }
}

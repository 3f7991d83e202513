/** Times of the pairs of one route, or of all: how many there were, and a sample to compare them by. */

import { compareLatency, type LatencyField, type MeasuredLatency, type TimesCompared } from '../../latency.ts';
import { TimeResolution } from '../../time-resolution.ts';
import type { LoggedRequest } from '../joined-request.ts';
import { BottomSample } from './bottom-sample.ts';

export class PairTimes {
  /** Time to the first byte of production and of the mirror, then total times. */
  readonly #sample: BottomSample;
  /** Pairs of which both sides have the time. */
  #firstBytes = 0;
  #totals = 0;
  /** How finely the four times are told, in the order of the sample. */
  readonly #resolutions = Array.from({ length: 4 }, () => new TimeResolution());

  constructor(limit: number) {
    this.#sample = new BottomSample(limit, 4);
  }

  add(rank: number, before: LoggedRequest, after: LoggedRequest): void {
    const hasFirstByte = before.firstByteMs >= 0 && after.firstByteMs >= 0;
    const hasTotal = before.totalMs >= 0 && after.totalMs >= 0;
    if (!hasFirstByte && !hasTotal) return;
    if (hasFirstByte) this.#firstBytes++;
    if (hasTotal) this.#totals++;
    if (hasFirstByte) {
      this.#resolutions[0]?.add(before.firstByteMs);
      this.#resolutions[1]?.add(after.firstByteMs);
    }
    if (hasTotal) {
      this.#resolutions[2]?.add(before.totalMs);
      this.#resolutions[3]?.add(after.totalMs);
    }
    this.#sample.add(rank, [before.firstByteMs, after.firstByteMs, before.totalMs, after.totalMs]);
  }

  merge(other: PairTimes): void {
    this.#firstBytes += other.#firstBytes;
    this.#totals += other.#totals;
    this.#sample.merge(other.#sample);
    this.#resolutions.forEach((resolution, i) => {
      resolution.merge(other.#resolutions[i] as TimeResolution);
    });
  }

  /** The resolution of the side that tells times less finely. */
  resolutionMs({ production }: LatencyField): number {
    const [before, after] = production === 'Tr' ? this.#resolutions.slice(0, 2) : this.#resolutions.slice(2);
    return Math.max(before?.ms ?? 0, after?.ms ?? 0);
  }

  /** `sampled` where there were more pairs than are kept: then the quantiles are those of the sample, too. */
  compare(compared: TimesCompared): MeasuredLatency | null {
    const isFirstByte = compared.field.production === 'Tr';
    const production: number[] = [];
    const mirror: number[] = [];
    const ranks: number[] = [];
    this.#sample.forEach((rank, values) => {
      const before = values[isFirstByte ? 0 : 2] as number;
      const after = values[isFirstByte ? 1 : 3] as number;
      if (!(before >= 0 && after >= 0)) return;
      production.push(before);
      mirror.push(after);
      ranks.push(rank);
    });
    const columns = { production: Float64Array.from(production), mirror: Float64Array.from(mirror) };
    const measured = compareLatency({ ...columns, ranks: Float64Array.from(ranks) }, compared);
    const n = isFirstByte ? this.#firstBytes : this.#totals;
    if (measured === null || measured.comparison.n === n) return measured;
    return { ...measured, comparison: { ...measured.comparison, n, sampled: ranks.length } };
  }
}

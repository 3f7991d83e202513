/** Times of the pairs of one route, or of all: how many there were, and a sample to compare them by. */
import { compareLatency } from '../latency.ts';
import type { LatencyField } from '../latency-pairs.ts';
import type { LatencyComparison } from '../model.ts';
import { Draw } from './draw.ts';
import type { WaitingAnswer, WaitingRequest } from './lines.ts';

export class PairTimes {
  /** Time to the first byte of production and of the mirror, then total times. */
  readonly #draw: Draw;
  /** Pairs of which both sides have the time. */
  #firstBytes = 0;
  #totals = 0;

  constructor(limit: number) {
    this.#draw = new Draw(limit, 4);
  }

  add(lot: number, before: WaitingRequest, after: WaitingAnswer): void {
    const hasFirstByte = before.firstByteMs >= 0 && after.firstByteMs >= 0;
    const hasTotal = before.totalMs >= 0 && after.totalMs >= 0;
    if (!hasFirstByte && !hasTotal) return;
    if (hasFirstByte) this.#firstBytes++;
    if (hasTotal) this.#totals++;
    this.#draw.add(lot, [before.firstByteMs, after.firstByteMs, before.totalMs, after.totalMs]);
  }

  merge(other: PairTimes): void {
    this.#firstBytes += other.#firstBytes;
    this.#totals += other.#totals;
    this.#draw.merge(other.#draw);
  }

  /** `sampled` where there were more pairs than are kept: then the quantiles are those of the sample, too. */
  compare(field: LatencyField, alpha: number): LatencyComparison | null {
    const isFirstByte = field.production === 'Tr';
    const production: number[] = [];
    const mirror: number[] = [];
    const lots: number[] = [];
    this.#draw.forEach((lot, values) => {
      const before = values[isFirstByte ? 0 : 2] as number;
      const after = values[isFirstByte ? 1 : 3] as number;
      if (!(before >= 0 && after >= 0)) return;
      production.push(before);
      mirror.push(after);
      lots.push(lot);
    });
    const columns = { production: Float64Array.from(production), mirror: Float64Array.from(mirror) };
    const compared = compareLatency({ ...columns, lots: Float64Array.from(lots) }, field, alpha);
    const n = isFirstByte ? this.#firstBytes : this.#totals;
    return compared === null || compared.n === n ? compared : { ...compared, n, sampled: lots.length };
  }
}

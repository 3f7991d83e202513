/** How far both logs are by their own times, and how far their clocks are apart. */
import { quantile } from '../../statistics/quantile.ts';

/** The last pairs that are kept: their median is the clocks' difference, whatever single requests took. */
const KEPT_SKEWS = 101;
/** The median of a full list is computed anew after so many pairs. */
const RENEWED = 20;
/** Fewer pairs say nothing. */
const ENOUGH_SKEWS = 3;

export class Progress {
  /** The latest time of a line: epoch ms. */
  productionMs = Number.NEGATIVE_INFINITY;
  mirrorMs = Number.NEGATIVE_INFINITY;
  /** The latest time of a request of production that has met its answer. */
  pairMs = Number.NEGATIVE_INFINITY;
  readonly #skews: number[] = [];
  #at = 0;
  #skewMs: number | undefined;

  addProduction(timeMs: number): void {
    if (timeMs > this.productionMs) this.productionMs = timeMs;
  }

  addMirror(timeMs: number): void {
    if (timeMs > this.mirrorMs) this.mirrorMs = timeMs;
  }

  /** A request and its answer have met. */
  addPair(productionMs: number, mirrorMs: number): void {
    if (productionMs > this.pairMs) this.pairMs = productionMs;
    const skew = mirrorMs - productionMs;
    if (Number.isNaN(skew)) return;
    this.#skews[this.#at] = skew;
    this.#at = (this.#at + 1) % KEPT_SKEWS;
    if (this.#skews.length < KEPT_SKEWS || this.#at % RENEWED === 0) this.#skewMs = undefined;
  }

  /** Mirror − production, ms; undefined as long as it is not known. */
  get skewMs(): number | undefined {
    if (this.#skews.length < ENOUGH_SKEWS) return undefined;
    this.#skewMs ??= quantile(this.#skews, 0.5);
    return this.#skewMs;
  }
}

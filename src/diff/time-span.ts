/** From the first to the last of some moments: epoch ms. */
export class TimeSpan {
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  /** NaN is no moment. */
  add(ms: number): void {
    if (ms < this.#from) this.#from = ms;
    if (ms > this.#to) this.#to = ms;
  }

  /** Undefined without a moment. */
  get ends(): { readonly from: number; readonly to: number } | undefined {
    return this.#to < this.#from ? undefined : { from: this.#from, to: this.#to };
  }

  /** Whether it is within, or not known. */
  mayInclude(ms: number): boolean {
    return !(ms < this.#from || ms > this.#to);
  }
}

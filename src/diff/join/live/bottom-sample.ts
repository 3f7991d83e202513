/**
 * A sample that is drawn while its elements come: those with the smallest ranks. It does not depend on their order, and
 * the samples of two parts give the sample of both.
 */
const FIRST_ROWS = 16;

export class BottomSample {
  readonly #limit: number;
  readonly #width: number;
  /** Rows of a rank and its values: a heap with the largest rank at its top. */
  #rows: Float64Array;
  #size = 0;

  /** @param limit rows that are kept @param width values of a row */
  constructor(limit: number, width: number) {
    this.#limit = limit;
    this.#width = width + 1;
    this.#rows = new Float64Array(Math.min(limit, FIRST_ROWS) * this.#width);
  }

  get size(): number {
    return this.#size;
  }

  add(rank: number, values: ArrayLike<number>): void {
    const isFull = this.#size === this.#limit;
    if (isFull && rank >= this.#rank(0)) return;
    if (!isFull) this.#makeRoom();
    const row = isFull ? 0 : this.#size++;
    const start = row * this.#width;
    this.#rows[start] = rank;
    for (let i = 1; i < this.#width; i++) this.#rows[start + i] = values[i - 1] as number;
    if (isFull) this.#sink();
    else this.#rise(row);
  }

  merge(other: BottomSample): void {
    other.forEach((rank, values) => {
      this.add(rank, values);
    });
  }

  /** Visits all rows in no order. `values` is only good during the call. */
  forEach(visit: (rank: number, values: Float64Array) => void): void {
    for (let row = 0; row < this.#size; row++) {
      const start = row * this.#width;
      visit(this.#rank(row), this.#rows.subarray(start + 1, start + this.#width));
    }
  }

  #rank(row: number): number {
    return this.#rows[row * this.#width] as number;
  }

  #makeRoom(): void {
    const capacity = this.#rows.length / this.#width;
    if (this.#size < capacity) return;
    const wider = new Float64Array(Math.min(this.#limit, 2 * capacity) * this.#width);
    wider.set(this.#rows);
    this.#rows = wider;
  }

  #rise(from: number): void {
    for (let row = from; row > 0; ) {
      const parent = (row - 1) >> 1;
      if (this.#rank(parent) >= this.#rank(row)) return;
      this.#swap(row, parent);
      row = parent;
    }
  }

  #sink(): void {
    for (let row = 0; ; ) {
      const left = 2 * row + 1;
      if (left >= this.#size) return;
      const right = left + 1;
      const child = right < this.#size && this.#rank(right) > this.#rank(left) ? right : left;
      if (this.#rank(row) >= this.#rank(child)) return;
      this.#swap(row, child);
      row = child;
    }
  }

  #swap(a: number, b: number): void {
    const width = this.#width;
    for (let i = 0; i < width; i++) {
      const value = this.#rows[a * width + i] as number;
      this.#rows[a * width + i] = this.#rows[b * width + i] as number;
      this.#rows[b * width + i] = value;
    }
  }
}

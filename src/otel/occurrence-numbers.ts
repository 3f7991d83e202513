/**
 * Tells lines with the same identity apart: the first is occurrence 0, the next 1. Such lines are byte-identical ones of
 * the same second (the same event logged twice into one file, `message repeated N times`), so only the latest lines need
 * to be remembered: at least the last 65,536, at most twice as many.
 */
const REMEMBERED = 65_536;
/** The table has twice as many places as lines, so that a free one is near. */
const PLACES = REMEMBERED * 2;
const MASK = PLACES - 1;
/** A place holds two words of the identity, then the count. */
const STRIDE = 3;

export class OccurrenceNumbers {
  #young = new Int32Array(PLACES * STRIDE);
  #old = new Int32Array(PLACES * STRIDE);
  #size = 0;

  /** Counts `times` lines and returns how many there were before. `high` and `low` are two words of the identity. */
  take(high: number, low: number, times: number): number {
    const young = find(this.#young, high, low);
    const known = this.#young[young + 2] as number;
    if (known > 0) {
      this.#young[young + 2] = known + times;
      return known;
    }
    const before = this.#old[find(this.#old, high, low) + 2] as number;
    this.#young[young] = high;
    this.#young[young + 1] = low;
    this.#young[young + 2] = before + times;
    this.#size += 1;
    if (this.#size >= REMEMBERED) this.#age();
    return before;
  }

  /** Another input begins: its lines are counted on their own, so that a file has the same ids wherever it stands. */
  clear(): void {
    if (this.#size > 0) this.#young.fill(0);
    this.#old.fill(0);
    this.#size = 0;
  }

  #age(): void {
    [this.#young, this.#old] = [this.#old, this.#young];
    this.#young.fill(0);
    this.#size = 0;
  }
}

/** The place of these words, or the free place for them. */
function find(table: Int32Array, high: number, low: number): number {
  for (let place = high & MASK; ; place = (place + 1) & MASK) {
    const at = place * STRIDE;
    if (table[at + 2] === 0 || (table[at] === high && table[at + 1] === low)) return at;
  }
}

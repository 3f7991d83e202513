/** A set of numbers, 16 to 32 bytes each: the contents of a million lines are told apart by their hashes. */
const FIRST_SLOTS = 1024;

export class NumberSet {
  #slots = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  #size = 0;

  /** False when the number was in it already. It must not be NaN. */
  add(value: number): boolean {
    const slot = find(this.#slots, value);
    if (this.#slots[slot] === value) return false;
    this.#slots[slot] = value;
    if (2 * ++this.#size > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const slots = new Float64Array(2 * this.#slots.length).fill(Number.NaN);
    for (const value of this.#slots) if (!Number.isNaN(value)) slots[find(slots, value)] = value;
    this.#slots = slots;
  }
}

/** The slot of the value, or the empty one where it belongs. */
function find(slots: Float64Array, value: number): number {
  const mask = slots.length - 1;
  let slot = Math.imul(value ^ (value / 0x1_0000_0000), 0x9e37_79b1) >>> 8;
  for (slot &= mask; ; slot = (slot + 1) & mask) {
    const found = slots[slot] as number;
    if (found === value || Number.isNaN(found)) return slot;
  }
}

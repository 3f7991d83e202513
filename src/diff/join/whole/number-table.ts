/** Sets and maps of numbers, 16 to 48 bytes an entry: a million of them in a Map of V8 take several times as long. */
const FIRST_SLOTS = 1024;

/** None may be NaN. */
export class NumberSet {
  #slots = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  #size = 0;

  /** False when the number was in it already. */
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

/** The largest number of 16 bits, which a status of SPOE is, and of 32: HAProxy may write any. */
const MAX_SHORT = 2 ** 15 - 1;
const MAX_INT = 2 ** 31 - 1;

/** Numbers (not NaN) to 32-bit integers. */
export class NumberMap {
  #slots = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  /** Of 16 bits until one does not fit. */
  #values: Int16Array | Int32Array = new Int16Array(FIRST_SLOTS);
  #size = 0;

  get(key: number): number | undefined {
    const slot = find(this.#slots, key);
    return this.#slots[slot] === key ? this.#values[slot] : undefined;
  }

  /** Keeps the larger of what is there and what is given, as 2^31 - 1 at most. True when the key is new. */
  raise(key: number, given: number): boolean {
    const value = Math.min(given, MAX_INT);
    if (value > MAX_SHORT && this.#values instanceof Int16Array) this.#values = new Int32Array(this.#values);
    const slot = find(this.#slots, key);
    if (this.#slots[slot] === key) {
      if ((this.#values[slot] as number) < value) this.#values[slot] = value;
      return false;
    }
    this.#slots[slot] = key;
    this.#values[slot] = value;
    if (2 * ++this.#size > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const slots = new Float64Array(2 * this.#slots.length).fill(Number.NaN);
    const values = this.#values instanceof Int16Array ? new Int16Array(slots.length) : new Int32Array(slots.length);
    for (let i = 0; i < this.#slots.length; i++) {
      const key = this.#slots[i] as number;
      if (Number.isNaN(key)) continue;
      const slot = find(slots, key);
      slots[slot] = key;
      values[slot] = this.#values[i] as number;
    }
    this.#slots = slots;
    this.#values = values;
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

/** Numbers that are mostly multiples of one step, near each other: half as long as doubles while all of them are. */
import { type Column, doubles, integers, shorts } from './column.ts';

/** Stands for NaN. */
const NOTHING = -(2 ** 31);

/** The largest number of 16 bits. */
const MOST_FEW = 2 ** 15 - 1;

export class PackedColumn {
  readonly #perUnit: number;
  /** What packed numbers are counted from. */
  #origin: number | undefined;
  #packed: Column<Int32Array<ArrayBuffer>>;
  /** Instead, from the first number on that is no such multiple or too far away. */
  #wide: Column<Float64Array<ArrayBuffer>> | undefined;

  /** @param perUnit steps of one @param origin that of the first number without it @param room for so many before it grows */
  constructor(perUnit: number, origin?: number, room?: number) {
    this.#packed = integers(room);
    this.#perUnit = perUnit;
    this.#origin = origin;
  }

  get length(): number {
    return (this.#wide ?? this.#packed).length;
  }

  push(value: number): void {
    if (this.#wide === undefined && !this.#pack(value)) this.#widen();
    this.#wide?.push(value);
  }

  at(row: number): number {
    return this.#wide === undefined ? this.#unpack(this.#packed.at(row)) : this.#wide.at(row);
  }

  /** A copy of all, or of some rows. */
  values(rows?: Int32Array): Float64Array {
    const values = new Float64Array(rows?.length ?? this.length);
    for (let i = 0; i < values.length; i++) values[i] = this.at(rows === undefined ? i : (rows[i] as number));
    return values;
  }

  /** False for what has no place in a packed column. */
  #pack(value: number): boolean {
    if (Number.isNaN(value)) {
      this.#packed.push(NOTHING);
      return true;
    }
    this.#origin ??= value;
    const steps = Math.round((value - this.#origin) * this.#perUnit);
    if (!(Math.abs(steps) < -NOTHING) || this.#unpack(steps) !== value) return false;
    this.#packed.push(steps);
    return true;
  }

  #unpack(steps: number): number {
    return steps === NOTHING ? Number.NaN : (this.#origin as number) + steps / this.#perUnit;
  }

  #widen(): void {
    const wide = doubles();
    for (let row = 0; row < this.#packed.length; row++) wide.push(this.at(row));
    this.#wide = wide;
    this.#packed = integers();
  }
}

/** Numbers of texts of which there are few: half as long as 32-bit integers while there are no more than 16 bits tell apart. */
export class FewNumbers {
  #few = shorts();
  /** Instead, from the first number on that is larger. */
  #many: Column<Int32Array<ArrayBuffer>> | undefined;

  push(value: number): void {
    if (this.#many === undefined) {
      if (value <= MOST_FEW) {
        this.#few.push(value);
        return;
      }
      this.#many = integers();
      for (let row = 0; row < this.#few.length; row++) this.#many.push(this.#few.at(row));
      this.#few = shorts();
    }
    this.#many.push(value);
  }

  at(row: number): number {
    return (this.#many ?? this.#few).at(row);
  }
}

/** Lengths of time in ms, which logs tell to the microsecond at most. */
export const durations = (room?: number): PackedColumn => new PackedColumn(1000, 0, room);
/** Moments in whole ms, within some weeks of the first. */
export const moments = (): PackedColumn => new PackedColumn(1);

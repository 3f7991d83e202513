/** A list of numbers that grows, outside V8's heap. Of a fifth kind V8 would know no more where `push` writes to, and be slow. */
type Numbers = Float64Array | Int32Array | Int16Array | Uint8Array;

const FIRST_LENGTH = 1024;

export class Column<T extends Numbers> {
  /** Longer than what is used. */
  values: T;
  length = 0;
  readonly #create: (length: number) => T;

  /** @param room for so many before it grows */
  constructor(create: (length: number) => T, room = FIRST_LENGTH) {
    this.#create = create;
    this.values = create(Math.max(1, room));
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = this.#create(2 * this.length);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

/** A column that begins with its first number: most logs have none of a kind, and then it takes no room. */
export class LateColumn<T extends Numbers> {
  readonly #column: Column<T>;
  readonly #nothing: number;

  /** @param nothing what a row has without a number */
  constructor(column: Column<T>, nothing: number) {
    this.#column = column;
    this.#nothing = nothing;
  }

  /** @param row that is behind all that have a number */
  set(row: number, value: number): void {
    if (value === this.#nothing) return;
    while (this.#column.length < row) this.#column.push(this.#nothing);
    this.#column.push(value);
  }

  /** Rows up to the last that has a number. */
  get length(): number {
    return this.#column.length;
  }

  /** Of the first rows. */
  firstValues(rows: number): T {
    while (this.#column.length < rows) this.#column.push(this.#nothing);
    return this.#column.values.subarray(0, rows) as T;
  }

  at(row: number): number {
    return row < this.#column.length ? this.#column.at(row) : this.#nothing;
  }
}

export const doubles = (): Column<Float64Array<ArrayBuffer>> => new Column((length) => new Float64Array(length));
export const integers = (room?: number): Column<Int32Array<ArrayBuffer>> =>
  new Column((length) => new Int32Array(length), room);
export const shorts = (): Column<Int16Array<ArrayBuffer>> => new Column((length) => new Int16Array(length));
export const bytes = (): Column<Uint8Array<ArrayBuffer>> => new Column((length) => new Uint8Array(length));

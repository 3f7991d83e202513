import type { Cell, CellMemory } from '../row.ts';

/** Numbers in one histogram: a line for each ms below. */
const VALUES = 512;

/** The place of the cells in the scanner's memory, and how the scanner learns which key to count in which. */
interface CellArea {
  readonly buffer: ArrayBuffer;
  readonly start: number;
  readonly cellBytes: number;
  readonly count: number;
  readonly bindKey: (key: number, cell: number) => void;
}

/** Hands out the cells of scanner/assembly/index.ts as views of its memory. */
export class ScannerCells implements CellMemory {
  readonly #area: CellArea;
  readonly #bound = new Map<number, number>();
  #used = 0;

  constructor(area: CellArea) {
    this.#area = area;
  }

  allocate(): Cell | undefined {
    const { buffer, start, cellBytes, count } = this.#area;
    if (this.#used >= count) return undefined;
    const number = this.#used;
    this.#used += 1;
    let at = start + number * cellBytes;
    const take = (length: number) => {
      const view = new Float64Array(buffer, at, length);
      at += length * 8;
      // Another scanner may have had this memory.
      return view.fill(0);
    };
    const [reqT, qT, wT, resT, pT] = [take(VALUES), take(VALUES), take(VALUES), take(VALUES), take(VALUES)];
    const [tail, gauges] = [take(VALUES * 5), take(4)];
    gauges.set([Number.POSITIVE_INFINITY, -1, -1, -1]);
    return { number, reqT, qT, wT, resT, pT, tail, gauges };
  }

  bind(key: number, { number }: Cell): void {
    this.#bound.set(key, number);
    this.#area.bindKey(key, number);
  }

  /** Binds a key again after the scanner was taught it. */
  rebind(key: number): void {
    const number = this.#bound.get(key);
    if (number !== undefined) this.#area.bindKey(key, number);
  }
}

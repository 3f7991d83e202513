import { ROUTE_SUMS, type RowSums, SOURCE_SUMS, STREAM_SUMS } from '../row.ts';
import type { ScannerExports } from './scanner-module.ts';

/** The sums of scanner/assembly/index.ts as views of its memory. */
export class UsualRows implements RowSums {
  readonly most: number;
  readonly routes: Float64Array;
  readonly sources: Float64Array;
  readonly streams: Float64Array;
  readonly others: Int32Array;
  readonly #wasm: ScannerExports;

  constructor(wasm: ScannerExports, buffer: ArrayBuffer) {
    this.#wasm = wasm;
    const count = wasm.maxSums.value as number;
    this.most = count;
    let at = wasm.sumsStart.value as number;
    const take = (length: number) => {
      const view = new Float64Array(buffer, at, length);
      at += length * 8;
      return view;
    };
    [this.routes, this.sources, this.streams] = [
      take(count * ROUTE_SUMS),
      take(count * SOURCE_SUMS),
      take(count * STREAM_SUMS),
    ];
    const others = wasm.othersStart.value as number;
    this.others = new Int32Array(buffer, others, (wasm.inputStart.value - others) >> 2);
  }

  bind(origin: number, key: number, route: number, source: number, stream: number): void {
    this.#wasm.bindRoute(origin, key, route, source, stream);
  }

  sum(start: number, count: number, slowMs: number): number {
    return this.#wasm.sumUsual(start, count, slowMs);
  }

  lastCounting(start: number, count: number, wanted: number): number {
    return this.#wasm.lastCounting(start, count, wanted);
  }
}

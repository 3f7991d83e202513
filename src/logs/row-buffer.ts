import { type InterpretedLine, recordsOf } from './interpreter.ts';
import type { Names } from './names.ts';
import { ROW_BYTES, type RowBatch } from './row.ts';
import { writeRow } from './scanner/row-writer.ts';

/** Turns interpreted events into row batches of one: how the plain path feeds the same statistics. */
export class RowBuffer {
  readonly #batch: RowBatch;
  readonly #sink: (batch: RowBatch) => void;

  constructor(names: Names, sink: (batch: RowBatch) => void) {
    const buffer = new ArrayBuffer(ROW_BYTES);
    this.#batch = { ints: new Int32Array(buffer), floats: new Float64Array(buffer), start: 0, count: 1, names };
    this.#sink = sink;
  }

  write(line: InterpretedLine): void {
    for (const record of recordsOf(line)) this.#write(record);
  }

  #write({ parsed, timeMs }: InterpretedLine): void {
    if (parsed.kind !== 'event') return;
    writeRow(this.#batch, 0, parsed, timeMs);
    this.#sink(this.#batch);
  }
}

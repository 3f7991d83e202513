/**
 * Events that were read and are not encoded yet. A row is a fortieth of the spans it becomes, so what one turn of reading
 * brings waits in this form: in chunks of numbers, where a queue of objects would cost more than reading the lines. The
 * bound is the reader's: it reads no further while something waits (`Pipeline.turn`).
 */
import type { Names } from '../logs/names.ts';
import { ROW_INTS, type Rows } from '../logs/row.ts';
import { ID_WORDS } from './identity.ts';

/** Words of a queued row: the row, its identity, how many lines with that identity came before, one to keep doubles aligned. */
export const QUEUED_INTS = ROW_INTS + ID_WORDS + 2;
export const IDENTITY_AT = ROW_INTS;
export const OCCURRENCE_AT = ROW_INTS + ID_WORDS;
const CHUNK_ROWS = 1024;
/** Chunks kept for later. */
const MAX_SPARE = 8;

export interface RowChunk extends Rows {
  names: Names;
  count: number;
}

export class RowQueue {
  readonly #chunks: RowChunk[] = [];
  readonly #spare: RowChunk[] = [];

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** The oldest chunk. */
  get first(): RowChunk | undefined {
    return this.#chunks[0];
  }

  /** A chunk with room for one more row, whose names are these. Raise its `count` when the row is written. */
  tail(names: Names): RowChunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.count < CHUNK_ROWS && last.names === names) return last;
    const chunk = this.#spare.pop() ?? makeChunk(names);
    chunk.names = names;
    chunk.count = 0;
    this.#chunks.push(chunk);
    return chunk;
  }

  /** The oldest chunk is done with. */
  shift(): void {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined && this.#spare.length < MAX_SPARE) this.#spare.push(chunk);
  }

  clear(): void {
    this.#chunks.length = 0;
  }
}

function makeChunk(names: Names): RowChunk {
  const memory = new ArrayBuffer(CHUNK_ROWS * QUEUED_INTS * 4);
  return { ints: new Int32Array(memory), floats: new Float64Array(memory), names, count: 0 };
}

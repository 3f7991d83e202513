/** Which lines of a side were read already: files overlap where a log was rotated, or are named twice. */
import type { AccessRecord } from '../logs/access-record.ts';
import { isUnmistakable } from './join/record-values.ts';
import { NumberMap, NumberSet } from './join/whole/number-table.ts';

/** Value of a line that is in several files. */
const SHARED = 2 ** 31 - 1;

export class KnownLines {
  /** Different lines without an id that are in several files, and count once in each. */
  inSeveralFiles = 0;
  #lines = new NumberSet();
  /** The file of each line that may be one of two requests, by its hash. */
  #files = new NumberMap();

  /** False when the line was there already. */
  add(lineHash: number): boolean {
    return this.#lines.add(lineHash);
  }

  /** False when the line was there already, and tells so clearly what it is about that it is the same. */
  addRequest(record: AccessRecord, lineHash: number, input: number): boolean {
    if (isUnmistakable(record)) return this.#lines.add(lineHash);
    const known = this.#files.get(lineHash);
    if (known === undefined) this.#files.raise(lineHash, input);
    else if (known !== input && known !== SHARED) {
      this.#files.raise(lineHash, SHARED);
      this.inSeveralFiles++;
    }
    return true;
  }

  close(): void {
    this.#lines = new NumberSet();
    this.#files = new NumberMap();
  }
}

/** Numbers that wait in a file of the folder for temporary ones: times of all pairs are more than there is memory for. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NumberStore } from '../../diff/parted-comparison.ts';
import { CliError } from './errors.ts';

const BLOCK = 3 * 4096;

export class NumberFile implements NumberStore {
  readonly #folder: string;
  readonly #file: number;
  #bytes = 0;

  /** Throws CliError `cannot-write`. */
  constructor() {
    try {
      this.#folder = mkdtempSync(join(tmpdir(), 'spoe-logs-diff-'));
      this.#file = openSync(join(this.#folder, 'times'), 'wx+', 0o600);
    } catch (error) {
      throw cannotWrite(error);
    }
  }

  append(numbers: Float64Array): void {
    try {
      const { buffer, byteOffset, byteLength } = numbers;
      for (let done = 0; done < byteLength; )
        done += writeSync(
          this.#file,
          new Uint8Array(buffer, byteOffset + done, byteLength - done),
          0,
          undefined,
          this.#bytes + done,
        );
      this.#bytes += byteLength;
    } catch (error) {
      throw cannotWrite(error);
    }
  }

  /** In pieces of BLOCK numbers, the last one of fewer. */
  *read(): Generator<Float64Array> {
    const numbers = new Float64Array(BLOCK);
    for (let at = 0; at < this.#bytes; ) {
      const wanted = Math.min(numbers.byteLength, this.#bytes - at);
      for (let read = 0; read < wanted; ) {
        const more = readSync(
          this.#file,
          new Uint8Array(numbers.buffer, read, wanted - read),
          0,
          wanted - read,
          at + read,
        );
        if (more === 0) throw cannotWrite(new Error('it was cut'));
        read += more;
      }
      yield numbers.subarray(0, wanted / 8);
      at += wanted;
    }
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function cannotWrite(error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new CliError('cannot-write', `${tmpdir()}: ${code ?? message}`, 'name a folder with room in TMPDIR');
}

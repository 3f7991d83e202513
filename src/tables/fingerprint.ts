/** What a file is known by, whatever it is called: the beginning of its content, uncompressed. */
import { createHash } from 'node:crypto';

/** So much of the content tells one log from another: the times, streams and timers of its first lines. */
export const BEGINNING_BYTES = 1024;
const NEWLINE = 0x0a;
const HASH_DIGITS = 16;

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, HASH_DIGITS);
}

/** The first bytes of a log without NULs, which a hole that truncation left may hold. */
function beginningOf(content: Uint8Array): Uint8Array {
  return content.filter((byte) => byte !== 0).subarray(0, BEGINNING_BYTES);
}

/**
 * Names of a file: `prefix` is that of its first line, `id` of what there was of the first KiB when it was loaded for the first time. A file
 * that was shorter then, and has grown, is found by the prefix and told by `isOf`.
 */
export class Fingerprint {
  readonly prefix: string;
  readonly id: string;
  readonly #beginning: Uint8Array;

  /** @param kind what is loaded of the file @param content its beginning, whole lines */
  constructor(kind: string, content: Uint8Array) {
    const beginning = beginningOf(content);
    const newline = beginning.indexOf(NEWLINE);
    this.#beginning = beginning;
    this.prefix = `${kind}-${hash(newline < 0 ? beginning : beginning.subarray(0, newline))}-`;
    this.id = this.#idOf(beginning.length);
  }

  /** Whether a load_id with the prefix is of this file. */
  isOf(loadId: string): boolean {
    const length = Number(/^(\d{1,4})-/.exec(loadId.slice(this.prefix.length))?.[1] ?? Number.NaN);
    return length <= this.#beginning.length && loadId === this.#idOf(length);
  }

  #idOf(length: number): string {
    return `${this.prefix}${length}-${hash(this.#beginning.subarray(0, length))}`;
  }
}

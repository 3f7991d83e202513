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
 * Names of a file: `prefix` is that of its first line, an id that of what there was of the first KiB when it was loaded for the first time.
 * A file that was shorter then, and has grown, is found by the prefix and told by `variantOf`. Files that begin alike are variants: 1, 2 …
 */
export class Fingerprint {
  readonly prefix: string;
  readonly #beginning: Uint8Array;

  /** @param kind what is loaded of the file @param content its beginning, whole lines */
  constructor(kind: string, content: Uint8Array) {
    const beginning = beginningOf(content);
    const newline = beginning.indexOf(NEWLINE);
    this.#beginning = beginning;
    this.prefix = `${kind}-${hash(newline < 0 ? beginning : beginning.subarray(0, newline))}-`;
  }

  /** The id of a file that begins so. */
  id(variant: number): string {
    return this.#idOf(this.#beginning.length, variant);
  }

  /** Which variant a load_id with the prefix is of; undefined for a file that begins otherwise. */
  variantOf(loadId: string): number | undefined {
    const [, length, variant = '1'] = ID.exec(loadId.slice(this.prefix.length)) ?? [];
    if (length === undefined || Number(length) > this.#beginning.length) return undefined;
    return loadId === this.#idOf(Number(length), Number(variant)) ? Number(variant) : undefined;
  }

  #idOf(length: number, variant: number): string {
    const id = `${this.prefix}${length}-${hash(this.#beginning.subarray(0, length))}`;
    return variant === 1 ? id : `${id}-${variant}`;
  }
}

/** What stands behind the prefix. */
const ID = /^(\d{1,4})-[0-9a-f]+(?:-(\d{1,3}))?$/;

/** tail -F: goes on with a file that grows, is renamed away, truncated in place, or missing for a while. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { LineFeed } from '../line-feed.ts';
import { fromSystemError } from './errors.ts';
import { refuseOtherThanText, SNIFF_BYTES } from './sniff.ts';

/** Read at most this much in one poll, so that several files and signals get their turn. */
const POLL_BYTES = 16 * 1024 * 1024;

/**
 * One followed file. `poll()` reads what is new; who follows calls it again and again. A line that is cut off by a
 * rename or a truncation ends there: it is never glued to the first line of what comes next.
 */
export class FollowedFile {
  readonly path: string;
  readonly #feed: LineFeed;
  #fd: number | undefined;
  #position = 0;

  constructor(path: string, feed: LineFeed) {
    this.path = path;
    this.#feed = feed;
  }

  /** Reads what is new; true when there may be more at once. Throws InputError for a file that cannot be a log. */
  poll(): boolean {
    if (this.#fd === undefined && !this.#open()) return false;
    if (this.#read()) return true;
    if (!this.#wasReplaced()) return false;
    // The writer may have added to the old file between the two looks.
    this.#read();
    this.#leave();
    return this.#open();
  }

  /** Ends the following: an unfinished line counts as a line. */
  close(): void {
    if (this.#fd !== undefined) this.#leave();
  }

  #open(): boolean {
    try {
      this.#fd = openSync(this.path, 'r');
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return false;
      throw fromSystemError(error, this.path);
    }
    this.#position = 0;
    const head = Buffer.alloc(SNIFF_BYTES);
    try {
      refuseOtherThanText(head.subarray(0, readSync(this.#fd, head, 0, SNIFF_BYTES, 0)), this.path);
    } catch (error) {
      closeSync(this.#fd);
      this.#fd = undefined;
      throw (error as { code?: string }).code === 'EISDIR' ? fromSystemError(error, this.path) : error;
    }
    return true;
  }

  #leave(): void {
    this.#feed.end();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** True when the bound of one poll ended the reading. */
  #read(): boolean {
    const fd = this.#fd as number;
    if (fstatSync(fd).size < this.#position) {
      // copytruncate: the file begins anew.
      this.#feed.end();
      this.#position = 0;
    }
    for (let left = POLL_BYTES; left > 0; ) {
      const space = this.#feed.space();
      const count = readSync(fd, space, 0, Math.min(space.length, left), this.#position);
      if (count === 0) return false;
      this.#feed.filled(count);
      this.#position += count;
      left -= count;
    }
    return true;
  }

  /** Another file has the path now. A path that is gone for a while is still the old file. */
  #wasReplaced(): boolean {
    const now = statSync(this.path, { throwIfNoEntry: false });
    if (now === undefined) return false;
    const open = fstatSync(this.#fd as number);
    return now.ino !== open.ino || now.dev !== open.dev;
  }
}

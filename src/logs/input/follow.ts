/** tail -F: goes on with a file that grows, is renamed away, truncated in place, or missing for a while. */
import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import type { LineFeed } from '../line-feed.ts';
import { fromSystemError, InputError, isSystemError } from './errors.ts';
import { openInput } from './read.ts';
import { isGzip, refuseOtherThanText, SNIFF_BYTES } from './sniff.ts';

/** Read at most this much in one poll, so that several files and signals get their turn. */
const POLL_BYTES = 16 * 1024 * 1024;
/** The last bytes read are looked at again: when they have changed, the file was truncated and has grown since. */
const MARK_BYTES = 64;

/**
 * One followed file. `poll()` reads what is new, from the file's beginning on; who follows calls it again and again.
 * A line that is cut off by a rename or a truncation ends there: it is never glued to the first line of what follows.
 */
export class FollowedFile {
  readonly path: string;
  readonly #feed: LineFeed;
  readonly #onBegin: () => void;
  readonly #pollBytes: number;
  #fd: number | undefined;
  #position = 0;
  #mark = Buffer.alloc(0);
  #wasOpen = false;

  /**
   * `onBegin` is called when reading begins at the start of a file: at first, after a rename or a truncation. One poll
   * reads at most `pollBytes`.
   */
  constructor(path: string, feed: LineFeed, onBegin: () => void = () => {}, pollBytes = POLL_BYTES) {
    this.path = path;
    this.#feed = feed;
    this.#onBegin = onBegin;
    this.#pollBytes = pollBytes;
  }

  /** There was no such file until now. */
  get isAwaited(): boolean {
    return !this.#wasOpen;
  }

  /** Reads what is new; true when there may be more at once. Throws InputError for a file that cannot be a log. */
  poll(): boolean {
    try {
      if (this.#fd === undefined && !this.#open()) return false;
      // Looked at before reading: what was written to the old file up to the rename is then read.
      const isReplaced = this.#isReplaced();
      if (this.#read()) return true;
      if (!isReplaced) return false;
      this.close();
      return this.#open();
    } catch (error) {
      this.close();
      throw isSystemError(error) ? fromSystemError(error, this.path) : error;
    }
  }

  /** Ends the following: an unfinished line counts as a line. */
  close(): void {
    if (this.#fd === undefined) return;
    this.#feed.end();
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #open(): boolean {
    try {
      this.#fd = openInput(this.path);
    } catch (error) {
      // In the middle of a rotation a file may also be there and not be readable yet.
      const { code } = error as { code?: string };
      if (code === 'ENOENT' || (this.#wasOpen && (code === 'EACCES' || code === 'ENOTDIR'))) return false;
      throw error;
    }
    this.#refuseOthers(this.#fd);
    this.#wasOpen = true;
    this.#begin();
    return true;
  }

  #refuseOthers(fd: number): void {
    const { path } = this;
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw new InputError('is-directory', `${path} is a directory`, 'name the log files in it');
    if (!stats.isFile())
      throw new InputError('not-followable', `${path} is no regular file`, `read it without --follow: it has an end`);
    const head = Buffer.alloc(SNIFF_BYTES);
    const sniffed = head.subarray(0, readSync(fd, head, 0, SNIFF_BYTES, 0));
    if (isGzip(sniffed))
      throw new InputError('not-followable', `${path} is compressed: it cannot grow`, 'read it without --follow');
    refuseOtherThanText(sniffed, path);
  }

  #begin(): void {
    this.#position = 0;
    this.#mark = Buffer.alloc(0);
    this.#onBegin();
  }

  /** True when the bound of one poll ended the reading. */
  #read(): boolean {
    const fd = this.#fd as number;
    if (this.#isTruncated(fd)) {
      this.#feed.end();
      this.#begin();
    }
    for (let left = this.#pollBytes; left > 0; ) {
      const space = this.#feed.space();
      const count = readSync(fd, space, 0, Math.min(space.length, left), this.#position);
      if (count === 0) return false;
      this.#mark = Buffer.from(space.subarray(Math.max(0, count - MARK_BYTES), count));
      this.#feed.filled(count);
      this.#position += count;
      left -= count;
    }
    return true;
  }

  /** copytruncate: the file is shorter than what was read, or holds something else there. */
  #isTruncated(fd: number): boolean {
    if (fstatSync(fd).size < this.#position) return true;
    const now = Buffer.alloc(this.#mark.length);
    readSync(fd, now, 0, now.length, this.#position - now.length);
    return !now.equals(this.#mark);
  }

  /** Another file has the path now. A path that is gone for a while is still the old file. */
  #isReplaced(): boolean {
    const now = statSync(this.path, { throwIfNoEntry: false });
    if (now === undefined) return false;
    const open = fstatSync(this.#fd as number);
    return now.ino !== open.ino || now.dev !== open.dev;
  }
}

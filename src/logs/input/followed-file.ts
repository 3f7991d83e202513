/** A followed file, as tail -F: it may grow, be renamed away, truncated in place, or missing for a while. */
import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { fromSystemError, InputError, isSystemError } from '../input-errors.ts';
import type { LineFeed } from '../line-feed.ts';
import { openInput } from '../read.ts';
import { isGzip, refuseOtherThanText, SNIFF_BYTES } from './sniff.ts';

/** The most bytes of one poll, so that several files and signals get their turn. */
const POLL_BYTES = 16 * 1024 * 1024;
/** The number of last bytes that are read again: when they have changed, the file was truncated and has grown since. */
const MARK_BYTES = 64;
/** The time for which a daemon may still write to a renamed file, before it opens its log again. */
const QUIET_MS = 5000;
/** The most renamed files that are read on at once. */
const MOST_RENAMED = 4;

export interface FollowOptions {
  /**
   * The next bytes are of this file: one and the same object as long as it is read. `isAnew`: they are its first ones, at
   * first, after a rename or a truncation.
   */
  readonly onEnter?: (file: object, isAnew: boolean) => void;
  /** Called when more files were renamed than are read on: what is still written to one of them is not read. */
  readonly onGivenUp?: () => void;
  /** The most bytes of one poll. */
  readonly pollBytes?: number | undefined;
  /** A monotonic clock, ms. */
  readonly now?: () => number;
}

/**
 * One followed path. `poll()` reads what is new, from the file's beginning on; who follows calls it again and again.
 * A file that was renamed away is read on until another one at the path has bytes and this one had none for a while.
 * A line that is cut off by a rename or a truncation ends there: it is never glued to the first line of what follows.
 */
export class FollowedFile {
  readonly path: string;
  readonly #createFeed: () => LineFeed;
  readonly #options: FollowOptions;
  readonly #pollBytes: number;
  readonly #now: () => number;
  #current: OpenFile | undefined;
  /** The renamed files, in the order in which they had the path. */
  #renamed: OpenFile[] = [];
  #wasOpen = false;

  /** @param createFeed makes a feed for each file at the path: its lines may come in between those of another one */
  constructor(path: string, createFeed: () => LineFeed, options: FollowOptions = {}) {
    this.path = path;
    this.#createFeed = createFeed;
    this.#options = options;
    this.#pollBytes = options.pollBytes ?? POLL_BYTES;
    this.#now = options.now ?? (() => performance.now());
  }

  /** True when there was no such file until now. */
  get isAwaited(): boolean {
    return !this.#wasOpen;
  }

  /** Reads what is new; true when there may be more at once. Throws InputError for a file that cannot be a log. */
  poll(): boolean {
    try {
      // Looked at before reading: what was written to the old file up to the rename is then read first.
      const isReplaced = this.#current === undefined || this.#isReplaced(this.#current);
      if (this.#readAll()) return true;
      this.#leaveQuiet();
      if (!isReplaced) return false;
      if (this.#current !== undefined) this.#keepRenamed(this.#current);
      this.#current = undefined;
      return this.#open() && this.#readAll();
    } catch (error) {
      this.close();
      throw isSystemError(error) ? fromSystemError(error, this.path) : error;
    }
  }

  /** Ends the following: an unfinished line counts as a line. */
  close(): void {
    for (const file of this.#files) this.#leave(file);
    this.#renamed = [];
    this.#current = undefined;
  }

  get #files(): readonly OpenFile[] {
    return this.#current === undefined ? this.#renamed : [...this.#renamed, this.#current];
  }

  #open(): boolean {
    let fd: number;
    try {
      fd = openInput(this.path);
    } catch (error) {
      // In the middle of a rotation a file may also be there and not be readable yet.
      const { code } = error as { code?: string };
      if (code === 'ENOENT' || (!this.isAwaited && (code === 'EACCES' || code === 'ENOTDIR'))) return false;
      throw error;
    }
    try {
      refuseOthers(fd, this.path);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#wasOpen = true;
    this.#current = new OpenFile(fd, this.#createFeed(), this.#now());
    this.#options.onEnter?.(this.#current, true);
    return true;
  }

  /** True when the bound of one poll ended the reading. */
  #readAll(): boolean {
    let left = this.#pollBytes;
    for (const file of this.#files) {
      this.#options.onEnter?.(file, false);
      const count = file.read(left, () => this.#options.onEnter?.(file, true));
      if (count > 0) file.grewMs = this.#now();
      left -= count;
      if (left <= 0) return true;
    }
    return false;
  }

  #keepRenamed(file: OpenFile): void {
    file.grewMs = this.#now();
    this.#renamed.push(file);
    if (this.#renamed.length <= MOST_RENAMED) return;
    const quietest = this.#renamed.reduce((least, each) => (each.grewMs < least.grewMs ? each : least));
    if (quietest.position > 0) this.#options.onGivenUp?.();
    this.#leave(quietest);
    this.#renamed = this.#renamed.filter((each) => each !== quietest);
  }

  /** Closes renamed files that are quiet: once a later file has bytes, the writer knows of the rename. */
  #leaveQuiet(): void {
    const last = this.#files.findLastIndex(({ position }) => position > 0);
    const over = this.#renamed.filter(({ grewMs }, at) => at < last && this.#now() - grewMs >= QUIET_MS);
    for (const file of over) this.#leave(file);
    if (over.length > 0) this.#renamed = this.#renamed.filter((file) => !over.includes(file));
  }

  #leave(file: OpenFile): void {
    this.#options.onEnter?.(file, false);
    file.close();
  }

  /** Whether another file has the path now. A path that is gone for a while is still the old file. */
  #isReplaced({ fd }: OpenFile): boolean {
    const now = statSync(this.path, { throwIfNoEntry: false });
    if (now === undefined) return false;
    const open = fstatSync(fd);
    return now.ino !== open.ino || now.dev !== open.dev;
  }
}

function refuseOthers(fd: number, path: string): void {
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

/** A file that has or had the path, and the position in it. */
class OpenFile {
  readonly fd: number;
  readonly #feed: LineFeed;
  position = 0;
  /** The time when it last had something new. */
  grewMs: number;
  #mark = Buffer.alloc(0);

  constructor(fd: number, feed: LineFeed, nowMs: number) {
    this.fd = fd;
    this.#feed = feed;
    this.grewMs = nowMs;
  }

  /** Reads at most `most` bytes and returns their number; `onBegin` when it was truncated and is read from its beginning. */
  read(most: number, onBegin: () => void): number {
    if (this.#isTruncated()) {
      this.#feed.end();
      this.position = 0;
      this.#mark = Buffer.alloc(0);
      onBegin();
    }
    let left = most;
    while (left > 0) {
      const space = this.#feed.space();
      const count = readSync(this.fd, space, 0, Math.min(space.length, left), this.position);
      if (count === 0) break;
      this.#mark = Buffer.from(space.subarray(Math.max(0, count - MARK_BYTES), count));
      this.#feed.filled(count);
      this.position += count;
      left -= count;
    }
    return most - left;
  }

  close(): void {
    this.#feed.end();
    closeSync(this.fd);
  }

  /** Whether the file is shorter than what was read, or holds something else there, as after copytruncate. */
  #isTruncated(): boolean {
    if (fstatSync(this.fd).size < this.position) return true;
    const now = Buffer.alloc(this.#mark.length);
    readSync(this.fd, now, 0, now.length, this.position - now.length);
    return !now.equals(this.#mark);
  }
}

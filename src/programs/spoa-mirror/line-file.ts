import { close, fstatSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { AGENT_DEFAULTS } from './defaults.ts';
import { type FileRights, openOutput, openStream } from './output-file.ts';

export interface LineFileOptions {
  /** Characters that may wait; 8 MiB without it. */
  readonly maxBuffered?: number;
  /** `a` without it: openOutput. */
  readonly mode?: 'a' | 'w' | 'x';
  /** Without it what is made is for its owner, to read for the group. */
  readonly rights?: FileRights | undefined;
  /** How long lines are gathered; 50 ms without it. */
  readonly gatherMs?: number;
  /** Lines begin to get lost: why, the system's code or words. */
  readonly onLosing?: (why: string) => void;
  /** Lines are written again: how many were lost meanwhile, and why the first was. */
  readonly onRecovered?: (lost: number, why: string) => void;
}

export interface LineStats {
  written: number;
  /** Lines that found the buffer full, or whose write failed. */
  dropped: number;
}

const writeBytes = promisify(write);
const closeFile = promisify(close);

const RIGHTS: FileRights = { mode: AGENT_DEFAULTS.fileMode };
const MAX_BUFFERED = 8 * 1024 * 1024;
const GATHER_BYTES = 64 * 1024;
const GATHER_MS = 50;
const RETRY_MS = 10;
/** A disk that is full now and then is one that is full: so long nothing may be lost before it is said to be over. */
const QUIET_MS = 5_000;
/** How long the end waits for a pipe that is full. */
const LAST_RETRIES = 100;
/** PIPE_BUF of Linux: what several processes write to a pipe at a time stays in one piece up to this. */
const PIPE_BYTES = 4096;

/**
 * Lines that are appended to a file, or written to standard output. They are gathered for a moment and go out in
 * writes of whole lines, so several processes may append to one file. A disk or a reader that is too slow costs lines,
 * never memory, and at the end a second.
 */
export class LineFile {
  readonly stats: LineStats = { written: 0, dropped: 0 };
  readonly #path: string | 1 | 2;
  readonly #options: LineFileOptions;
  #fd: number;
  #isPipe: boolean;
  #lines: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The end of all that is under way: writes and changes of the file, one after the other. */
  #last: Promise<void> = Promise.resolve();
  /** A flush that has not begun. */
  #flushing: Promise<void> | undefined;
  /** The last write failed within a line. */
  #isTorn = false;
  #retries = Number.POSITIVE_INFINITY;
  /** Since lines began to get lost, and when the last one was. */
  #lost = 0;
  #why = '';
  #lostMs = 0;

  /**
   * @param path `-` is standard output; 1 and 2 are descriptors
   * @throws what the system says of a file that cannot be opened
   */
  constructor(path: string | 1 | 2, options: LineFileOptions = {}) {
    this.#path = path === '-' ? 1 : path;
    this.#options = options;
    this.#fd = typeof this.#path === 'string' ? this.#openFile(this.#path, options.mode) : openStream(this.#path);
    this.#isPipe = fstatSync(this.#fd).isFIFO();
  }

  write(line: string): void {
    if (this.#length + line.length > (this.#options.maxBuffered ?? MAX_BUFFERED)) {
      this.#lose(1, 'its disk or reader does not keep up');
      return;
    }
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length >= GATHER_BYTES) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#options.gatherMs ?? GATHER_MS);
  }

  /** Writes what has come together; resolves when all of it is written or lost. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing ??= this.#then(() => this.#append());
    return this.#flushing;
  }

  /** For rotation. Standard output stays what it is. */
  async reopen(): Promise<void> {
    void this.flush();
    const path = this.#path;
    if (typeof path !== 'string') return;
    await this.#then(async () => {
      const old = this.#fd;
      this.#fd = this.#openFile(path);
      this.#isPipe = fstatSync(this.#fd).isFIFO();
      this.#isTorn = false;
      await closeFile(old);
    });
  }

  async close(): Promise<void> {
    this.#retries = LAST_RETRIES;
    await this.flush();
    if (typeof this.#path === 'string') await this.#then(() => closeFile(this.#fd));
  }

  #openFile(path: string, mode: 'a' | 'w' | 'x' = 'a'): number {
    return openOutput(path, mode, this.#options.rights ?? RIGHTS);
  }

  /** A file is closed only between two writes: its number may at once become that of a connection. */
  #then(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => {});
    return done;
  }

  async #append(): Promise<void> {
    this.#flushing = undefined;
    const lines = this.#lines;
    this.#lines = [];
    for (const piece of this.#isPipe ? piecesOf(lines) : [lines]) {
      if (piece.length === 0) continue;
      try {
        await this.#writeAll(Buffer.from(`${this.#isTorn ? '\n' : ''}${piece.join('\n')}\n`));
        this.stats.written += piece.length;
        this.#recover();
      } catch (error) {
        this.#lose(piece.length, (error as NodeJS.ErrnoException).code ?? String(error));
      } finally {
        this.#length -= piece.reduce((sum, line) => sum + line.length + 1, 0);
      }
    }
  }

  #lose(count: number, why: string): void {
    this.stats.dropped += count;
    const isNew = this.#lost === 0;
    this.#lost += count;
    this.#lostMs = performance.now();
    if (!isNew) return;
    this.#why = why;
    this.#options.onLosing?.(why);
  }

  #recover(): void {
    if (this.#lost === 0 || performance.now() - this.#lostMs < QUIET_MS) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#options.onRecovered?.(lost, this.#why);
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      try {
        at += (await writeBytes(this.#fd, bytes, at)).bytesWritten;
        this.#isTorn = at < bytes.length;
      } catch (error) {
        // A pipe that is full and does not block.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || this.#retries-- <= 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

/** Whole lines that fit into a pipe in one piece; a longer line is alone. */
function piecesOf(lines: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1;
    if (bytes > room) {
      pieces.push([]);
      room = PIPE_BYTES;
    }
    pieces[pieces.length - 1]?.push(line);
    room -= bytes;
  }
  return pieces;
}

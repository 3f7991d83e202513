import { close, fstatSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { AGENT_DEFAULTS } from './defaults.ts';
import { type FileRights, openOutput, openStream } from './output-file.ts';

export interface LineFileOptions {
  /** The most characters that wait; 8 MiB without it. */
  readonly maxBuffered?: number;
  /** The mode of `openOutput`; `a` without it. */
  readonly mode?: 'a' | 'w' | 'x';
  /** The rights of a file that is made; without it, its owner may write and its group read. */
  readonly rights?: FileRights | undefined;
  /** The time in which lines are gathered; 50 ms without it. */
  readonly gatherMs?: number;
  /** Called when lines begin to get lost, with the system's code or words. */
  readonly onLosing?: (why: string) => void;
  /** Called when lines are written again, with the number of lost lines and the reason of the first loss. */
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
/** The time without a loss after which losses are over: a disk that is full now and then is one that is full. */
const QUIET_MS = 5_000;
/** The number of retries at the end for a pipe that is full. */
const LAST_RETRIES = 100;
/** PIPE_BUF of Linux, up to which a write to a pipe stays in one piece when several processes write to it. */
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
  /** Resolves at the end of all that is under way: writes and changes of the file, one after the other. */
  #last: Promise<void> = Promise.resolve();
  /** The flush that has not begun yet. */
  #flushing: Promise<void> | undefined;
  /** True when the last write failed within a line. */
  #isTorn = false;
  #retries = Number.POSITIVE_INFINITY;
  /** The lines lost since they began to get lost, the reason of the first loss and the time of the last. */
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

  /** Opens the file again, for rotation. Standard output stays what it is. */
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

  /** Runs a step between two writes: the number of a closed file may at once become that of a connection. */
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
        // EAGAIN is a pipe that is full and does not block.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || this.#retries-- <= 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

/** Groups whole lines that fit into a pipe in one piece; a longer line is alone. */
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

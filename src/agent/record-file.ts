import { close, openSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { AgentError } from './errors.ts';

export interface RecordStats {
  written: number;
  /** Lines that found the buffer full, or whose write failed. */
  dropped: number;
}

const writeBytes = promisify(write);
const closeFile = promisify(close);

const STDOUT = 1;
const MAX_BUFFERED = 8 * 1024 * 1024;
const GATHER_BYTES = 64 * 1024;
const GATHER_MS = 50;
const RETRY_MS = 10;

/**
 * Lines that are appended to a file, or written to standard output. They are gathered for a moment and go out in one
 * write of whole lines, so several processes may append to one file. A disk that is too slow costs lines, never memory.
 */
export class RecordFile {
  readonly stats: RecordStats = { written: 0, dropped: 0 };
  readonly #path: string;
  readonly #maxBuffered: number;
  #fd: number;
  #lines: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> | undefined;

  /** @throws AgentError `log-file` */
  constructor(path: string, maxBuffered: number = MAX_BUFFERED) {
    this.#path = path;
    this.#maxBuffered = maxBuffered;
    this.#fd = openRecord(path);
  }

  write(line: string): void {
    if (this.#length + line.length > this.#maxBuffered) {
      this.stats.dropped++;
      return;
    }
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length >= GATHER_BYTES) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Writes what has come together; resolves when all of it is written or lost. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#busy !== undefined) await this.#busy;
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#busy = this.#append(lines).finally(() => {
      this.#busy = undefined;
    });
    await this.#busy;
  }

  /** For rotation. Standard output stays what it is. */
  async reopen(): Promise<void> {
    await this.flush();
    if (this.#path === '-') return;
    const old = this.#fd;
    this.#fd = openRecord(this.#path);
    await closeFile(old);
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.#path !== '-') await closeFile(this.#fd);
  }

  async #append(lines: readonly string[]): Promise<void> {
    const text = `${lines.join('\n')}\n`;
    try {
      await writeAll(this.#fd, Buffer.from(text));
      this.stats.written += lines.length;
    } catch {
      this.stats.dropped += lines.length;
    } finally {
      this.#length -= lines.reduce((sum, line) => sum + line.length + 1, 0);
    }
  }
}

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += (await writeBytes(fd, bytes, at)).bytesWritten;
    } catch (error) {
      // A pipe that is full and does not block.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function openRecord(path: string): number {
  if (path === '-') return STDOUT;
  try {
    return openSync(path, 'a', 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AgentError('log-file', `unable to open record file ${path}: ${code}`, { cause: error });
  }
}

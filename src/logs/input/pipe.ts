/**
 * Reads a pipe straight into the scanner's memory: a stream would allocate and copy each 64 KiB, which alone costs as
 * much as scanning them.
 */
import { readSync } from 'node:fs';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { InputError } from '../input-errors.ts';
import { type OpenInput, STDIN_FD } from '../read.ts';
import { Decompressor, PIPE_PIECE_BYTES } from './gunzip.ts';
import type { ReadAhead } from './read-ahead.ts';
import { isGzip, isLogText, MAGIC_BYTES, refuseOtherThanText } from './sniff.ts';

const FIRST_BYTES = 64 * 1024;
/**
 * The most bytes of a pipe that are read at one go, also after Ctrl-C: its writer may go on, and there has to be an end. Signals
 * and timers have their turn afterwards.
 */
const MOST_AT_ONCE_BYTES = 1024 * 1024;
/** A read of so many bytes is of a writer that does not wait for anything: more will be there as soon as these are scanned. */
const FAST_BYTES = 32 * 1024;
/** After so many bytes of such reads a thread that reads ahead is worth its start, which takes as long as scanning them. */
const AHEAD_AFTER_BYTES = 32 * 1024 * 1024;

/** Reads to the end of the pipe, or until the signal; closes it. */
export function readPipe(input: OpenInput): Promise<void> {
  return new PipeReader(input).read();
}

class PipeReader {
  readonly #input: OpenInput;
  readonly #first = Buffer.alloc(FIRST_BYTES);
  /** Bytes that wait in `#first` until there are enough of them to see what they are. */
  #firstBytes = 0;
  #isText = false;
  #decompressor: Decompressor | undefined;
  /** Bytes of text that came as fast as they were read. */
  #fastBytes = 0;
  /** True once a thread was wanted. */
  #isLong = false;
  #ahead: ReadAhead | undefined;
  /** True once the thread reads the pipe. */
  #isHandedOver = false;
  /** All compressed bytes so far, as long as they are few: what a fault loses is read again from them. */
  #kept: Buffer | undefined = Buffer.alloc(0);
  #fault: unknown;

  constructor(input: OpenInput) {
    this.#input = input;
  }

  async read(): Promise<void> {
    const { fd, control } = this.#input;
    const { promise: closed, resolve: onClose } = withResolvers();
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: () => (this.#isText ? this.#input.feed.space() : this.#first.subarray(this.#firstBytes)),
        callback: (count: number) => this.#guard(socket, () => this.#take(count, socket)),
      },
    };
    const socket = new Socket(options);
    const stop = () => {
      // What reads ahead hears the signal as well.
      if (this.#isHandedOver) return;
      this.#guard(socket, () => {
        if (this.#isText) this.#readWaiting();
        return false;
      });
      socket.destroy();
    };
    control.signal.addEventListener('abort', stop);
    socket.on('error', (error) => {
      this.#fault ??= error;
    });
    socket.on('close', onClose);
    socket.resume();
    await closed;
    control.signal.removeEventListener('abort', stop);
    this.#ahead?.end();
    await this.#finish();
  }

  /** Runs `body`, whose error ends the reading; `read` throws it. */
  #guard(socket: Socket, body: () => boolean): boolean {
    try {
      return body();
    } catch (error) {
      this.#fault ??= error;
      socket.destroy();
      return false;
    }
  }

  /** Handles `count` bytes that were read; false stops the reading for now. */
  #take(count: number, socket: Socket): boolean {
    const { feed, control } = this.#input;
    if (this.#isText) {
      feed.filled(count);
      // A round of the event loop for each 64 KiB costs half as much as scanning them.
      const further = count >= FAST_BYTES ? this.#readWaiting() : 0;
      this.#fastBytes = count >= FAST_BYTES ? this.#fastBytes + count + further : 0;
      void this.#readAheadOfLong(socket);
      const busy = control.onTurn();
      if (busy === undefined) return true;
      busy.then(() => {
        if (!this.#isHandedOver) socket.resume();
      });
      return false;
    }
    this.#firstBytes += count;
    if (this.#decompressor === undefined && this.#firstBytes < MAGIC_BYTES) return true;
    if (this.#decompressor === undefined) this.#begin();
    if (this.#decompressor === undefined) return true;
    const compressed = this.#takeFirst();
    this.#decompress(this.#decompressor, compressed).then(
      async (more) => {
        await control.onTurn();
        if (more) socket.resume();
        else socket.destroy();
      },
      (error) => this.#guard(socket, () => raise(error)),
    );
    return false;
  }

  /** Starts a thread that reads ahead where a pipe is fast and long; hands the pipe over once it runs. */
  async #readAheadOfLong(socket: Socket): Promise<void> {
    const { fd, control } = this.#input;
    const { program, afterBytes = AHEAD_AFTER_BYTES } = control.pipeAhead ?? {};
    // Two streams are on the descriptor then. Only a standard one stays open when the first of them ends.
    if (program === undefined || fd !== STDIN_FD || this.#isLong || this.#fastBytes < afterBytes) return;
    this.#isLong = true;
    // Most pipes are short, and need none of it.
    const { ReadAhead } = await import('./read-ahead.ts');
    if (socket.destroyed) return;
    const ahead = new ReadAhead(this.#input, program, () => {
      if (socket.destroyed) return;
      this.#isHandedOver = true;
      socket.pause();
      void this.#handOver(ahead, socket);
    });
    this.#ahead = ahead;
  }

  async #handOver(ahead: ReadAhead, socket: Socket): Promise<void> {
    try {
      await ahead.read();
      if (this.#input.control.signal.aborted) this.#readWaiting();
    } catch (error) {
      this.#fault ??= error;
    }
    socket.destroy();
  }

  /** Decompresses bytes; false when nothing can follow. Throws InputError. */
  async #decompress(decompressor: Decompressor, compressed: Buffer): Promise<boolean> {
    const length = (this.#kept?.length ?? MOST_KEPT_BYTES) + compressed.length;
    this.#kept = length > MOST_KEPT_BYTES ? undefined : Buffer.concat([this.#kept ?? compressed, compressed]);
    try {
      return await decompressor.write(compressed);
    } catch (error) {
      if (!(await this.#recover(decompressor))) throw error;
      return true;
    }
  }

  /** Reads what was lost with a fault. True when the log goes on as text, which is read from here on. */
  async #recover(decompressor: Decompressor): Promise<boolean> {
    const kept = this.#kept;
    if (kept === undefined) return false;
    this.#kept = undefined;
    const again = decompressor.again();
    try {
      await again.write(kept);
      await again.end();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    } finally {
      again.close();
    }
    const { name, feed } = this.#input;
    const text = again.appendedAt === undefined ? undefined : kept.subarray(again.appendedAt);
    if (text === undefined || !isLogText(text, name)) return false;
    decompressor.close();
    this.#decompressor = undefined;
    this.#isText = true;
    feed.push(text);
    return true;
  }

  /** Finds out from the first bytes what the input is. */
  #begin(): void {
    const { name, feed, control } = this.#input;
    const head = this.#first.subarray(0, this.#firstBytes);
    if (isGzip(head)) {
      this.#decompressor = new Decompressor(name, feed, control.onSample, PIPE_PIECE_BYTES);
      return;
    }
    refuseOtherThanText(head, name);
    control.onSample(head);
    this.#isText = true;
    feed.push(this.#takeFirst());
    control.onTurn();
  }

  #takeFirst(): Buffer {
    const bytes = Buffer.from(this.#first.subarray(0, this.#firstBytes));
    this.#firstBytes = 0;
    return bytes;
  }

  /** Reads what waits in the pipe, which libuv has made non-blocking; gives its length. Throws what is wrong with it: a socket tells that once. */
  #readWaiting(): number {
    const { fd, feed } = this.#input;
    let left = MOST_AT_ONCE_BYTES;
    while (left > 0) {
      let count = 0;
      try {
        const space = feed.space();
        count = readSync(fd, space, 0, Math.min(left, space.length), null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') break;
        throw error;
      }
      if (count === 0) break;
      feed.filled(count);
      left -= count;
    }
    return MOST_AT_ONCE_BYTES - left;
  }

  async #end(): Promise<void> {
    const decompressor = this.#decompressor;
    if (decompressor === undefined) return;
    try {
      await decompressor.end();
    } catch (error) {
      if ((error as InputError).code !== 'gzip-damaged' || !(await this.#recover(decompressor))) throw error;
    }
  }

  async #finish(): Promise<void> {
    const { signal } = this.#input.control;
    try {
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#firstBytes > 0 && this.#decompressor === undefined) this.#begin();
      if (this.#decompressor === undefined || signal.aborted) return;
      if (this.#firstBytes > 0) await this.#decompress(this.#decompressor, this.#takeFirst());
      await this.#end();
    } finally {
      this.#decompressor?.close();
    }
  }
}

/** The most compressed bytes that are kept. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

function raise(error: unknown): never {
  throw error;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

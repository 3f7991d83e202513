/** Reads one input to its end, block by block, into a LineFeed. Memory does not depend on its size. */
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { LineFeed } from '../line-feed.ts';
import { fromSystemError, InputError } from './errors.ts';
import { isGzip, refuseOtherThanText, SNIFF_BYTES } from './sniff.ts';

/** One read: large enough that calls do not count, small enough to stay in the processor's cache. */
const READ_BYTES = 1024 * 1024;
/** After this much, timers and signals get their turn. */
const TURN_BYTES = 16 * 1024 * 1024;

export const STDIN = '-';
const STDIN_FD = 0;

/** What happens around the reading. */
export interface ReadControl {
  /** Ends the reading; what was read counts. */
  readonly signal: AbortSignal;
  /** Called now and then between blocks. */
  readonly onTurn: () => void;
  /** Called once with the first bytes of an input, for a word about what it holds. */
  readonly onSample: (bytes: Uint8Array) => void;
}

/** A part of a regular file; `end` undefined reads on to its end. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** How messages call an input. */
export function inputName(path: string): string {
  return path === STDIN ? 'standard input' : path;
}

/** Reads a file or, for `-`, standard input. Throws InputError; what was read before it counts. */
export async function readInput(path: string, feed: LineFeed, control: ReadControl, range?: ByteRange): Promise<void> {
  const name = inputName(path);
  const fd = path === STDIN ? STDIN_FD : openInput(path);
  try {
    const stats = statInput(fd, name);
    if (stats.isFile()) await readRegularFile(fd, name, feed, control, range ?? { start: positionOf(fd) });
    else if (stats.isFIFO() || stats.isSocket()) await readPipe(fd, name, feed, control);
    else await readChunks(createReadStream('', { fd, autoClose: false }), name, feed, control);
  } finally {
    if (fd !== STDIN_FD) closeSync(fd);
  }
}

function openInput(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw fromSystemError(error, path);
  }
}

function statInput(fd: number, name: string): Stats {
  const stats = fstatSync(fd);
  if (stats.isDirectory()) throw new InputError('is-directory', `${name} is a directory`, 'name the log files in it');
  return stats;
}

/** Where standard input stands when a shell shares it with other commands; 0 where the system does not tell. */
export function positionOf(fd: number): number {
  if (fd !== STDIN_FD) return 0;
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function readRegularFile(
  fd: number,
  name: string,
  feed: LineFeed,
  control: ReadControl,
  range: ByteRange,
): Promise<void> {
  const head = Buffer.alloc(SNIFF_BYTES);
  const sniffed = head.subarray(0, readSync(fd, head, 0, SNIFF_BYTES, range.start));
  control.onSample(sniffed);
  if (isGzip(sniffed) && range.end === undefined) {
    return gunzipInto(createReadStream('', { fd, start: range.start, autoClose: false }), name, feed, control);
  }
  if (range.start === 0) refuseOtherThanText(sniffed, name);
  const end = range.end ?? Number.POSITIVE_INFINITY;
  let untilTurn = TURN_BYTES;
  for (let position = range.start; position < end && !control.signal.aborted; ) {
    const space = feed.space();
    const count = readSync(fd, space, 0, Math.min(space.length, READ_BYTES, end - position), position);
    if (count === 0) break;
    feed.filled(count);
    position += count;
    untilTurn -= count;
    if (untilTurn <= 0) {
      untilTurn = TURN_BYTES;
      control.onTurn();
      await nextTurn();
    }
  }
  feed.end();
}

/**
 * A pipe is read straight into the scanner's memory: a stream would allocate and copy each 64 KiB, which alone costs
 * as much as scanning them.
 */
function readPipe(fd: number, name: string, feed: LineFeed, control: ReadControl): Promise<void> {
  return new Promise((resolve, reject) => {
    const first = Buffer.allocUnsafe(64 * 1024);
    let gunzip: ReturnType<typeof createGunzip> | undefined;
    let started = false;
    const onBytes = (count: number): boolean => {
      if (gunzip !== undefined) return gunzip.write(Buffer.from(first.subarray(0, count)));
      if (!started) {
        started = true;
        const bytes = first.subarray(0, count);
        control.onSample(bytes);
        if (isGzip(bytes)) {
          gunzip = createGunzip();
          gunzip.on('drain', () => socket.resume());
          consumeGunzip(gunzip, name, feed, control).then(resolve, reject);
          return gunzip.write(Buffer.from(bytes));
        }
        refuseOtherThanText(bytes, name);
        feed.push(bytes);
      } else {
        feed.filled(count);
      }
      control.onTurn();
      return true;
    };
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: () => (started && gunzip === undefined ? feed.space() : first),
        callback: (count: number) => {
          try {
            return onBytes(count);
          } catch (error) {
            socket.destroy();
            reject(error);
            return false;
          }
        },
      },
    };
    const socket = new Socket(options);
    const stop = () => socket.destroy();
    control.signal.addEventListener('abort', stop);
    socket.on('error', (error) => reject(fromSystemError(error, name)));
    socket.on('end', () => gunzip?.end());
    socket.on('close', () => {
      control.signal.removeEventListener('abort', stop);
      if (gunzip !== undefined) return void (control.signal.aborted && gunzip.destroy());
      feed.end();
      resolve();
    });
    socket.resume();
  });
}

async function readChunks(stream: Readable, name: string, feed: LineFeed, control: ReadControl): Promise<void> {
  let started = false;
  const stop = () => stream.destroy();
  control.signal.addEventListener('abort', stop);
  try {
    for await (const chunk of stream) {
      if (!started) {
        started = true;
        control.onSample(chunk);
        refuseOtherThanText(chunk, name);
      }
      feed.push(chunk);
      control.onTurn();
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!control.signal.aborted) throw fromSystemError(error, name);
  } finally {
    control.signal.removeEventListener('abort', stop);
    feed.end();
  }
}

function gunzipInto(compressed: Readable, name: string, feed: LineFeed, control: ReadControl): Promise<void> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // Errors of both reach the reader of gunzip: nothing is left to do here.
  pipeline(compressed, gunzip, () => {});
  return consumeGunzip(gunzip, name, feed, control);
}

async function consumeGunzip(gunzip: Readable, name: string, feed: LineFeed, control: ReadControl): Promise<void> {
  const stop = () => gunzip.destroy();
  control.signal.addEventListener('abort', stop);
  let started = false;
  try {
    for await (const chunk of gunzip) {
      if (!started) {
        started = true;
        control.onSample(chunk);
        refuseOtherThanText(chunk, `${name} (decompressed)`);
      }
      feed.push(chunk);
      control.onTurn();
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (!control.signal.aborted) throw gzipError(error, name);
  } finally {
    control.signal.removeEventListener('abort', stop);
    feed.end();
  }
}

function gzipError(error: unknown, name: string): InputError {
  const hint = 'what could be read is counted; fetch the file again for the rest';
  if ((error as { code?: string }).code === 'Z_BUF_ERROR') {
    return new InputError('gzip-truncated', `${name} ends in the middle of its gzip data`, hint);
  }
  return new InputError('gzip-damaged', `${name} is damaged: ${(error as Error).message}`, hint);
}

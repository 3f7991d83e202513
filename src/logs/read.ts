/** Reads one input to its end, block by block, into a LineFeed. Memory does not depend on its size. */
import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Decompressor } from './input/gunzip.ts';
import { isGzip, isLogText, refuseOtherThanText, SNIFF_BYTES } from './input/sniff.ts';
import { fromSystemError, InputError, isSystemError } from './input-errors.ts';
import type { LineFeed } from './line-feed.ts';

/** The bytes of one read: large enough that calls do not count, small enough to stay in the processor's cache. */
const READ_BYTES = 1024 * 1024;
const COMPRESSED_READ_BYTES = 64 * 1024;
const SHORT_COMPRESSED_READ_BYTES = 16 * 1024;
/** The bytes between two turns of timers and signals. */
const TURN_BYTES = 16 * 1024 * 1024;
/** The bytes between two turns where a caller may end the reading: `diff` needs some hundredths of a second for them. */
const SIGNAL_TURN_BYTES = 1024 * 1024;

export const STDIN = '-';
export const STDIN_FD = 0;

/** A thread that reads a pipe ahead, for one that can give it a processor. */
export interface PipeAhead {
  /** A program that serves PipeThreads. */
  readonly program: URL;
  /** How many bytes have to come as fast as they are read before the thread is started; 32 MiB without it. */
  readonly afterBytes?: number;
}

/** The callbacks of the reading, and its end. */
export interface ReadControl {
  /** The signal that ends the reading; what was read counts. */
  readonly signal: AbortSignal;
  /** Called now and then between blocks. */
  readonly onTurn: () => void | Promise<void>;
  /** The bytes between two turns, where that is a choice; 16 MiB without it. */
  readonly turnBytes?: number;
  /** For standard input, where it is a pipe. */
  readonly pipeAhead?: PipeAhead;
  /** Called once with the first bytes of an input that is text, for a word about what it holds. */
  readonly onSample: (bytes: Uint8Array) => void;
}

/** The control of a reading without callbacks; a signal that is given gets its turn often. */
export function silentControl(signal: AbortSignal | undefined): ReadControl {
  const silent = { onTurn: () => undefined, onSample: () => undefined };
  if (signal === undefined) return { ...silent, signal: new AbortController().signal };
  return { ...silent, signal, turnBytes: SIGNAL_TURN_BYTES };
}

/** A part of a regular file; `end` undefined reads on to its end. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** One input that is open. */
export interface OpenInput {
  readonly fd: number;
  /** The name of the input in messages. */
  readonly name: string;
  readonly feed: LineFeed;
  readonly control: ReadControl;
}

/** The name of an input in messages. */
export function inputName(path: string): string {
  return path === STDIN ? 'standard input' : path;
}

/** Reads a file or, for `-`, standard input. Throws InputError; what was read before it counts. */
export async function readInput(path: string, feed: LineFeed, control: ReadControl, range?: ByteRange): Promise<void> {
  const name = inputName(path);
  try {
    const fd = path === STDIN ? STDIN_FD : openInput(path);
    await readOpened({ fd, name, feed, control }, range);
  } catch (error) {
    throw isSystemError(error) ? fromSystemError(error, name) : error;
  } finally {
    endFeed(feed, control);
  }
}

function endFeed(feed: LineFeed, { signal }: Pick<ReadControl, 'signal'>): void {
  if (signal.aborted) feed.abandon();
  else feed.end();
}

/** Reads bytes or text that a caller has, cut anywhere. */
export async function readChunks(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  feed: LineFeed,
  { signal, turnBytes = TURN_BYTES }: Pick<ReadControl, 'signal' | 'turnBytes'>,
): Promise<void> {
  let untilTurn = turnBytes;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let at = 0; at < bytes.length && !signal.aborted; ) {
      const part = bytes.subarray(at, at + untilTurn);
      feed.push(part);
      at += part.length;
      untilTurn -= part.length;
      if (untilTurn > 0) continue;
      untilTurn = turnBytes;
      await nextTurn();
    }
    if (signal.aborted) break;
  }
  endFeed(feed, { signal });
}

/** Opens an input without blocking: a named pipe that nobody writes to yet would keep Ctrl-C from being handled. */
export function openInput(path: string): number {
  return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

async function readOpened(input: OpenInput, range: ByteRange | undefined): Promise<void> {
  const { fd, name } = input;
  // The reader of a pipe or a terminal closes it.
  let isOurs = fd !== STDIN_FD;
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw new InputError('is-directory', `${name} is a directory`, 'name the log files in it');
    if (stats.isFile()) return await readRegularFile(input, range);
    isOurs = false;
    if (stats.isFIFO() || stats.isSocket()) {
      const { readPipe } = await import('./input/pipe.ts');
      return await readPipe(input);
    }
    await readDevice(input);
  } finally {
    if (isOurs) closeSync(fd);
  }
}

/** Where an input begins: standard input may share its file with other commands. */
export function startOf(path: string): number {
  return path === STDIN ? positionOf(0) : 0;
}

/** The position of standard input when a shell shares it with other commands; 0 where the system does not tell. */
function positionOf(fd: number): number {
  if (fd !== STDIN_FD) return 0;
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function readRegularFile(input: OpenInput, range: ByteRange | undefined): Promise<void> {
  const { fd, name, control } = input;
  const beginning = positionOf(fd);
  const start = range?.start ?? beginning;
  if (start === beginning) {
    const head = Buffer.alloc(SNIFF_BYTES);
    const sniffed = head.subarray(0, readSync(fd, head, 0, SNIFF_BYTES, start));
    if (isGzip(sniffed)) return readGzip(input, start);
    refuseOtherThanText(sniffed, name);
    control.onSample(sniffed);
  }
  await readText(input, start, range?.end ?? Number.POSITIVE_INFINITY);
}

async function readText({ fd, feed, control }: OpenInput, start: number, end: number): Promise<void> {
  const { turnBytes = TURN_BYTES } = control;
  let untilTurn = turnBytes;
  for (let position = start; position < end && !control.signal.aborted; ) {
    const space = feed.space();
    const count = readSync(fd, space, 0, Math.min(space.length, READ_BYTES, turnBytes, end - position), position);
    if (count === 0) break;
    feed.filled(count);
    position += count;
    untilTurn -= count;
    if (untilTurn <= 0) {
      untilTurn = turnBytes;
      await control.onTurn();
      await nextTurn();
    }
  }
}

async function readGzip(input: OpenInput, start: number): Promise<void> {
  const { Decompressor, FILE_PIECE_BYTES } = await import('./input/gunzip.ts');
  const decompressor = new Decompressor(input.name, input.feed, input.control.onSample, FILE_PIECE_BYTES);
  try {
    await decompressFile(decompressor, input, start);
  } catch (error) {
    if ((error as InputError).code !== 'gzip-damaged') throw error;
    const appendedAt = await rescue(decompressor.again(), input, start);
    if (appendedAt === undefined || !isText(input.fd, start + appendedAt, input.name)) throw error;
    await readText(input, start + appendedAt, Number.POSITIVE_INFINITY);
  } finally {
    decompressor.close();
  }
}

/** Whether a log goes on uncompressed at a position. */
function isText(fd: number, position: number, name: string): boolean {
  const head = Buffer.alloc(SNIFF_BYTES);
  return isLogText(head.subarray(0, readSync(fd, head, 0, SNIFF_BYTES, position)), name);
}

/** Reads the text right before the damage, which was lost with it. Returns Decompressor.appendedAt. */
async function rescue(again: Decompressor, input: OpenInput, start: number): Promise<number | undefined> {
  try {
    await decompressFile(again, input, start);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  } finally {
    again.close();
  }
  return again.appendedAt;
}

async function decompressFile(decompressor: Decompressor, { fd, control }: OpenInput, start: number): Promise<void> {
  // Data may decompress to a thousand times its size: who wants short turns gets as little as pays.
  const bytes = control.turnBytes === undefined ? COMPRESSED_READ_BYTES : SHORT_COMPRESSED_READ_BYTES;
  const block = Buffer.alloc(bytes);
  for (let position = start; !control.signal.aborted; ) {
    const count = readSync(fd, block, 0, block.length, position);
    if (count === 0) return await decompressor.end();
    if (!(await decompressor.write(block.subarray(0, count)))) return;
    position += count;
    await control.onTurn();
  }
}

/** Reads a terminal, /dev/null and the like. */
async function readDevice({ fd, name, feed, control }: OpenInput): Promise<void> {
  const { isatty, ReadStream } = await import('node:tty');
  const stream: Readable = isatty(fd) ? new ReadStream(fd) : createReadStream('', { fd, autoClose: fd !== STDIN_FD });
  const stop = () => stream.destroy();
  control.signal.addEventListener('abort', stop);
  let isFirst = true;
  try {
    for await (const chunk of stream) {
      if (isFirst) {
        refuseOtherThanText(chunk, name);
        control.onSample(chunk);
      }
      isFirst = false;
      feed.push(chunk);
      await control.onTurn();
    }
  } catch (error) {
    if (!control.signal.aborted) throw error;
  } finally {
    control.signal.removeEventListener('abort', stop);
  }
}

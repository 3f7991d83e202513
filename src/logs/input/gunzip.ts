/** Decompresses gzip data into a LineFeed such that nothing that can be read before a fault is lost. */
import { createGunzip, type Gunzip } from 'node:zlib';
import { InputError } from '../input-errors.ts';
import type { LineFeed } from '../line-feed.ts';
import { refuseOtherThanText } from './sniff.ts';

/**
 * The bytes of a piece. zlib gives what it has decompressed only when a whole piece was good: a fault loses this much data.
 * Smaller pieces cost time. A file is read again, by `again`, which loses nothing; a pipe cannot be.
 */
export const FILE_PIECE_BYTES = 16 * 1024;
export const PIPE_PIECE_BYTES = 4 * 1024;
/** The bytes of the checksum at the very end, which shall not lose the last text. */
const TRAILER_BYTES = 8;

export class Decompressor {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: 64 * 1024 });
  readonly #name: string;
  readonly #pieceBytes: number;
  readonly #feed: LineFeed;
  readonly #onSample: (text: Uint8Array) => void;
  /** The last bytes given, not yet decompressed. */
  #held = Buffer.alloc(0);
  /** Bytes that were decompressed without a fault, and the bytes of their text. */
  #goodBytes = 0;
  #textBytes = 0;
  /** Bytes of text that are known already. */
  #skipBytes = 0;
  /** The position from which each byte is a piece. */
  #carefulFrom = Number.POSITIVE_INFINITY;
  #isOver = false;
  #fault: unknown;
  #wake: () => void = () => {};

  /** @param name for messages. @param onSample gets the first text */
  constructor(name: string, feed: LineFeed, onSample: (text: Uint8Array) => void, pieceBytes: number) {
    this.#name = name;
    this.#pieceBytes = pieceBytes;
    this.#feed = feed;
    this.#onSample = onSample;
    this.#gunzip.on('data', (text: Buffer) => this.#take(text));
    this.#gunzip.on('error', (fault) => this.#finish(fault));
    // Also when something else than another member follows the data: gzip ignores that too.
    this.#gunzip.on('end', () => this.#finish(undefined));
  }

  /** Decompresses the next bytes. False when nothing can follow. Throws InputError. */
  async write(bytes: Uint8Array): Promise<boolean> {
    const all = Buffer.concat([this.#held, bytes]);
    const ready = Math.max(0, all.length - TRAILER_BYTES);
    this.#held = all.subarray(ready);
    for (let at = 0; at < ready && !this.#isOver; ) {
      const careful = this.#carefulFrom - this.#goodBytes;
      const piece = all.subarray(at, Math.min(ready, at + (careful > 0 ? Math.min(careful, this.#pieceBytes) : 1)));
      await this.#decompress(piece);
      at += piece.length;
    }
    this.#check();
    return !this.#isOver;
  }

  /** Ends the data. Throws InputError when it is not complete, or is damaged. */
  async end(): Promise<void> {
    for (let at = 0; at < this.#held.length && !this.#isOver; at += 1) {
      await this.#decompress(this.#held.subarray(at, at + 1));
    }
    if (!this.#isOver) {
      const over = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#gunzip.end();
      await over;
    }
    this.#check();
  }

  /** A decompressor that, after a fault, gets the same data from its beginning and gives the text that was lost. */
  again(): Decompressor {
    const next = new Decompressor(this.#name, this.#feed, () => {}, this.#pieceBytes);
    next.#skipBytes = this.#textBytes;
    next.#carefulFrom = this.#goodBytes;
    return next;
  }

  /**
   * The position, after a fault of one that was made by `again`, where another member should begin and something else does,
   * as where text was appended to a compressed log. Undefined after any other fault.
   */
  get appendedAt(): number | undefined {
    const isHeader = isZlibError(this.#fault) && (this.#fault as Error).message === 'incorrect header check';
    // Of the two bytes that begin a member the first one was still taken.
    return isHeader && this.#goodBytes > 0 ? this.#goodBytes - 1 : undefined;
  }

  /** Frees zlib's memory. */
  close(): void {
    this.#gunzip.destroy();
  }

  #decompress(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.write(piece, (fault) => {
        if (!fault && !this.#isOver) this.#goodBytes += piece.length;
        resolve();
      });
    });
  }

  #take(text: Buffer): void {
    if (this.#isOver) return;
    try {
      if (this.#textBytes === 0) {
        refuseOtherThanText(text, `${this.#name} (decompressed)`);
        this.#onSample(text);
      }
      this.#feed.push(text.subarray(Math.min(text.length, Math.max(0, this.#skipBytes - this.#textBytes))));
      this.#textBytes += text.length;
    } catch (fault) {
      this.#finish(fault);
    }
  }

  #finish(fault: unknown): void {
    if (!this.#isOver) this.#fault = fault;
    this.#isOver = true;
    this.#wake();
  }

  #check(): void {
    if (this.#fault === undefined) return;
    throw isZlibError(this.#fault) ? gzipError(this.#fault, this.#name) : this.#fault;
  }
}

function isZlibError(fault: unknown): boolean {
  return /^Z_/.test(String((fault as { code?: unknown }).code));
}

function gzipError(fault: unknown, name: string): InputError {
  const hint = 'what could be read is counted; fetch the file again for the rest';
  if ((fault as { code?: string }).code === 'Z_BUF_ERROR') {
    return new InputError('gzip-truncated', `${name} ends in the middle of its gzip data`, hint);
  }
  return new InputError('gzip-damaged', `${name} is damaged: ${(fault as Error).message}`, hint);
}

/** Decompresses gzip data into a LineFeed such that nothing that can be read before a fault is lost. */
import { createGunzip, type Gunzip } from 'node:zlib';
import { InputError } from './errors.ts';
import { refuseOtherThanText } from './sniff.ts';

/**
 * zlib gives what it has decompressed only when a whole piece of input was good. Small pieces keep the text small that
 * a damaged one takes with it.
 */
const PIECE_BYTES = 1024;
/** The checksum at the very end shall not take the last text with it. */
const TRAILER_BYTES = 8;

export class Decompressor {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: 64 * 1024 });
  readonly #name: string;
  readonly #onText: (text: Buffer) => void;
  /** The last bytes given, not yet decompressed. */
  #held = Buffer.alloc(0);
  #fault: unknown;
  #isOver = false;
  #wake: () => void = () => {};
  #isFirst = true;

  /** `onText` gets the text in order. `name` is for messages. */
  constructor(name: string, onText: (text: Buffer) => void) {
    this.#name = name;
    this.#onText = onText;
    this.#gunzip.on('data', (text: Buffer) => this.#take(text));
    this.#gunzip.on('error', (error) => this.#end(error));
    // Also when something else than another member follows the data: gzip ignores that too.
    this.#gunzip.on('end', () => this.#end(undefined));
  }

  /** Decompresses the next bytes. False when nothing can follow. Throws InputError. */
  async write(bytes: Uint8Array): Promise<boolean> {
    const all = Buffer.concat([this.#held, bytes]);
    const ready = Math.max(0, all.length - TRAILER_BYTES);
    this.#held = all.subarray(ready);
    for (let at = 0; at < ready && !this.#isOver; at += PIECE_BYTES) {
      await this.#decompress(all.subarray(at, Math.min(ready, at + PIECE_BYTES)));
    }
    this.#check();
    return !this.#isOver;
  }

  /** The data is complete. Throws InputError when it is not, or is damaged. */
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

  /** Frees zlib's memory. */
  close(): void {
    this.#gunzip.destroy();
  }

  #decompress(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.write(piece, () => resolve());
    });
  }

  #take(text: Buffer): void {
    try {
      if (this.#isFirst) refuseOtherThanText(text, `${this.#name} (decompressed)`);
      this.#isFirst = false;
      this.#onText(text);
    } catch (error) {
      this.#end(error);
    }
  }

  #end(fault: unknown): void {
    if (!this.#isOver) this.#fault = fault;
    this.#isOver = true;
    this.#wake();
  }

  #check(): void {
    if (this.#fault instanceof InputError || this.#fault === undefined) {
      if (this.#fault !== undefined) throw this.#fault;
      return;
    }
    throw gzipError(this.#fault, this.#name);
  }
}

function gzipError(fault: unknown, name: string): InputError {
  const hint = 'what could be read is counted; fetch the file again for the rest';
  if ((fault as { code?: string }).code === 'Z_BUF_ERROR') {
    return new InputError('gzip-truncated', `${name} ends in the middle of its gzip data`, hint);
  }
  return new InputError('gzip-damaged', `${name} is damaged: ${(fault as Error).message}`, hint);
}

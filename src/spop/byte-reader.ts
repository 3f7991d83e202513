import { invalidFrame } from './errors.ts';

/**
 * A place in some bytes, and where they end. Everything is read through one of these: the `read*` functions take
 * what they need from `position` on and never look past `end`.
 *
 * It holds no copy. A FrameReader hands out one and the same for all frames, so keep values, never the reader.
 */
export class ByteReader {
  bytes: Buffer;
  position: number;
  end: number;

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Points it at other bytes. */
  reset(bytes: Buffer, position: number, end: number): void {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** Steps over `length` bytes and returns where they begin. */
  skip(length: number, what: string): number {
    const start = this.position;
    if (length > this.end - start) throw invalidFrame(`${what} ends after ${this.end - start} of ${length} bytes`);
    this.position = start + length;
    return start;
  }

  readByte(what: string): number {
    if (this.position >= this.end) throw invalidFrame(`${what} is missing`);
    return this.bytes[this.position++] as number;
  }
}

const CR = 0x0d;
const LF = 0x0a;
/** The most bytes of extensions of all chunks of a body: they say nothing, and a body of little else would have no end. */
const MAX_EXTENSION_BYTES = 16 * 1024;
const MAX_TRAILER_BYTES = 16 * 1024;
/** The most bytes of framing above those of data: bytes in chunks of one cost more than they say. */
const MAX_FRAMING_BYTES = 16 * 1024;
/** The most hex digits of a size: 2^48 bytes are more than anybody sends, and the number stays exact. */
const MAX_SIZE_DIGITS = 12;

/** Receives data where it lies, bytes[start, end): what is kept has to be copied. */
export type OnData = (bytes: Buffer, start: number, end: number) => void;

/** Steps through a chunked body, RFC 9112 section 7.1, wherever its bytes are cut. Extensions and trailers are skipped. */
export class ChunkReader {
  /** Bytes of data in the last `read`. */
  dataBytes = 0;
  done = false;
  #state: 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | 'trailer' = 'size';
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #lineBytes = 0;
  #trailerBytes = 0;
  #previous = 0;
  /** Bytes that are no data, less those that are. */
  #excessBytes = 0;
  readonly #onData: OnData | undefined;

  constructor(onData?: OnData) {
    this.#onData = onData;
  }

  reset(): void {
    this.dataBytes = 0;
    this.done = false;
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#lineBytes = 0;
    this.#trailerBytes = 0;
    this.#previous = 0;
    this.#excessBytes = 0;
  }

  /** Reads on in bytes[at, end); returns where it stopped, which is before `end` only when done, or -1 when invalid. */
  read(bytes: Buffer, from: number, end: number): number {
    this.dataBytes = 0;
    let at = from;
    while (at < end && !this.done) {
      if (this.#state === 'data') {
        const count = Math.min(this.#size, end - at);
        this.#size -= count;
        this.#excessBytes -= count;
        this.dataBytes += count;
        this.#onData?.(bytes, at, at + count);
        at += count;
        if (this.#size === 0) this.#state = 'data-cr';
      } else if (++this.#excessBytes > MAX_FRAMING_BYTES || !this.#readByte(bytes[at++] as number)) return -1;
    }
    return at;
  }

  #readByte(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#readSize(byte);
      case 'extension':
        if (byte === CR) this.#state = 'size-end';
        return byte !== LF && ++this.#extensionBytes <= MAX_EXTENSION_BYTES;
      case 'size-end':
        if (byte !== LF) return false;
        this.#state = this.#size === 0 ? 'trailer' : 'data';
        this.#digits = 0;
        return true;
      case 'data-cr':
        this.#state = 'data-lf';
        return byte === CR;
      case 'data-lf':
        this.#state = 'size';
        return byte === LF;
      default:
        return this.#readTrailer(byte);
    }
  }

  #readSize(byte: number): boolean {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      return ++this.#digits <= MAX_SIZE_DIGITS;
    }
    if (this.#digits === 0) return false;
    if (byte === CR) this.#state = 'size-end';
    else if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.#state = 'extension';
    else return false;
    return true;
  }

  /** Skips lines up to an empty one. */
  #readTrailer(byte: number): boolean {
    if (++this.#trailerBytes > MAX_TRAILER_BYTES) return false;
    if (byte === LF) {
      if (this.#previous !== CR) return false;
      if (this.#lineBytes === 1) this.done = true;
      this.#lineBytes = 0;
    } else {
      if (this.#previous === CR && this.#lineBytes > 0) return false;
      this.#lineBytes++;
    }
    this.#previous = byte;
    return true;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

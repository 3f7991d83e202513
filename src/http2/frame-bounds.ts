/**
 * Bounds of what a server sends over HTTP/2, applied before node reads it: frames that a client has no use for are dropped,
 * and all frames but data cost credit, which requests refill.
 *
 *     +-----------------------------------------------+
 *     |                 Length (24)                   |
 *     +---------------+---------------+---------------+
 *     |   Type (8)    |   Flags (8)   |
 *     +-+-------------+---------------+-------------------------------+
 *     |R|                 Stream Identifier (31)                      |
 *     +=+=============================================================+
 *     |                   Frame Payload (0...)                      ...
 *     +---------------------------------------------------------------+
 *                                              RFC 9113, section 4.1
 */
import { FloodError } from './errors.ts';

const HEAD_BYTES = 9;
/** `PRI * HTTP/2.0…`, which a client sends before its first frame. */
const PREFACE_BYTES = 24;
const TYPE_AT = 3;
const FLAGS_AT = 4;
const PADDED = 0x08;
/** Longest padding, with the byte that says how much. */
const MAX_PADDING = 256;

const DATA = 0;
const HEADERS = 1;
const PRIORITY = 2;
const CONTINUATION = 9;

/** A connection begins with so much: servers send settings, windows and PINGs as they like. */
const FIRST_CREDIT = 1_000;
/** Most credit a connection can save up, whatever it was asked: some 0.2 s of work. */
const MAX_CREDIT = 10_000;
/** An answer is two or three frames, its trailers among them, and there may be interim ones. */
const CREDIT_OF_A_REQUEST = 20;
/** Servers open the window again, of the stream and of the connection, for as little as 4 KiB of a request. */
const SENT_BYTES_PER_CREDIT = 512;
/** A long frame costs as much as some short ones. */
const BYTES_PER_CREDIT = 1024;

/** How much is passed on in one piece: so much of header blocks, 32 frames, or 16 KiB of data. Each costs a millisecond or two. */
const WORK_OF_A_PIECE = 1024;
const WORK_OF_A_FRAME = 32;
const DATA_BYTES_PER_WORK = 16;

/** Follows what a client sends, for the credit it gives. */
export class SentFrames {
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  /** Bytes until the next frame begins. */
  #left = PREFACE_BYTES;

  /** @returns the credit that comes with these bytes */
  push(bytes: Buffer): number {
    let credit = 0;
    for (let at = 0; at < bytes.length; ) {
      const skipped = Math.min(this.#left, bytes.length - at);
      this.#left -= skipped;
      at += skipped;
      const copied = this.#left > 0 ? 0 : bytes.copy(this.#head, this.#headBytes, at);
      this.#headBytes += copied;
      at += copied;
      if (this.#headBytes < HEAD_BYTES) continue;
      this.#headBytes = 0;
      this.#left = this.#head.readUIntBE(0, 3);
      credit += creditOf(this.#head[TYPE_AT] as number, this.#left);
    }
    return credit;
  }
}

function creditOf(type: number, length: number): number {
  if (type === HEADERS) return CREDIT_OF_A_REQUEST;
  return type === DATA ? Math.ceil(length / SENT_BYTES_PER_CREDIT) : 0;
}

/** Follows what a server sends. Memory: what was pushed last, and eight bytes of a head that is not complete. */
export class ReceivedFrames {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Bytes of the frame at hand that are still to come, its head among them. */
  #left = 0;
  #isPassed = true;
  #isData = false;
  /** True before the first frame: whether the bytes are HTTP/2 at all is for the reader to say. */
  #isFirst = true;
  #credit = FIRST_CREDIT;

  /** Adds what a request is worth. */
  grant(credit: number): void {
    this.#credit = Math.min(MAX_CREDIT, this.#credit + credit);
  }

  push(bytes: Buffer): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    this.#at = 0;
  }

  /**
   * @returns what is to be read next; undefined when more has to be pushed first
   * @throws FloodError when it is more than anybody has use for
   */
  next(): Buffer | undefined {
    let start = this.#at;
    let work = 0;
    while (work < WORK_OF_A_PIECE) {
      if (this.#left === 0) {
        if (!this.#begin()) break;
        work += WORK_OF_A_FRAME;
      }
      if (this.#isPassed) {
        const workOfAByte = this.#isData ? 1 / DATA_BYTES_PER_WORK : 1;
        const count = this.#advance(Math.max(1, Math.ceil((WORK_OF_A_PIECE - work) / workOfAByte)));
        if (count === 0) break;
        work += count * workOfAByte;
      } else {
        // The bytes before a dropped frame are passed on first.
        if (this.#at > start || this.#advance(this.#left) === 0) break;
        work = 0;
        start = this.#at;
      }
    }
    return this.#at > start ? this.#bytes.subarray(start, this.#at) : undefined;
  }

  /** Takes up to `most` bytes of the frame at hand, or what is there of it. */
  #advance(most: number): number {
    const count = Math.min(most, this.#left, this.#bytes.length - this.#at);
    this.#at += count;
    this.#left -= count;
    return count;
  }

  /** Reads the head of the next frame, which costs what it costs. @returns whether it is there */
  #begin(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    if (bytes.length - at < HEAD_BYTES) return false;
    const length = bytes.readUIntBE(at, 3);
    const type = bytes[at + TYPE_AT] as number;
    this.#isData = type === DATA;
    this.#isPassed = this.#isFirst || (type <= CONTINUATION && type !== PRIORITY);
    this.#left = HEAD_BYTES + length;
    this.#credit -= this.#isData ? costOfData(length, bytes[at + FLAGS_AT] as number) : costOf(length);
    if (this.#credit < 0 && !this.#isFirst) throw new FloodError();
    this.#isFirst = false;
    return true;
  }
}

function costOf(length: number): number {
  return 1 + Math.floor(length / BYTES_PER_CREDIT);
}

/** The credit a frame of data costs: as with chunks in HTTP/1.1, there may be as many bytes of heads as of data. */
function costOfData(length: number, flags: number): number {
  const padding = (flags & PADDED) === 0 ? 0 : MAX_PADDING;
  return length - padding < HEAD_BYTES ? 1 : 0;
}

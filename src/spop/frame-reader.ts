import { ByteReader } from './byte-reader.ts';
import { invalidFrame, SpopError, SpopStatus } from './errors.ts';
import { LENGTH_BYTES, MIN_FRAME_BYTES } from './frame-header.ts';

const NO_BYTES = Buffer.alloc(0);

const never = (): boolean => false;

/** The reader stands at the type of the frame. It is the same one each time: it is void when the call returns. */
export type OnFrame = (frame: ByteReader) => void;

/**
 * Cuts a stream of bytes into frames: doc/SPOE.txt, section 3.2.
 *
 *     <FRAME-LENGTH:4 bytes> <FRAME>
 *
 * A frame that lies whole in one chunk is read where it lies. Of one that does not, what has come is kept in a buffer
 * of exactly its length, which was checked first: never more than `maxFrameSize` bytes.
 */
export class FrameReader {
  /** The longest frame that is accepted; it may change between two frames, as it does after HELLO. */
  maxFrameSize: number;
  readonly #onFrame: OnFrame;
  readonly #reader = new ByteReader(NO_BYTES);
  /** Length bytes of the frame that has begun, and what they say so far. */
  #lengthBytes = 0;
  #length = 0;
  /** The frame that has begun, once its length is known. */
  #partial: Buffer | undefined;
  #filled = 0;
  #stopped = false;

  constructor(maxFrameSize: number, onFrame: OnFrame) {
    this.maxFrameSize = maxFrameSize;
    this.#onFrame = onFrame;
  }

  /** True while a frame has begun and not ended: a stream that ends here was cut. */
  get isPartial(): boolean {
    return this.#lengthBytes > 0;
  }

  /** A copy of what has come of the frame that has begun, its length included; another reader goes on from it. */
  get begun(): Buffer {
    if (!this.isPartial) return NO_BYTES;
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(this.#length * 256 ** (LENGTH_BYTES - this.#lengthBytes));
    const rest = this.#partial?.subarray(0, this.#filled) ?? NO_BYTES;
    return Buffer.concat([length.subarray(0, this.#lengthBytes), rest]);
  }

  /** Bytes of memory held for the frame that has begun. */
  get buffered(): number {
    return this.#partial?.length ?? 0;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Ignores whatever comes from now on, the rest of the current chunk included. */
  stop(): void {
    this.#stopped = true;
    this.#partial = undefined;
    this.#lengthBytes = 0;
  }

  /**
   * Calls back for every frame that ends in this chunk. After an error, also one of the callback, the reader is stopped:
   * where the next frame begins is not known.
   * @param isOver asked after each frame: the rest of the chunk is left for another call
   * @returns bytes that were read
   * @throws SpopError 3 for a length above `maxFrameSize`, 4 for one that no frame can have
   */
  push(chunk: Buffer, isOver: () => boolean = never): number {
    if (this.#stopped) return chunk.length;
    let ended = false;
    try {
      let position = this.#lengthBytes === 0 ? 0 : this.#resume(chunk, 0);
      while (chunk.length - position >= LENGTH_BYTES && !this.#stopped) {
        const length = chunk.readUInt32BE(position);
        this.#check(length);
        const end = position + LENGTH_BYTES + length;
        if (end > chunk.length) break;
        this.#reader.reset(chunk, position + LENGTH_BYTES, end);
        position = end;
        this.#onFrame(this.#reader);
        if (position < chunk.length && isOver()) {
          ended = true;
          return position;
        }
      }
      if (position < chunk.length && !this.#stopped) this.#resume(chunk, position);
      ended = true;
      return chunk.length;
    } finally {
      this.#reader.reset(NO_BYTES, 0, 0);
      if (!ended) this.stop();
    }
  }

  #check(length: number): void {
    if (length > this.maxFrameSize) {
      throw new SpopError(SpopStatus.frameTooBig, `frame of ${length} bytes, ${this.maxFrameSize} are allowed`);
    }
    if (length < MIN_FRAME_BYTES) throw invalidFrame(`frame of ${length} bytes is too short`);
  }

  /** Takes bytes for the frame that has begun, or begins one, and returns the position behind them. */
  #resume(chunk: Buffer, from: number): number {
    let position = from;
    while (this.#lengthBytes < LENGTH_BYTES) {
      if (position === chunk.length) return position;
      const higher = this.#lengthBytes++ === 0 ? 0 : this.#length * 256;
      this.#length = higher + (chunk[position++] as number);
    }
    if (this.#partial === undefined) {
      this.#check(this.#length);
      this.#partial = Buffer.allocUnsafe(this.#length);
      this.#filled = 0;
    }
    const partial = this.#partial;
    const taken = Math.min(partial.length - this.#filled, chunk.length - position);
    chunk.copy(partial, this.#filled, position, position + taken);
    this.#filled += taken;
    if (this.#filled < partial.length) return position + taken;
    this.#lengthBytes = 0;
    this.#partial = undefined;
    this.#reader.reset(partial, 0, partial.length);
    this.#onFrame(this.#reader);
    return position + taken;
  }
}

/** Most frames an agent writes have some 10 bytes: thousands fit into one piece of memory. */
const BLOCK_BYTES = 16 * 1024;

/**
 * Where the `write*` functions put their bytes, one after the other; `take` hands over what has come together since
 * the last time. Several frames written in a row are one piece of memory, ready for a single write to the socket.
 * It holds no memory before the first write and one block afterwards: many connections may share one.
 */
export class ByteWriter {
  /** Frames longer than this are refused when they end; a session sets it to what was negotiated. */
  maxFrameSize: number;
  bytes: Buffer;
  position = 0;
  #taken = 0;

  constructor(maxFrameSize: number = 2 ** 32 - 1) {
    this.maxFrameSize = maxFrameSize;
    this.bytes = Buffer.alloc(0);
  }

  /** Bytes that wait to be taken. */
  get pending(): number {
    return this.position - this.#taken;
  }

  /** Makes room for `length` more bytes. Positions taken before are void afterwards. */
  reserve(length: number): void {
    if (this.position + length <= this.bytes.length) return;
    const pending = this.pending;
    const bytes = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, 2 * (pending + length)));
    this.bytes.copy(bytes, 0, this.#taken, this.position);
    this.bytes = bytes;
    this.#taken = 0;
    this.position = pending;
  }

  writeByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.position++] = byte;
  }

  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** Forgets everything after the first `pending` bytes that wait to be taken. */
  rewind(pending: number): void {
    this.position = this.#taken + pending;
  }

  /** The bytes written since the last `take`, as a view; they are never written to again. */
  take(): Buffer {
    const taken = this.bytes.subarray(this.#taken, this.position);
    this.#taken = this.position;
    return taken;
  }

  /** As `take`, in memory of its own: a view keeps its whole block for as long as it is kept. */
  takeCopy(): Buffer {
    const view = this.take();
    const copy = Buffer.allocUnsafeSlow(view.length);
    view.copy(copy);
    return copy;
  }
}

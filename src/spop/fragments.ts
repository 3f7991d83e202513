/**
 * Payloads that come in several frames: doc/SPOE.txt up to HAProxy 3.0, section 3.2 "Frames".
 *
 *     NOTIFY without FIN, UNSET…, UNSET with FIN      all with the same stream-id and frame-id
 *     … UNSET with FIN and ABORT                      HAProxy gives the payload up
 *
 * HAProxy 3.1 and later never send them.
 */
import { ByteReader } from './byte-reader.ts';
import { invalidFrame, SpopError, SpopStatus } from './errors.ts';
import { FrameFlag, type FrameHeader, FrameType } from './frame-header.ts';
import type { Uint64 } from './varint.ts';

export interface FragmentLimits {
  /** Payloads that may be incomplete at the same time. */
  readonly maxPayloads: number;
  /** Bytes held for all of them together. */
  readonly maxBytes: number;
}

/** A payload that is incomplete: `filled` bytes in a buffer that doubles as they come. */
interface Payload {
  buffer: Buffer;
  filled: number;
}

const EMPTY: Buffer = Buffer.alloc(0);
/** A payload is not worth its place with less. */
const LEAST_BYTES = 256;

/**
 * The payloads of one connection that are incomplete. Give it every NOTIFY and UNSET frame; unfragmented ones pass
 * through untouched.
 */
export class Fragments {
  readonly #limits: FragmentLimits;
  readonly #open = new Map<string, Payload>();
  /** Payloads that this side gave up: HAProxy may have sent more fragments of them before it learns about it. Oldest first. */
  readonly #discarded = new Set<string>();
  #bytes = 0;

  /** Without limits fragmentation is not supported, and every fragment is an error with code 10. */
  constructor(limits: FragmentLimits = { maxPayloads: 0, maxBytes: 0 }) {
    this.#limits = limits;
  }

  /** How many payloads are incomplete. */
  get size(): number {
    return this.#open.size;
  }

  /** Bytes of memory held for incomplete payloads. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a NOTIFY or UNSET frame whose header has been read. Returns the payload when it is complete: `frame` itself
   * for an unfragmented one, otherwise a reader of bytes that belong to the caller; undefined when more is to come or
   * when HAProxy gave it up.
   *
   * With code 3 or 13 only this payload is lost and forgotten, its further fragments are skipped: a session may answer
   * it with `writeAckAbort` and go on. Any other code is the end of the connection.
   * @throws SpopError 10 fragments are not supported, 11 it is out of order, 12 nothing began with these ids,
   *   3 it alone is over the limit of bytes, 13 it is too much together with the others
   */
  accept(header: FrameHeader, frame: ByteReader): ByteReader | undefined {
    const { type, flags } = header;
    if (type === FrameType.notify && (flags & FrameFlag.fin) !== 0 && this.#open.size === 0) return frame;
    if (type !== FrameType.notify && type !== FrameType.unset)
      throw invalidFrame(`frame type ${type} has no fragments`);
    const key = keyOf(header);
    return type === FrameType.notify ? this.#begin(key, header, frame) : this.#continue(key, header, frame);
  }

  /** Gives a payload up: what has come is forgotten, what still comes is skipped. */
  discard(streamId: Uint64, frameId: Uint64): void {
    this.#discard(keyOf({ streamId, frameId }));
  }

  /** Forgets everything, as at the end of the connection. */
  clear(): void {
    this.#open.clear();
    this.#discarded.clear();
    this.#bytes = 0;
  }

  #begin(key: string, { flags }: FrameHeader, frame: ByteReader): ByteReader | undefined {
    if (this.#open.has(key)) {
      throw new SpopError(SpopStatus.interlacedFrames, `NOTIFY ${key} begins again before it is complete`);
    }
    this.#discarded.delete(key);
    if ((flags & FrameFlag.fin) !== 0) return frame;
    this.#requireSupport();
    if ((flags & FrameFlag.abort) !== 0) throw invalidFrame('ABORT without FIN');
    if (this.#open.size >= this.#limits.maxPayloads) {
      this.#discard(key);
      throw new SpopError(SpopStatus.resourceAllocation, `more than ${this.#limits.maxPayloads} incomplete payloads`);
    }
    const payload = { buffer: EMPTY, filled: 0 };
    this.#open.set(key, payload);
    this.#append(key, payload, frame);
    return undefined;
  }

  #continue(key: string, { flags }: FrameHeader, frame: ByteReader): ByteReader | undefined {
    this.#requireSupport();
    const ends = (flags & (FrameFlag.fin | FrameFlag.abort)) !== 0;
    const payload = this.#open.get(key);
    if (payload === undefined) {
      if (!this.#discarded.has(key)) throw this.#unknown(key);
      if (ends) this.#discarded.delete(key);
      return undefined;
    }
    if ((flags & FrameFlag.abort) !== 0) {
      this.#forget(key);
      return undefined;
    }
    this.#append(key, payload, frame);
    if (!ends) return undefined;
    this.#forget(key);
    return new ByteReader(payload.buffer, 0, payload.filled);
  }

  #requireSupport(): void {
    if (this.#limits.maxPayloads > 0) return;
    throw new SpopError(SpopStatus.fragmentationNotSupported, 'fragments were not offered in AGENT-HELLO');
  }

  /** The error of a fragment that does not belong: out of place between those of another payload, else without a beginning. */
  #unknown(key: string): SpopError {
    return this.#open.size > 0
      ? new SpopError(SpopStatus.interlacedFrames, `fragment of ${key} between those of another payload`)
      : new SpopError(SpopStatus.frameIdNotFound, `fragment of ${key}, which has not begun`);
  }

  #append(key: string, payload: Payload, frame: ByteReader): void {
    const filled = payload.filled + frame.remaining;
    if (filled > payload.buffer.length) this.#grow(key, payload, filled);
    frame.bytes.copy(payload.buffer, payload.filled, frame.position, frame.end);
    frame.position = frame.end;
    payload.filled = filled;
  }

  /** Doubles the buffer, so that many small fragments cost no more than a few large ones; less near the limit. */
  #grow(key: string, payload: Payload, needed: number): void {
    const { maxBytes } = this.#limits;
    const others = this.#bytes - payload.buffer.length;
    if (needed > maxBytes - others) {
      this.#discard(key);
      throw needed > maxBytes
        ? new SpopError(SpopStatus.frameTooBig, `fragmented payload of more than ${maxBytes} bytes`)
        : new SpopError(SpopStatus.resourceAllocation, `more than ${maxBytes} bytes of incomplete payloads`);
    }
    const size = Math.min(maxBytes - others, Math.max(LEAST_BYTES, 2 * payload.buffer.length, needed));
    const buffer = Buffer.allocUnsafe(size);
    payload.buffer.copy(buffer, 0, 0, payload.filled);
    payload.buffer = buffer;
    this.#bytes = others + size;
  }

  #forget(key: string): void {
    this.#bytes -= this.#open.get(key)?.buffer.length ?? 0;
    this.#open.delete(key);
  }

  #discard(key: string): void {
    this.#forget(key);
    this.#discarded.delete(key);
    this.#discarded.add(key);
    if (this.#discarded.size <= this.#limits.maxPayloads) return;
    for (const oldest of this.#discarded) {
      this.#discarded.delete(oldest);
      return;
    }
  }
}

function keyOf({ streamId, frameId }: Pick<FrameHeader, 'streamId' | 'frameId'>): string {
  return `stream-id ${streamId}, frame-id ${frameId}`;
}

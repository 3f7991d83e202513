import type { ByteReader } from '../spop/byte-reader.ts';
import { SpopError, SpopStatus } from '../spop/errors.ts';
import { Fragments } from '../spop/fragments.ts';
import type { FrameHeader } from '../spop/frame-header.ts';
import type { AgentStats } from './counters.ts';
import type { AgentLimits } from './limits.ts';

/** A payload that is too much: it alone is answered with an aborting ACK, the connection goes on. */
export const REFUSED = Symbol('refused');

/** The payloads of one connection, put together from fragments within the bounds of the connection and of the agent. */
export class Payloads {
  readonly #stats: AgentStats;
  #fragments = new Fragments();
  #maxTotal = 0;
  /** Bytes that the statistics count for this connection. */
  #counted = 0;

  constructor(stats: AgentStats) {
    this.#stats = stats;
  }

  /** Accepts fragments from now on; before this call every fragment is an error. */
  support(limits: AgentLimits): void {
    this.#fragments = new Fragments({ maxPayloads: limits.maxFragmentedPayloads, maxBytes: limits.maxFragmentBytes });
    this.#maxTotal = limits.maxFragmentBytesTotal;
  }

  /**
   * A complete payload, or undefined while more is to come or when HAProxy gave it up.
   * @throws SpopError 4, 10, 11, 12: the end of the connection
   */
  accept(header: FrameHeader, frame: ByteReader): ByteReader | undefined | typeof REFUSED {
    const open = this.#fragments.size;
    try {
      const payload = this.#fragments.accept(header, frame);
      if (open === 0 && payload === frame) return payload;
      this.#count();
      if (payload === undefined && this.#fragments.size < open) this.#stats.payloadsAborted++;
      if (this.#stats.fragmentBytes <= this.#maxTotal) return payload;
      this.#fragments.discard(header.streamId, header.frameId);
      throw new SpopError(SpopStatus.resourceAllocation, 'too many bytes of incomplete payloads');
    } catch (error) {
      this.#count();
      const code = error instanceof SpopError ? error.code : undefined;
      if (code !== SpopStatus.frameTooBig && code !== SpopStatus.resourceAllocation) throw error;
      this.#stats.payloadsAborted++;
      return REFUSED;
    }
  }

  /** True while no payload has begun. */
  get isEmpty(): boolean {
    return this.#fragments.size === 0;
  }

  clear(): void {
    this.#fragments.clear();
    this.#count();
  }

  #count(): void {
    const { bytes } = this.#fragments;
    this.#stats.fragmentBytes += bytes - this.#counted;
    this.#counted = bytes;
  }
}

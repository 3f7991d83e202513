/**
 * --sample: keeps a share of the traces, chosen by trace id, so that every run, host and file chooses the same ones; and
 * every error. The last seven bytes of the id decide, as in OpenTelemetry's consistent probability sampling.
 */
import { Int } from '../logs/row.ts';
import { writeTraceId } from './identity.ts';

const TWO_24 = 2 ** 24;
const TWO_32 = 2 ** 32;
const TWO_56 = 2 ** 56;

export class Sampler {
  readonly #threshold: number;
  readonly #id = new Int32Array(4);

  /** `ratio` of successes that are kept, 0 to 1. */
  constructor(ratio: number) {
    this.#threshold = Math.round((1 - ratio) * TWO_56);
  }

  keeps(ints: Int32Array, int: number, identity: number, occurrence: number): boolean {
    if (ints[int + Int.status] !== 0) return true;
    writeTraceId(ints, identity, occurrence, this.#id, 0);
    const high = (this.#id[2] as number) & (TWO_24 - 1);
    const low = (this.#id[3] as number) >>> 0;
    return high * TWO_32 + low >= this.#threshold;
  }
}

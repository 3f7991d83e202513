/** Which events of a part were left out, because another line had told them before. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** More than the events of a part: what is longer is none of ours. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A bit an event, in the order of lines; as a text compressed, since they come in runs or every other one. */
export class LeftOut {
  #bits = new Uint8Array(64);
  #end = 0;

  /** Throws RangeError for a text that is none. */
  static fromText(text: string): LeftOut {
    const found = new LeftOut();
    if (text === '') return found;
    try {
      found.#bits = new Uint8Array(inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_BYTES }));
    } catch {
      throw new RangeError('not a list of events that were left out');
    }
    found.#end = found.#bits.length;
    return found;
  }

  add(event: number): void {
    const at = event >> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (event & 7));
    this.#end = Math.max(this.#end, at + 1);
  }

  has(event: number): boolean {
    return ((this.#bits[event >> 3] ?? 0) & (1 << (event & 7))) !== 0;
  }

  toText(): string {
    return this.#end === 0 ? '' : deflateRawSync(this.#bits.subarray(0, this.#end)).toString('base64');
  }
}

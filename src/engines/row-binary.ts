/** Rows in RowBinary as ClickHouse writes them: https://clickhouse.com/docs/interfaces/formats/RowBinary. */
import type { EngineBlock, PlainType } from './engine.ts';

const BLOCK_ROWS = 4096;
/** Texts that come again and again are one. */
const MOST_TEXTS = 8192;

/** The rows, column by column. Throws an error where the bytes are no whole rows. */
export function* readBlocks(bytes: Buffer, types: readonly PlainType[]): Generator<EngineBlock, void> {
  const texts = new Texts();
  let at = 0;
  while (at < bytes.length) {
    const numbers = types.map(() => new Float64Array(BLOCK_ROWS));
    const words = types.map((type): string[] => (type === 'text' ? new Array<string>(BLOCK_ROWS) : []));
    let count = 0;
    for (; count < BLOCK_ROWS && at < bytes.length; count++) {
      for (let i = 0; i < types.length; i++) {
        const type = types[i] as PlainType;
        const column = numbers[i] as Float64Array;
        if (type === 'text') {
          let length = 0;
          for (let scale = 1; ; scale *= 128) {
            const byte = bytes[at++];
            if (byte === undefined || scale > 2 ** 28) throw new Error('a row has no end');
            length += (byte & 127) * scale;
            if (byte < 128) break;
          }
          if (at + length > bytes.length) throw new Error('a row has no end');
          (words[i] as string[])[count] = texts.read(bytes, at, at + length);
          at += length;
          continue;
        }
        const size = type === 'u8' ? 1 : type === 'f64' ? 8 : 4;
        if (at + size > bytes.length) throw new Error('a row has no end');
        if (type === 'i32') column[count] = bytes.readInt32LE(at);
        else if (type === 'u32') column[count] = bytes.readUInt32LE(at);
        else if (type === 'f64') column[count] = bytes.readDoubleLE(at);
        else column[count] = bytes[at] as number;
        at += size;
      }
    }
    const columns = types.map((type, i) => (type === 'text' ? (words[i] as string[]) : (numbers[i] as Float64Array)));
    yield { count, columns };
  }
}

/** Texts by their bytes: the last one most of all. */
class Texts {
  #last: { readonly bytes: Uint8Array; readonly text: string } = { bytes: Buffer.alloc(0), text: '' };
  readonly #known = new Map<string, string>();

  read(bytes: Buffer, start: number, end: number): string {
    const { bytes: before } = this.#last;
    if (before.length === end - start && bytes.compare(before, 0, before.length, start, end) === 0)
      return this.#last.text;
    const key = bytes.toString('latin1', start, end);
    let text = this.#known.get(key);
    if (text === undefined) {
      text = bytes.toString('utf8', start, end);
      if (this.#known.size >= MOST_TEXTS) this.#known.clear();
      this.#known.set(key, text);
    }
    this.#last = { bytes: bytes.subarray(start, end), text };
    return text;
  }
}

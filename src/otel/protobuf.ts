/**
 * The protobuf wire format (protobuf.dev, "Encoding"), as far as OTLP needs it: a buffer that grows, and a reader for
 * answers.
 */

const TWO_32 = 2 ** 32;

export class ProtobufBuffer {
  bytes: Buffer;
  length = 0;
  /** Doubles are written through memory of their own, which is faster than Buffer's method. */
  readonly #double = new Float64Array(1);
  readonly #doubleBytes = new Uint8Array(this.#double.buffer);

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): void {
    let rest = value;
    while (rest >= TWO_32) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest = rest >>> 7;
    }
    this.bytes[this.length++] = rest;
  }

  raw(bytes: Uint8Array): void {
    // A loop: for the few bytes of a name, set() costs more than it saves.
    const { length } = bytes;
    if (length > 64) this.bytes.set(bytes, this.length);
    else {
      const target = this.bytes;
      const at = this.length;
      for (let i = 0; i < length; i++) target[at + i] = bytes[i] as number;
    }
    this.length += length;
  }

  /** A word, first byte first. Ids are written in this order, and read as hexadecimal text in this order. */
  bigEndian(word: number): void {
    const target = this.bytes;
    const at = this.length;
    target[at] = word >>> 24;
    target[at + 1] = word >>> 16;
    target[at + 2] = word >>> 8;
    target[at + 3] = word;
    this.length = at + 4;
  }

  fixed32(word: number): void {
    const target = this.bytes;
    const at = this.length;
    target[at] = word;
    target[at + 1] = word >>> 8;
    target[at + 2] = word >>> 16;
    target[at + 3] = word >>> 24;
    this.length = at + 4;
  }

  double(value: number): void {
    this.#double[0] = value;
    const from = this.#doubleBytes;
    const target = this.bytes;
    const at = this.length;
    for (let i = 0; i < 8; i++) target[at + i] = from[i] as number;
    this.length = at + 8;
  }

  /** Epoch ms as nanoseconds, fixed64: more digits than a double holds, so it is worked out in two halves. */
  nanoseconds(epochMs: number): void {
    const ms = Math.floor(epochMs);
    const upper = Math.floor(ms / 65_536) * 1e6;
    const lower = (ms % 65_536) * 1e6 + Math.round((epochMs - ms) * 1e6);
    const low = (upper % 65_536) * 65_536 + lower;
    this.fixed32(low % TWO_32 | 0);
    this.fixed32((Math.floor(upper / 65_536) + Math.floor(low / TWO_32)) | 0);
  }

  /** Makes the bytes from `start` on a length-delimited field: its length goes before them. */
  closeDelimited(start: number): void {
    const length = this.length - start;
    const size = varintBytes(length);
    if (size > 1) this.bytes.copyWithin(start - 1 + size, start, this.length);
    const end = this.length + size - 1;
    this.length = start - 1;
    this.varint(length);
    this.length = end;
  }

  /** Begins a length-delimited field; gives what closeDelimited wants. One byte is kept for the length. */
  openDelimited(tag: number): number {
    this.bytes[this.length++] = tag;
    this.length += 1;
    return this.length;
  }

  text(tag: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.reserve(bytes.length + 8);
    this.byte(tag);
    this.varint(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
}

export function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) count += 1;
  return count;
}

/** One field of a message: a number for varints and fixed ones, bytes for the length-delimited. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** The fields of a message, in order. What is cut off or of an unknown wire type ends it: answers are never trusted. */
export function readFields(bytes: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined) break;
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    let value: bigint | Uint8Array | undefined;
    if (wire === 0) value = varint();
    else if (wire === 1 && at + 8 <= bytes.length) value = view.getBigUint64((at += 8) - 8, true);
    else if (wire === 5 && at + 4 <= bytes.length) value = BigInt(view.getUint32((at += 4) - 4, true));
    else if (wire === 2) {
      const length = Number(varint() ?? -1n);
      if (length >= 0 && at + length <= bytes.length) value = bytes.subarray(at, (at += length));
    }
    if (value === undefined) break;
    fields.push({ number, value });
  }
  return fields;
}

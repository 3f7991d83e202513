/**
 * The protobuf wire format (protobuf.dev, "Encoding"), as far as OTLP needs it: a buffer that grows, and a reader for
 * answers.
 */

const TWO_32 = 2 ** 32;

export class ProtobufBuffer {
  bytes: Buffer;
  length = 0;
  /** The same memory: a DataView writes numbers in one instruction. */
  view: DataView;

  constructor(capacity: number) {
    this.bytes = Buffer.alloc(capacity);
    this.view = viewOf(this.bytes);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = viewOf(grown);
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
    this.view.setInt32(this.length, word);
    this.length += 4;
  }

  fixed32(word: number): void {
    this.view.setInt32(this.length, word, true);
    this.length += 4;
  }

  double(value: number): void {
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Epoch ms as nanoseconds, fixed64: more digits than a double holds, so it is worked out in two halves. */
  nanoseconds(epochMs: number): void {
    const ms = Math.floor(epochMs);
    const upper = Math.floor(ms / 65_536) * 1e6;
    const lower = (ms % 65_536) * 1e6 + Math.round((epochMs - ms) * 1e6);
    const low = (upper % 65_536) * 65_536 + lower;
    this.fixed32((low % TWO_32) | 0);
    this.fixed32((Math.floor(upper / 65_536) + Math.floor(low / TWO_32)) | 0);
  }

  /** Makes the bytes from `start` on a length-delimited field: its length goes before them. */
  closeDelimited(start: number): void {
    const length = this.length - start;
    if (length < 128) {
      this.bytes[start - 1] = length;
      return;
    }
    const size = varintBytes(length);
    if (size > 1) this.bytes.copyWithin(start - 1 + size, start, this.length);
    const end = this.length + size - 1;
    this.length = start - 1;
    this.varint(length);
    this.length = end;
  }

  /** Begins a length-delimited field and returns what closeDelimited wants. One byte is kept for the length. */
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

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
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
  /** Steps over `count` bytes and returns where they begin; -1 when not all of them are there. */
  const take = (count: number): number => {
    if (count < 0 || at + count > bytes.length) return -1;
    at += count;
    return at - count;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined) break;
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    let value: bigint | Uint8Array | undefined;
    if (wire === 0) value = varint();
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint() ?? -1n) : -1;
      const from = take(length);
      if (from < 0) break;
      if (wire === 1) value = view.getBigUint64(from, true);
      else if (wire === 5) value = BigInt(view.getUint32(from, true));
      else value = bytes.subarray(from, at);
    }
    if (value === undefined) break;
    fields.push({ number, value });
  }
  return fields;
}

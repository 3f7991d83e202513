/**
 * The variable-length integer of HAProxy's peers protocol: doc/SPOE.txt, section 3.1 "Data types".
 *
 *     0 <= X < 240        1 byte    [ XXXX XXXX ]
 *     240 <= X < 2288     2 bytes   [ 1111 XXXX ] [ 0XXX XXXX ]
 *     2288 <= X < 264432  3 bytes   [ 1111 XXXX ] [ 1XXX XXXX ] [ 0XXX XXXX ]
 *     … 7 bits more with each byte, up to 10 bytes for 64 bits
 *
 * Each byte is added whole, with its marking bits, so every number has exactly one encoding.
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { invalidFrame } from './errors.ts';

/** 0 to 2^64 - 1, exact: a number up to 2^53 - 1, a bigint beyond, never the other way round. */
export type Uint64 = number | bigint;

const MAX_VARINT_BYTES = 10;
/** From this value on the first byte says that more follow. */
const ONE_BYTE_LIMIT = 240;
const MORE = 128;
/** The sum of 7 bytes stays below 2^48, so it is exact in a number; an eighth could pass 2^53. */
const NUMBER_BYTES = 7;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export function readVarint(reader: ByteReader): Uint64 {
  const { bytes, position, end } = reader;
  if (position >= end) throw invalidFrame('varint is missing');
  const first = bytes[position] as number;
  reader.position = position + 1;
  if (first < ONE_BYTE_LIMIT) return first;

  const last = position + NUMBER_BYTES;
  let value = first;
  let scale = 16;
  for (let at = position + 1; at < last; at++) {
    if (at >= end) throw invalidFrame('varint is cut short');
    const byte = bytes[at] as number;
    value += byte * scale;
    scale *= MORE;
    if (byte < MORE) {
      reader.position = at + 1;
      return value;
    }
  }
  return readLongVarint(reader, position, value);
}

/** Bytes 8 to 10: only numbers above 2^46 or so come here, negative ones among them. */
function readLongVarint(reader: ByteReader, start: number, low: number): Uint64 {
  const { bytes, end } = reader;
  let value = BigInt(low);
  for (let at = start + NUMBER_BYTES; at < start + MAX_VARINT_BYTES; at++) {
    if (at >= end) throw invalidFrame('varint is cut short');
    const byte = bytes[at] as number;
    value += BigInt(byte) << BigInt(4 + 7 * (at - start - 1));
    if (byte >= MORE) continue;
    if (value > MAX_UINT64) throw invalidFrame('varint is larger than 64 bits');
    reader.position = at + 1;
    return canonicalInteger(value);
  }
  throw invalidFrame(`varint is longer than ${MAX_VARINT_BYTES} bytes`);
}

/** A varint that says how many bytes follow: checked against what is there before anybody uses it. */
export function readLength(reader: ByteReader, what: string): number {
  const length = readVarint(reader);
  if (length > reader.remaining) throw invalidFrame(`${what} ends after ${reader.remaining} of ${length} bytes`);
  return length as number;
}

/** @throws RangeError for anything but an integer from 0 to 2^64 - 1 */
export function writeVarint(writer: ByteWriter, value: Uint64): void {
  writer.reserve(MAX_VARINT_BYTES);
  const { bytes } = writer;
  if (typeof value === 'bigint' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number.isInteger(value))) {
    writeLongVarint(writer, value);
    return;
  }
  if (value < ONE_BYTE_LIMIT) {
    bytes[writer.position++] = value;
    return;
  }
  bytes[writer.position++] = (value % 16) + ONE_BYTE_LIMIT;
  let rest = Math.floor((value - ONE_BYTE_LIMIT) / 16);
  while (rest >= MORE) {
    bytes[writer.position++] = (rest % MORE) + MORE;
    rest = Math.floor((rest - MORE) / MORE);
  }
  bytes[writer.position++] = rest;
}

function writeLongVarint(writer: ByteWriter, value: Uint64): void {
  if (typeof value !== 'bigint' || value < 0n || value > MAX_UINT64) {
    throw new RangeError(`${value} is not an integer from 0 to 2^64 - 1`);
  }
  if (value <= MAX_SAFE) {
    writeVarint(writer, Number(value));
    return;
  }
  const { bytes } = writer;
  bytes[writer.position++] = Number(value % 16n) + ONE_BYTE_LIMIT;
  let rest = (value - 240n) >> 4n;
  while (rest >= 128n) {
    bytes[writer.position++] = Number(rest % 128n) + MORE;
    rest = (rest - 128n) >> 7n;
  }
  bytes[writer.position++] = Number(rest);
}

/** How many bytes `writeVarint` takes for an integer from 0 to 2^64 - 1. */
export function varintLength(value: Uint64): number {
  if (value < ONE_BYTE_LIMIT) return 1;
  let length = 2;
  for (let rest = (BigInt(value) - 240n) >> 4n; rest >= 128n; rest = (rest - 128n) >> 7n) length++;
  return length;
}

/** A number where it is exact, a bigint beyond. */
export function canonicalInteger(value: bigint): number | bigint {
  return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value;
}

/**
 * Values with their type: doc/SPOE.txt, section 3.1 "Data types".
 *
 *     TYPED-DATA : <TYPE: 4 low bits> <FLAGS: 4 high bits> <DATA>
 *
 *     0 NULL     nothing                          5 UINT64  varint
 *     1 BOOL     nothing, the value is flag 0x10  6 IPV4    4 bytes
 *     2 INT32    varint, two's complement         7 IPV6    16 bytes
 *     3 UINT32   varint                           8 STRING  varint length, bytes
 *     4 INT64    varint, two's complement         9 BINARY  varint length, bytes
 *
 * Flags of other types mean nothing yet and are ignored; types 10 to 15 are reserved and refused, as the
 * end of their data is unknown.
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { invalidFrame } from './errors.ts';
import { readName } from './name-cache.ts';
import { canonicalInteger, readLength, readVarint, type Uint64, writeVarint } from './varint.ts';

export const DataType = {
  null: 0,
  boolean: 1,
  int32: 2,
  uint32: 3,
  int64: 4,
  uint64: 5,
  ipv4: 6,
  ipv6: 7,
  string: 8,
  binary: 9,
} as const;
export type DataType = (typeof DataType)[keyof typeof DataType];

/** What a value is in JavaScript: integers beyond 2^53 - 1 are bigint, addresses, strings and binaries are bytes. */
export type DataValue = null | boolean | number | bigint | Buffer;

const TYPE_MASK = 0x0f;
const TRUE_FLAG = 0x10;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const MAX_INT32 = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
const NO_BYTES = Buffer.alloc(0);

/**
 * One value. Bytes stay where they are until someone asks: `bytes` is a view of the chunk that came from the socket,
 * and keeps all of that chunk in memory, so copy what outlives the frame for long.
 */
export class TypedData {
  readonly type: DataType;
  /** The value of types 0 to 5; null for the others. */
  readonly scalar: null | boolean | number | bigint;
  /** Types 6 to 9: the value is source[start, end). */
  readonly source: Buffer;
  readonly start: number;
  readonly end: number;

  constructor(type: DataType, scalar: null | boolean | number | bigint, source: Buffer, start: number, end: number) {
    this.type = type;
    this.scalar = scalar;
    this.source = source;
    this.start = start;
    this.end = end;
  }

  get value(): DataValue {
    return this.type >= DataType.ipv4 ? this.source.subarray(this.start, this.end) : this.scalar;
  }

  /** The bytes of types 6 to 9 as a view, undefined for the others. */
  get bytes(): Buffer | undefined {
    return this.type >= DataType.ipv4 ? this.source.subarray(this.start, this.end) : undefined;
  }

  /** A STRING or BINARY as latin1, which keeps every byte; undefined for other types. */
  get text(): string | undefined {
    return this.type >= DataType.string ? this.source.toString('latin1', this.start, this.end) : undefined;
  }

  /** As `text`, but faster for values that occur again and again, such as methods and versions. */
  get token(): string | undefined {
    return this.type >= DataType.string ? readName(this.source, this.start, this.end) : undefined;
  }
}

const NULL = new TypedData(DataType.null, null, NO_BYTES, 0, 0);
const TRUE = new TypedData(DataType.boolean, true, NO_BYTES, 0, 0);
const FALSE = new TypedData(DataType.boolean, false, NO_BYTES, 0, 0);

export function readTypedData(reader: ByteReader): TypedData {
  const byte = reader.readByte('typed data');
  const type = byte & TYPE_MASK;
  switch (type) {
    case DataType.string:
    case DataType.binary: {
      const length = readLength(reader, type === DataType.string ? 'string' : 'binary');
      const start = reader.position;
      reader.position = start + length;
      return new TypedData(type, null, reader.bytes, start, start + length);
    }
    case DataType.null:
      return NULL;
    case DataType.boolean:
      return (byte & TRUE_FLAG) !== 0 ? TRUE : FALSE;
    case DataType.int32:
      return integer(type, signed32(readVarint(reader)));
    case DataType.uint32: {
      const value = readVarint(reader);
      if (value > MAX_UINT32) throw invalidFrame('UINT32 is larger than 32 bits');
      return integer(type, value);
    }
    case DataType.int64:
      return integer(type, signed64(readVarint(reader)));
    case DataType.uint64:
      return integer(type, readVarint(reader));
    case DataType.ipv4:
      return address(reader, type, IPV4_BYTES);
    case DataType.ipv6:
      return address(reader, type, IPV6_BYTES);
    default:
      throw invalidFrame(`data type ${type} is reserved`);
  }
}

function integer(type: DataType, value: number | bigint): TypedData {
  return new TypedData(type, value, NO_BYTES, 0, 0);
}

function address(reader: ByteReader, type: DataType, length: number): TypedData {
  const start = reader.skip(length, 'address');
  return new TypedData(type, null, reader.bytes, start, start + length);
}

function signed64(value: Uint64): number | bigint {
  return typeof value === 'bigint' ? canonicalInteger(BigInt.asIntN(64, value)) : value;
}

/** HAProxy extends the sign to 64 bits, as it does for INT64; peers that stop at 32 bits are understood as well. */
function signed32(value: Uint64): number {
  const signed = signed64(value);
  if (signed >= -MAX_INT32 - 1 && signed <= MAX_UINT32) return Number(signed) | 0;
  throw invalidFrame('INT32 is larger than 32 bits');
}

export function writeTypedData(writer: ByteWriter, data: TypedData): void {
  const { type, scalar } = data;
  writer.writeByte(scalar === true ? type | TRUE_FLAG : type);
  if (typeof scalar === 'number' || typeof scalar === 'bigint') {
    // Negative ones only exist in the signed types, which HAProxy reads as 64 bits both.
    writeVarint(writer, scalar < 0 ? BigInt.asUintN(64, BigInt(scalar)) : scalar);
    return;
  }
  if (type < DataType.ipv4) return;
  if (type >= DataType.string) writeVarint(writer, data.end - data.start);
  writer.writeBytes(data.source.subarray(data.start, data.end));
}

/** Typed values from JavaScript ones, for what an agent sends. Whatever does not fit its type is a RangeError. */
import { DataType, TypedData } from './typed-data.ts';
import { canonicalInteger } from './varint.ts';

const NO_BYTES = Buffer.alloc(0);
const BOUNDS = {
  [DataType.int32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [DataType.uint32]: [0n, 2n ** 32n - 1n],
  [DataType.int64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [DataType.uint64]: [0n, 2n ** 64n - 1n],
} as const;

export function nullData(): TypedData {
  return new TypedData(DataType.null, null, NO_BYTES, 0, 0);
}

export function booleanData(value: boolean): TypedData {
  return new TypedData(DataType.boolean, value, NO_BYTES, 0, 0);
}

export function int32Data(value: number): TypedData {
  return integerData(DataType.int32, value);
}

export function uint32Data(value: number): TypedData {
  return integerData(DataType.uint32, value);
}

export function int64Data(value: number | bigint): TypedData {
  return integerData(DataType.int64, value);
}

export function uint64Data(value: number | bigint): TypedData {
  return integerData(DataType.uint64, value);
}

/** 4 bytes in network order. */
export function ipv4Data(bytes: Uint8Array): TypedData {
  return addressData(DataType.ipv4, bytes, 4);
}

/** 16 bytes in network order. */
export function ipv6Data(bytes: Uint8Array): TypedData {
  return addressData(DataType.ipv6, bytes, 16);
}

/** Text as UTF-8, bytes as they are. */
export function stringData(value: string | Uint8Array): TypedData {
  return bytesData(DataType.string, typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
}

export function binaryData(bytes: Uint8Array): TypedData {
  return bytesData(DataType.binary, bytes);
}

/** The type a value most naturally has: integers are INT64, as HAProxy's own; fractions have none. */
export function dataOf(value: null | boolean | number | bigint | string | Uint8Array): TypedData {
  if (value === null) return nullData();
  if (typeof value === 'boolean') return booleanData(value);
  if (typeof value === 'string') return stringData(value);
  if (typeof value === 'number' || typeof value === 'bigint') return int64Data(value);
  return binaryData(value);
}

function integerData(type: keyof typeof BOUNDS, value: number | bigint): TypedData {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not an exact integer: use a bigint beyond 2^53 - 1`);
  }
  const [least, most] = BOUNDS[type];
  if (value < least || value > most) throw new RangeError(`${value} does not fit, ${least} to ${most} do`);
  // Adding 0 makes -0 an ordinary zero.
  const exact = typeof value === 'bigint' ? canonicalInteger(value) : value + 0;
  return new TypedData(type, exact, NO_BYTES, 0, 0);
}

function addressData(type: DataType, bytes: Uint8Array, length: number): TypedData {
  if (bytes.length !== length) throw new RangeError(`an address of ${length} bytes cannot have ${bytes.length}`);
  return bytesData(type, bytes);
}

function bytesData(type: DataType, bytes: Uint8Array): TypedData {
  const view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return new TypedData(type, null, view, 0, view.length);
}

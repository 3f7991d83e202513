/**
 * Names and values: doc/SPOE.txt, section 3.2 "Frames".
 *
 *     KV-LIST  : [ <KV-NAME> <KV-VALUE> ... ]
 *     KV-NAME  : <STRING>      varint length, bytes
 *     KV-VALUE : <TYPED-DATA>
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readName } from './name-cache.ts';
import { readTypedData, type TypedData, writeTypedData } from './typed-data.ts';
import { readLength, writeVarint } from './varint.ts';

/** Entries in the order of the frame, names that occur twice and empty names included. */
export class KvList {
  readonly names: readonly string[];
  readonly values: readonly TypedData[];

  constructor(names: readonly string[], values: readonly TypedData[]) {
    this.names = names;
    this.values = values;
  }

  static of(entries: Iterable<readonly [name: string, value: TypedData]>): KvList {
    const names: string[] = [];
    const values: TypedData[] = [];
    for (const [name, value] of entries) {
      names.push(name);
      values.push(value);
    }
    return new KvList(names, values);
  }

  get length(): number {
    return this.names.length;
  }

  /** The value of the first entry of that name. */
  get(name: string): TypedData | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : this.values[at];
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: TypedData]> {
    for (let i = 0; i < this.names.length; i++) yield [this.names[i] as string, this.values[i] as TypedData];
  }
}

/** Reads all there is, as in HELLO and DISCONNECT frames. */
export function readKvList(reader: ByteReader): KvList {
  const names: string[] = [];
  const values: TypedData[] = [];
  while (reader.position < reader.end) {
    names.push(readShortString(reader, 'name'));
    values.push(readTypedData(reader));
  }
  return new KvList(names, values);
}

/** Reads `count` entries, as in the messages of a NOTIFY frame. */
export function readKvEntries(reader: ByteReader, count: number): KvList {
  const names: string[] = [];
  const values: TypedData[] = [];
  for (let i = 0; i < count; i++) {
    names.push(readShortString(reader, 'argument name'));
    values.push(readTypedData(reader));
  }
  return new KvList(names, values);
}

export function writeKvList(writer: ByteWriter, list: KvList): void {
  for (let i = 0; i < list.length; i++) {
    writeShortString(writer, list.names[i] as string);
    writeTypedData(writer, list.values[i] as TypedData);
  }
}

/** A STRING without a type byte: the name of an entry, a message or a variable, as latin1. */
export function readShortString(reader: ByteReader, what: string): string {
  const length = readLength(reader, what);
  const start = reader.position;
  reader.position = start + length;
  return readName(reader.bytes, start, start + length);
}

/** @throws RangeError for a character that latin1 does not have: names are bytes, not text */
export function writeShortString(writer: ByteWriter, name: string): void {
  writeVarint(writer, name.length);
  writer.reserve(name.length);
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code > 0xff) throw new RangeError(`the name ${JSON.stringify(name)} has characters beyond latin1`);
    writer.bytes[writer.position++] = code;
  }
}

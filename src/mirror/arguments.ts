import { isUtf8 } from 'node:buffer';
import type { Message } from '../spop/messages.ts';
import { DataType, type TypedData } from '../spop/typed-data.ts';
import { CUT, cutText } from '../text/cut.ts';
import type { RecordArgument } from './record.ts';
import { TEXT_BOUNDS } from './text-bounds.ts';

/** The arguments of a message that mean something here, in whichever order they came; NULL is as good as absent. */
export interface MirrorArguments {
  readonly method: TypedData;
  readonly path: TypedData;
  readonly headers: TypedData | undefined;
  readonly body: TypedData | undefined;
  readonly uniqueId: TypedData | undefined;
  readonly sid: number | bigint | undefined;
  readonly pid: number | bigint | undefined;
  /** All other arguments, for the record. */
  readonly others: readonly RecordArgument[] | undefined;
}

const KNOWN = ['arg_method', 'arg_path', 'arg_ver', 'arg_hdrs', 'arg_body', 'arg_uid', 'arg_sid', 'arg_pid'] as const;
type Known = (typeof KNOWN)[number];
const KNOWN_NAMES: ReadonlySet<string> = new Set(KNOWN);
/** Arguments that are integers; one that holds any other text, as of a format of one's own, is an argument like all others. */
const INTEGERS: ReadonlySet<string> = new Set(['arg_sid', 'arg_pid']);

/** Undefined for a message that is not one to mirror: it lacks arg_method or arg_path. */
export function readArguments(message: Message): MirrorArguments | undefined {
  const { names, values } = message.args;
  const known: { [name in Known]?: TypedData } = {};
  let others: OtherArguments | undefined;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = values[i] as TypedData;
    const isKnown = KNOWN_NAMES.has(name) && !(INTEGERS.has(name) && readInteger(value) === undefined);
    if (isKnown || (KNOWN_NAMES.has(name) && value.type === DataType.null)) {
      if (value.type !== DataType.null) known[name as Known] ??= value;
    } else {
      others ??= new OtherArguments();
      others.add(name, value);
    }
  }
  const { arg_method: method, arg_path: path } = known;
  if (method === undefined || path === undefined) return undefined;
  return {
    method,
    path,
    headers: known.arg_hdrs,
    body: known.arg_body,
    uniqueId: known.arg_uid,
    sid: readInteger(known.arg_sid),
    pid: readInteger(known.arg_pid),
    others: others?.list(),
  };
}

/** Arguments that are only for the record, bounded: a message may have 255 of them as long as a frame. */
class OtherArguments {
  readonly #list: RecordArgument[] = [];
  #room: number = TEXT_BOUNDS.allArguments;
  #leftOut = 0;

  add(name: string, data: TypedData): void {
    const argument = [cutText(name, TEXT_BOUNDS.argumentName), recordValue(data)] as const;
    const [key, value] = argument;
    this.#room -= key.length + String(value).length;
    if (this.#room >= 0) this.#list.push(argument);
    else this.#leftOut += 1;
  }

  list(): readonly RecordArgument[] {
    return this.#leftOut === 0 ? this.#list : [...this.#list, [CUT, this.#leftOut]];
  }
}

/** An integer, or one in decimal digits, as a log-format string gives it. */
export function readInteger(data: TypedData | undefined): number | bigint | undefined {
  if (data === undefined) return undefined;
  if (typeof data.scalar === 'number' || typeof data.scalar === 'bigint') return data.scalar;
  const text = data.text;
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Reads text that is UTF-8 as such and any other bytes as latin1, one character each; at most `most` bytes of it. */
export function readText(data: TypedData, most: number): string | undefined {
  const { bytes, type } = data;
  if (bytes === undefined || type < DataType.string) return undefined;
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  if (bytes.length <= most) return bytes.toString(encoding);
  let end = most;
  // The cut falls before a character of several bytes, never within it.
  while (encoding === 'utf8' && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.toString(encoding, 0, end)}${CUT}`;
}

function recordValue(data: TypedData): string | number | boolean | null {
  if (data.type === DataType.ipv4) return [...(data.bytes ?? [])].join('.');
  if (data.type === DataType.ipv6) return formatIpv6(data.bytes ?? Buffer.alloc(16));
  if (data.type >= DataType.string) return readText(data, TEXT_BOUNDS.argumentValue) ?? null;
  return typeof data.scalar === 'bigint' ? String(data.scalar) : data.scalar;
}

/** The text of an address as RFC 5952 has it, which is how the platform's URL parser writes it. */
function formatIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

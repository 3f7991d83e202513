import { InputError } from '../input-errors.ts';

/** The number of bytes of an input that are looked at to see what it is. */
export const SNIFF_BYTES = 4096;
/** The least bytes that tell an input by its magic. */
export const MAGIC_BYTES = 6;

const COMPRESSED = [
  { what: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'zstdcat' },
  { what: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], tool: 'xzcat' },
  { what: 'bzip2', magic: [0x42, 0x5a, 0x68], tool: 'bzcat' },
  { what: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18], tool: 'lz4cat' },
  { what: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], tool: 'unzip -p' },
] as const;
/** The magic of systemd-journald's files: `LPKSHHRH`. */
const JOURNAL = [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48];

export function isGzip(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x1f, 0x8b]);
}

/** Throws InputError (compressed, utf-16, binary) when the first bytes of an input are no log text. */
export function refuseOtherThanText(bytes: Uint8Array, name: string): void {
  const head = bytes.subarray(0, SNIFF_BYTES);
  const compressed = COMPRESSED.find(({ magic }) => startsWith(head, magic));
  if (compressed !== undefined) {
    const { what, tool } = compressed;
    throw new InputError('compressed', `${name} is compressed with ${what}`, `run: ${tool} FILE | spoe-logs …`);
  }
  if (startsWith(head, JOURNAL)) {
    throw new InputError('binary', `${name} is a journal`, 'run: journalctl --file FILE | spoe-logs …');
  }
  if (isUtf16(head)) throw new InputError('utf-16', `${name} is UTF-16 text`, 'convert it: iconv -f UTF-16 -t UTF-8');
  if (hasOnlyReturns(head)) {
    throw new InputError('no-newlines', `${name} has lines that end in CR alone`, "convert it: tr '\\r' '\\n' < FILE");
  }
  if (isBinary(head)) throw new InputError('binary', `${name} is binary data, not a log`, 'name the log itself');
}

/** True for what refuseOtherThanText lets pass. */
export function isLogText(bytes: Uint8Array, name: string): boolean {
  try {
    refuseOtherThanText(bytes, name);
    return true;
  } catch {
    return false;
  }
}

/** Whether lines end in CR alone, as old Macs and some consoles write them; a progress bar has newlines too. */
function hasOnlyReturns(head: Uint8Array): boolean {
  let returns = 0;
  for (const byte of head) {
    if (byte === 0x0a) return false;
    if (byte === 0x0d) returns += 1;
  }
  return returns > 2;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Whether there is a byte order mark, or a NUL in every second byte only. */
function isUtf16(head: Uint8Array): boolean {
  if (startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])) return true;
  // Most inputs have none, and counting byte by byte takes V8 some ms.
  if (head.length < 8 || !head.includes(0)) return false;
  const nuls: [number, number] = [0, 0];
  for (const [i, byte] of head.entries()) if (byte === 0) nuls[i % 2 === 0 ? 0 : 1] += 1;
  const half = head.length / 2;
  return Math.max(...nuls) > half * 0.4 && Math.min(...nuls) < half * 0.05;
}

/**
 * Whether more than every twentieth byte is a control character that no log has (of random bytes it is every tenth). NULs are
 * left out: a file that was truncated while its writer went on begins with a hole of them.
 */
function isBinary(head: Uint8Array): boolean {
  let control = 0;
  let counted = 0;
  for (const byte of head) {
    if (byte === 0) continue;
    counted += 1;
    if (byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b) control += 1;
  }
  return control > 2 && control > counted / 20;
}

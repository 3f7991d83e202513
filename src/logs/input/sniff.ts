import { InputError } from './errors.ts';

/** How many bytes of an input are looked at to see what it is. */
export const SNIFF_BYTES = 4096;

const COMPRESSED = [
  { what: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'zstdcat' },
  { what: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], tool: 'xzcat' },
  { what: 'bzip2', magic: [0x42, 0x5a, 0x68], tool: 'bzcat' },
] as const;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Throws InputError (compressed, utf-16, binary) when the first bytes of an input are no log text. */
export function refuseOtherThanText(bytes: Uint8Array, name: string): void {
  const head = bytes.subarray(0, SNIFF_BYTES);
  for (const { what, magic, tool } of COMPRESSED) {
    if (magic.every((byte, i) => head[i] === byte)) {
      throw new InputError('compressed', `${name} is compressed with ${what}`, `run: ${tool} FILE | spoe-logs …`);
    }
  }
  if (isUtf16(head)) throw new InputError('utf-16', `${name} is UTF-16 text`, 'convert it: iconv -f UTF-16 -t UTF-8');
  if (isBinary(head))
    throw new InputError(
      'binary',
      `${name} is binary data, not a log`,
      'for journald files use: journalctl -u haproxy | spoe-logs …',
    );
}

/** A byte order mark, or a NUL in every second byte only. */
function isUtf16(head: Uint8Array): boolean {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true;
  const nuls = [0, 0];
  for (const [i, byte] of head.entries()) if (byte === 0) nuls[i % 2] = (nuls[i % 2] as number) + 1;
  const [even, odd] = nuls as [number, number];
  const half = head.length / 2;
  return Math.max(even, odd) > half * 0.4 && Math.min(even, odd) < half * 0.05;
}

/**
 * More than every tenth byte is a control character that no log has. NULs are left out: a file that was truncated
 * while its writer went on begins with a hole of them.
 */
function isBinary(head: Uint8Array): boolean {
  let control = 0;
  let counted = 0;
  for (const byte of head) {
    if (byte === 0) continue;
    counted += 1;
    if (byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b) control += 1;
  }
  return control > counted / 10;
}

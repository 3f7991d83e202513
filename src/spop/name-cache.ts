/**
 * Strings that come again and again: names of messages, arguments and headers, methods, versions.
 *
 * Making a string from bytes costs more than the rest of an argument; comparing with the one made last time costs
 * next to nothing. The cache has a fixed number of places, each for one short string, so nothing a peer sends
 * makes it grow; a name that meets another one in its place is decoded anew, that is all. One cache serves the process:
 * sessions of one HAProxy have the same names, and no result depends on what is in it.
 */

const PLACES = 512;
const MAX_LENGTH = 40;

const places: string[] = new Array<string>(PLACES).fill('');

/** The bytes as a latin1 string, which keeps every byte. */
export function readName(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > MAX_LENGTH) return bytes.toString('latin1', start, end);
  // First, middle, last and length tell the names of one configuration apart well enough.
  const place =
    (length * 31 +
      (bytes[start] as number) * 7 +
      (bytes[start + (length >> 1)] as number) * 131 +
      (bytes[end - 1] as number) * 17) &
    (PLACES - 1);
  const known = places[place] as string;
  if (known.length === length && isSame(known, bytes, start)) return known;
  const name = bytes.toString('latin1', start, end);
  places[place] = name;
  return name;
}

function isSame(known: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < known.length; i++) if (known.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

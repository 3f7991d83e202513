/** V8 copies parts that are shorter (SlicedString::kMinLength). */
const SLICED = 13;

/** A copy of its own: a part of a string keeps the whole of it in memory, here a line of up to 128 KiB. */
export function detached(text: string): string {
  if (text.length < SLICED) return text;
  const copy = Buffer.from(text, 'latin1').toString('latin1');
  return copy === text ? copy : Buffer.from(text, 'utf16le').toString('utf16le');
}

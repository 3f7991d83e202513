/** Text in terminal columns: CJK and most emoji take two, combining marks none. Kept simple; no full Unicode table. */

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** V8 takes half a millisecond to gather the first class of characters. */
let combining: RegExp | undefined;

/** Columns the text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.charCodeAt(0);
  // Below the first combining mark, which is nearly everything; dashes, dots and arrows of our own.
  if (code < 0x300 || (code >= 0x2000 && code < 0x20d0) || (code >= 0x2100 && code < 0x2c00)) return 1;
  combining ??= /\p{M}/u;
  if (combining.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cuts the text to at most `width` columns; what was cut shows as `ellipsis`. */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > room) break;
    kept += character;
  }
  return kept + ellipsis;
}

/** Cuts like truncate, but keeps the end as well: hosts differ there, and so do ports. */
export function truncateMiddle(text: string, width: number, ellipsis = '…'): string {
  const room = width - displayWidth(ellipsis);
  if (displayWidth(text) <= width || room < 3) return truncate(text, width, ellipsis);
  const head = truncate(text, Math.floor(room / 3), '');
  let tail = '';
  let used = displayWidth(head);
  for (const character of [...text].reverse()) {
    used += characterWidth(character);
    if (used > room) break;
    tail = character + tail;
  }
  return head + ellipsis + tail;
}

/** Breaks the text into lines of at most `width` columns; they start with `first`, then with `rest`. */
export function wrap(text: string, width: number, first = '', rest = first): string[] {
  const room = Math.max(1, width - Math.max(displayWidth(first), displayWidth(rest)));
  const words = text.split(' ').flatMap((word) => chop(word, room));
  return flow(words, ' ', width, first, rest);
}

/** A word that no line can hold is cut into pieces that a line can. */
function chop(word: string, room: number): string[] {
  if (displayWidth(word) <= room) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && displayWidth(piece + character) > room) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}

/** Joins parts with the separator; a line that would be wider than `width` breaks between two parts. */
export function flow(parts: readonly string[], separator: string, width: number, first = '', rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  let filled = false;
  for (const part of parts) {
    const longer = filled ? line + separator + part : line + part;
    if (filled && displayWidth(longer) > width) {
      lines.push(line);
      line = rest + part;
    } else {
      line = longer;
    }
    filled = true;
  }
  lines.push(line);
  return lines;
}

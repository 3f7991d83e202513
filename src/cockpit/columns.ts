/** Text in columns of a terminal that is seen from some column on. */
import { displayWidth, truncate } from '../report/width.ts';

/** The part of a text from column `from` on, at most `width` columns; marks say that there is more on either side. */
export function slice(text: string, from: number, width: number, mark: { left: string; right: string }): string {
  if (width <= 0) return '';
  if (from === 0) return truncate(text, width, mark.right);
  let used = 0;
  let rest = '';
  let isCut = false;
  for (const character of text) {
    const columns = displayWidth(character);
    // A character that is cut in two is not seen, nor is a mark whose letter is not.
    if (used < from || (rest === '' && columns === 0)) {
      used += columns;
      isCut = true;
      continue;
    }
    rest += character;
  }
  if (!isCut) return truncate(rest, width, mark.right);
  return truncate(mark.left + truncate(rest, Math.max(0, width - displayWidth(mark.left)), mark.right), width, '');
}

/** The text with spaces up to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

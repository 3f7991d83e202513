/** Ends a text that was cut. */
export const CUT = '…';

/** At most so many characters of a text. What is cut is a copy: a slice would keep all of the text in memory. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le')}${CUT}`;
}

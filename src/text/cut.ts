/** The mark at the end of a text that was cut. */
export const CUT = '…';

/** The first `most` characters of a text. A cut text is a copy: a slice would keep all of the text in memory. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le')}${CUT}`;
}

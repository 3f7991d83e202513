/** A text that lines share, compared with their bytes four at a time: the last four once more where its length is no multiple. */

/** Bytes that are compared at once; a text has no fewer. */
export const WORD = 4;

export interface SharedText {
  readonly length: number;
  readonly words: Int32Array;
}

/** @param text ASCII, at least WORD long */
export function sharedText(text: string): SharedText {
  const bytes = Buffer.from(text, 'latin1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = Math.ceil(bytes.length / WORD);
  return {
    length: bytes.length,
    words: Int32Array.from({ length: count }, (_, i) => view.getInt32(Math.min(WORD * i, bytes.length - WORD), true)),
  };
}

/** The index behind the text at `at` of a line that goes to `end`; -1 where another one is. */
export function sharedEnd({ length, words }: SharedText, view: DataView, at: number, end: number): number {
  const stop = at + length;
  if (stop > end) return -1;
  const last = words.length - 1;
  for (let i = 0; i < last; i += 1) if (view.getInt32(at + WORD * i, true) !== words[i]) return -1;
  return view.getInt32(stop - WORD, true) === words[last] ? stop : -1;
}

/** Characters that mean the same as bytes and as a part of a text: no colours, no holes. */
export function isPrintable(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
